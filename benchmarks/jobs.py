"""The measured jobs, each a process of its own: python benchmarks/jobs.py JOB ARGUMENTS…

What a job wants to say besides its time goes to standard output as JSON.
"""

import atexit
import gc
import json
import sys
import time


def ours(path: str, *features: str) -> dict:
    """Choose k from 2 to 10, fit, name and recommend: the whole way, written as Parquet."""
    import clienteling as cl

    customers = cl.read(path)
    marks = [time.perf_counter()]
    model = cl.segment(customers, list(features) or None)
    marks.append(time.perf_counter())
    cl.recommend(model, customers).to_parquet(path + ".recommended")
    marks.append(time.perf_counter())
    return {
        "k": model.k,
        "inertia": model.inertia,
        "fit": marks[1] - marks[0],
        "write": marks[2] - marks[1],
        "points": model.method.points,
        "passes": model.method.passes,
    }


def fit_only(path: str, *features: str) -> dict:
    """Choose k from 2 to 10, fit, name and recommend the offers of each segment."""
    import clienteling as cl

    model = cl.segment(cl.read(path), list(features) or None)
    return {"k": model.k, "inertia": model.inertia, "offers": _offers(model)}


def _offers(model) -> dict:
    from clienteling.offers.catalogue import catalogue_for
    from clienteling.offers.ranking import offers_of

    catalogue = catalogue_for(model)
    return {
        each.name: [ranked.offer.title for ranked in offers_of(each, catalogue)]
        for each in model.segments
    }


def fit_again(path: str, *features: str) -> dict:
    """The same in a process that has done it before: a notebook, a service."""
    import clienteling as cl

    _offers(cl.segment(cl.read("sample")))
    start = time.perf_counter()
    model = cl.segment(cl.read(path), list(features) or None)
    offers = _offers(model)
    seconds = time.perf_counter() - start
    return {"k": model.k, "inertia": model.inertia, "offers": offers, "fit": seconds}


def scikit_learn(path: str, ks: str, restarts: str, *features: str) -> dict:
    """Fit KMeans on the full array for each k, loading and standardising included."""
    import numpy as np
    import pyarrow.parquet as pq
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler

    names = list(features) or ["income", "spending"]
    table = pq.read_table(path, columns=names)
    rows = np.column_stack([table.column(each).to_numpy() for each in names])
    del table
    rows = StandardScaler(copy=False).fit_transform(rows)
    inertias, seconds = {}, {}
    for k in map(int, ks.split(",")):
        start = time.perf_counter()
        inertias[k] = KMeans(k, n_init=int(restarts), random_state=0).fit(rows).inertia_
        seconds[k] = time.perf_counter() - start
    return {"inertia": inertias, "seconds": seconds}


def copy_constants(path: str, many: str) -> dict:
    """DuckDB copying the columns, with constants in place of the computed ones."""
    import duckdb

    computed = {
        "few": "0 AS segment_id, 'Average Customers' AS segment",
        "all": "0 AS segment_id, 'Average Customers' AS segment, 1.5 AS margin, "
        "'Deal Seekers' AS runner_up, 'Season opening offer' AS offer_1, "
        "'Picked for you' AS offer_2, 'Double points at weekends' AS offer_3, '' AS note",
    }[many]
    duckdb.sql(
        f"COPY (SELECT customer_id, income, spending, {computed} FROM '{path}') "
        f"TO '{path}.copied' (FORMAT parquet)"
    )
    return {}


def score(path: str, many: str, model: str) -> dict:
    """Score and write every customer: segment and name, or all columns with the offers."""
    import clienteling as cl

    customers, loaded = cl.read(path), cl.Model.load(model)
    if many == "all":
        cl.recommend(loaded, customers).to_parquet(path + ".scored")
    else:
        scored = cl.score(loaded, customers)
        wanted = ("customer_id", *loaded.feature_names, "segment_id", "segment")
        scored.only(*wanted).to_parquet(path + ".scored")
    return {}


def spark(path: str) -> dict:
    """Our whole fit against MLlib's KMeans at one k, in one session, both warm."""
    from pyspark.ml.clustering import KMeans
    from pyspark.ml.feature import StandardScaler, VectorAssembler

    import clienteling as cl

    customers = cl.read(path, engine="spark", memory="6GB")
    session = customers.engine.session
    frame = session.read.parquet(path)
    result = {}
    for _ in range(3):  # the first rounds warm both up
        start = time.perf_counter()
        model = cl.segment(customers)
        result["ours"], result["ours_inertia"] = time.perf_counter() - start, model.inertia
        start = time.perf_counter()
        columns = VectorAssembler(inputCols=["income", "spending"], outputCol="raw")
        rows = columns.transform(frame)
        scaler = StandardScaler(inputCol="raw", outputCol="features", withMean=True).fit(rows)
        rows = scaler.transform(rows).select("features").cache()
        fitted = KMeans(k=5, seed=1).fit(rows)
        n = rows.count()
        # MLlib's scale has divisor n - 1.
        result["mllib_inertia"] = fitted.summary.trainingCost * n / (n - 1)
        result["mllib"] = time.perf_counter() - start
        rows.unpersist()
    return result


JOBS = {
    job.__name__: job
    for job in (ours, fit_only, fit_again, scikit_learn, copy_constants, score, spark)
}

if __name__ == "__main__":
    start = time.perf_counter()
    atexit.register(gc.freeze)  # as the command does
    said = JOBS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({**said, "seconds_inside": time.perf_counter() - start}))
