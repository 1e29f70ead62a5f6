"""What a response is worth in a segment, as far as the offer's other segments tell.

A response may be worth about the same everywhere, or not at all: how much the segments differ is
estimated by the outcomes themselves, by the method of moments (DerSimonian and Laird, Meta-analysis
in clinical trials, 1986, doi:10.1016/0197-2456(86)90046-2). What the others earned then stands in
the place of the assumption, and counts the less the more they differ (Efron and Morris, Stein's
estimation rule and its competitors: an empirical Bayes approach, 1973,
doi:10.1080/01621459.1973.10481350).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Responses", "Worth", "worth_elsewhere"]


@dataclass(frozen=True)
class Responses:
    """What an offer's responses brought in one segment.

    Parameters
    ----------
    responses : how many
    value : what they brought, in all
    squares : the sum of the squares of what each brought
    """

    responses: int
    value: float
    squares: float


@dataclass(frozen=True)
class Worth:
    """What a response is taken to bring before any is seen in the segment.

    Parameters
    ----------
    mean : in money
    strength : how many responses that is worth
    variance : of single responses
    """

    mean: float
    strength: float
    variance: float


def worth_elsewhere(assumed: Worth, own: Responses, others: Sequence[Responses]) -> Worth:
    """Return what a response is taken to bring in a segment, by the offer's other segments.

    Parameters
    ----------
    assumed : what the catalogue says; it counts as so many responses, and never for less
    own : of this segment; they only tell how much segments differ
    others : of the other segments

    Returns
    -------
    Worth
        The mean of a segment like the others. It is worth as many responses as would tell it as
        closely: all of the others' where segments seem not to differ, few where they do.

    Examples
    --------
    >>> assumed = Worth(20.0, 2.0, 400.0)
    >>> alike = [Responses(50, 1500.0, 80_000.0), Responses(50, 1550.0, 85_000.0)]
    >>> worth_elsewhere(assumed, Responses(5, 140.0, 8_000.0), alike)
    Worth(mean=30.294117647058822, strength=102.0, variance=738.75)
    >>> unlike = [Responses(50, 500.0, 10_000.0), Responses(50, 2550.0, 180_000.0)]
    >>> round(worth_elsewhere(assumed, Responses(5, 140.0, 8_000.0), unlike).strength, 1)
    2.0
    """
    told = [each for each in others if each.responses]
    if not told:
        return assumed
    seen = [*told, own] if own.responses else told
    n = np.array([each.responses for each in seen], dtype=float)
    means = np.array([each.value for each in seen]) / n
    within = np.maximum(np.array([each.squares for each in seen]) - n * means**2, 0.0)
    free = max(n.sum() - len(n), 0.0)
    variance = (assumed.strength * assumed.variance + within.sum()) / (assumed.strength + free)
    between = _between(n, means, variance)

    n, means = n[: len(told)], means[: len(told)]
    weights = 1.0 / (between + variance / n)
    by_assumption = assumed.strength / variance
    precision = by_assumption + weights.sum()
    mean = (by_assumption * assumed.mean + (weights * means).sum()) / precision
    strength = variance / (between + 1.0 / precision)
    return Worth(float(mean), float(max(strength, assumed.strength)), float(variance))


def _between(n: np.ndarray, means: np.ndarray, variance: float) -> float:
    """Return the variance of the segments' true means, 0 where chance explains the differences."""
    if len(n) < 2:
        return 0.0
    apart = (n * (means - (n * means).sum() / n.sum()) ** 2).sum()
    by_chance = (len(n) - 1) * variance
    return float(max(apart - by_chance, 0.0) / (n.sum() - (n**2).sum() / n.sum()))
