"""The offers of every customer: those of their segment, ranked, as one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlglot.expressions as exp

from clienteling.data.read import Source, read
from clienteling.data.sql import case, chain, column, name, text
from clienteling.data.table import Column, Table
from clienteling.offers.catalogue import Catalogue, Offer, catalogue_for, offer_notes
from clienteling.offers.eligibility import open_conditions, with_flags
from clienteling.segmentation.load import AnyModel
from clienteling.segmentation.model import Segment
from clienteling.segmentation.rules import RuleSegment
from clienteling.segmentation.scoring import score

__all__ = [
    "OFFERS",
    "RankedOffer",
    "count_marked",
    "count_segments",
    "offers_of",
    "recommend",
    "with_reason",
]

#: Offers per customer.
OFFERS = 3


@dataclass(frozen=True)
class RankedOffer:
    """An offer for a segment, with its rank from 1 and the reason in a sentence."""

    rank: int
    offer: Offer
    reason: str


def offers_of(
    segment: Segment | RuleSegment,
    catalogue: Catalogue,
    limit: int | None = OFFERS,
    day: dt.date | None = None,
) -> list[RankedOffer]:
    """Return a segment's offers that go out on a day (today), best first, with their reasons."""
    offers = catalogue.offers_for(segment, day or dt.date.today())
    return [
        RankedOffer(rank, offer, offer.reason) for rank, offer in enumerate(offers[:limit], start=1)
    ]


def recommend(
    model: AnyModel,
    customers: Source,
    *,
    offers: str | Path | Catalogue | None = None,
    id: str | None = None,
    day: dt.date | None = None,
) -> Table:
    """Return the segment and the offers of every customer, lazily.

    An offer with a rule goes to those who fulfil it; the others get the next one of their segment.

    Parameters
    ----------
    model : the segments, of either kind
    customers : any source
    offers : a catalogue; by default the built-in one of the model's playbook
    id : the column with the customer's id; by default one with a usual name
    day : the day on which the offers go out; by default today

    Returns
    -------
    Table
        ``customer_id``, the features, ``segment_id``, ``segment``, ``margin``, ``runner_up``,
        ``offer_1`` to ``offer_3`` (titles; null where there are fewer) and ``note`` (why a
        customer has no segment or no offer; else empty).

    Raises
    ------
    ColumnError, DataError
        As for :func:`clienteling.score`.
    DocumentError
        The catalogue has faults, or rules that don't go with the customers' columns.

    Examples
    --------
    >>> import clienteling as cl
    >>> customers = cl.read("sample")
    >>> offers = cl.recommend(cl.segment(customers), customers).df()
    >>> offers.loc[0, ["segment", "offer_1"]].tolist()
    ['Low-Value Customers', 'Monthly newsletter']
    """
    day = day or dt.date.today()
    catalogue = catalogue_for(model, offers)
    table = read(customers)
    flagged, flags = with_flags(table, open_conditions(catalogue, table))
    keep = list(dict.fromkeys(flags.values()))
    scored = score(model, flagged, id=id, keep=keep)
    before = [each for each in scored.columns if each.name not in ("note", *keep)]
    ranked = {each.id: offers_of(each, catalogue, None, day) for each in model.segments}
    select = (
        _by_rule(before, ranked, flags, scored) if flags else _by_segment(before, ranked, scored)
    )
    columns = (
        *before,
        *(Column(f"offer_{rank}", "text") for rank in _RANKS),
        scored["note"],
    )
    notes = (*scored.notes, *offer_notes(model, catalogue, day))
    return Table(scored.engine, select, columns, scored.source, notes)


_RANKS = range(1, OFFERS + 1)
_NO_TITLE = exp.cast(exp.null(), exp.DataType.Type.VARCHAR)


def _by_segment(
    before: Sequence[Column], ranked: Mapping[int, list[RankedOffer]], scored: Table
) -> exp.Select:
    """Return the query where nothing but the segment decides."""

    def title(rank: int) -> exp.Expr:
        branches = [
            (_is(segment), text(each.offer.title))
            for segment, offers in ranked.items()
            for each in offers
            if each.rank == rank
        ]
        return case(branches, _NO_TITLE.copy())

    return exp.select(
        *(column(each.name) for each in before),
        *(title(rank).as_(name(f"offer_{rank}")) for rank in _RANKS),
        column("note"),
    ).from_(scored.subquery)


def _by_rule(
    before: Sequence[Column],
    ranked: Mapping[int, list[RankedOffer]],
    flags: Mapping[str, str],
    scored: Table,
) -> exp.Select:
    """Return the query where rules decide: the nth offer is the nth that is open."""
    places: list[exp.Expr] = []
    branches: dict[int, list[tuple[exp.Expr, exp.Expr]]] = {rank: [] for rank in _RANKS}
    without: list[tuple[exp.Expr, exp.Expr]] = []
    for segment, offers in ranked.items():
        opens = [_open(offers, place, flags) for place in range(len(offers))]
        for place, each in enumerate(offers):
            # Its place among the open ones: how many are open up to here, itself included.
            place_of = name(f"cl_place_{segment}_{place}")
            so_far = _sum(opens[: place + 1])
            condition = exp.and_(_is(segment), _one(opens[place]))
            places.append(case([(condition, so_far)], exp.Literal.number(0)).as_(place_of))
            for rank in _RANKS:
                at_rank = exp.EQ(
                    this=exp.column(place_of.copy()), expression=exp.Literal.number(rank)
                )
                branches[rank].append((exp.and_(_is(segment), at_rank), text(each.offer.title)))
        if offers:
            none = exp.EQ(this=exp.paren(_sum(opens)), expression=exp.Literal.number(0))
            without.append((exp.and_(_is(segment), none), text(_NONE_OPEN)))
    return chain(
        scored.subquery,
        ("offers_open", exp.select("*", *places)),
        (
            "offers",
            exp.select(
                *(column(each.name) for each in before),
                *(
                    case(branches[rank], _NO_TITLE.copy()).as_(name(f"offer_{rank}"))
                    for rank in _RANKS
                ),
                case(without, column("note")).as_(name("note")),
            ),
        ),
    )


_NONE_OPEN = "None of the segment's offers is open to this customer."


def _open(offers: Sequence[RankedOffer], place: int, flags: Mapping[str, str]) -> exp.Expr:
    """Return 1 where an offer is open and no better one of its exclusive group is, else 0."""
    own = offers[place].offer
    conditions = [_one(column(flags[own.id]))] if own.id in flags else []
    for each in offers[:place]:
        if own.exclusive_group is None or each.offer.exclusive_group != own.exclusive_group:
            continue
        if each.offer.id not in flags:
            return exp.Literal.number(0)
        closed = exp.EQ(this=column(flags[each.offer.id]), expression=exp.Literal.number(0))
        conditions.append(closed)
    if not conditions:
        return exp.Literal.number(1)
    return case([(exp.and_(*conditions), exp.Literal.number(1))], exp.Literal.number(0))


def _one(flag: exp.Expr) -> exp.Expr:
    return exp.EQ(this=flag.copy(), expression=exp.Literal.number(1))


def _sum(parts: Sequence[exp.Expr]) -> exp.Expr:
    total = parts[0].copy()
    for each in parts[1:]:
        total = exp.Add(this=total, expression=each.copy())
    return total


def count_segments(recommended: Table) -> dict[str | None, int]:
    """Count the customers of each segment, by its name; None are those without one."""
    query = exp.select(column("segment"), exp.Count(this=exp.Star()).as_("n"))
    counted = recommended.query(query.group_by(column("segment"))).to_pylist()
    return {row["segment"]: row["n"] for row in counted}


def count_marked(recommended: Table) -> int:
    """Count the customers who have a segment and a note: those with a median for a value."""
    marked = exp.and_(
        exp.not_(exp.Is(this=column("segment"), expression=exp.null())),
        exp.NEQ(this=column("note"), expression=text("")),
    )
    one = case([(marked, exp.Literal.number(1))], None)
    counted = recommended.query(exp.select(exp.Count(this=one).as_(name("n"))))
    return int(counted.column("n")[0].as_py())


def with_reason(recommended: Table, model: AnyModel, catalogue: Catalogue) -> Table:
    """Add a column for people: why the customer's first offer is theirs."""
    branches = []
    for each in model.segments:
        for ranked in offers_of(each, catalogue, None):
            said = f"{each.name} ({each.explanation}): {ranked.reason}"
            first = exp.EQ(this=column("offer_1"), expression=text(ranked.offer.title))
            branches.append((exp.and_(_is(each.id), first), text(said)))
    reason = case(branches, text(""))
    select = exp.select("*", reason.as_(name("reason"))).from_(recommended.subquery)
    columns = (*recommended.columns, Column("reason", "text"))
    return Table(recommended.engine, select, columns, recommended.source, recommended.notes)


def _is(segment: int) -> exp.Expr:
    return exp.EQ(this=column("segment_id"), expression=exp.Literal.number(segment))
