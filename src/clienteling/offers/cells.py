"""Customers who can be decided alike: of one segment, with the same offers open to them.

The engine counts them by SQL, in one pass, so that what follows doesn't grow with the number of
customers. Which offers are open is kept as bits of whole numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sqlglot.expressions as exp

from clienteling.data.columns import find_id
from clienteling.data.portable_hash import check_id_kind
from clienteling.data.read import Source, read
from clienteling.data.sql import case, chain, column, name
from clienteling.data.table import Column, Table
from clienteling.errors import ColumnError
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.eligibility import open_conditions, opted_out
from clienteling.segmentation.load import AnyModel
from clienteling.segmentation.scoring import score

__all__ = [
    "BY_RULE",
    "CLOSED",
    "NONE_OPEN",
    "OPTED_OUT",
    "Cell",
    "Cells",
    "count_cells",
    "find_cells",
]

#: Bits in one column: a whole number of 64 bits has a sign, and sums must not reach it.
_BITS = 60
#: The column that says why no offer at all is open to a customer, and what stands in it; 0 where
#: one is. A customer's cell can't say so: under a budget it knows the useful offers alone.
CLOSED = "cl_closed"
NONE_OPEN, BY_RULE, OPTED_OUT = 1, 2, 3
#: Conditions beside those of the offers; no offer's id has a colon.
_BY_RULE, _OPTED_OUT = "out: by rule", "out: said so"

_Place = tuple[int, int]


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
    table : ``customer_id``, ``segment_id`` (null where there is none), the columns of bits, and
        ``cl_closed``: why no offer at all is open
    words : the names of the columns of bits
    bits : per segment the offers, the best first, each with the word and the bit that say whether
        it is open; None where it is open to all of the segment
    kept : names of the columns that were carried through
    opt_outs : the catalogue's rule that says who is never contacted, in words
    """

    table: Table
    words: tuple[str, ...]
    bits: Mapping[int, Mapping[str, tuple[int, int] | None]]
    kept: tuple[str, ...] = ()
    opt_outs: str = ""

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
    out: exp.Expr | None = None,
    offers: Mapping[int, Sequence[str]] | None = None,
    most: int | None = None,
    keep: Sequence[str] = (),
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
    out : the condition over the customers' columns that one has opted out, beside the catalogue's
        own rule; ``also`` keeps the offers from them
    offers : the ids of the offers that matter to each segment, the best first; by default all that
        go out, by their priority
    most : of the open ones each customer keeps only so many of the first; so fewer cells are made
    keep : more of the customers' columns to carry through

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
    day = day or dt.date.today()
    going: dict[int, list[str]] = {}
    valid: dict[int, list[str]] = {}
    for segment in model.segments:
        own_valid = [each.id for each in catalogue.offers_for(segment, day)]
        wanted = own_valid if offers is None else offers.get(segment.id, ())
        going[segment.id] = [each for each in wanted if each in own_valid]
        valid[segment.id] = own_valid
    used = {offer for each in going.values() for offer in each}
    asked = {offer: each for offer, each in conditions.items() if offer in used}
    # What the cells don't know is asked for last, so that their columns of bits stay few.
    others = {offer for each in valid.values() for offer in each} - used
    asked |= {offer: each for offer, each in conditions.items() if offer in others}
    marked, places = _with_bits(
        table, {**asked, _BY_RULE: opted_out(catalogue, table), _OPTED_OUT: out}
    )
    in_use = 1 + max((places[each][0] for each in used if each in places), default=-1)
    raw = [each.name for each in marked.columns if each.name.startswith("cl_raw_")]
    features = [each for each in keep if each in model.columns]
    scored = score(
        model, marked, id=found.name, keep=[*raw, *(e for e in keep if e not in features)]
    )
    bits: Mapping[int, Mapping[str, _Place | None]]
    carried = [*keep, CLOSED]
    if most is None:
        bits = {s: {offer: places.get(offer) for offer in each} for s, each in going.items()}
        steps, words = _masked(bits, in_use, carried)
    else:
        ranks = {s: {o: (0, rank) for rank, o in enumerate(e[:_BITS])} for s, e in going.items()}
        bits, (steps, words) = ranks, _best_kept(ranks, places, most, carried)
    closed = exp.select("*", _closed(valid, places).as_(name(CLOSED)))
    select = chain(scored.subquery, ("closed", closed), *steps)
    columns = (
        scored["customer_id"],
        scored["segment_id"],
        *(Column(each, "integer") for each in words),
        *(scored[each] for each in keep),
        Column(CLOSED, "integer"),
    )
    rows = Table(scored.engine, select, columns, scored.source, scored.notes)
    rule = catalogue.opt_outs.words if catalogue.opt_outs is not None else ""
    return Cells(rows, words, bits, tuple(keep), rule)


_Steps = tuple[list[tuple[str, exp.Select]], tuple[str, ...]]


def _with_bits(
    table: Table, conditions: Mapping[str, exp.Expr | None]
) -> tuple[Table, dict[str, _Place]]:
    """Add columns with a bit for each different condition; return, too, the bit of each offer."""
    found: dict[str, _Place] = {}
    seen: dict[str, _Place] = {}
    terms: list[list[exp.Expr]] = []
    for offer, each in conditions.items():
        if each is None:
            continue
        said = each.sql("duckdb")
        if said not in seen:
            word, bit = seen[said] = divmod(len(seen), _BITS)
            if word == len(terms):
                terms.append([])
            terms[word].append(case([(each.copy(), _large(1 << bit))], _large(0)))
        found[offer] = seen[said]
    if not terms:
        return table, {}
    names = [f"cl_raw_{word}" for word in range(len(terms))]
    sums = [_sum(own).as_(name(each)) for own, each in zip(terms, names, strict=True)]
    select = exp.select("*", *sums).from_(table.subquery)
    more = tuple(Column(each, "integer") for each in names)
    return replace(table, select=select, columns=(*table.columns, *more)), found


def _closed(valid: Mapping[int, Sequence[str]], places: Mapping[str, _Place]) -> exp.Expr:
    """Return why no offer at all is open to a customer, by the bits of all that go out."""
    outs = ((_OPTED_OUT, OPTED_OUT), (_BY_RULE, BY_RULE))
    branches: list[tuple[exp.Expr, exp.Expr]] = [
        (exp.not_(_none_set([places[each]])), _large(why)) for each, why in outs if each in places
    ]
    for segment, offers in valid.items():
        if all(each in places for each in offers):  # else one of them is open to everybody
            none = [_none_set([places[each] for each in offers])] if offers else []
            branches.append((exp.and_(_is(segment), *none), _large(NONE_OPEN)))
    return case(branches, _large(0))


def _none_set(places: Sequence[_Place]) -> exp.Expr:
    """Return the condition that none of these bits is set."""
    masks: dict[int, int] = {}
    for word, bit in places:
        masks[word] = masks.get(word, 0) | 1 << bit
    return exp.and_(
        *(
            exp.EQ(
                this=exp.paren(
                    exp.BitwiseAnd(this=column(f"cl_raw_{word}"), expression=_large(mask))
                ),
                expression=_large(0),
            )
            for word, mask in masks.items()
        )
    )


def _masked(
    bits: Mapping[int, Mapping[str, _Place | None]], words: int, keep: Sequence[str]
) -> _Steps:
    """Keep of each segment the bits that matter to it."""
    names = tuple(f"cl_bits_{word}" for word in range(words))
    columns = []
    for word, called in enumerate(names):
        branches = []
        for segment, offers in bits.items():
            mask = 0
            for place in offers.values():
                mask |= 1 << place[1] if place is not None and place[0] == word else 0
            if mask:
                own = exp.BitwiseAnd(this=column(f"cl_raw_{word}"), expression=_large(mask))
                branches.append((_is(segment), own))
        columns.append(case(branches, _large(0)).as_(name(called)))
    kept = exp.select(*_ids(keep), *columns)
    return [("cells", kept)], names


def _ids(keep: Sequence[str]) -> list[exp.Column]:
    return [column(each) for each in ("customer_id", "segment_id", *keep)]


def _best_kept(
    bits: Mapping[int, Mapping[str, _Place]],
    places: Mapping[str, _Place],
    most: int,
    keep: Sequence[str],
) -> _Steps:
    """Give each offer a bit by its rank in the segment, and keep the lowest that are set.

    ``x & (x - 1)`` is x without its lowest bit; after so many times the lowest ones are gone, and
    the difference to x is what is kept.
    """
    branches = []
    for segment, offers in bits.items():
        terms: list[exp.Expr] = []
        for offer, (_, rank) in offers.items():
            own = places.get(offer)
            if own is None:
                terms.append(_large(1 << rank))
                continue
            word, bit = own
            masked = exp.BitwiseAnd(this=column(f"cl_raw_{word}"), expression=_large(1 << bit))
            is_set = exp.NEQ(this=exp.paren(masked), expression=exp.Literal.number(0))
            terms.append(case([(is_set, _large(1 << rank))], _large(0)))
        if terms:
            branches.append((_is(segment), _sum(terms)))
    ids = _ids(keep)
    ranked = exp.select(*ids, case(branches, _large(0)).as_(name("cl_x0")))
    steps = [("ranked", ranked)]
    for index in range(most):
        x = column(f"cl_x{index}")
        less = exp.paren(exp.Sub(this=x.copy(), expression=exp.Literal.number(1)))
        lower = exp.BitwiseAnd(this=x, expression=less)
        rest = case([(exp.EQ(this=x.copy(), expression=_large(0)), _large(0))], lower)
        rest_of = rest.as_(name(f"cl_x{index + 1}"))
        steps.append((f"without_{index + 1}", exp.select(*ids, column("cl_x0"), rest_of)))
    kept = exp.Sub(this=column("cl_x0"), expression=column(f"cl_x{most}"))
    steps.append(("cells", exp.select(*ids, kept.as_(name("cl_bits_0")))))
    return steps, ("cl_bits_0",)


def _is(segment: int) -> exp.Expr:
    return exp.EQ(this=column("segment_id"), expression=exp.Literal.number(segment))


def _large(value: int) -> exp.Expr:
    return exp.cast(exp.Literal.number(value), exp.DataType.Type.BIGINT)


def _sum(terms: Sequence[exp.Expr]) -> exp.Expr:
    total = terms[0]
    for each in terms[1:]:
        total = exp.Add(this=total, expression=each)
    return total


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
