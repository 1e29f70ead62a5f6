"""Decide by prices: what an offer brings, less what the budget and the stock it takes are worth.

The prices are those of :mod:`clienteling.offers.allocation`. A customer of a group that was planned
gets what the plan gives; one of a group that nobody was in then gets what the prices speak for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clienteling.offers.offer import NOTHING
from clienteling.offers.policies.decision import Interval, none_open

__all__ = ["Budget"]


@dataclass(frozen=True)
class Budget:
    """Give each customer the offer that is worth most at the plan's prices.

    Parameters
    ----------
    names : of the segments, by id
    useful : per segment the ids of the offers that matter to it, the best first
    profits : of a contact, more than doing nothing, by segment and offer
    net : the same less what the contact takes up, at the plan's prices
    planned : the intervals of the groups that were planned, by segment and useful open offers
    most : how many of the open offers a customer keeps, where groups were merged

    Examples
    --------
    >>> policy = Budget(
    ...     {0: "VIPs"},
    ...     {0: ("a", "b")},
    ...     {(0, "a"): 3, (0, "b"): 2.5},
    ...     {(0, "a"): 0.5, (0, "b"): 1.5},
    ...     {},
    ... )
    >>> [each.offer for each in policy.intervals(0, ["a", "b"])]
    ['b']
    >>> policy.reason(0, "b")
    'VIPs: expected to bring 2.50 after its cost, 1.50 more than the budget and stock it takes.'
    """

    names: Mapping[int, str]
    useful: Mapping[int, Sequence[str]]
    profits: Mapping[tuple[int, str], float]
    net: Mapping[tuple[int, str], float]
    planned: Mapping[tuple[int, tuple[str, ...]], Sequence[Interval]]
    most: int | None = None

    def intervals(self, segment: int, open: Sequence[str]) -> Sequence[Interval]:
        """Divide all hashes among the offers that may be chosen."""
        useful = tuple(each for each in self.useful.get(segment, ()) if each in open)
        planned = self.planned.get((segment, useful[: self.most]))
        if planned is not None:
            return planned
        worth = {NOTHING: 0.0, **{each: self.net[segment, each] for each in useful}}
        return [Interval(max(worth, key=lambda each: worth[each]), 1.0, "", "g")]

    def reason(self, segment: int, offer: str, any_open: bool | None = None) -> str:
        """Say why an offer was chosen for a customer of the segment."""
        name = self.names[segment]
        if offer == NOTHING and any_open is False:
            return none_open(name)
        if offer == NOTHING:
            return (
                f"{name}: no open offer brings more than its cost and what the budget and stock "
                "that it takes bring elsewhere."
            )
        brings, over = self.profits[segment, offer], self.net[segment, offer]
        if over < 0.005:
            return (
                f"{name}: expected to bring {brings:.2f} after its cost, as much as the budget "
                "and stock it takes."
            )
        return (
            f"{name}: expected to bring {brings:.2f} after its cost, {over:.2f} more than the "
            "budget and stock it takes."
        )
