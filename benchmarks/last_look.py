"""How long a batch looks for contacts that came while it was planned, and takes them out.

    python benchmarks/last_look.py [CUSTOMERS [CONTACTS]]

A campaign for CUSTOMERS (200,000 without it) is planned and written; then CONTACTS of them (as many
without it) are contacted in real time, and the look that a plan takes before it is recorded finds
them and takes them out. The second look, which finds nothing more, is the one during which nothing
is decided in real time. The store is a file in SQLite.
"""

import datetime as dt
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import sqlalchemy as sa

import clienteling as cl
from clienteling.campaigns.kept import keep_folder
from clienteling.campaigns.last_look import take_out, taken_out
from clienteling.ledger.decisions import LoggedDecision, log_decision
from clienteling.ledger.schema import reservations
from clienteling.ledger.store import Store, open_store
from clienteling.offers.offer import ContactPolicy

DAY, NOW = dt.date(2026, 3, 1), dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@contextmanager
def timed(what: str) -> Iterator[None]:
    wall, own = time.perf_counter(), time.process_time()
    yield
    wall, own = time.perf_counter() - wall, time.process_time() - own
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{what:32} {wall:7.1f} s {own:7.1f} s of the processor, {peak:.2f} GB at most")


def contact(store: Store, campaign: str, customers: int) -> None:
    """Log a contact in real time for each of the first customers."""
    with store.writing() as connection:
        for customer in range(1, customers + 1):
            id = uuid.uuid4().hex
            row = {"id": id, "state": "confirmed", "made_at": NOW, "expires_at": NOW}
            connection.execute(sa.insert(reservations).values(row))
            made = LoggedDecision(
                *(id, campaign, customer, 0, "offer", "preview-evening", 1.0, "As planned."),
                *({}, {}, DAY, NOW, "model", "catalogue", "confirmed"),
            )
            log_decision(connection, made)


def measure(customers: int, contacts: int, folder: Path) -> None:
    people = str(folder / "people.parquet")
    duckdb.sql(
        f"COPY (SELECT i + 1 AS CustomerID, * EXCLUDE (CustomerID, i) FROM range({customers}) t(i) "
        "JOIN (SELECT row_number() OVER () - 1 AS n, * FROM read_csv("
        f"'{cl.read('sample').df().pipe(kept, folder)}')) s ON s.n = i % 200 ORDER BY i) "
        f"TO '{people}'"
    )
    model, offers = cl.segment("sample"), cl.load_catalogue("income-spending")
    rarely = offers.model_copy(update={"contact_policy": ContactPolicy(contacts=1, days=30)})
    with timed("planned and written"):
        plan = cl.plan_campaign(model, people, rarely, name="mail", day=DAY)
        plan.write(folder / "mail")
    with open_store(folder / "shop.db", create=True) as store:
        live = cl.plan_campaign(model, "sample", rarely, name="live", day=DAY - dt.timedelta(99))
        keep_folder(store, live.write(folder / "live").out)
        contact(store, "live", contacts)
        decided = cl.read(folder / "mail" / "decisions")
        with timed("looked for contacts"):
            late = taken_out(store, plan, decided)
        with timed(f"took {len(late):,} customers out"):
            take_out(decided, late, None)
        with timed("looked once more"):
            assert len(taken_out(store, plan, decided)) == 0


def kept(frame: object, folder: Path) -> Path:
    path = folder / "sample.csv"
    frame.to_csv(path, index=False)  # type: ignore[attr-defined]
    return path


if __name__ == "__main__":
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    contacts = int(sys.argv[2]) if len(sys.argv) > 2 else customers
    with tempfile.TemporaryDirectory() as aside:
        measure(customers, contacts, Path(aside))
