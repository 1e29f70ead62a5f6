"""Customers who can be decided alike: of one segment, with the same offers open to them.

The engine counts them by SQL, in one pass, so that what follows doesn't grow with the number of
customers. Which offers are open is kept as bits of whole numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlglot.expressions as exp

from clienteling.data.columns import find_id
from clienteling.data.portable_hash import check_id_kind
from clienteling.data.read import Source, read
from clienteling.data.sql import case, chain, column, name
from clienteling.data.table import Column, Table
from clienteling.errors import ColumnError
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.eligibility import open_conditions, with_flags
from clienteling.segmentation.load import AnyModel
from clienteling.segmentation.scoring import score

__all__ = ["Cell", "Cells", "count_cells", "find_cells"]

#: Bits in one column: a whole number of 64 bits has a sign, and sums must not reach it.
_BITS = 60


@dataclass(frozen=True)
class Cell:
    """Customers of one segment with the same offers open to them.

    Parameters
    ----------
    segment : its id
    pattern : the columns of bits
    open : ids of the open offers, the best of the segment first
    customers : how many
    """

    segment: int
    pattern: tuple[int, ...]
    open: tuple[str, ...]
    customers: int


@dataclass(frozen=True)
class Cells:
    """Each customer's cell, lazily.

    Parameters
    ----------
    table : ``customer_id``, ``segment_id`` (null where there is none) and the columns of bits
    words : the names of the columns of bits
    bits : per segment the offers, the best first, each with the word and the bit that say whether
        it is open; None where it is open to all of the segment
    """

    table: Table
    words: tuple[str, ...]
    bits: Mapping[int, Mapping[str, tuple[int, int] | None]]

    def open(self, segment: int, pattern: Sequence[int]) -> tuple[str, ...]:
        """Return the offers that are open to the customers of a cell."""
        return tuple(
            offer
            for offer, place in self.bits[segment].items()
            if place is None or pattern[place[0]] >> place[1] & 1
        )


def find_cells(
    model: AnyModel,
    customers: Source,
    catalogue: Catalogue,
    *,
    id: str | None = None,
    day: dt.date | None = None,
    consents: Mapping[str, exp.Expr] | None = None,
    also: Mapping[str, exp.Expr] | None = None,
    offers: Mapping[int, Sequence[str]] | None = None,
    most: int | None = None,
) -> Cells:
    """Return each customer's cell, lazily: nothing is computed yet.

    Parameters
    ----------
    model : the segments
    customers : any source with an id that is a whole number or text
    catalogue : the offers
    id : the column with the customer's id; by default one with a usual name
    day : on which the offers go out; by default today
    consents : see :func:`clienteling.offers.eligibility.open_conditions`
    also : per offer, a further condition over the customers' columns, such as that its cap is not
        reached
    offers : the ids of the offers that matter to each segment, the best first; by default all that
        go out, by their priority
    most : of the open ones each customer keeps only so many of the first; so fewer cells are made

    Raises
    ------
    ColumnError
        There is no id, or one that doesn't read the same on every engine.
    DocumentError
        A rule doesn't go with the customers' columns.
    """
    table = read(customers)
    found = find_id(table, id)
    if found is None:
        raise ColumnError(
            f"{table.source}: no column was recognised as the customer id, and decisions need it.",
            hint="Name it with --id COLUMN.",
        )
    check_id_kind(found.name, table[found.name].kind)
    conditions = open_conditions(catalogue, table, consents)
    for offer, more in (also or {}).items():
        own = conditions[offer]
        conditions[offer] = exp.and_(own, more) if own is not None else more
    flagged, flags = with_flags(table, conditions)
    keep = list(dict.fromkeys(flags.values()))
    scored = score(model, flagged, id=found.name, keep=keep)
    day = day or dt.date.today()
    bits: dict[int, dict[str, tuple[int, int] | None]] = {}
    sums: dict[int, list[tuple[int, int, exp.Expr]]] = {}
    for segment in model.segments:
        going = [each.id for each in catalogue.offers_for(segment, day)]
        if offers is not None:
            going = [each for each in offers.get(segment.id, ()) if each in going]
        made = _by_condition(going, flags) if most is None else _by_rank(going, flags, most)
        bits[segment.id], sums[segment.id] = made
    last = max((word for each in sums.values() for word, _, _ in each), default=-1)
    words = tuple(f"cl_bits_{word}" for word in range(last + 1))
    select = chain(
        scored.subquery,
        (
            "cells",
            exp.select(
                column("customer_id"),
                column("segment_id"),
                *(_word(sums, word).as_(name(each)) for word, each in enumerate(words)),
            ),
        ),
    )
    columns = (
        scored["customer_id"],
        scored["segment_id"],
        *(Column(each, "integer") for each in words),
    )
    rows = Table(scored.engine, select, columns, scored.source, scored.notes)
    return Cells(rows, words, bits)


_Bits = tuple[dict[str, tuple[int, int] | None], list[tuple[int, int, exp.Expr]]]


def _by_condition(offers: Sequence[str], flags: Mapping[str, str]) -> _Bits:
    """Give each different condition among a segment's offers a bit."""
    places: dict[str, tuple[int, int]] = {}
    bits: dict[str, tuple[int, int] | None] = {}
    for offer in offers:
        flag = flags.get(offer)
        bits[offer] = places.setdefault(flag, divmod(len(places), _BITS)) if flag else None
    return bits, [(word, bit, column(flag)) for flag, (word, bit) in places.items()]


def _by_rank(offers: Sequence[str], flags: Mapping[str, str], most: int) -> _Bits:
    """Give each offer a bit that is set where it is among the first that are open."""
    bits: dict[str, tuple[int, int] | None] = {}
    sums: list[tuple[int, int, exp.Expr]] = []
    before: list[exp.Expr] = []
    for place, offer in enumerate(offers):
        word, bit = divmod(place, _BITS)
        bits[offer] = (word, bit)
        own: exp.Expr = column(flags[offer]) if offer in flags else exp.Literal.number(1)
        conditions = [exp.EQ(this=own, expression=exp.Literal.number(1))]
        if place >= most:
            so_far = before[0].copy()
            for each in before[1:]:
                so_far = exp.Add(this=so_far, expression=each.copy())
            conditions.append(
                exp.LT(this=exp.paren(so_far), expression=exp.Literal.number(most))  # type: ignore[arg-type]
            )
        kept = case([(exp.and_(*conditions), exp.Literal.number(1))], exp.Literal.number(0))
        sums.append((word, bit, kept))
        before.append(own.copy())
    return bits, sums


def _word(sums: Mapping[int, Sequence[tuple[int, int, exp.Expr]]], word: int) -> exp.Expr:
    """Return a column of bits: of each segment only those that matter to it."""
    branches = []
    for segment, parts in sums.items():
        own = [(bit, flag) for where, bit, flag in parts if where == word]
        if not own:
            continue
        total: exp.Expr | None = None
        for bit, flag in own:
            large = exp.cast(exp.Literal.number(1 << bit), exp.DataType.Type.BIGINT)
            term = exp.Mul(this=flag.copy(), expression=large)
            total = exp.Add(this=total, expression=term) if total is not None else term
        is_segment = exp.EQ(this=column("segment_id"), expression=exp.Literal.number(segment))
        branches.append((is_segment, total))
    zero = exp.cast(exp.Literal.number(0), exp.DataType.Type.BIGINT)
    return case(branches, zero)  # type: ignore[arg-type]


def count_cells(cells: Cells, most: int | None = None) -> list[Cell]:
    """Count the customers of each cell: one pass in the engine.

    Parameters
    ----------
    cells : each customer's
    most : of more cells only one more is returned, which tells that there are too many

    Returns
    -------
    list of Cell
        By segment and pattern. Customers without a segment or an id are in none.
    """
    keys = [column("segment_id"), *(column(each) for each in cells.words)]
    query = (
        exp.select(*keys, exp.Count(this=exp.Star()).as_("n"))
        .from_(cells.table.subquery)
        .where(exp.Not(this=exp.Is(this=column("segment_id"), expression=exp.null())))
        .where(exp.Not(this=exp.Is(this=column("customer_id"), expression=exp.null())))
        .group_by(*(each.copy() for each in keys))
    )
    if most is not None:
        query = query.limit(most + 1)
    rows = cells.table.engine.query(query).to_pylist()
    found = []
    for row in rows:
        pattern = tuple(int(row[each]) for each in cells.words)
        segment = int(row["segment_id"])
        found.append(Cell(segment, pattern, cells.open(segment, pattern), int(row["n"])))
    return sorted(found, key=lambda each: (each.segment, each.pattern))
