"""Reservations: what is taken for a decision until it is known whether the offer went out.

A reservation is confirmed, released, or expires; only once each. Its amounts count from the first
moment, so that two who ask at the same time never get the last one both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from clienteling.errors import DataError
from clienteling.ledger.counters import Count, confirm_reserved, give_back, millionths, take
from clienteling.ledger.moments import as_utc, now_utc
from clienteling.ledger.schema import decisions, reservations, reserved_amounts
from clienteling.ledger.store import Store

__all__ = ["confirm", "expire", "release", "release_open", "reserve"]

#: What a reservation is.
RESERVED, CONFIRMED, RELEASED, EXPIRED = "reserved", "confirmed", "released", "expired"
#: Freed together.
_AT_ONCE = 500


def reserve(
    connection: sa.Connection,
    id: str,
    amounts: Mapping[Count, float],
    *,
    now: dt.datetime,
    until: dt.datetime,
) -> list[str]:
    """Reserve amounts of several counts, all or nothing of them.

    Parameters
    ----------
    connection : of :meth:`Store.writing`; undo the change where anything is said
    id : of the reservation
    amounts : of each count
    now : the time
    until : when it expires

    Returns
    -------
    list of str
        What is lacking, in sentences; empty where all of it is reserved.
    """
    row = {"id": id, "state": RESERVED, "made_at": now, "expires_at": until}
    connection.execute(sa.insert(reservations).values(row))
    for count, amount in amounts.items():
        parts = {"kind": count.kind, "owner": count.owner, "key": count.key}
        taken = {"reservation": id, **parts, "amount": millionths(amount, up=True)}
        connection.execute(sa.insert(reserved_amounts).values(taken))
    return take(connection, amounts)


def confirm(store: Store, id: str) -> None:
    """Keep for good what was reserved: the offer went out. A second time changes nothing.

    Parameters
    ----------
    store : the store
    id : of the reservation, which is that of its decision

    Raises
    ------
    DataError
        There is no such reservation, or it has expired or was released: nothing may go out.
    """
    with store.writing() as connection:
        if _change(connection, id, CONFIRMED):
            confirm_reserved(connection, _amounts(connection, [id]))


def release(store: Store, id: str) -> None:
    """Give back what was reserved: nothing goes out. A second time changes nothing.

    Raises
    ------
    DataError
        There is no such reservation, or it was confirmed.
    """
    with store.writing() as connection:
        if _change(connection, id, RELEASED):
            give_back(connection, _amounts(connection, [id]))


def release_open(connection: sa.Connection, customer: str) -> None:
    """Give back all that is reserved for a customer and not confirmed."""
    own = sa.select(decisions.c.reservation).where(decisions.c.customer_id == customer)
    query = (
        sa.select(reservations.c.id)
        .where(reservations.c.state == RESERVED, reservations.c.id.in_(own))
        .with_for_update()
    )
    ids = connection.execute(query).scalars().all()
    changed = sa.update(reservations).where(reservations.c.id.in_(ids))
    connection.execute(changed.values(state=RELEASED))
    give_back(connection, _amounts(connection, ids))


def _change(connection: sa.Connection, id: str, state: str) -> bool:
    """Change the state of a reservation; false where it has it already."""
    own = reservations.c.id == id
    changed = connection.execute(
        sa.update(reservations).where(own, reservations.c.state == RESERVED).values(state=state)
    )
    if changed.rowcount == 1:
        return True
    there = connection.execute(sa.select(reservations.c.state).where(own)).scalar_one_or_none()
    if there == state or (state == RELEASED and there == EXPIRED):
        return False
    if there is None:
        raise DataError(f'There is no reservation "{id}".', hint="Nothing may go out for it.")
    raise DataError(
        f'The reservation "{id}" can\'t be {state} any more: it was {there}.'
        if there != EXPIRED
        else f'The reservation "{id}" can\'t be {state} any more: it has expired.',
        hint="Ask for a new decision before anything goes out." if state == CONFIRMED else "",
    )


def expire(store: Store, *, now: dt.datetime | None = None) -> int:
    """Give back what was reserved and neither confirmed nor released in time.

    Every decision does so first; it need not be called by itself.

    Returns
    -------
    int
        How many reservations expired.
    """
    moment = as_utc(now) if now is not None else now_utc()
    late = sa.and_(reservations.c.state == RESERVED, reservations.c.expires_at <= moment)
    with store.reading() as connection:
        if connection.execute(sa.select(reservations.c.id).where(late).limit(1)).first() is None:
            return 0
    expired = 0
    while True:
        with store.writing() as connection:
            # Those that another process is just changing are left to it.
            query = sa.select(reservations.c.id).where(late).limit(_AT_ONCE)
            ids = connection.execute(query.with_for_update(skip_locked=True)).scalars().all()
            if not ids:
                return expired
            own = reservations.c.id.in_(ids)
            connection.execute(sa.update(reservations).where(own).values(state=EXPIRED))
            give_back(connection, _amounts(connection, ids))
        expired += len(ids)


def _amounts(connection: sa.Connection, ids: Sequence[str]) -> dict[Count, int]:
    """Return what some reservations hold together, in millionths."""
    table = reserved_amounts.c
    query = (
        sa.select(table.kind, table.owner, table.key, sa.func.sum(table.amount).label("amount"))
        .where(table.reservation.in_(ids))
        .group_by(table.kind, table.owner, table.key)
    )
    return {
        Count(row.kind, row.owner, row.key): int(row.amount) for row in connection.execute(query)
    }
