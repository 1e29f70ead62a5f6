"""Measure everything that the tables of docs/benchmarks.md hold.

    python benchmarks/make_data.py FOLDER
    python benchmarks/table.py FOLDER [--only whole_10m,whole_100m,…]

Each row is a ratio between two things measured one after the other in the same run. Results are
kept in FOLDER/results.json, row by row, so that a run can go on where it stopped.
"""

import argparse
import compileall
import json
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from measure import Measured, measure

import clienteling

ALL_K = "2,3,4,5,6,7,8,9,10"
X10 = [f"x{index}" for index in range(10)]


def whole_10m(folder: Path) -> dict:
    path = folder / "customers_10M.parquet"
    ours, fit = measure("ours", path), measure("fit_only", path)
    again = measure("fit_again", path)
    theirs = measure("scikit_learn", path, ALL_K, 10)
    return {
        **_row(ours, theirs),
        "fit_only": fit.seconds,
        "fit_only_memory": fit.memory,
        "fit_again": again.said["fit"],
        "fit_again_memory": again.memory,
    }


def whole_100m(folder: Path) -> dict:
    path = folder / "customers_100M.parquet"
    ours, fit = measure("ours", path), measure("fit_only", path)
    theirs = measure("scikit_learn", path, 5, 1)
    return {**_row(ours, theirs), "fit_only": fit.seconds, "fit_only_memory": fit.memory}


def many_features(folder: Path) -> dict:
    path = folder / "customers_10M_x10.parquet"
    ours = measure("fit_only", path, *X10)
    theirs = measure("scikit_learn", path, ALL_K, 1, *X10)
    fits = sum(theirs.said["seconds"].values())
    # Ten restarts are reckoned from one: loading once, fitting ten times as long.
    return {**_row(ours, theirs), "theirs": theirs.seconds + 9 * fits}


def score_few(folder: Path) -> dict:
    return _score(folder, "few")


def score_all(folder: Path) -> dict:
    return _score(folder, "all")


def _score(folder: Path, many: str) -> dict:
    path, model = folder / "customers_100M.parquet", folder / "model.json"
    if not model.exists():
        code = "import sys, clienteling as cl; cl.segment(cl.read(sys.argv[1])).save(sys.argv[2])"
        sample = folder / "customers_1M.parquet"
        subprocess.run([sys.executable, "-c", code, str(sample), str(model)], check=True)
    copied = measure("copy_constants", path, many)
    return _row(measure("score", path, many, model), copied)


def on_spark(folder: Path) -> dict:
    said = measure("spark", folder / "customers_10M.parquet").said
    return {"ours": said["ours"], "theirs": said["mllib"], **said}


def curve(folder: Path) -> dict:
    seconds = {}
    for millions in (1, 10, 100):
        run = measure("fit_only", folder / f"customers_{millions}M.parquet")
        seconds[millions] = {"seconds": run.seconds, "memory": run.memory}
    return {"curve": seconds}


def _row(ours: Measured, theirs: Measured) -> dict:
    return {
        "ours": ours.seconds,
        "theirs": theirs.seconds,
        "ours_memory": ours.memory,
        "theirs_memory": theirs.memory,
        "ours_said": ours.said,
        "theirs_said": theirs.said,
    }


ROWS = {
    row.__name__: row
    for row in (curve, whole_10m, whole_100m, many_features, score_few, score_all, on_spark)
}


def machine() -> str:
    processor = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(
        f"{each} {metadata.version(each)}" for each in ("duckdb", "scikit-learn", "numpy")
    )
    return (
        f"{os.cpu_count()} cores ({processor}), {memory:.0f} GiB of memory, "
        f"Python {platform.python_version()}, {versions}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default=",".join(ROWS))
    options = parser.parse_args()
    # As pip leaves a package; else every job of a checkout may have to compile it anew.
    compileall.compile_dir(Path(clienteling.__file__).parent, quiet=1)
    results = options.folder / "results.json"
    found = json.loads(results.read_text()) if results.exists() else {}
    for name in options.only.split(","):
        found[name] = {**ROWS[name](options.folder), "machine": machine()}
        results.write_text(json.dumps(found, indent=1))
        row = found[name]
        ratio = f"{row['theirs'] / row['ours']:.2f}" if "theirs" in row else ""
        print(name, ratio, json.dumps(row), flush=True)
