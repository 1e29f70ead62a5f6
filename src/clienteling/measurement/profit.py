"""Profit: what a lift is worth less the offer's cost, and from which cost on fewer is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from clienteling.measurement.by_segment import Difference, contrast, tensor
from clienteling.measurement.digits import with_interval
from clienteling.measurement.experiment import Experiment
from clienteling.measurement.lift import ALPHA, Lift

__all__ = ["BreakEven", "Profit", "break_evens", "fewer_words", "profits_of", "sent_to_all"]

#: Costs that are tried between the least and the largest that could matter.
_COSTS = 200


@dataclass(frozen=True)
class Profit:
    """What an offer earned per customer over none: worth × lift less its cost.

    Parameters
    ----------
    offer, outcome, by, segment : as in the lift
    worth, cost : of one unit of the outcome, and of sending the offer to one customer; the worth is
        None where each of a campaign's offers has its own, and the cost is then their mean
    estimate, low, high : in money per customer, with the 95 % interval of the lift; None where
        there are too few customers
    total : the estimate times the customers that got the offer
    """

    offer: str
    outcome: str
    by: str | None
    segment: str | None
    worth: float | None
    cost: float
    estimate: float
    low: float | None
    high: float | None
    total: float


@dataclass(frozen=True)
class BreakEven:
    """Up to which cost sending an offer to all pays, and between which costs sending to fewer does.

    Parameters
    ----------
    offer, outcome : which lift
    by : the column of segments that fewer are chosen by; None for all or none
    all_to, low, high : sending to all pays up to this cost per customer, with its 95 % interval
    fewer_from, fewer_to : by the figures as they are, leaving a segment out pays from this cost
        on, and sending to anyone up to that one; None without segments
    shown_from, shown_to : costs between which sending to fewer beat both all and none on
        customers that the segments were not chosen by, beyond chance; None where at none
    first_out : the segment that is left out first
    sentence : in words
    """

    offer: str
    outcome: str
    by: str | None
    all_to: float
    low: float
    high: float
    fewer_from: float | None
    fewer_to: float | None
    shown_from: float | None
    shown_to: float | None
    first_out: str | None
    sentence: str

    @property
    def estimate(self) -> float:
        """The cost up to which sending to all pays; below zero there is none."""
        return self.all_to


def profits_of(
    lifts: list[Lift], worths: Mapping[str, float], costs: Mapping[str, float]
) -> list[Profit]:
    """Return the profit behind each lift whose outcome is worth something."""
    found = []
    for each in lifts:
        if each.outcome not in worths:
            continue
        worth, cost = worths[each.outcome], costs.get(each.offer, 0.0)
        estimate = worth * each.estimate - cost
        known = each.low is not None and each.high is not None
        found.append(
            Profit(
                offer=each.offer,
                outcome=each.outcome,
                by=each.by,
                segment=each.segment,
                worth=worth,
                cost=cost,
                estimate=estimate,
                low=worth * (each.low or 0.0) - cost if known else None,
                high=worth * (each.high or 0.0) - cost if known else None,
                total=estimate * each.customers,
            )
        )
    return found


def break_evens(
    experiment: Experiment,
    lifts: list[Lift],
    differing: list[Difference],
    worths: Mapping[str, float],
) -> list[BreakEven]:
    """Return, per offer, outcome and column, from which cost on sending to fewer or none pays."""
    cells = experiment.cells
    found = []
    for each in lifts:
        if each.by is not None or each.outcome not in worths or each.low is None:
            continue
        assert each.high is not None
        worth = worths[each.outcome]
        every = (worth * each.estimate, worth * each.low, worth * each.high)
        if not cells.levels or cells.folds < 2:
            found.append(_without_segments(each, every))
        for by in cells.levels if cells.folds > 1 else ():
            inside = {
                other.segment or "": worth * other.estimate
                for other in lifts
                if (other.offer, other.outcome, other.by) == (each.offer, each.outcome, by)
                and other.enough
            }
            if not inside:
                found.append(_without_segments(each, every))
                continue
            clear = any(
                other.clear
                for other in differing
                if (other.offer, other.outcome, other.by) == (each.offer, each.outcome, by)
            )
            found.append(_with_segments(experiment, each, by, worth, every, inside, clear))
    return found


def sent_to_all(evens: Sequence[BreakEven]) -> list[BreakEven]:
    """Return one for each offer and outcome: sending to all has nothing to do with segments.

    Parameters
    ----------
    evens : of :func:`break_evens`
    """
    first: dict[tuple[str, str], BreakEven] = {}
    for each in evens:
        first.setdefault((each.outcome, each.offer), each)
    return list(first.values())


def fewer_words(evens: Sequence[BreakEven]) -> list[str]:
    """Say at which costs sending to fewer pays: a sentence each where it does, one for all others.

    Parameters
    ----------
    evens : of :func:`break_evens`
    """
    said = [each.sentence for each in evens if each.shown_from is not None]
    if any(each.fewer_from is not None and each.shown_from is None for each in evens):
        another = "another segment" if said else "a segment"
        said.append(f"At no cost is it beyond chance that leaving out {another} pays better.")
    return said


def _without_segments(lift: Lift, every: tuple[float, float, float]) -> BreakEven:
    return BreakEven(
        *(lift.offer, lift.outcome, None, *every),
        *(None, None, None, None, None, _to_all(lift, every)),
    )


def _to_all(lift: Lift, every: tuple[float, float, float]) -> str:
    estimate, low, high = every
    if estimate <= 0:
        return f"By {lift.outcome}, {lift.offer} pays at no cost: sending to none is better."
    most, least, highest = with_interval(estimate, low, high)
    most = most.removeprefix("+")
    return (
        f"By {lift.outcome}, sending {lift.offer} to all pays up to a cost of {most} per "
        f"customer (95 % interval {least} to {highest}); from there on, sending to none does."
    )


def _with_segments(
    experiment: Experiment,
    lift: Lift,
    by: str,
    worth: float,
    every: tuple[float, float, float],
    inside: Mapping[str, float],
    clear: bool,
) -> BreakEven:
    least, most = min(inside.values()), max(inside.values())
    first_out = min(inside, key=lambda each: inside[each])
    shown = []
    if clear:
        # Only where the segments' lifts differ beyond chance is any cost looked for.
        grid = np.linspace(max(least, 0.0), max(most, 0.0), _COSTS)
        shown = [cost for cost in grid.tolist() if _beats_both(experiment, lift, by, worth, cost)]
    fewer_from, fewer_to = (max(least, 0.0), most) if most > 0 else (None, None)
    shown_from, shown_to = (min(shown), max(shown)) if shown else (None, None)
    return BreakEven(
        *(lift.offer, lift.outcome, by, *every),
        *(fewer_from, fewer_to, shown_from, shown_to, first_out),
        _fewer(lift, by, every, (fewer_from, fewer_to), (shown_from, shown_to), first_out),
    )


def _beats_both(experiment: Experiment, lift: Lift, by: str, worth: float, cost: float) -> bool:
    """Whether sending to some segments beats both all and none, on customers not chosen by."""
    cells = experiment.cells
    sums = tensor(cells, lift.outcome, by)
    place = cells.offers.index(lift.offer)
    costs = np.zeros(len(cells.offers))
    costs[place] = cost
    allowed = np.isin(np.arange(len(cells.offers)), (0, place))
    reach = float(stats.norm.ppf(1 - ALPHA / 2))
    for one in (0, place):
        advantage, se = contrast(sums, worth, costs, one, allowed)
        if advantage - reach * se <= 0:
            return False
    return True


def _fewer(
    lift: Lift,
    by: str,
    every: tuple[float, float, float],
    fewer: tuple[float | None, float | None],
    shown: tuple[float | None, float | None],
    first_out: str,
) -> str:
    if None in (*fewer, *shown):
        # Costs at which fewer look better by chance alone are not advice: only the figures tell.
        said = _to_all(lift, every)
        if fewer[0] is None:
            return said
        return (
            f"{said} At no cost is it beyond chance that leaving out a segment by {by} pays better."
        )
    return (
        f"By {lift.outcome}, from a cost of {fewer[0]:.4g} per customer on, sending {lift.offer} "
        f"to fewer pays: first without {by} = {first_out}, and from {fewer[1]:.4g} on to none. "
        f"Beyond chance that is so at costs from {shown[0]:.4g} to {shown[1]:.4g}. Sent to all, it "
        f"pays up to {every[0]:.4g} ({every[1]:.4g} to {every[2]:.4g})."
    )
