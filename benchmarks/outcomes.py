"""Take in the outcomes of a large campaign from one file: `clienteling campaign import`.

    python benchmarks/outcomes.py FOLDER [--rows 10000000] [--store PLACE]

A fifth as many customers as outcomes are planned for, each outcome is of one of them, drawn by a
seed, and has a moment of its own. What counts: seconds, CPU seconds and peak memory of the command,
which is a process of its own, and the size of the store.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import clienteling as cl
from clienteling.campaigns.kept import keep_folder
from clienteling.ledger.store import open_store

DAY = np.datetime64("2026-03-01T00:00:00")
DAYS = 28
_AT_ONCE = 1_000_000


def make(path: Path, rows: int, customers: int) -> None:
    """Write the outcomes, a million at a time."""
    if path.is_file():
        return
    rng = np.random.default_rng(7)
    writer = None
    for start in range(0, rows, _AT_ONCE):
        n = min(_AT_ONCE, rows - start)
        moments = DAY + rng.integers(0, DAYS * 86_400, n).astype("timedelta64[s]")
        part = pa.table(
            {
                "customer_id": rng.integers(0, customers, n),
                "name": pa.array(np.where(rng.random(n) < 0.5, "response", "spend")),
                "value": np.round(rng.gamma(2.0, 20.0, n), 2),
                "happened_at": moments.astype("datetime64[us]"),
            }
        )
        ones = pa.compute.if_else(pa.compute.equal(part["name"], "response"), 1.0, part["value"])
        part = part.set_column(2, "value", ones)
        writer = writer or pq.ParquetWriter(path, part.schema)
        writer.write_table(part)
    assert writer is not None
    writer.close()


def plan(folder: Path, customers: int) -> Path:
    """Plan a campaign for customers like those of the sample."""
    target = folder / f"spring_{customers}"
    if (target / "plan.json").is_file():
        return target
    rng = np.random.default_rng(3)
    sample = cl.read("sample").df()
    names = ["Annual Income (k$)", "Spending Score (1-100)"]
    rows = sample[names].to_numpy()[rng.integers(0, len(sample), customers)]
    table = pa.table({"customer_id": np.arange(customers), **dict(zip(names, rows.T, strict=True))})
    made = cl.plan_campaign(
        cl.segment("sample", k=5), table, name="spring", holdout=0.2, day=DAY.astype(object).date()
    )
    made.write(target)
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--store", help="a PostgreSQL database; by default a new file in FOLDER")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    customers = options.rows // 5
    campaign = plan(options.folder, customers)
    path = options.folder / f"outcomes_{options.rows}.parquet"
    make(path, options.rows, customers)
    store = options.store or str(options.folder / "store.db")
    if not options.store:
        for each in options.folder.glob("store.db*"):
            each.unlink()
    with open_store(store, create=True) as opened:
        keep_folder(opened, campaign.absolute())
    command = [sys.executable, "-m", "clienteling", "campaign", "import", "spring", str(path)]
    command += ["--store", store, "--json"]
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout is not None
    document = json.loads(child.stdout.read())
    _, status, usage = os.wait4(child.pid, 0)
    took = time.perf_counter() - start
    assert os.waitstatus_to_exitcode(status) == 0
    assert document["new"] == options.rows, document
    row = {
        "rows": options.rows,
        "seconds": took,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_gb": usage.ru_maxrss / 2**20,
        "store_gb": None if options.store else Path(store).stat().st_size / 1e9,
    }
    print(json.dumps(row))


if __name__ == "__main__":
    main()
