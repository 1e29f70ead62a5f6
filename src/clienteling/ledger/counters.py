"""Counts that must never be exceeded: an offer's stock, a campaign's budget.

There is one count for batch and real time. What is decided is taken at once (``reserved``), and
counts for good (``confirmed``) or is given back. Amounts are whole numbers of millionths inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import sqlalchemy as sa

from clienteling.errors import DataError, InputError
from clienteling.ledger.dialects import insert
from clienteling.ledger.schema import counters
from clienteling.ledger.store import Store

__all__ = [
    "Count",
    "Counted",
    "Use",
    "all_left",
    "confirm_reserved",
    "counts",
    "ensure_limit",
    "give_back",
    "left",
    "millionths",
    "refused",
    "set_limits",
    "take",
]

_MILLION = 10**6
#: 64 bits hold 9.2e18; sums of two must not reach that.
_MOST = 4 * 10**12


@dataclass(frozen=True, order=True)
class Count:
    """What is counted.

    Parameters
    ----------
    kind : ``stock`` of an offer in a catalogue; of a campaign its ``budget``, all its
        ``contacts``, those of a ``channel``, or its ``own stock`` of an offer
    owner : of a stock the name of the catalogue, else the campaign
    key : the offer or the channel; else empty
    """

    kind: str
    owner: str
    key: str = ""

    @property
    def words(self) -> str:
        """What it is called in messages."""
        if self.kind == "stock":
            return f'the stock of "{self.key}" in the catalogue "{self.owner}"'
        if self.kind == "own stock":
            return f'the stock of "{self.key}" for the campaign "{self.owner}"'
        which = f' "{self.key}"' if self.key else ""
        return f'the {self.kind}{which} of the campaign "{self.owner}"'


@dataclass(frozen=True)
class Use:
    """How much of something is used.

    Parameters
    ----------
    taken : by what is decided
    limit : how much there is in all, whoever takes it
    """

    taken: float
    limit: float


@dataclass(frozen=True)
class Counted:
    """How a count stands.

    Parameters
    ----------
    limit : how much there is in all
    reserved : taken, but not yet for good
    confirmed : taken for good
    """

    limit: float
    reserved: float
    confirmed: float

    @property
    def left(self) -> float:
        """How much can still be taken."""
        return max(0.0, self.limit - self.reserved - self.confirmed)


def millionths(amount: float, *, up: bool) -> int:
    """Return an amount as whole millionths, what lies between two rounded up or down.

    Raises
    ------
    InputError
        It is negative, too large or no number.

    Examples
    --------
    >>> millionths(0.1, up=True), millionths(2.5e-7, up=True), millionths(2.5e-7, up=False)
    (100000, 1, 0)
    """
    if not 0 <= amount <= _MOST:
        raise InputError(f"{amount} can't be counted; amounts are from 0 to {_MOST:.0e}.")
    exact = Decimal(repr(float(amount))) * _MILLION
    return int(exact.to_integral_value(ROUND_CEILING if up else ROUND_FLOOR))


def set_limits(connection: sa.Connection, limits: Mapping[Count, float]) -> None:
    """Say how much there is of each in all; what was taken stays taken."""
    for count in sorted(limits):  # always in one order, so that no two wait for each other
        row = {"kind": count.kind, "owner": count.owner, "key": count.key}
        limit = millionths(limits[count], up=False)
        new = insert(connection, counters).values(**row, limit=limit, reserved=0, confirmed=0)
        connection.execute(
            new.on_conflict_do_update(
                index_elements=["kind", "owner", "key"], set_={"limit": limit}
            )
        )


def take(
    connection: sa.Connection, amounts: Mapping[Count, float], *, confirmed: bool = False
) -> list[str]:
    """Take amounts, as far as they are there.

    Parameters
    ----------
    connection : of :meth:`Store.writing`; undo the change where anything is said
    amounts : of each count
    confirmed : whether they are taken for good; else they are reserved

    Returns
    -------
    list of str
        What is lacking, in sentences; empty where all of it was taken. A count that is not known
        is lacking: without a limit nothing goes out.
    """
    lacking = []
    column = counters.c.confirmed if confirmed else counters.c.reserved
    for count in sorted(amounts):
        amount = millionths(amounts[count], up=True)
        room = counters.c.limit - counters.c.reserved - counters.c.confirmed
        taken = connection.execute(
            sa.update(counters)
            .where(_is(count), room >= amount)
            .values({column.name: column + amount})
        )
        if taken.rowcount != 1:
            there = max(0, left(connection, count) or 0) / _MILLION
            lacking.append(f"{count.words}: {amounts[count]:g} needed, {there:g} left.")
    return lacking


def give_back(connection: sa.Connection, amounts: Mapping[Count, int]) -> None:
    """Free what was reserved; amounts in millionths."""
    for count in sorted(amounts):
        reserved = counters.c.reserved - amounts[count]
        connection.execute(sa.update(counters).where(_is(count)).values(reserved=reserved))


def confirm_reserved(connection: sa.Connection, amounts: Mapping[Count, int]) -> None:
    """Count for good what was reserved; amounts in millionths."""
    for count in sorted(amounts):
        reserved = counters.c.reserved - amounts[count]
        confirmed = counters.c.confirmed + amounts[count]
        values = {"reserved": reserved, "confirmed": confirmed}
        connection.execute(sa.update(counters).where(_is(count)).values(values))


def left(connection: sa.Connection, count: Count) -> int | None:
    """Return how many millionths are left, within what a connection sees; None without a limit."""
    room = counters.c.limit - counters.c.reserved - counters.c.confirmed
    found = connection.execute(sa.select(room).where(_is(count))).scalar_one_or_none()
    return int(found) if found is not None else None


def all_left(connection: sa.Connection, *owners: tuple[str, str]) -> dict[Count, int]:
    """Return how many millionths are left of all counts of some kinds and owners."""
    room = counters.c.limit - counters.c.reserved - counters.c.confirmed
    own = (sa.and_(counters.c.kind == kind, counters.c.owner == owner) for kind, owner in owners)
    columns = (counters.c.kind, counters.c.owner, counters.c.key, room.label("room"))
    found = connection.execute(sa.select(*columns).where(sa.or_(*own)))
    return {Count(row.kind, row.owner, row.key): int(row.room) for row in found}


def ensure_limit(connection: sa.Connection, count: Count, limit: float) -> None:
    """Say how much there is in all, where nobody has said so yet."""
    row = {"kind": count.kind, "owner": count.owner, "key": count.key}
    new = insert(connection, counters).values(
        **row, limit=millionths(limit, up=False), reserved=0, confirmed=0
    )
    connection.execute(new.on_conflict_do_nothing())


def counts(store: Store, kind: str, owner: str) -> dict[str, Counted]:
    """Return how the counts of a catalogue or a campaign stand, by their key.

    Parameters
    ----------
    store : the store
    kind, owner : see :class:`Count`
    """
    query = sa.select(counters).where(counters.c.kind == kind, counters.c.owner == owner)
    with store.reading() as connection:
        return {str(row.key): _counted(row) for row in connection.execute(query)}


def refused(what: str, lacking: list[str]) -> DataError:
    """Return the error for something that takes more than there is."""
    return DataError(
        f"{what} takes more than there is; nothing of it was taken.",
        faults=lacking,
        hint="Plan with what is left, or raise the limit.",
    )


def _is(count: Count) -> sa.ColumnElement[bool]:
    return sa.and_(
        counters.c.kind == count.kind,
        counters.c.owner == count.owner,
        counters.c.key == count.key,
    )


def _counted(row: sa.Row[tuple[object, ...]]) -> Counted:
    return Counted(row.limit / _MILLION, row.reserved / _MILLION, row.confirmed / _MILLION)
