"""What a campaign earned where each of its offers has its own value of a response.

A response counts the value of the offer that the customer got or, held out, of the offer that the
customer was held out from: chance decided who was held out of the same customers. So each offer is
compared with those held out from it, and the differences are added up by how many got each offer
(post-stratification: Miratrix, Sekhon and Yu 2013, doi:10.1111/j.1467-9868.2012.01048.x). Their
intervals are joined by the distances of their ends (MOVER: Zou and Donner 2008,
doi:10.1002/sim.3095), so that one offer alone keeps Newcombe's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from clienteling.measurement.cells import Cells, Moments, OutcomeSums
from clienteling.measurement.experiment import FEWEST, Experiment
from clienteling.measurement.lift import ALPHA, Lift, compare
from clienteling.measurement.profit import Profit

__all__ = ["OwnValues", "in_money", "lifts_in_money", "with_own_costs"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class OwnValues:
    """What a response is worth, by offer.

    Parameters
    ----------
    outcome : the response
    column : with the offer that each customer got or was held out from
    values, costs : per offer, what a response brings and what a contact costs
    """

    outcome: str
    column: str
    values: Mapping[str, float]
    costs: Mapping[str, float]


@dataclass(frozen=True)
class _Part:
    """The difference in money in one offer, or in some that are too small by themselves."""

    contacted: int
    mean: float
    control_mean: float
    below: float
    above: float
    variance: float


def in_money(experiment: Experiment, own: OwnValues) -> Experiment:
    """Return the experiment with the response in money, so that its mean contact costs the same.

    What an offer costs more than the mean contact is taken off those who got it: what remains to
    be taken off is the same for all, in every segment.
    """
    cells = experiment.cells
    value, dearer = _values(cells, own), _dearer(cells, own)
    sums = cells.outcomes[own.outcome]
    responders = sums.responders
    zeros = np.zeros(len(cells.rows))
    money = OutcomeSums(
        binary=False,
        origin=0.0,
        before_origin=0.0,
        n=sums.n,
        responders=responders,
        y=value * responders - dearer * sums.n,
        yy=(value**2 - 2 * value * dearer) * responders + dearer**2 * sums.n,
        b=zeros,
        bb=zeros,
        yb=zeros,
    )
    outcomes = {**cells.outcomes, own.outcome: money}
    return replace(experiment, cells=replace(cells, outcomes=outcomes))


def lifts_in_money(experiment: Experiment, own: OwnValues, lifts: Sequence[Lift]) -> list[Lift]:
    """Return the lifts, those of the response in money per customer that was contacted.

    Parameters
    ----------
    experiment : counted by the column of the offers, with one group beside the control
    own : what a response is worth
    lifts : of :func:`~clienteling.measurement.lift.lifts_of`
    """
    cells = experiment.cells
    value, dearer = _values(cells, own), _dearer(cells, own)
    found = []
    for each in lifts:
        if each.outcome != own.outcome:
            found.append(each)
            continue
        inside = cells.in_segment(each.by, each.segment)
        parts = [_part(cells, own.outcome, value, where) for where in _strata(cells, inside)]
        got = inside & (cells.offer > 0)
        extra = float((dearer * cells.rows)[got].sum()) / max(each.customers, 1)
        found.append(_added(each, parts, extra))
    return found


def with_own_costs(
    profits: Sequence[Profit], experiment: Experiment, own: OwnValues
) -> list[Profit]:
    """Return the profits, those of the response with the mean cost of the segment's contacts."""
    cells = experiment.cells
    dearer = _dearer(cells, own)
    found = []
    for each in profits:
        if each.outcome == own.outcome:
            got = cells.in_segment(each.by, each.segment) & (cells.offer > 0)
            extra = float((dearer * cells.rows)[got].sum() / max(cells.rows[got].sum(), 1.0))
            each = replace(each, worth=None, cost=each.cost + extra)
        found.append(each)
    return found


def _values(cells: Cells, own: OwnValues) -> Floats:
    return np.array([own.values[offer] for offer in cells.strata])[cells.stratum]


def _dearer(cells: Cells, own: OwnValues) -> Floats:
    """Return, per cell of those contacted, what its offer costs more than the mean contact."""
    got = cells.offer > 0
    cost = np.array([own.costs[offer] for offer in cells.strata])[cells.stratum]
    mean = (cost * cells.rows)[got].sum() / cells.rows[got].sum()
    return np.where(got, cost - mean, 0.0)


def _strata(cells: Cells, inside: Mask) -> list[Mask]:
    """Return which cells are compared with each other: an offer's; the small ones' together."""
    arms = (cells.offer > 0, cells.offer == 0)

    def fewest(where: Mask) -> float:
        return min(float(cells.rows[where & arm].sum()) for arm in arms)

    offers = [inside & (cells.stratum == place) for place in range(len(cells.strata))]
    alone = sorted((each for each in offers if fewest(each) >= FEWEST), key=fewest)
    rest = inside & ~np.any([np.zeros_like(inside), *alone], axis=0)
    while alone and rest.any() and fewest(rest) < FEWEST:
        rest = rest | alone.pop(0)
    return [*alone, rest] if rest.any() else alone


def _part(cells: Cells, outcome: str, value: Floats, where: Mask) -> _Part:
    treated, control = where & (cells.offer > 0), where & (cells.offer == 0)
    here, there = _moments(cells, outcome, value, treated), _moments(cells, outcome, value, control)
    variance = here.variance / max(here.n, 1) + there.variance / max(there.n, 1)
    worth = np.unique(value[where])
    if len(worth) == 1:
        same = compare(
            cells.moments(outcome, treated), cells.moments(outcome, control), binary=True
        )
        if same.low is not None and same.high is not None:
            below, above = same.estimate - same.low, same.high - same.estimate
            unit = float(worth[0])
            return _Part(here.n, here.mean, there.mean, unit * below, unit * above, variance)
    reach = float(stats.norm.ppf(1 - ALPHA / 2)) * math.sqrt(variance)
    return _Part(here.n, here.mean, there.mean, reach, reach, variance)


def _moments(cells: Cells, outcome: str, value: Floats, where: Mask) -> Moments:
    """Return size, mean and variance of what responses brought."""
    sums = cells.outcomes[outcome]
    n = float(sums.n[where].sum())
    if not n:
        return Moments(0, 0.0, 0.0, 0)
    brought, squares = (float((value**power * sums.responders)[where].sum()) for power in (1, 2))
    variance = max(squares - brought**2 / n, 0.0) / max(n - 1.0, 1.0)
    return Moments(round(n), brought / n, variance, round(sums.responders[where].sum()))


def _added(lift: Lift, parts: Sequence[_Part], extra: float) -> Lift:
    """Add the parts up, each by its share of those contacted."""
    contacted = max(sum(each.contacted for each in parts), 1)
    weight = np.array([each.contacted for each in parts]) / contacted
    mean, control, below, above, variance = (
        np.array([getattr(each, key) for each in parts])
        for key in ("mean", "control_mean", "below", "above", "variance")
    )
    estimate = float((weight * (mean - control)).sum()) - extra
    plain = replace(
        lift,
        mean=float((weight * mean).sum()) - extra,
        control_mean=float((weight * control).sum()),
        estimate=estimate,
        mean_low=None,
        mean_high=None,
        control_low=None,
        control_high=None,
    )
    se = math.sqrt(float((weight**2 * variance).sum()))
    if lift.low is None or se == 0.0:
        return replace(plain, low=None, high=None, se=None, p=None, p_adjusted=None)
    p = float(2 * stats.norm.sf(abs(estimate) / se))
    return replace(
        plain,
        low=estimate - math.sqrt(float(((weight * below) ** 2).sum())),
        high=estimate + math.sqrt(float(((weight * above) ** 2).sum())),
        se=se,
        p=p,
        p_adjusted=p,
    )
