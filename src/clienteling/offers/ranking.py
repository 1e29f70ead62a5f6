"""The offers of a segment in their order, and which place each has among a customer's open ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlglot.expressions as exp

from clienteling.data.sql import case, column
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.offer import Offer
from clienteling.segmentation.model_segments import Segment
from clienteling.segmentation.rules import RuleSegment

__all__ = ["OFFERS", "RankedOffer", "is_in", "offers_of", "open_places"]

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


def open_places(
    ranked: Mapping[int, list[RankedOffer]], flags: Mapping[str, str]
) -> dict[tuple[int, int], tuple[str, exp.Expr]]:
    """Return, for each offer of each segment, a column with its place among the open ones.

    The place is 1 for the first offer that is open to a customer of the segment, 2 for the next;
    0 where the offer is not open, a better one of its exclusive group is, or the customer is in
    another segment.

    Parameters
    ----------
    ranked : the offers by segment, best first
    flags : by offer the column that is 1 where it is open; an offer without one is open to all

    Returns
    -------
    dict
        By segment and index of the offer the column's name and its expression.
    """
    found = {}
    for segment, offers in ranked.items():
        opens = [_open(offers, index, flags) for index in range(len(offers))]
        for index in range(len(offers)):
            # How many are open up to here, itself included.
            condition = exp.and_(is_in(segment), _one(opens[index]))
            place = case([(condition, _sum(opens[: index + 1]))], exp.Literal.number(0))
            found[segment, index] = (f"cl_place_{segment}_{index}", place)
    return found


def is_in(segment: int) -> exp.Expr:
    """Return the condition that a customer is in a segment."""
    return exp.EQ(this=column("segment_id"), expression=exp.Literal.number(segment))


def _open(offers: Sequence[RankedOffer], index: int, flags: Mapping[str, str]) -> exp.Expr:
    """Return 1 where an offer is open and no better one of its exclusive group is, else 0."""
    own = offers[index].offer
    conditions = [_one(column(flags[own.id]))] if own.id in flags else []
    for each in offers[:index]:
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
