"""What was learned of each offer in each segment, as it is shown: counts, belief and share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from scipy import stats

from clienteling.measurement.lift import ALPHA
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.experience import Learned, belief
from clienteling.offers.offer import NOTHING

if TYPE_CHECKING:
    from clienteling.measurement.lessons import Lessons

__all__ = ["Taught", "Teaching", "taught_rows"]


@dataclass(frozen=True)
class Taught:
    """What was learned of an offer in a segment.

    Parameters
    ----------
    segment_id, segment : the segment
    offer : its id; ``nothing`` for customers who were held out
    title : of the offer
    contacts, responses : customers who got it, and of them those who responded
    mean, low, high : of the response rate that is believed, with its 95 % interval: the outcomes,
        and what the catalogue assumed with its weight (a Beta distribution)
    share : of the contacts in the segment, how many got this offer; None for ``nothing``
    """

    segment_id: int
    segment: str
    offer: str
    title: str
    contacts: int
    responses: int
    mean: float
    low: float
    high: float
    share: float | None


@dataclass(frozen=True)
class Teaching:
    """What the campaigns of a store taught, with the names that it is shown by.

    Parameters
    ----------
    lessons : of :func:`clienteling.measurement.lessons.lessons_of`
    catalogue : the offers, with what was assumed of them before
    segments : names by id
    """

    lessons: Lessons
    catalogue: Catalogue
    segments: Mapping[int, str]

    @property
    def rounds(self) -> list[Learned]:
        """What each campaign taught by itself, the first one first."""
        return [each.learned for each in self.lessons.lessons]

    @property
    def rows(self) -> list[Taught]:
        """What was learned in all."""
        return taught_rows(self.lessons.learned, self.catalogue, self.segments)

    def as_document(self) -> dict[str, Any]:
        """Return it as plain values: ``lessons`` and ``lessons_from``."""
        return {
            "lessons": [asdict(each) for each in self.rows],
            "lessons_from": [
                {
                    "campaign": each.campaign,
                    "day": each.day.isoformat(),
                    "contacts": each.contacts,
                    "responses": each.responses,
                    "by_offer": [
                        asdict(row)
                        for row in taught_rows(each.learned, self.catalogue, self.segments)
                    ],
                }
                for each in self.lessons.lessons
            ],
        }


def taught_rows(
    learned: Learned, catalogue: Catalogue, segments: Mapping[int, str]
) -> list[Taught]:
    """Return what was learned of each offer in each segment, offers in the catalogue's order.

    Parameters
    ----------
    learned : the outcomes
    catalogue : the offers; of one that is no more, nothing was assumed
    segments : names by id; others are left out

    Examples
    --------
    >>> from clienteling.offers.catalogue import load_catalogue
    >>> from clienteling.offers.experience import Experience
    >>> seen = {(0, "gold-rewards"): Experience(900, 90), (0, "nothing"): Experience(100, 2)}
    >>> rows = taught_rows(seen, load_catalogue("income-spending"), {0: "Premium"})
    >>> [(each.offer, each.contacts, each.share) for each in rows]
    [('gold-rewards', 900, 1.0), ('nothing', 100, None)]
    """
    known = {each.id: each for each in catalogue.offers}
    order = {each: place for place, each in enumerate(known)}
    contacts: dict[int, int] = {}
    for (segment, offer), seen in learned.items():
        contacts[segment] = contacts.get(segment, 0) + (seen.contacts if offer != NOTHING else 0)
    rows = []
    for (segment, offer), seen in sorted(
        learned.items(),
        key=lambda each: (each[0][0], each[0][1] == NOTHING, order.get(each[0][1], len(order))),
    ):
        held = belief(known.get(offer), seen)
        if segment not in segments or held is None or not seen.contacts:
            continue
        low, high = (
            float(stats.beta.ppf(e, held.yes, held.no)) for e in (ALPHA / 2, 1 - ALPHA / 2)
        )
        rows.append(
            Taught(
                segment_id=segment,
                segment=segments[segment],
                offer=offer,
                title=known[offer].title if offer in known else offer,
                contacts=seen.contacts,
                responses=seen.responses,
                mean=held.yes / (held.yes + held.no),
                low=low,
                high=high,
                share=None if offer == NOTHING else seen.contacts / contacts[segment],
            )
        )
    return rows
