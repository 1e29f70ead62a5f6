"""What really goes out: how many customers of each segment get which offer, and why nobody does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlglot.expressions as exp

from clienteling.data.read import Source, read
from clienteling.data.sql import case, chain, column, name
from clienteling.data.table import Table
from clienteling.offers.catalogue import Catalogue, catalogue_for
from clienteling.offers.eligibility import condition, open_conditions, opted_out, with_flags
from clienteling.offers.offer import Offer
from clienteling.offers.ranking import OFFERS, RankedOffer, offers_of, open_places
from clienteling.segmentation.load import AnyModel
from clienteling.segmentation.model_segments import Segment
from clienteling.segmentation.rules import RuleSegment
from clienteling.segmentation.scoring import score

__all__ = ["ClosedOffer", "Reach", "SentOffer", "reach", "same_for_all"]

_ONE, _ZERO = exp.Literal.number(1), exp.Literal.number(0)


@dataclass(frozen=True)
class SentOffer:
    """An offer that customers of a segment get.

    Parameters
    ----------
    rank : among those of the segment that go out, from 1
    offer : the offer
    reason : why it suits the segment, in a sentence
    customers : of the segment who get it
    first : of these, to whom it is the first of their offers
    """

    rank: int
    offer: Offer
    reason: str
    customers: int
    first: int


@dataclass(frozen=True)
class ClosedOffer:
    """An offer that is for a segment, and that none of its customers gets; ``why`` in words."""

    offer: Offer
    why: str


@dataclass(frozen=True)
class Reach:
    """What a segment's customers get.

    Parameters
    ----------
    customers : of the segment
    sent : the offers that some of them get, best first
    closed : the offers that are for the segment and that nobody in it gets
    """

    customers: int
    sent: tuple[SentOffer, ...]
    closed: tuple[ClosedOffer, ...]

    @property
    def without(self) -> int:
        """How many of them get no offer at all."""
        return self.customers - sum(each.first for each in self.sent)

    @property
    def most_first(self) -> SentOffer | None:
        """The offer that comes first for the most of them; None where nothing goes out."""
        return max(self.sent, key=lambda each: each.first, default=None)

    def how_many(self, sent: SentOffer) -> str:
        """Say who gets an offer where not all of the segment do; else an empty text."""
        if sent.customers == self.customers:
            return ""
        return f"{sent.customers:,} of the {self.customers:,} get it"

    @property
    def without_words(self) -> str:
        """Say that customers get no offer at all, where some don't."""
        if not self.without:
            return ""
        if self.without == self.customers:
            return "Nobody of this segment gets an offer."
        verb = "gets" if self.without == 1 else "get"
        return f"{self.without:,} of the {self.customers:,} {verb} no offer at all."


def same_for_all(segments: Sequence[Segment | RuleSegment], reached: Mapping[int, Reach]) -> bool:
    """Whether several segments get the same strategy and offers, as where no playbook fits."""
    said = {
        (
            each.strategy,
            tuple((sent.offer.id, own.how_many(sent)) for sent in own.sent),
            tuple(closed.offer.id for closed in own.closed),
        )
        for each in segments
        if (own := reached[each.id])
    }
    return len(segments) > 1 and len(said) == 1


def reach(
    model: AnyModel,
    customers: Source,
    *,
    offers: str | Path | Catalogue | None = None,
    id: str | None = None,
    day: dt.date | None = None,
) -> dict[int, Reach]:
    """Count who gets which offer, by segment, as :func:`clienteling.recommend` gives them out.

    All counts come from one pass over the customers. Where nothing but the segment decides, there
    is nothing to count, and the sizes of the segments are taken.

    Parameters
    ----------
    model : the segments, of either kind
    customers : any source; where no offer has a rule, those that the model was made on
    offers, id, day : as for :func:`clienteling.recommend`

    Returns
    -------
    dict
        What each segment's customers get, by the id of the segment.

    Raises
    ------
    ColumnError, DataError, DocumentError
        As for :func:`clienteling.recommend`.

    Examples
    --------
    >>> import clienteling as cl
    >>> customers = cl.read("sample")
    >>> found = reach(cl.segment(customers), customers)
    >>> [(each.offer.title, each.customers) for each in found[4].sent[:2]]
    [('48-hour flash sale', 22), ('Coupon booklet', 22)]
    """
    day = day or dt.date.today()
    catalogue = catalogue_for(model, offers)
    table = read(customers)
    ranked = {each.id: offers_of(each, catalogue, None, day) for each in model.segments}
    conditions = _conditions(catalogue, table)
    flagged, flags = with_flags(table, conditions)
    counts = _count(model, flagged, flags, ranked, id) if flags else _all(model, ranked)
    found = {}
    for each in model.segments:
        own = counts[each.id]
        sent: list[SentOffer] = []
        closed: list[ClosedOffer] = []
        for index, offer in enumerate(ranked[each.id]):
            if own[f"sent {index}"]:
                sent.append(
                    SentOffer(
                        len(sent) + 1,
                        offer.offer,
                        offer.reason,
                        own[f"sent {index}"],
                        own[f"first {index}"],
                    )
                )
            elif own["all"]:
                closed.append(ClosedOffer(offer.offer, _why(offer.offer, catalogue, own)))
        for late in catalogue.offers_for(each):
            if not late.is_valid(day):
                said = f"it goes out {late.days_words}, so not on {day}"
                closed.append(ClosedOffer(late, said))
        found[each.id] = Reach(own["all"], tuple(sent), tuple(closed))
    return found


def _conditions(catalogue: Catalogue, table: Table) -> dict[str, exp.Expr | None]:
    """Return all that shuts customers out, as a whole and one by one, to say which it was."""
    found: dict[str, exp.Expr | None] = {
        f"open {key}": each for key, each in open_conditions(catalogue, table).items()
    }
    found["out"] = opted_out(catalogue, table)
    for each in catalogue.offers:
        if each.eligibility is not None:
            found[f"rule {each.id}"] = condition(each.eligibility, table)
        if each.consent in catalogue.consents:
            found[f"consent {each.id}"] = condition(catalogue.consents[each.consent], table)
    return found


def _count(
    model: AnyModel,
    flagged: Table,
    flags: Mapping[str, str],
    ranked: Mapping[int, list[RankedOffer]],
    id: str | None,
) -> dict[int, dict[str, int]]:
    """Count by segment: everybody, whom each condition lets through, who gets each offer."""
    keep = list(dict.fromkeys(flags.values()))
    scored = score(model, flagged, id=id, keep=keep)
    opened = {
        key.removeprefix("open "): each for key, each in flags.items() if key.startswith("open ")
    }
    places = open_places(ranked, opened)
    wanted: dict[str, exp.Expr] = {"all": exp.Count(this=exp.Star())}
    wanted |= {key: exp.Sum(this=column(each)) for key, each in flags.items()}
    for (segment, index), (called, _) in places.items():
        place = column(called)
        first = exp.EQ(this=place, expression=_ONE.copy())
        among = exp.and_(
            exp.GT(this=place.copy(), expression=_ZERO.copy()),
            exp.LTE(this=place.copy(), expression=exp.Literal.number(OFFERS)),
        )
        for what, where in ("first", first), ("sent", among):
            wanted[f"{what} {segment} {index}"] = exp.Count(this=case([(where, _ONE.copy())], None))
    counted = [each.as_(name(f"n{at}")) for at, each in enumerate(wanted.values())]
    query = chain(
        scored.subquery,
        ("offers_open", exp.select("*", *(each.as_(name(own)) for own, each in places.values()))),
        ("reach", exp.select(column("segment_id"), *counted).group_by(column("segment_id"))),
    )
    rows = {row["segment_id"]: row for row in scored.engine.query(query).to_pylist()}
    found = {}
    for segment, offers in ranked.items():
        row = rows.get(segment, {})
        numbers = {key: int(row.get(f"n{at}") or 0) for at, key in enumerate(wanted)}
        for index in range(len(offers)):
            for what in ("first", "sent"):
                numbers[f"{what} {index}"] = numbers[f"{what} {segment} {index}"]
        found[segment] = numbers
    return found


def _all(model: AnyModel, ranked: Mapping[int, list[RankedOffer]]) -> dict[int, dict[str, int]]:
    """Return the same counts where everybody in a segment gets the same."""
    found = {}
    for each in model.segments:
        numbers, taken, groups = {"all": each.size}, 0, set[str]()
        for index, offer in enumerate(ranked[each.id]):
            group = offer.offer.exclusive_group
            goes = taken < OFFERS and group not in groups
            numbers[f"sent {index}"] = each.size if goes else 0
            numbers[f"first {index}"] = each.size if goes and not taken else 0
            numbers[f"open {offer.offer.id}"] = each.size
            taken += goes
            groups |= {group} if group else set()
        found[each.id] = numbers
    return found


def _why(offer: Offer, catalogue: Catalogue, counts: Mapping[str, int]) -> str:
    """Say why nobody of a segment gets an offer that goes out on the day."""
    everybody = counts["all"]
    if counts.get("out") == everybody and catalogue.opt_outs is not None:
        return f"none of them is to be contacted: {catalogue.opt_outs.words}"
    if counts.get(f"rule {offer.id}") == 0 and offer.eligibility is not None:
        return f"none of them fulfils {offer.eligibility.words}"
    if offer.consent is not None and not counts.get(f"consent {offer.id}"):
        return f'none of them is known to have given the consent "{offer.consent}"'
    if not counts.get(f"open {offer.id}", everybody):
        return "none of them fulfils all of its conditions"
    if offer.exclusive_group is not None:
        return f'a better offer goes first, of the group "{offer.exclusive_group}" or of all'
    return f"they all get {OFFERS} better ones"
