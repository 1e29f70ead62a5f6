"""How much groups differ, whatever the unit: effect sizes with intervals, and associations.

- Means: Hedges' g, the difference in pooled standard deviations, corrected for small groups, with
  the normal interval of its large-sample variance (Hedges and Olkin 1985, *Statistical Methods for
  Meta-Analysis*, chapter 5).
- Shares: their difference, with Newcombe's interval from two Wilson intervals (1998,
  *Statistics in Medicine* 17, 873-890, method 10).
- A column of numbers and all segments: the share of its variance between segments, eta squared,
  corrected for chance (Kelley 1935, *PNAS* 21, 554-559).
- A column of words and all segments: Cramér's V, corrected for chance (Bergsma 2013,
  doi:10.1016/j.jkss.2012.10.002).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = [
    "Effect",
    "Moments",
    "cramers_v",
    "difference_of_shares",
    "eta_squared",
    "hedges_g",
    "together",
    "wilson",
]

_Z = 1.959963984540054


@dataclass(frozen=True)
class Moments:
    """How many values a group has, their mean, and their standard deviation with divisor n - 1."""

    n: int
    mean: float
    deviation: float

    @property
    def squares(self) -> float:
        """The sum of squares around the mean."""
        return self.deviation**2 * (self.n - 1)


@dataclass(frozen=True)
class Effect:
    """How much a group differs from the others.

    Parameters
    ----------
    value, low, high : the difference and its 95 % interval
    strength : its size on one scale for means and shares, at least 0: about 0.2 is small, 0.8
        large (Cohen 1988, *Statistical Power Analysis for the Behavioral Sciences*)
    """

    value: float
    low: float
    high: float
    strength: float


def together(groups: Sequence[Moments]) -> Moments:
    """Return the moments of several groups taken as one.

    Examples
    --------
    >>> together([Moments(2, 1.0, 0.0), Moments(2, 3.0, 0.0)])
    Moments(n=4, mean=2.0, deviation=1.1547005383792515)
    """
    n = sum(each.n for each in groups)
    if not n:
        return Moments(0, 0.0, 0.0)
    mean = sum(each.n * each.mean for each in groups) / n
    squares = sum(each.squares + each.n * (each.mean - mean) ** 2 for each in groups)
    return Moments(n, mean, math.sqrt(squares / (n - 1)) if n > 1 else 0.0)


def hedges_g(own: Moments, others: Moments) -> Effect | None:
    """Return the difference of two means in standard deviations; None where it is not defined.

    Examples
    --------
    >>> effect = hedges_g(Moments(50, 12.0, 4.0), Moments(50, 10.0, 4.0))
    >>> round(effect.value, 3), round(effect.low, 3), round(effect.high, 3)
    (0.496, 0.098, 0.894)
    """
    n = own.n + others.n
    if not own.n or not others.n or n < 3:
        return None
    pooled = math.sqrt((own.squares + others.squares) / (n - 2))
    if not pooled > 0:
        return None
    g = (own.mean - others.mean) / pooled * (1 - 3 / (4 * (n - 2) - 1))
    half = _Z * math.sqrt(n / (own.n * others.n) + g**2 / (2 * n))
    return Effect(g, g - half, g + half, abs(g))


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share.

    Examples
    --------
    >>> low, high = wilson(0.5, 100)
    >>> round(low, 4), round(high, 4)
    (0.4038, 0.5962)
    """
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def difference_of_shares(own: tuple[int, int], others: tuple[int, int]) -> Effect:
    """Return the difference of two shares, each given as how many of how many.

    Examples
    --------
    >>> effect = difference_of_shares((56, 70), (48, 80))
    >>> round(effect.value, 4), round(effect.low, 4), round(effect.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    (a, n), (b, m) = own, others
    p, q = a / n, b / m
    (p_low, p_high), (q_low, q_high) = wilson(p, n), wilson(q, m)
    low = p - q - math.hypot(p - p_low, q_high - q)
    high = p - q + math.hypot(p_high - p, q - q_low)
    # Cohen's h: equal steps of it are equally easy to see near 0, 1/2 and 1.
    strength = abs(2 * math.asin(math.sqrt(p)) - 2 * math.asin(math.sqrt(q)))
    return Effect(p - q, low, high, strength)


def eta_squared(groups: Sequence[Moments]) -> float:
    """Return the share of a column's variance that lies between groups, from 0 to 1.

    Examples
    --------
    >>> round(eta_squared([Moments(50, 12.0, 4.0), Moments(50, 10.0, 4.0)]), 4)
    0.0504
    """
    whole = together(groups)
    if whole.n <= len(groups) or not whole.squares > 0:
        return 0.0
    within = sum(each.squares for each in groups) / (whole.n - len(groups))
    return min(1.0, max(0.0, 1 - within / (whole.squares / (whole.n - 1))))


def cramers_v(table: Sequence[Sequence[int]]) -> float:
    """Return how strongly rows and columns of a table of counts go together, from 0 to 1.

    Examples
    --------
    >>> round(cramers_v([[30, 10], [10, 30]]), 4), cramers_v([[10, 10], [10, 10]])
    (0.4903, 0.0)
    """
    counts = np.array(table, dtype=np.float64)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    n = counts.sum()
    if min(counts.shape) < 2 or n < 2:
        return 0.0
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    rows, columns = counts.shape
    phi = float(((counts - expected) ** 2 / expected).sum()) / n
    phi = max(0.0, phi - (rows - 1) * (columns - 1) / (n - 1))
    least = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    return min(1.0, math.sqrt(phi / least)) if least > 0 else 0.0
