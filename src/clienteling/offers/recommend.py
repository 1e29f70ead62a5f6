"""The offers of every customer: those of their segment, ranked, as one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import sqlglot.expressions as exp

from clienteling.data.read import Source, read
from clienteling.data.sql import case, chain, column, name, text
from clienteling.data.table import Column, Table
from clienteling.offers.catalogue import Catalogue, catalogue_for, offer_notes
from clienteling.offers.eligibility import open_conditions, with_flags
from clienteling.offers.ranking import OFFERS, RankedOffer, is_in, offers_of, open_places
from clienteling.segmentation.load import AnyModel
from clienteling.segmentation.scoring import score

__all__ = ["count_marked", "count_segments", "recommend", "with_reason"]


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
    How many get which, :func:`clienteling.offers.reach.reach` counts.

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
    grouped = any(each.exclusive_group for each in catalogue.offers)
    select = (
        _by_rule(before, ranked, flags, scored)
        if flags or grouped
        else _by_segment(before, ranked, scored)
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
            (is_in(segment), text(each.offer.title))
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
    places = open_places(ranked, flags)
    branches: dict[int, list[tuple[exp.Expr, exp.Expr]]] = {rank: [] for rank in _RANKS}
    without: list[tuple[exp.Expr, exp.Expr]] = []
    for segment, offers in ranked.items():
        own = [column(places[segment, index][0]) for index in range(len(offers))]
        for place, each in zip(own, offers, strict=True):
            for rank in _RANKS:
                at_rank = exp.EQ(this=place.copy(), expression=exp.Literal.number(rank))
                branches[rank].append((exp.and_(is_in(segment), at_rank), text(each.offer.title)))
        if offers:
            shut = [exp.EQ(this=each, expression=exp.Literal.number(0)) for each in own]
            without.append((exp.and_(is_in(segment), *shut), text(_NONE_OPEN)))
    return chain(
        scored.subquery,
        ("offers_open", exp.select("*", *(each.as_(name(own)) for own, each in places.values()))),
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
            branches.append((exp.and_(is_in(each.id), first), text(said)))
    reason = case(branches, text(""))
    select = exp.select("*", reason.as_(name("reason"))).from_(recommended.subquery)
    columns = (*recommended.columns, Column("reason", "text"))
    return Table(recommended.engine, select, columns, recommended.source, recommended.notes)
