"""Plan a campaign for many customers, write every decision, and count what was written.

    python benchmarks/campaign.py FOLDER [--rows 10000000] [--out FILE]

The customers and the 50 offers are those of benchmarks/budget.py. A tenth is held out. What counts:
seconds, CPU seconds and peak memory of the whole process, and that what was written keeps to the
budget, the channel, the stock and the floors.
"""

import argparse
import json
import resource
import shutil
import time
from pathlib import Path

import pyarrow.parquet as pq
from budget import catalogue_of, make


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.folder / f"budget_{options.rows}.parquet"
    make(path, options.rows)

    import clienteling as cl
    from clienteling.campaigns.delivery import deliver

    model = cl.segment(pq.ParquetFile(path).read_row_group(0), ["income", "spending"], k=5)
    catalogue, _ = catalogue_of(model, many=False)
    limits = cl.Limits(
        budget=0.25 * options.rows,
        channels={"letter": options.rows // 5},
        floors={segment.id: options.rows // 100 for segment in model.segments},
    )
    out = options.folder / "campaign"
    shutil.rmtree(out, ignore_errors=True)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    before, start = usage.ru_utime + usage.ru_stime, time.perf_counter()
    customers = cl.read(path, memory=options.memory)
    plan = cl.plan_campaign(model, customers, catalogue, name="spring", limits=limits)
    planned = time.perf_counter() - start
    made = deliver(plan, out)
    took = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures = made.figures
    assert figures.customers == options.rows
    assert figures.cost <= limits.budget * (1 + 1e-12)
    offers = {each.id: each for each in catalogue.offers}
    sent = {each.name: each.contacted for each in figures.parts if each.by == "offer"}
    assert all(offers[o].stock is None or n <= offers[o].stock for o, n in sent.items())
    letters = sum(n for o, n in sent.items() if offers[o].channel == "letter")
    assert letters <= limits.channels["letter"]
    floors = [each.contacted for each in figures.parts if each.by == "segment"]
    assert min(floors) >= options.rows // 100
    row = {
        "rows": options.rows,
        "contacted": figures.contacted,
        "held_out": figures.held_out,
        "gap": plan.budget.gap if plan.budget else None,
        "plan_seconds": planned,
        "seconds": took,
        "cpu_seconds": usage.ru_utime + usage.ru_stime - before,
        "peak_gb": usage.ru_maxrss / 2**20,
    }
    print(json.dumps(row))
    if options.out:
        options.out.write_text(json.dumps(row, indent=1))


if __name__ == "__main__":
    main()
