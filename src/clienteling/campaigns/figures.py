"""The numbers of a plan: who is in which arm, what it costs and is expected to bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlglot.expressions as exp

from clienteling.campaigns.forecast import Forecast, base_rate_of, forecast, smallest_lift
from clienteling.campaigns.plan import CampaignPlan
from clienteling.data.sql import column
from clienteling.data.table import Table
from clienteling.offers.offer import NOTHING

__all__ = ["Figures", "Part", "count_decisions", "figures_of"]


@dataclass(frozen=True)
class Part:
    """Customers of a campaign: all who would be contacted, those of one offer, or of one segment.

    Parameters
    ----------
    by : ``all``, ``offer`` or ``segment``
    name : the offer's id, or the segment's name; empty for all
    contacted, held_out : customers
    cost : of the contacts
    smallest_lift : the smallest difference of response rates that these groups can show; None
        where nobody is held out, or no base rate is known
    """

    by: str
    name: str
    contacted: int
    held_out: int
    cost: float
    smallest_lift: float | None


@dataclass(frozen=True)
class Figures:
    """The numbers of a plan.

    Parameters
    ----------
    customers : all
    without_segment : of them, those who have no segment
    contacted, held_out, left : in each arm; what is left gets nothing by the plan
    cost : of the contacts
    forecast : what they are expected to bring; None where the catalogue doesn't say
    base_rate : response rate of those who get nothing, that is reckoned with
    base_rate_from : where it comes from: ``given``, ``held_out`` (earlier ones) or ``assumed`` (as
        high as the offers' own, to be on the safe side); empty where it is unknown
    parts : over all, by offer, by segment
    counts : by segment id (None where there is none), offer and arm
    cost_known : whether the catalogue says of any offer what a contact costs
    """

    customers: int
    without_segment: int
    contacted: int
    held_out: int
    left: int
    cost: float
    forecast: Forecast | None
    base_rate: float | None
    base_rate_from: str
    parts: tuple[Part, ...]
    counts: tuple[tuple[int | None, str, str, int], ...]
    cost_known: bool

    @property
    def planned(self) -> int:
        """How many customers are to be waited for: contacted and held out."""
        return self.contacted + self.held_out

    @property
    def smallest_lift(self) -> float | None:
        """The smallest difference of response rates that the whole campaign can show."""
        return self.parts[0].smallest_lift

    def as_document(self) -> dict[str, Any]:
        """Return the numbers as plain values."""
        return {
            "customers": self.customers,
            "without_segment": self.without_segment,
            "arms": {"offer": self.contacted, "holdout": self.held_out, "nothing": self.left},
            "cost": self.cost,
            "expected_profit": asdict(self.forecast) if self.forecast else None,
            "base_rate": self.base_rate,
            "base_rate_from": self.base_rate_from,
            "smallest_lift": self.smallest_lift,
            "parts": [asdict(each) for each in self.parts],
            "counts": [
                {"segment_id": segment, "offer": offer, "arm": arm, "customers": n}
                for segment, offer, arm, n in self.counts
            ],
        }


Counts = Sequence[tuple[int | None, str, str, int]]


def count_decisions(decided: Table) -> list[tuple[int | None, str, str, int]]:
    """Count decisions by segment, offer and arm: one query."""
    keys = [column(each) for each in ("segment_id", "offer", "arm")]
    rows = decided.query(
        exp.select(*keys, exp.Count(this=exp.Star()).as_("n")).group_by(*(e.copy() for e in keys))
    ).to_pylist()
    found = [
        (None if r["segment_id"] is None else int(r["segment_id"]), r["offer"], r["arm"], r["n"])
        for r in rows
    ]
    return sorted(found, key=lambda each: (each[0] is None, each[0] or 0, each[1], each[2]))


def figures_of(plan: CampaignPlan, counts: Counts) -> Figures:
    """Return the numbers of a plan.

    Parameters
    ----------
    plan : the campaign
    counts : of its decisions, see :func:`count_decisions`

    Examples
    --------
    >>> import clienteling as cl
    >>> from clienteling.campaigns.plan import plan_campaign
    >>> held = {"holdout": 0.25, "base_rate": 0.05}
    >>> plan = plan_campaign(cl.segment("sample"), "sample", name="spring", **held)
    >>> found = figures_of(plan, count_decisions(plan.decisions()))
    >>> found.contacted, found.held_out, round(found.smallest_lift, 3)
    (150, 50, 0.158)
    """
    rate, known_from = base_rate_of(plan.catalogue, plan.learned, plan.base_rate)
    costs = {each.id: each.cost for each in plan.catalogue.offers}

    def part(by: str, name: str, rows: Counts) -> Part:
        sent = {
            offer: sum(n for _, o, arm, n in rows if arm == "offer" and o == offer)
            for offer in dict.fromkeys(o for _, o, _, _ in rows)
            if offer != NOTHING
        }
        held = sum(n for _, _, arm, n in rows if arm == "holdout")
        lift = smallest_lift(sum(sent.values()), held, rate) if rate is not None else None
        cost = sum(n * costs[offer] for offer, n in sent.items())
        return Part(by, name, sum(sent.values()), held, cost, lift)

    whole = part("all", "", counts)
    offers = [each.id for each in plan.catalogue.offers]
    parts = [part("offer", o, [e for e in counts if e[1] == o]) for o in offers]
    parts += [
        part("segment", segment.name, [e for e in counts if e[0] == segment.id])
        for segment in plan.model.segments
    ]
    contacts: dict[tuple[int, str], int] = {}
    for segment, offer, arm, n in counts:
        if arm == "offer" and segment is not None:
            contacts[segment, offer] = contacts.get((segment, offer), 0) + n
    customers = sum(n for *_, n in counts)
    return Figures(
        customers=customers,
        without_segment=sum(n for segment, *_, n in counts if segment is None),
        contacted=whole.contacted,
        held_out=whole.held_out,
        left=customers - whole.contacted - whole.held_out,
        cost=whole.cost,
        forecast=forecast(contacts, plan.catalogue, plan.learned, base_rate=plan.base_rate),
        base_rate=rate,
        base_rate_from=known_from,
        parts=(whole, *(each for each in parts if each.contacted or each.held_out)),
        counts=tuple(counts),
        cost_known=any("cost" in each.model_fields_set for each in plan.catalogue.offers),
    )
