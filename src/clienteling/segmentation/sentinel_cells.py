"""Which features may hold a number that stands for "unknown": seen in the cells of a grid.

To look for such numbers costs two passes over a million customers. The grid counts all customers
already, and tells of most features that none of those numbers can stand out: it is taken by
nobody, or lies among others without a peak.
"""

from __future__ import annotations

import numpy as np

from clienteling.data.sentinels import PEAK_SHARE, SENTINELS
from clienteling.segmentation.sketch import Sketch

__all__ = ["may_stand_out"]

#: A peak shows in its cell by this part of what it has at least: the cells beside it may have some.
_SHOWN = 0.5


def may_stand_out(made: Sketch, feature: int) -> bool:
    """Return whether a number that may mean "unknown" can stand out among a feature's values.

    Parameters
    ----------
    made : the customers, before any transform; without a grid it may always be so
    feature : its index

    Examples
    --------
    >>> import clienteling as cl
    >>> import numpy as np
    >>> from clienteling.segmentation.prepare import prepare
    >>> ages = np.random.default_rng(0).uniform(18, 70, 60_000)
    >>> unknown = np.where(np.arange(60_000) < 60, 999.0, ages)
    >>> made = prepare({"age": ages, "paid": unknown}, ["age", "paid"]).sketch
    >>> may_stand_out(made, 0), may_stand_out(made, 1)
    (False, True)
    """
    if made.cells is None:
        return True
    lows, places = np.unique(made.cells.low[:, feature], return_inverse=True)
    highs = np.full(len(lows), -np.inf)
    np.maximum.at(highs, places, made.cells.high[:, feature])
    weights = np.bincount(places, weights=made.weights)
    # What rounding can do to the cell of a value counts as touching.
    slack = 1e-9 * np.maximum(np.maximum(np.abs(lows), np.abs(highs)), highs - lows)
    values = np.array(SENTINELS)[:, None]
    touched = (lows - slack <= values) & (values <= highs + slack)
    others = np.flatnonzero(~touched.any(axis=0))
    least = PEAK_SHARE * weights.sum() * _SHOWN
    for cells in (np.flatnonzero(each) for each in touched if each.any()):
        first, last = cells[0], cells[-1]
        if not (others < first).any() or not (others > last).any():
            return True  # it may lie off all others
        beside = (weights[first - 1] + weights[last + 1]) / 2
        if weights[cells].sum() - len(cells) * beside >= least:
            return True
    return False
