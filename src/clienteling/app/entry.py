"""How the value of a feature is asked for: the range, the step and the default, from the data."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from clienteling.segmentation.sketch import Floats

__all__ = ["Entry", "entry_for"]

_RANGE = re.compile(r"\(\s*(\d+(?:\.\d+)?)\s*[-–]\s*(\d+(?:\.\d+)?)\s*\)\s*$")
#: Whole numbers beyond this are not exact in a browser.
_EXACT = 1e15


@dataclass(frozen=True)
class Entry:
    """What an input for one feature takes.

    Parameters
    ----------
    low, high : the least and the greatest value
    step : by how much a key changes it
    value : the default
    seen : the least and the greatest value among the customers
    display : how it is printed, in C's notation
    """

    low: float
    high: float
    step: float
    value: float
    seen: tuple[float, float]
    display: str


def entry_for(name: str, values: Floats, weights: Floats) -> Entry:
    """Return what the input for a feature takes.

    A range in the feature's name, such as (1-100), is its limits where the customers keep to it;
    else there is room on both sides of them. The default is the median customer.

    Parameters
    ----------
    name : of the feature
    values, weights : arrays of shape (points,), in the feature's own unit, and customers per point

    Examples
    --------
    >>> import numpy as np
    >>> entry_for("Income (k$)", np.array([15.0, 60.0, 137.0]), np.ones(3))
    Entry(low=0, high=200, step=1, value=60, seen=(15.0, 137.0), display='%d')
    """
    least, most = float(values.min()), float(values.max())
    whole = bool((values == np.rint(values)).all()) and max(abs(least), abs(most)) < _EXACT
    spread = most - least
    step = 10.0 ** math.floor(math.log10(spread / 100)) if spread > 0 else 1.0
    low, high = _limits(name, least, most)
    if whole:
        step = max(step, 1.0)
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    middle = float(values[order][np.searchsorted(below, below[-1] / 2)])
    value = min(max(round(middle / step) * step, low), high)
    if whole:
        return Entry(int(low), int(high), int(step), int(value), (least, most), "%d")
    digits = -math.floor(math.log10(step))
    display = f"%.{max(0, digits)}f" if -12 < digits < 7 else "%g"
    return Entry(low, high, step, value, (least, most), display)


def _limits(name: str, least: float, most: float) -> tuple[float, float]:
    named = _RANGE.search(name)
    if named and float(named[1]) <= least and most <= float(named[2]):
        return float(named[1]), float(named[2])
    spread = (most - least) or abs(most) or 1.0
    unit = 10.0 ** (math.floor(math.log10(spread)) - 1)
    low = 0.0 if least >= 0 else math.floor((least - spread / 2) / unit) * unit
    return low, math.ceil((most + spread / 2) / unit) * unit
