"""Plan a campaign for many customers, write every decision, and count what was written.

    python benchmarks/campaign.py FOLDER [--rows 10000000] [--contacts] [--out FILE]

The customers and the 50 offers are those of benchmarks/budget.py. A tenth is held out. With
--contacts a tenth of the customers had a contact three days before, and the contact policy allows
one in seven days. What counts: seconds, CPU seconds and peak memory of the whole process. What was
written is counted again by plain SQL that shares nothing with the package: who got what, the
holdout, the budget, the channel, the stocks, the floors, the rules, the segments and the cap.
"""

import argparse
import datetime as dt
import json
import resource
import shutil
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from budget import catalogue_of, make

DAY = dt.date(2026, 3, 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--contacts", action="store_true")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.folder / f"budget_{options.rows}.parquet"
    make(path, options.rows)

    import clienteling as cl
    from clienteling.campaigns.delivery import deliver

    model = cl.segment(pq.ParquetFile(path).read_row_group(0), ["income", "spending"], k=5)
    catalogue, _ = catalogue_of(model, many=False)
    earlier = None
    if options.contacts:
        policy = {"contact_policy": {"contacts": 1, "days": 7}}
        catalogue = catalogue.model_validate(catalogue.model_dump(exclude_none=True) | policy)
        earlier = options.folder / f"contacts_{options.rows}.parquet"
        make_contacts(earlier, options.rows)
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
    plan = cl.plan_campaign(
        model, customers, catalogue, name="spring", limits=limits, day=DAY,
        contacts=[earlier] if earlier else [],
    )  # fmt: skip
    planned = time.perf_counter() - start
    made = deliver(plan, out)
    took = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_SELF)
    peak, cpu = usage.ru_maxrss / 2**20, usage.ru_utime + usage.ru_stime - before
    figures = made.figures
    checked = check(out, earlier, figures, catalogue, model, limits, options)
    row = {
        "rows": options.rows,
        "contacted": figures.contacted,
        "held_out": figures.held_out,
        "gap": plan.budget.gap if plan.budget else None,
        "plan_seconds": planned,
        "seconds": took,
        "cpu_seconds": cpu,
        "peak_gb": peak,
        **checked,
    }
    print(json.dumps(row))
    if options.out:
        options.out.write_text(json.dumps(row, indent=1))


def make_contacts(path: Path, rows: int) -> None:
    """Write a contact of every tenth customer, three days before."""
    ids = np.arange(0, rows, 10)
    days = pa.array([DAY - dt.timedelta(days=3)]).take(pa.array(np.zeros(len(ids), dtype=int)))
    pq.write_table(
        pa.table({"customer_id": ids, "offer": pa.repeat("earlier", len(ids)), "day": days}), path
    )


def check(out, contacts, figures, catalogue, model, limits, options) -> dict:
    """Count the decisions by plain SQL, against the plan's own figures and against every limit."""
    database = duckdb.connect(config={"memory_limit": options.memory})
    database.execute(f"CREATE VIEW decided AS FROM read_parquet('{out}/decisions/*.parquet')")

    def one(query: str):
        return database.execute(query).fetchone()

    # Every customer once.
    n, low, high = one("SELECT count(*), min(customer_id), max(customer_id) FROM decided")
    assert (n, low, high) == (options.rows, 0, options.rows - 1) == (figures.customers, low, high)
    # A sixteenth at a time, for the memory's sake.
    own = "SELECT count(DISTINCT customer_id) FROM decided WHERE customer_id % 16 ="
    assert sum(one(f"{own} {part}")[0] for part in range(16)) == options.rows
    # Who got each offer, and who is held out from it.
    counted = database.execute(
        "SELECT offer, count(*) FILTER (arm = 'offer'), count(*) FILTER (arm = 'holdout') "
        "FROM decided WHERE arm <> 'nothing' GROUP BY offer"
    ).fetchall()
    said = {e.name: (e.contacted, e.held_out) for e in figures.parts if e.by == "offer"}
    assert {offer: (sent, held) for offer, sent, held in counted} == said
    wrong = "(arm = 'offer') <> (sent <> 'nothing') OR (arm = 'nothing') <> (offer = 'nothing')"
    assert one(f"SELECT count(*) FROM decided WHERE {wrong}")[0] == 0
    contacted, held = (sum(each[place] for each in counted) for place in (1, 2))
    assert (contacted, held) == (figures.contacted, figures.held_out)
    share = held / (contacted + held)
    assert abs(share - 0.1) < 5 * (0.09 / (contacted + held)) ** 0.5
    # Budget, channel, stocks and floors.
    offers = {each.id: each for each in catalogue.offers}
    cost = sum(sent * offers[offer].cost for offer, sent, _ in counted)
    assert cost <= limits.budget * (1 + 1e-12)
    assert abs(cost - figures.cost) < 1e-6 * cost
    letters = sum(sent for offer, sent, _ in counted if offers[offer].channel == "letter")
    assert letters <= limits.channels["letter"]
    stocks = [(sent, offers[o].stock) for o, sent, _ in counted if offers[o].stock is not None]
    assert all(sent <= stock for sent, stock in stocks)
    floors = database.execute(
        "SELECT segment_id, count(*) FROM decided WHERE arm = 'offer' GROUP BY segment_id"
    ).fetchall()
    assert all(dict(floors)[segment] >= least for segment, least in limits.floors.items())
    # Nobody gets an offer of another segment, or one whose rule they don't fulfil.
    names = {each.key: each.name.replace("'", "''") for each in model.segments}
    beyond = []
    for each in catalogue.offers:
        own = ", ".join(f"'{names[key]}'" for key in each.segments)
        allowed = f"segment IN ({own})"
        rule = each.model_dump(exclude_none=True).get("eligibility", {})
        for word, kind in (("AND", "all"), ("OR", "any")):
            if rule.get(kind):
                allowed += f" AND ({f' {word} '.join(as_sql(c) for c in rule[kind])})"
        beyond.append(f"count(*) FILTER (offer = '{each.id}' AND NOT ({allowed}))")
    assert set(one(f"SELECT {', '.join(beyond)} FROM decided WHERE arm <> 'nothing'")) == {0}
    if contacts:  # nobody who had one within seven days has another one
        again = f"FROM decided SEMI JOIN '{contacts}' USING (customer_id) WHERE arm <> 'nothing'"
        assert one(f"SELECT count(*) {again}")[0] == 0
    return {"holdout_share": share, "cost": cost, "budget": limits.budget, "stocks": len(stocks)}


def as_sql(condition: dict) -> str:
    """Return one condition of a rule as SQL text."""
    value = condition["value"]
    if isinstance(value, list):
        value = "(" + ", ".join(f"'{each}'" for each in value) + ")"
    return f'"{condition["column"]}" {condition["operator"]} {value}'


if __name__ == "__main__":
    main()
