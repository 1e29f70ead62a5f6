"""Make the data for the benchmarks: seeded, so that everyone measures the same customers.

    python benchmarks/make_data.py FOLDER [--sizes 1,10,100]

Two features: a mixture like the Mall Customers', continuous values, as customers_1M.parquet and so
on (sizes in millions). Ten features: customers_10M_x10.parquet, half of them skewed.
"""

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

#: Centre, spread and share of the five groups, after the Mall Customers'.
CENTRES = np.array([[55.3, 49.5], [86.5, 82.1], [88.2, 17.1], [26.3, 20.9], [25.7, 79.4]])
SPREADS = np.array([[9.0, 6.0], [16.0, 9.0], [16.0, 10.0], [8.0, 13.0], [8.0, 10.0]])
SHARES = np.array([81, 39, 35, 23, 22]) / 200
CHUNK = 1_000_000


def two_features(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    groups = rng.choice(len(SHARES), n, p=SHARES)
    values = CENTRES[groups] + rng.normal(size=(n, 2)) * SPREADS[groups]
    return {"income": values[:, 0], "spending": values[:, 1]}


def ten_features(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    centres = np.random.default_rng(7).normal(0, 2.5, (6, 10))
    values = centres[rng.integers(0, 6, n)] + rng.normal(size=(n, 10))
    values[:, 5:] = np.exp(values[:, 5:] / 3)  # amounts are skewed
    return {f"x{index}": values[:, index] for index in range(10)}


def write(path: Path, millions: int, make) -> None:
    if path.exists():
        return
    rng = np.random.default_rng(2024)
    aside = path.with_suffix(".partial")
    writer = None
    for chunk in range(millions):
        first = chunk * CHUNK
        columns = make(rng, CHUNK)
        table = pa.table({"customer_id": np.arange(first, first + CHUNK), **columns})
        writer = writer or pq.ParquetWriter(aside, table.schema, compression="snappy")
        writer.write_table(table, row_group_size=250_000)
    writer.close()
    aside.rename(path)
    print(path, f"{path.stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", default="1,10,100", help="millions of customers")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for size in map(int, options.sizes.split(",")):
        write(options.folder / f"customers_{size}M.parquet", size, two_features)
    write(options.folder / "customers_10M_x10.parquet", 10, ten_features)
