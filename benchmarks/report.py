"""Print the tables of docs/benchmarks.md from what table.py has measured.

python benchmarks/report.py FOLDER
"""

import argparse
import json
from pathlib import Path

#: Each row: its key, what is compared, and the ratio that is aimed at.
ROWS = {
    "only_10m": (
        "10 million × 2: choose k, fit, name and recommend each segment's offers; against "
        "scikit-learn fitting k = 2 to 10 with 10 restarts on the full array",
        "≥ 100",
    ),
    "again_10m": (
        "10 million × 2: the same in a process that has done it before, such as a notebook",
        "",
    ),
    "whole_10m": ("10 million × 2: the same, and every customer's offers written", ""),
    "only_100m": (
        "100 million × 2: choose k, fit, name and recommend each segment's offers; against one "
        "scikit-learn fit at the known k, one restart",
        "≥ 3",
    ),
    "whole_100m": ("100 million × 2: the same, and every customer's offers written", ""),
    "many_features": (
        "10 million × 10, some skewed: the same; against scikit-learn, k = 2 to 10 "
        "with 10 restarts, its time reckoned from one restart for each k",
        "≥ 25",
    ),
    "on_spark": (
        "10 million × 2 on Spark local[2], both warm: our whole fit; against MLlib's KMeans at one "
        "k",
        "≥ 10",
    ),
    "score_few": (
        "100 million: score and write id, features, segment and its name; against DuckDB copying "
        "the same columns with constants",
        "≥ 1/1.7",
    ),
    "score_all": (
        "100 million: the same with margin, runner-up and three offers",
        "≥ 1/3",
    ),
}


def main(folder: Path) -> None:
    found = json.loads((folder / "results.json").read_text())
    for size, kind in (("10m", "only"), ("100m", "only"), ("10m", "again")):
        whole = found.get(f"whole_{size}", {})
        if f"fit_{kind}" in whole:
            found[f"{kind}_{size}"] = {
                **whole,
                "ours": whole[f"fit_{kind}"],
                "ours_memory": whole[f"fit_{kind}_memory"],
            }
    print("| what | ours | the other | the other / ours | aimed at |\n|---|--:|--:|--:|--:|")
    for key, (what, aim) in ROWS.items():
        row = found.get(key)
        if row is not None:
            ours, theirs = (_side(row, side) for side in ("ours", "theirs"))
            print(f"| {what} | {ours} | {theirs} | {row['theirs'] / row['ours']:.1f} | {aim} |")
    if "curve" in found:
        print("\n| customers | seconds | peak memory |\n|---|--:|--:|")
        for millions, row in found["curve"]["curve"].items():
            print(f"| {millions} million | {row['seconds']:.1f} | {row['memory']:.2f} GB |")


def _side(row: dict, side: str) -> str:
    memory = row.get(f"{side}_memory")
    return f"{row[side]:,.1f} s" + (f", {memory:.1f} GB" if memory else "")


def draw_curve(rows: dict[str, dict], path: Path) -> None:
    """Draw seconds against customers, with the straight line through the origin and the largest."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    millions = [float(each) for each in rows]
    seconds = [each["seconds"] for each in rows.values()]
    figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    axes.plot(millions, seconds, "o-", color="#0072B2", linewidth=2, label="measured")
    line = [seconds[0] * each / millions[0] for each in millions]
    axes.plot(millions, line, "--", color="#777777", label="in proportion to the first")
    axes.set(xscale="log", yscale="log", xlabel="customers (million)", ylabel="seconds")
    axes.set_title("Choose k, fit, name and recommend: seconds against customers", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--curve", type=Path)
    options = parser.parse_args()
    main(options.folder)
    if options.curve:
        results = json.loads((options.folder / "results.json").read_text())
        draw_curve(results["curve"]["curve"], options.curve)
