"""The decisions of a batch, which lie where the campaign says, looked up for some customers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
import sqlglot.expressions as exp

from clienteling.data.read import read
from clienteling.data.sql import column, text
from clienteling.data.table import Table
from clienteling.data.urls import is_url
from clienteling.errors import DataError, SourceError
from clienteling.ledger.campaigns import Campaign
from clienteling.ledger.store import Store

__all__ = [
    "BatchDecision",
    "batch_decisions",
    "is_whole",
    "of_customers",
    "open_batch",
    "with_password",
]

#: Ids in one query.
_AT_ONCE = 5_000
_NEEDED = ("customer_id", "segment_id", "arm", "offer", "propensity", "reason")


@dataclass(frozen=True)
class BatchDecision:
    """What the batch gave to a customer.

    Parameters
    ----------
    customer_id : as text
    segment_id : None where there is none
    arm : ``offer``, ``holdout`` or ``nothing``
    offer : that the customer got, or would have got
    propensity, reason : of the offer
    """

    customer_id: str
    segment_id: int | None
    arm: str
    offer: str
    propensity: float
    reason: str


def with_password(place: str, store: Store | None) -> str:
    """Return where decisions lie, with the store's password where user and server are the same.

    No password is kept with a campaign. Where it is not the store's, the driver looks for it: for
    PostgreSQL in ``PGPASSWORD`` and ``~/.pgpass``.
    """
    if store is None or store.is_sqlite or not is_url(place):
        return place
    url, own = sa.make_url(place), store.engine.url
    same = (url.get_backend_name(), url.host, url.port or 5432, url.username) == (
        *(own.get_backend_name(), own.host),
        *(own.port or 5432, own.username),
    )
    if url.password is not None or own.password is None or not same:
        return place
    return url.set(password=own.password).render_as_string(hide_password=False)


def open_batch(campaign: Campaign, store: Store | None = None) -> Table | None:
    """Open the decisions of a campaign's batch; None where it has none.

    Parameters
    ----------
    campaign : whose
    store : that it is kept in; its password opens a table of the same server, for the same user

    Raises
    ------
    SourceError
        They can't be read, so that nothing can be said of them.
    DataError
        It is some other table.
    """
    if campaign.decisions is None:
        return None
    try:
        opened = read(with_password(campaign.decisions, store))
    except SourceError as error:
        if _is_empty(campaign.decisions):
            return None  # all who were in it were forgotten
        if is_url(campaign.decisions) and error.message.endswith("columns but no rows."):
            return None  # and so they were from the table
        if is_url(campaign.decisions) and "password" in error.message:
            error.hint = (
                "No password is kept with a campaign: set PGPASSWORD, or write it into ~/.pgpass."
            )
        raise
    lacking = [each for each in _NEEDED if each not in opened.names]
    if lacking:
        raise DataError(
            f'{opened.source}: these are not the decisions of the campaign "{campaign.id}"; '
            f"they lack {', '.join(lacking)}.",
            hint="Put the decisions back where they were planned.",
        )
    return opened


def of_customers(table: Table, ids: Collection[str]) -> Iterator[exp.Expr]:
    """Yield conditions on ``customer_id`` that together pick the customers with these ids."""
    if table["customer_id"].kind == "integer":
        # Compared as numbers, so that Parquet's statistics spare most of a folder.
        whole = sorted({int(each) for each in ids if is_whole(each)})
        values: list[exp.Expr] = [_whole(each) for each in whole]
        own: exp.Expr = column("customer_id")
    else:
        values = [text(each) for each in sorted(set(ids))]
        own = exp.cast(column("customer_id"), exp.DataType.Type.VARCHAR)
    for start in range(0, len(values), _AT_ONCE):
        yield exp.In(this=own.copy(), expressions=values[start : start + _AT_ONCE])


def batch_decisions(
    campaign: Campaign,
    ids: Collection[str],
    table: Table | None = None,
    store: Store | None = None,
) -> dict[str, BatchDecision]:
    """Return what a batch gave to some customers, by their ids as text.

    Parameters
    ----------
    campaign : whose
    ids : of the customers, as text
    table : the decisions, where they are open already
    store : see :func:`open_batch`

    Raises
    ------
    SourceError, DataError
        The decisions can't be read.
    """
    table = table or open_batch(campaign, store)
    if table is None:
        return {}
    found = {}
    for condition in of_customers(table, ids):
        columns = [column(each) for each in _NEEDED]
        query = exp.select(*columns).from_(table.subquery).where(condition)
        for row in table.engine.query(query).to_pylist():
            customer = str(row["customer_id"])
            segment = row["segment_id"]
            found[customer] = BatchDecision(
                customer,
                int(segment) if segment is not None else None,
                str(row["arm"]),
                str(row["offer"]),
                float(row["propensity"]),
                str(row["reason"]),
            )
    return found


def _is_empty(decisions: str) -> bool:
    """Whether there is a folder of Parquet, and no row in it."""
    import pyarrow.parquet as pq

    files = [] if is_url(decisions) else list(Path(decisions).rglob("*.parquet"))
    return bool(files) and not any(pq.read_metadata(each).num_rows for each in files)


def is_whole(each: str) -> bool:
    """Whether an id is written as a column of whole numbers has it: 7, but not 007."""
    try:
        return str(int(each)) == each and abs(int(each)) < 2**63
    except ValueError:
        return False


def _whole(value: int) -> exp.Expr:
    literal = exp.Literal.number(abs(value))
    return exp.Neg(this=literal) if value < 0 else literal
