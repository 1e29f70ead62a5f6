"""The inertia on the full data, against the best of scikit-learn's 10 restarts: 20 data sets.

    python benchmarks/inertia.py [--rows 1000000] [--out FILE]

Ten shapes, each with 2 and with 10 features. k is given, so that both fit the same thing.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

import clienteling as cl

K = 5


def shapes(rng: np.random.Generator, n: int, d: int) -> dict[str, np.ndarray]:
    """Return the data sets, each of shape (n, d)."""
    centres = rng.normal(0, 4, (K, d))
    groups = rng.integers(0, K, n)
    unequal = rng.choice(K, n, p=[0.6, 0.25, 0.1, 0.04, 0.01])
    noise = rng.normal(size=(n, d))
    mixed = centres[groups] + noise
    outliers = mixed.copy()
    outliers[: n // 1000] = rng.normal(0, 60, (n // 1000, d))
    with_noise = np.where(rng.random((n, 1)) < 0.1, rng.uniform(-12, 12, (n, d)), mixed)
    return {
        "well separated": centres[groups] * 3 + noise,
        "overlapping": centres[groups] * 0.6 + noise,
        "unequal sizes": centres[unequal] + noise,
        "unequal spreads": centres[groups] + noise * np.array([0.3, 0.6, 1, 1.5, 2])[groups, None],
        "stretched": mixed @ (np.eye(d) + 0.7 * rng.normal(size=(d, d))),
        "heavy tails": centres[groups] * 2 + rng.standard_t(4, (n, d)),
        "skewed amounts": np.exp(mixed / 4),
        "outliers": outliers,
        "background noise": with_noise,
        "no groups": rng.uniform(size=(n, d)),
    }


def compare(name: str, rows: np.ndarray) -> dict:
    features = [f"x{index}" for index in range(rows.shape[1])]
    table = pa.table(
        {"customer_id": np.arange(len(rows)), **dict(zip(features, rows.T, strict=True))}
    )
    start = time.perf_counter()
    model = cl.segment(table, features, k=K)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    theirs = KMeans(K, n_init=10, random_state=0).fit(StandardScaler().fit_transform(rows))
    return {
        "shape": name,
        "features": rows.shape[1],
        "excess": model.inertia / theirs.inertia_ - 1,
        "passes": model.method.passes,
        "sketch": model.method.sketch,
        "ours": ours,
        "theirs": time.perf_counter() - start,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    found = []
    for d in (2, 10):
        for name, rows in shapes(np.random.default_rng(d), options.rows, d).items():
            found.append(compare(name, rows))
            print(json.dumps(found[-1]), flush=True)
    if options.out:
        options.out.write_text(json.dumps(found, indent=1))
