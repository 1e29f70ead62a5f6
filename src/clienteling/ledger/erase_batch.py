"""Take one customer out of the decisions of a batch: a file at a time, whole or not at all."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import sqlglot.expressions as exp

from clienteling.data.csv_safe import neutral
from clienteling.data.destinations import open_part
from clienteling.data.sql import column
from clienteling.data.table import Table
from clienteling.data.urls import DatabaseAddress, is_url, parse_url
from clienteling.data.whole_files import aside
from clienteling.ledger.batch import of_customers, open_batch, with_password
from clienteling.ledger.campaigns import Campaign
from clienteling.ledger.faults import in_words
from clienteling.ledger.store import Store, driver_url

__all__ = ["erase_from_batch"]


def erase_from_batch(campaign: Campaign, customer: str, store: Store | None = None) -> int:
    """Write the files anew that hold a customer, without; return how many there were.

    Parameters
    ----------
    campaign : whose decisions: a folder of Parquet, with the files for mail tools beside it, or a
        table of a database
    customer : the id, as text
    store : see :func:`clienteling.ledger.batch.open_batch`

    Raises
    ------
    SourceError
        The decisions can't be read.
    OutputError
        A file can't be written; the old one is whole.
    """
    if campaign.decisions is None:
        return 0
    if is_url(campaign.decisions):
        address = parse_url(with_password(campaign.decisions, store))
        if address.driver in ("duckdb", "spark"):
            _from_engine(campaign, address, customer)
        else:
            _from_table(address, customer)
        said = campaign.plan.get("folder")
        return _from_mail(Path(said), customer) if said else 0
    table = open_batch(campaign)
    place = Path(campaign.decisions)
    files = sorted(place.rglob("*.parquet")) if place.is_dir() else [place]
    written = sum(_from_parquet(table, each, customer) for each in files) if table else 0
    return written + (_from_mail(place.parent, customer) if place.name == "decisions" else 0)


def _from_mail(folder: Path, customer: str) -> int:
    return sum(_from_csv(each, customer) for each in sorted((folder / "mail").glob("*.csv")))


def _from_parquet(batch: Table, path: Path, customer: str) -> bool:
    table = open_part(batch, path)
    held = list(of_customers(table, [customer]))
    if not held:
        return False
    counted = exp.select(exp.Count(this=exp.Star()).as_("n")).where(held[0])
    if not table.query(counted).column("n")[0].as_py():
        return False
    no_id = exp.Is(this=column("customer_id"), expression=exp.null())
    rest = exp.select("*").from_(table.subquery).where(exp.or_(exp.not_(held[0]), no_id))
    table.engine.write_parquet(rest, path)
    return True


def _from_csv(path: Path, customer: str) -> bool:
    own = {customer, neutral(customer)}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        place = header.index("customer_id") if "customer_id" in header else len(header)
        if not any(row[place] in own for row in rows if len(row) > place):
            return False
    with (
        path.open(encoding="utf-8-sig", newline="") as file,
        aside(path) as new,
        new.open("w", encoding="utf-8-sig", newline="") as target,
    ):
        writer = csv.writer(target, lineterminator="\n")
        writer.writerows(
            row for row in csv.reader(file) if len(row) <= place or row[place] not in own
        )
    return True


def _from_engine(campaign: Campaign, address: DatabaseAddress, customer: str) -> None:
    """Have the engine that has the table open take the customer's rows out of it."""
    table = open_batch(campaign)
    engine: Any = table.engine if table is not None else None
    for held in of_customers(table, [customer]) if table is not None else ():
        engine.delete_rows(address, held)


def _from_table(address: DatabaseAddress, customer: str) -> None:
    """Delete the customer's rows; a table has no files to write anew."""
    schema, _, bare = address.table.rpartition(".")
    rows = sa.table(bare, sa.column("customer_id"), schema=schema or None)
    own = sa.cast(rows.c.customer_id, sa.Text) == customer
    try:
        engine = sa.create_engine(driver_url(address.url), poolclass=sa.pool.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.delete(rows).where(own))
    except sa.exc.SQLAlchemyError as error:
        raise in_words(error, address.shown) from None
