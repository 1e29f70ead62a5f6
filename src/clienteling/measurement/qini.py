"""The uplift (Qini) curve: how much of the lift is had by sending to the most responsive first.

The curve of Radcliffe (2007), with doubly robust scores in the place of counts, so that its band
comes from the same scores. Customers are ordered by models that have not seen them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from clienteling.measurement.learned import Scores
from clienteling.measurement.lift import ALPHA

__all__ = ["Qini", "qini_of"]

_POINTS = 51


@dataclass(frozen=True)
class Qini:
    """The lift per customer when an offer goes to a share of them, the most responsive first.

    Parameters
    ----------
    offer, outcome : whose lift
    share : 0 to 1, of all customers
    gain, low, high : the lift per customer of all, with a 95 % band at each point by itself
    coefficient, coefficient_low, coefficient_high : the area between the curve and the straight
        line of sending at random, with its 95 % interval; zero where the order says nothing
    """

    offer: str
    outcome: str
    share: tuple[float, ...]
    gain: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    coefficient: float
    coefficient_low: float
    coefficient_high: float


def qini_of(
    scores: Scores, fold: npt.NDArray[np.int64], place: int, *, offer: str, outcome: str
) -> Qini:
    """Return the curve of one offer.

    Parameters
    ----------
    scores : of :func:`~clienteling.measurement.learned.held_out_scores`
    fold : of each customer: predictions are compared within a fold, where one model made them
    place : which offer, from 1
    offer, outcome : their names
    """
    uplift = scores.value[:, place] - scores.value[:, 0]
    rank = np.zeros(len(uplift))
    for each in np.unique(fold):
        here = np.flatnonzero(fold == each)
        # Customers that are predicted alike share a rank: among them there is no order.
        rank[here] = stats.rankdata(-scores.effect[here, place], method="average") / len(here)
    z = float(stats.norm.ppf(1 - ALPHA / 2))
    share = np.linspace(0.0, 1.0, _POINTS)
    gain, half = np.zeros(_POINTS), np.zeros(_POINTS)
    for i, each in enumerate(share):
        first = uplift * _part_of(rank, each, fold)
        gain[i] = first.mean()
        half[i] = z * first.std(ddof=1) / math.sqrt(len(first))
    area = uplift * (0.5 - rank)
    coefficient, reach = float(area.mean()), z * float(area.std(ddof=1)) / math.sqrt(len(area))
    return Qini(
        offer=offer,
        outcome=outcome,
        share=tuple(share.tolist()),
        gain=tuple(gain.tolist()),
        low=tuple((gain - half).tolist()),
        high=tuple((gain + half).tolist()),
        coefficient=coefficient,
        coefficient_low=coefficient - reach,
        coefficient_high=coefficient + reach,
    )


def _part_of(
    rank: npt.NDArray[np.float64], share: float, fold: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return the part of each customer that is among the first share; ties are cut evenly."""
    part = np.zeros(len(rank))
    for each in np.unique(fold):
        here = np.flatnonzero(fold == each)
        levels, places, counts = np.unique(rank[here], return_inverse=True, return_counts=True)
        end = counts.cumsum() / len(here)
        begin = end - counts / len(here)
        part[here] = np.clip((share - begin) / (end - begin), 0.0, 1.0)[places]
        assert len(levels) == len(counts)
    return part
