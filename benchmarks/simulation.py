"""How many segments, where the truth is known: ours beside scikit-learn's, on 200 data sets.

    python benchmarks/simulation.py [--half tune|report] [--sets 200] [--jobs 2] [--out FILE]

The rule of choice was tuned on the half called ``tune``; the figures in the documentation are of
the half called ``report``, whose seeds were used for nothing else.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.preprocessing import StandardScaler

from clienteling.segmentation.choose_k import choose_k
from clienteling.segmentation.prepare import prepare

#: The first seed of each half; the data set with index i has the seed first + i.
HALVES = {"tune": 0, "report": 10_000}
KINDS = (
    "well separated",
    "overlapping",
    "unequal sizes",
    "heavy tails",
    "with noise",
    "no groups",
)
FEATURES = (2, 3, 4, 6, 10, 15, 20)
#: The least distance of two centres, in standard deviations of a group.
APART = {
    "well separated": 8.0,
    "overlapping": 3.5,
    "unequal sizes": 6.0,
    "heavy tails": 8.0,
    "with noise": 7.0,
}


@dataclass(frozen=True)
class DataSet:
    """Customers whose groups are known.

    Parameters
    ----------
    kind : one of KINDS
    rows : array of shape (customers, features)
    truth : array of shape (customers,), the group of each; -1 is noise, in no group
    """

    kind: str
    rows: np.ndarray
    truth: np.ndarray

    @property
    def k(self) -> int:
        """How many groups there are; one where there are none."""
        return len(set(self.truth.tolist()) - {-1})


def data_set(half: str, index: int) -> DataSet:
    """Return a data set: 300 to 2,000 customers, 2 to 20 features, 2 to 8 groups."""
    kind = KINDS[index % len(KINDS)]
    rng = np.random.default_rng(HALVES[half] + index)
    n, d = int(rng.integers(300, 2001)), int(rng.choice(FEATURES))
    k = int(rng.integers(2, 9))
    if kind == "no groups":
        return DataSet(kind, one_cloud(rng, n, d), np.zeros(n, dtype=int))
    shares = np.full(k, 1 / k)
    if kind == "unequal sizes":  # each has 0.6 of the one before, but at least 3 %
        shares = np.maximum(0.6 ** np.arange(k), 0.0)
        shares = np.maximum(shares / shares.sum(), 0.03)
        shares /= shares.sum()
    truth = rng.choice(k, n, p=shares)
    spread = rng.normal(size=(n, d))
    if kind == "heavy tails":  # Student's t with three degrees of freedom
        spread /= np.sqrt(rng.chisquare(3, (n, 1)) / 3)
    rows = places(rng, k, d, APART[kind])[truth] + spread
    if kind == "with noise":  # one in ten anywhere in the box that holds all
        noise = rng.random(n) < 0.1
        rows[noise] = rng.uniform(rows.min(axis=0), rows.max(axis=0), (noise.sum(), d))
        truth = np.where(noise, -1, truth)
    return DataSet(kind, rows * np.exp(rng.normal(size=d)), truth)


def places(rng: np.random.Generator, k: int, d: int, apart: float) -> np.ndarray:
    """Return k centres, of which the two nearest are ``apart`` from each other."""
    while True:
        found = rng.uniform(size=(k, d))
        distances = np.linalg.norm(found[:, None] - found, axis=2)[np.triu_indices(k, 1)]
        # Groups in a plane would else lie in heaps, as points that are drawn at random do.
        if distances.min() > 0.4 * np.median(distances):
            return found * (apart / distances.min())


def one_cloud(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Return customers without groups, of one of four shapes."""
    shape = rng.integers(4)
    cloud = rng.normal(size=(n, d))
    if shape == 1:  # stretched
        return cloud @ rng.normal(size=(d, d))
    if shape == 2:  # an evenly filled box
        return rng.uniform(size=(n, d))
    if shape == 3:  # heavier tails: Student's t with five degrees of freedom
        return cloud / np.sqrt(rng.chisquare(5, (n, 1)) / 5)
    return cloud


def ours(rows: np.ndarray) -> np.ndarray:
    """Return the segment of each customer; one for all where there is no natural grouping."""
    names = [f"x{index}" for index in range(rows.shape[1])]
    table = pa.table(dict(zip(names, rows.T, strict=True)))
    made = prepare(table, names).sketch
    choice = choose_k(made)
    if choice.structure is not None and not choice.structure.natural:
        return np.zeros(len(rows), dtype=int)
    standardised = (rows - made.mean) / made.scale
    distances = ((standardised[:, None] - choice.fit.centres) ** 2).sum(axis=2)
    return distances.argmin(axis=1)


def by_silhouette(rows: np.ndarray) -> np.ndarray:
    """scikit-learn's K-means at the k from 2 to 10 with the highest silhouette."""
    standardised = StandardScaler().fit_transform(rows)
    fits = [KMeans(k, n_init=10, random_state=0).fit_predict(standardised) for k in range(2, 11)]
    return max(fits, key=lambda labels: silhouette_score(standardised, labels))


def by_hdbscan(rows: np.ndarray) -> np.ndarray:
    """scikit-learn's HDBSCAN as it comes; noise is a group of its own."""
    return HDBSCAN(copy=True).fit_predict(StandardScaler().fit_transform(rows))


def by_hdbscan_2_percent(rows: np.ndarray) -> np.ndarray:
    """scikit-learn's HDBSCAN with clusters of at least 2 % of the customers."""
    least = max(5, len(rows) // 50)
    return HDBSCAN(min_cluster_size=least, copy=True).fit_predict(
        StandardScaler().fit_transform(rows)
    )


METHODS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "clienteling": ours,
    "scikit-learn, best silhouette": by_silhouette,
    "scikit-learn, HDBSCAN": by_hdbscan,
    "scikit-learn, HDBSCAN, at least 2 %": by_hdbscan_2_percent,
}


def judge(made: DataSet, labels: np.ndarray) -> dict[str, float]:
    """Return how many groups were found, and the adjusted Rand index with the truth.

    The index is over the customers that belong to a group: noise has no right answer. Where
    there are no groups, all customers are one: a method that finds one has 1, any other 0.
    """
    of_a_group = made.truth >= 0
    return {
        "found": len(set(labels.tolist()) - {-1}) or 1,
        "agreement": float(adjusted_rand_score(made.truth[of_a_group], labels[of_a_group])),
    }


def study(half: str, sets: int, jobs: int) -> list[dict]:
    """Return a row per data set and method."""
    with ProcessPoolExecutor(jobs) as processes:
        found = processes.map(rows_of, [half] * sets, range(sets))
        return [row for rows in found for row in rows]


def rows_of(half: str, index: int) -> list[dict]:
    """Return a row per method for one data set."""
    made, rows = data_set(half, index), []
    for name, method in METHODS.items():
        start = time.perf_counter()
        found = judge(made, method(made.rows))
        rows.append(
            {
                "index": index,
                "kind": made.kind,
                "customers": len(made.rows),
                "features": made.rows.shape[1],
                "k": made.k,
                "method": name,
                "seconds": round(time.perf_counter() - start, 2),
                **found,
            }
        )
    return rows


def summary(rows: list[dict]) -> str:
    """Return the study as two tables in Markdown."""
    said = []
    for head, figure, shown in (
        ("share in which k is found", lambda row: row["found"] == row["k"], "{:.0%}"),
        ("mean adjusted Rand index", lambda row: row["agreement"], "{:.3f}"),
    ):
        said += [f"| {head} | sets | {' | '.join(METHODS)} |", "|---|--:|" + "--:|" * len(METHODS)]
        for kind in (*KINDS, "all"):
            of_kind = [row for row in rows if kind in (row["kind"], "all")]
            cells = [
                np.mean([figure(row) for row in of_kind if row["method"] == name])
                for name in METHODS
            ]
            sets = len({row["index"] for row in of_kind})
            said.append(f"| {kind} | {sets} | {' | '.join(map(shown.format, cells))} |")
        said.append("")
    return "\n".join(said)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=HALVES, default="report")
    parser.add_argument("--sets", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    found = study(given.half, given.sets, given.jobs)
    print(summary(found))
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n")
