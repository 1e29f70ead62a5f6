"""Lift: what an offer brought over none, with its interval.

Responses (0 or 1) are compared as a difference of proportions with Newcombe's hybrid score
interval (Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I),
values by Welch's unequal-variances t (Welch 1947, doi:10.1093/biomet/34.1-2.28), less what an
earlier value explains where one is given (CUPED, Deng, Xu, Kohavi and Walker 2013,
doi:10.1145/2433396.2433413). Over segments p-values are adjusted by Holm's method (1979).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from clienteling.errors import MissingExtra
from clienteling.measurement.cells import Moments
from clienteling.measurement.experiment import FEWEST, Experiment

__all__ = ["ALPHA", "Lift", "adjust", "compare", "lifts_of", "mean_difference"]

ALPHA = 0.05
#: With fewer responders in both groups together, the mean of a value hangs on single customers.
_RESPONDERS = 10
#: Of a mean, what sums in another order may change.
_ROUNDED = 1e-12


@dataclass(frozen=True)
class Lift:
    """The difference that an offer made for one outcome, over all customers or in a segment.

    Parameters
    ----------
    offer, outcome : what is compared with the control group, and by what
    by, segment : the column of segments and the segment; None for all customers
    customers, control_customers : how many have the outcome
    mean, control_mean : of the outcome; a proportion for responses
    estimate, low, high : the difference per customer, with its 95 % interval, not adjusted for
        the number of segments; the interval is None where there are too few customers
    se : the standard error of the difference
    p, p_adjusted : of no difference (or of ``null``); adjusted by Holm's method within its family
    method : ``newcombe``, ``welch`` or ``cuped``
    mean_low, mean_high, control_low, control_high : the 95 % interval of each group's mean
        (Wilson for proportions)
    df : degrees of freedom of Welch's t
    variance_kept : the share of the variance that CUPED leaves
    """

    offer: str
    outcome: str
    by: str | None
    segment: str | None
    customers: int
    control_customers: int
    mean: float
    control_mean: float
    estimate: float
    low: float | None
    high: float | None
    se: float | None
    p: float | None
    p_adjusted: float | None
    method: str
    mean_low: float | None = None
    mean_high: float | None = None
    control_low: float | None = None
    control_high: float | None = None
    df: float | None = None
    variance_kept: float = 1.0

    @property
    def clear(self) -> bool:
        """Whether the difference is told from chance, after adjustment."""
        return self.p_adjusted is not None and self.p_adjusted < ALPHA

    @property
    def enough(self) -> bool:
        """Whether there are customers enough for an interval."""
        return self.low is not None


def lifts_of(experiment: Experiment) -> list[Lift]:
    """Return the lift of every offer for every outcome, over all and in each segment.

    Over all, p-values are adjusted for the number of offers; in segments for the offers and
    segments of the outcome together.
    """
    cells = experiment.cells
    places: list[tuple[str | None, str | None]] = [(None, None)]
    places += [(by, level) for by, levels in cells.levels.items() for level in levels]
    found: list[Lift] = []
    for outcome, sums in cells.outcomes.items():
        family: dict[bool, list[Lift]] = {True: [], False: []}
        for by, level in places:
            inside = cells.in_segment(by, level)
            control = cells.moments(outcome, inside & (cells.offer == 0))
            for place, offer in enumerate(cells.offers[1:], start=1):
                treated = cells.moments(outcome, inside & (cells.offer == place))
                lift = compare(
                    treated,
                    control,
                    binary=sums.binary,
                    cuped=outcome in experiment.before,
                )
                named = replace(lift, offer=offer, outcome=outcome, by=by, segment=level)
                family[by is None].append(named)
        for each in family.values():
            adjusted = adjust([lift.p for lift in each])
            found += [replace(lift, p_adjusted=p) for lift, p in zip(each, adjusted, strict=True)]
    return found


def compare(
    treated: Moments, control: Moments, *, binary: bool, cuped: bool = False, null: float = 0.0
) -> Lift:
    """Compare two groups.

    Parameters
    ----------
    treated, control : the moments of the outcome in each
    binary : whether it is a response, 0 or 1
    cuped : whether the earlier value takes part
    null : the difference that the p-value is about

    Examples
    --------
    >>> lift = compare(
    ...     Moments(1000, 0.12, 0.1057, 120), Moments(1000, 0.10, 0.0901, 100), binary=True
    ... )
    >>> f"{lift.estimate:.3f} [{lift.low:.4f}, {lift.high:.4f}]"
    '0.020 [-0.0075, 0.0476]'
    """
    plain = Lift(
        offer="",
        outcome="",
        by=None,
        segment=None,
        customers=treated.n,
        control_customers=control.n,
        mean=treated.mean,
        control_mean=control.mean,
        estimate=mean_difference(treated.mean, control.mean),
        low=None,
        high=None,
        se=None,
        p=None,
        p_adjusted=None,
        method="newcombe" if binary else "cuped" if cuped else "welch",
    )
    if min(treated.n, control.n) < FEWEST:
        return plain
    if binary:
        return _proportions(plain, treated, control, null)
    if treated.responders + control.responders < _RESPONDERS:
        return plain
    return _means(plain, treated, control, cuped, null)


def mean_difference(here: float, there: float) -> float:
    """Return the difference of two means; 0 where it is no more than how floats are rounded.

    Examples
    --------
    >>> mean_difference(0.1 + 0.2, 0.3), mean_difference(0.5, 0.25)
    (0.0, 0.25)
    """
    apart = here - there
    return 0.0 if abs(apart) <= _ROUNDED * max(abs(here), abs(there)) else apart


def _proportions(plain: Lift, treated: Moments, control: Moments, null: float) -> Lift:
    try:
        from statsmodels.stats.proportion import (
            confint_proportions_2indep,
            proportion_confint,
            test_proportions_2indep,
        )
    except ModuleNotFoundError as error:
        raise MissingExtra("Measurements", "campaigns") from error
    counts = (treated.responders, treated.n, control.responders, control.n)
    low, high = confint_proportions_2indep(*counts, method="newcomb", compare="diff", alpha=ALPHA)
    here = proportion_confint(treated.responders, treated.n, alpha=ALPHA, method="wilson")
    there = proportion_confint(control.responders, control.n, alpha=ALPHA, method="wilson")
    se = math.sqrt(treated.variance / treated.n + control.variance / control.n)
    if 0 < treated.responders + control.responders < treated.n + control.n:
        # It gives the ratio too, which needs a responder in the control group.
        with np.errstate(divide="ignore", invalid="ignore"):
            tested = test_proportions_2indep(
                *counts, value=null, compare="diff", method="score", correction=False
            )
        p = float(tested.pvalue)
    else:
        # Nobody responded, or everybody did: no difference can be seen.
        p = 1.0 if low <= null <= high else 0.0
    return replace(
        plain,
        low=float(low),
        high=float(high),
        se=se,
        p=p,
        p_adjusted=p,
        mean_low=float(here[0]),
        mean_high=float(here[1]),
        control_low=float(there[0]),
        control_high=float(there[1]),
    )


def _means(plain: Lift, treated: Moments, control: Moments, cuped: bool, null: float) -> Lift:
    theta = 0.0
    if cuped:
        # The common slope within the groups: differences between them play no part in it.
        groups = (treated, control)
        spread = sum(each.before_variance * (each.n - 1) for each in groups)
        shared = sum(each.covariance * (each.n - 1) for each in groups)
        theta = shared / spread if spread > 0 else 0.0
    estimate = plain.estimate - theta * (treated.before_mean - control.before_mean)
    ours, theirs = (
        each.variance - 2 * theta * each.covariance + theta**2 * each.before_variance
        for each in (treated, control)
    )
    part, other = max(ours, 0.0) / treated.n, max(theirs, 0.0) / control.n
    se = math.sqrt(part + other)
    if se == 0.0:
        return plain
    df = (part + other) ** 2 / (part**2 / (treated.n - 1) + other**2 / (control.n - 1))
    reach = float(stats.t.ppf(1 - ALPHA / 2, df)) * se
    p = float(2 * stats.t.sf(abs(estimate - null) / se, df))
    raw = treated.variance / treated.n + control.variance / control.n
    intervals = []
    for each in (treated, control):
        half = float(stats.t.ppf(1 - ALPHA / 2, each.n - 1)) * math.sqrt(each.variance / each.n)
        intervals += [each.mean - half, each.mean + half]
    return replace(
        plain,
        estimate=estimate,
        low=estimate - reach,
        high=estimate + reach,
        se=se,
        p=p,
        p_adjusted=p,
        mean_low=intervals[0],
        mean_high=intervals[1],
        control_low=intervals[2],
        control_high=intervals[3],
        df=df,
        variance_kept=(part + other) / raw,
    )


def adjust(p: Sequence[float | None]) -> list[float | None]:
    """Return Holm's adjusted p-values; where there is none, there is none.

    Computed here, since statsmodels collects the whole process's garbage at each call of its
    own, which took most of the time that a campaign of some thousand customers took to measure.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure. Scandinavian Journal of
    Statistics 6(2).

    Examples
    --------
    >>> adjust([0.01, None, 0.04])
    [0.02, None, 0.04]
    """
    known = np.array([each for each in p if each is not None])
    order = np.argsort(known)
    adjusted = np.empty(len(known))
    adjusted[order] = np.maximum.accumulate(known[order] * np.arange(len(known), 0, -1)).clip(max=1)
    left = iter(adjusted.tolist())
    return [None if each is None else next(left) for each in p]
