"""The offers of every customer: those of their segment, ranked, as one query."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlglot.expressions as exp

from clienteling.data.read import Source
from clienteling.data.sql import case, column, name, text
from clienteling.data.table import Column, Table
from clienteling.offers.catalogue import Catalogue, Offer, catalogue_for, offer_notes
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
    segment: Segment | RuleSegment, catalogue: Catalogue, limit: int = OFFERS
) -> list[RankedOffer]:
    """Return a segment's offers, best first, each with its reason."""
    return [
        RankedOffer(rank, offer, offer.reason)
        for rank, offer in enumerate(catalogue.offers_for(segment)[:limit], start=1)
    ]


def recommend(
    model: AnyModel,
    customers: Source,
    *,
    offers: str | Path | Catalogue | None = None,
    id: str | None = None,
) -> Table:
    """Return the segment and the offers of every customer, lazily.

    Parameters
    ----------
    model : the segments, of either kind
    customers : any source
    offers : a catalogue; by default the built-in one of the model's playbook
    id : the column with the customer's id; by default one with a usual name

    Returns
    -------
    Table
        ``customer_id``, the features, ``segment_id``, ``segment``, ``margin``, ``runner_up``,
        ``offer_1`` to ``offer_3`` (titles; null where a segment has fewer) and ``note``.

    Raises
    ------
    ColumnError, DataError
        As for :func:`clienteling.score`.
    DocumentError
        The catalogue has faults.

    Examples
    --------
    >>> import clienteling as cl
    >>> customers = cl.read("sample")
    >>> offers = cl.recommend(cl.segment(customers), customers).df()
    >>> offers.loc[0, ["segment", "offer_1"]].tolist()
    ['Low-Value Customers', 'Monthly newsletter']
    """
    catalogue = catalogue_for(model, offers)
    scored = score(model, customers, id=id)
    before = [each for each in scored.columns if each.name != "note"]
    ranks = range(1, OFFERS + 1)
    ranked = {each.id: offers_of(each, catalogue) for each in model.segments}
    select = exp.select(
        *(column(each.name) for each in before),
        *(_nth_title(ranked, rank).as_(name(f"offer_{rank}")) for rank in ranks),
        column("note"),
    ).from_(scored.subquery)
    columns = (*before, *(Column(f"offer_{rank}", "text") for rank in ranks), scored["note"])
    notes = (*scored.notes, *offer_notes(model, catalogue))
    return Table(scored.engine, select, columns, scored.source, notes)


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
        ranked = offers_of(each, catalogue)
        if ranked:
            said = f"{each.name} ({each.explanation}): {ranked[0].reason}"
            branches.append((_is(each.id), text(said)))
    reason = case(branches, text(""))
    select = exp.select("*", reason.as_(name("reason"))).from_(recommended.subquery)
    columns = (*recommended.columns, Column("reason", "text"))
    return Table(recommended.engine, select, columns, recommended.source, recommended.notes)


def _nth_title(ranked: dict[int, list[RankedOffer]], rank: int) -> exp.Expr:
    branches = [
        (_is(segment), text(each.offer.title))
        for segment, offers in ranked.items()
        for each in offers
        if each.rank == rank
    ]
    return case(branches, exp.cast(exp.null(), exp.DataType.Type.VARCHAR))


def _is(segment: int) -> exp.Expr:
    return exp.EQ(this=column("segment_id"), expression=exp.Literal.number(segment))
