"""Decisions that were made one by one, in real time, with all that is needed to make them again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from clienteling.errors import DataError
from clienteling.ledger.campaigns import campaign
from clienteling.ledger.customers import id_of
from clienteling.ledger.reservations import CONFIRMED, RESERVED
from clienteling.ledger.schema import decisions as table
from clienteling.ledger.schema import reservations
from clienteling.ledger.store import Store
from clienteling.ledger.values import values_from, values_text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "LoggedDecision",
    "asked_before",
    "contacts_of",
    "contacts_since",
    "decision",
    "decisions_of",
    "first_decisions",
    "log_decision",
]


@dataclass(frozen=True)
class LoggedDecision:
    """A decision as it was logged.

    Parameters
    ----------
    id : its own, and that of its reservation
    campaign : in which it was made
    customer_id : as it was given
    segment_id : None where the customer has none
    arm : ``offer``, ``holdout`` or ``nothing``
    offer : that the customer gets, or would have got
    propensity : the probability of what goes out, which was drawn from
    reason : why, in a sentence
    features : the customer's values that it saw
    replay : the rest of what it saw: consents, contacts, what was sold out; and the probability of
        all that could have been sent
    day : of the contact
    decided_at : when, UTC
    model_fingerprint, catalogue_fingerprint : of the documents it was made by
    state : ``reserved``, ``confirmed``, ``released`` or ``expired``; empty where nothing goes out
    from_batch : whether the batch had decided for the customer already
    asked_by : the key of the one who asked, under which the same answer is given again
    """

    id: str
    campaign: str
    customer_id: int | str
    segment_id: int | None
    arm: str
    offer: str
    propensity: float
    reason: str
    features: Mapping[str, Any]
    replay: Mapping[str, Any]
    day: dt.date
    decided_at: dt.datetime
    model_fingerprint: str
    catalogue_fingerprint: str
    state: str = ""
    from_batch: bool = False
    asked_by: str | None = None


def log_decision(connection: sa.Connection, made: LoggedDecision) -> None:
    """Log a decision, within a change of the store; where it is a contact, reserve first."""
    row = {
        "id": made.id,
        "campaign": made.campaign,
        "asked_by": made.asked_by,
        "customer_id": str(made.customer_id),
        "whole_id": isinstance(made.customer_id, int),
        "segment_id": made.segment_id,
        "arm": made.arm,
        "offer": made.offer,
        "propensity": made.propensity,
        "reason": made.reason,
        "from_batch": made.from_batch,
        "day": made.day,
        "features": values_text(made.features),
        "replay": json.dumps(made.replay, ensure_ascii=False, allow_nan=False),
        "model_fingerprint": made.model_fingerprint,
        "catalogue_fingerprint": made.catalogue_fingerprint,
        "decided_at": made.decided_at,
        "reservation": made.id if made.state else None,
    }
    connection.execute(sa.insert(table).values(row))


def decision(store: Store, id: str) -> LoggedDecision:
    """Return a decision.

    Raises
    ------
    DataError
        There is none with this id; it may have been of somebody who was forgotten.
    """
    with store.reading() as connection:
        row = connection.execute(_query().where(table.c.id == id)).one_or_none()
    if row is None:
        raise DataError(
            f'{store.shown}: there is no decision "{id}".',
            hint="Those of customers who were forgotten are gone.",
        )
    return _logged(row)


def asked_before(connection: sa.Connection, campaign: str, key: str) -> LoggedDecision | None:
    """Return what was answered under a key, within what a connection sees."""
    own = sa.and_(table.c.campaign == campaign, table.c.asked_by == key)
    row = connection.execute(_query().where(own)).one_or_none()
    return _logged(row) if row is not None else None


def contacts_of(connection: sa.Connection, customer: str) -> list[tuple[str, dt.date]]:
    """Return a customer's contacts in real time, as offer and day: confirmed, or still reserved."""
    query = (
        sa.select(table.c.offer, table.c.day)
        .join(reservations, reservations.c.id == table.c.reservation)
        .where(table.c.customer_id == customer, reservations.c.state.in_((RESERVED, CONFIRMED)))
        .order_by(table.c.day, table.c.id)
    )
    return [(row.offer, row.day) for row in connection.execute(query)]


def first_decisions(connection: sa.Connection, customer: str) -> list[Any]:
    """Return a customer's first decision in each campaign: ``campaign, segment_id, arm, offer``."""
    query = (
        sa.select(table.c.campaign, table.c.segment_id, table.c.arm, table.c.offer)
        .where(table.c.customer_id == customer, sa.not_(table.c.from_batch))
        .order_by(table.c.decided_at, table.c.id)
    )
    first: dict[str, Any] = {}
    for row in connection.execute(query):
        first.setdefault(row.campaign, row)
    return list(first.values())


def decisions_of(store: Store, id: str) -> pa.Table:
    """Return what was decided in real time in a campaign: the first decision of each customer.

    Customers for whom the batch had decided are not among them. A contact that never went out is:
    whoever is compared must be those who were drawn, or those who answer are compared with all.

    Returns
    -------
    pyarrow.Table
        ``customer_id`` (text), ``segment_id``, ``arm``, ``offer``, ``propensity``, ``reason``,
        ``state``, ``day``, ``decided_at`` and ``chances``: all that could have been sent, each
        with its probability, as JSON; null where that was not kept.

    Raises
    ------
    DataError
        There is no such campaign.
    """
    import pyarrow as pa

    meant = campaign(store, id)
    order = sa.func.row_number().over(
        partition_by=table.c.customer_id, order_by=(table.c.decided_at, table.c.id)
    )
    schema = pa.schema(
        [
            ("customer_id", pa.string()),
            ("segment_id", pa.int64()),
            ("arm", pa.string()),
            ("offer", pa.string()),
            ("propensity", pa.float64()),
            ("reason", pa.string()),
            ("state", pa.string()),
            ("day", pa.date32()),
            ("decided_at", pa.timestamp("us", tz="UTC")),
            ("replay", pa.string()),
        ]
    )
    own = (
        _query()
        .add_columns(order.label("place"))
        .where(table.c.campaign == meant.id, sa.not_(table.c.from_batch))
        .subquery()
    )
    query = (
        sa.select(*(own.c[each] for each in schema.names))
        .where(own.c.place == 1)
        .order_by(own.c.customer_id)
    )
    found = store.arrow(query, schema)
    kept = (json.loads(each).get("chances") for each in found.column("replay").to_pylist())
    chances = [None if each is None else json.dumps(each) for each in kept]
    return found.drop_columns("replay").append_column("chances", pa.array(chances, pa.string()))


def contacts_since(store: Store, day: dt.date, until: dt.date = dt.date.max) -> pa.Table:
    """Return the contacts in real time from a day on, of all campaigns, for planning a batch.

    Parameters
    ----------
    store : the store
    day, until : the first and the last day that counts

    Returns
    -------
    pyarrow.Table
        ``customer_id`` (text), ``offer`` and ``day``.
    """
    import pyarrow as pa

    query = (
        sa.select(table.c.customer_id, table.c.offer, table.c.day)
        .join(reservations, reservations.c.id == table.c.reservation)
        .where(table.c.day.between(day, until), reservations.c.state.in_((RESERVED, CONFIRMED)))
        .order_by(table.c.customer_id, table.c.day, table.c.id)
    )
    schema = pa.schema([("customer_id", pa.string()), ("offer", pa.string()), ("day", pa.date32())])
    return store.arrow(query, schema)


def _query() -> sa.Select[Any]:
    state = sa.func.coalesce(reservations.c.state, "").label("state")
    joined = table.outerjoin(reservations, reservations.c.id == table.c.reservation)
    return sa.select(table, state).select_from(joined)


def _logged(row: sa.Row[Any]) -> LoggedDecision:
    return LoggedDecision(
        row.id,
        row.campaign,
        id_of(row.customer_id, row.whole_id),
        row.segment_id,
        row.arm,
        row.offer,
        row.propensity,
        row.reason,
        values_from(row.features),
        json.loads(row.replay),
        row.day,
        row.decided_at,
        row.model_fingerprint,
        row.catalogue_fingerprint,
        row.state,
        row.from_batch,
        row.asked_by,
    )
