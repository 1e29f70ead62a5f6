"""Plan a campaign for 10 million customers and 50 offers under a budget, and write every decision.

    python benchmarks/budget.py FOLDER [--rows 10000000] [--rules few|many] [--out FILE]

Half of the offers have rules over six columns, every third has a stock. With many rules there are
more kinds of customers than the exact plan takes, and customers keep their best open offers.
What counts: seconds and peak memory of the whole process, the gap to the bound, and that the
decisions that were written keep to every limit.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CHUNK = 1_000_000
CITIES = [f"City {index}" for index in range(12)]


def make(path: Path, rows: int) -> None:
    if path.exists():
        return
    rng = np.random.default_rng(7)
    aside, writer = path.with_suffix(".partial"), None
    for first in range(0, rows, CHUNK):
        n = min(CHUNK, rows - first)
        group = rng.choice(5, n, p=[0.4, 0.2, 0.18, 0.12, 0.1])
        centres = np.array([[55.3, 49.5], [86.5, 82.1], [88.2, 17.1], [26.3, 20.9], [25.7, 79.4]])
        income, spending = (centres[group] + rng.normal(size=(n, 2)) * 8).T
        table = pa.table(
            {
                "customer_id": np.arange(first, first + n),
                "income": income,
                "spending": spending,
                "age": rng.integers(18, 90, n),
                "city": np.array(CITIES)[rng.integers(0, len(CITIES), n)],
                "member": rng.random(n) < 0.4,
                "visits": rng.poisson(4, n),
                "basket": rng.exponential(40, n),
                "web": rng.random(n) < 0.6,
            }
        )
        writer = writer or pq.ParquetWriter(aside, table.schema, compression="snappy")
        writer.write_table(table, row_group_size=250_000)
    writer.close()
    aside.rename(path)


def catalogue_of(model, many: bool):
    """Return 50 offers: prices and rules are drawn, but the same for everyone."""
    from clienteling.offers.catalogue import Catalogue

    rng = np.random.default_rng(11)
    few = [
        {"column": "age", "operator": ">=", "value": 30},
        {"column": "age", "operator": "<", "value": 60},
        {"column": "member", "operator": "=", "value": True},
        {"column": "visits", "operator": ">", "value": 3},
        {"column": "basket", "operator": ">", "value": 40},
        {"column": "web", "operator": "=", "value": True},
        {"column": "city", "operator": "in", "value": CITIES[:3]},
        {"column": "city", "operator": "in", "value": CITIES[3:6]},
    ]
    lots = [
        *({"column": "age", "operator": ">=", "value": int(age)} for age in range(25, 85, 10)),
        *({"column": "basket", "operator": ">", "value": float(b)} for b in (10, 25, 50, 90)),
        *({"column": "visits", "operator": ">", "value": int(v)} for v in (1, 3, 5)),
        *({"column": "city", "operator": "=", "value": city} for city in CITIES),
        *few[2:3],
        *few[5:6],
    ]
    conditions = lots if many else few
    keys = [each.key for each in model.segments]
    offers = []
    for index in range(50):
        told = {
            "id": f"offer-{index}",
            "title": f"Offer {index}",
            "text": "x",
            "reason": "It suits them.",
            "channel": ["email", "letter", "app"][index % 3],
            "segments": [key for key in keys if rng.random() < 0.6] or keys,
            "cost": round(float(rng.uniform(0.05, 2.5)), 2),
            "value": round(float(rng.uniform(10, 60)), 2),
            "response": round(float(rng.uniform(0.005, 0.08)), 4),
        }
        if index % 3 == 0:
            told["stock"] = int(rng.integers(50_000, 400_000))
        if index % 2 == 0:
            picked = rng.choice(len(conditions), 2, replace=False)
            # Two cities at once is nobody.
            kind = "any" if many or rng.random() < 0.5 else "all"
            told["eligibility"] = {kind: [conditions[each] for each in picked]}
        offers.append(told)
    # Responses differ by segment, as outcomes show them.
    return Catalogue.model_validate({"catalogue": "benchmark", "offers": offers}), rng


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rules", choices=["few", "many"], default="few")
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.folder / f"budget_{options.rows}.parquet"
    make(path, options.rows)

    import clienteling as cl
    from clienteling.offers.budget import plan_budget
    from clienteling.offers.experience import Experience
    from clienteling.offers.limits import Limits

    sample = pq.ParquetFile(path).read_row_group(0)
    model = cl.segment(sample, ["income", "spending"], k=5)
    catalogue, rng = catalogue_of(model, options.rules == "many")
    learned = {}
    for segment in model.segments:
        for each in catalogue.offers:
            contacts = int(rng.integers(500, 3000))
            responses = int(rng.binomial(contacts, each.response * rng.uniform(0.3, 2.0)))
            value = responses * each.value
            learned[segment.id, each.id] = Experience(
                contacts, responses, value, value * each.value
            )
    limits = Limits(
        budget=0.25 * options.rows,
        channels={"letter": options.rows // 5},
        floors={segment.id: options.rows // 100 for segment in model.segments},
    )
    usage = resource.getrusage(resource.RUSAGE_SELF)
    before, start = usage.ru_utime + usage.ru_stime, time.perf_counter()
    customers = cl.read(path, memory=options.memory)
    plan = plan_budget(model, customers, catalogue, limits, learned=learned)
    planned = time.perf_counter() - start
    out = options.folder / "decisions.parquet"
    plan.decisions().to_parquet(out)
    took = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_SELF)
    peak, cpu = usage.ru_maxrss / 2**20, usage.ru_utime + usage.ru_stime - before
    found = plan.allocation
    for sentence in plan.words():
        print(sentence)
    check(plan, cl.read(out), catalogue)
    row = {
        "rows": options.rows,
        "rules": options.rules,
        "groups": len(found.groups),
        "kept": plan.kept,
        "gap": plan.gap,
        "plan_seconds": planned,
        "seconds": took,
        "cpu_seconds": cpu,
        "peak_gb": peak,
    }
    print(json.dumps(row))
    if options.out:
        options.out.write_text(json.dumps(row, indent=1))


def check(plan, decisions, catalogue) -> None:
    """Count what was written: every limit is kept to, and the counts are those of the plan."""
    counted = decisions.df().groupby(["segment_id", "offer"], observed=True).size()
    offers = {each.id: each for each in catalogue.offers}
    counts = {key: int(n) for key, n in counted.items() if key[1] != "nothing"}
    assert sum(counts.values()) == plan.allocation.contacts
    for limit, used in zip(plan.allocation.limits, plan.allocation.used, strict=True):
        written = sum(
            n * limit.use(segment, offer, offers[offer].cost, offers[offer].channel)
            for (segment, offer), n in counts.items()
        )
        assert abs(written - used) < 1e-6 * max(1.0, used)
        if limit.kind == "floor":
            assert written >= limit.amount
        else:
            assert written <= limit.amount * (1 + 1e-12)


if __name__ == "__main__":
    main()
