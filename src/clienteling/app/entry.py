"""How the value of a feature is asked for: the step and the default, from the data."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from clienteling.segmentation.sketch import Floats

__all__ = ["Entry", "entry_for"]

#: Whole numbers beyond this are not exact in a browser.
_EXACT = 1e15


@dataclass(frozen=True)
class Entry:
    """What an input for one feature takes.

    Parameters
    ----------
    step : by how much a key changes it
    value : the default
    seen : the least and the greatest value among the customers
    display : how it is printed, in C's notation
    """

    step: float
    value: float
    seen: tuple[float, float]
    display: str


def entry_for(values: Floats, weights: Floats) -> Entry:
    """Return what the input for a feature takes.

    Any number can be entered: a refused one would leave the answer to the one before on the page.
    The default is the median customer.

    Parameters
    ----------
    values, weights : arrays of shape (points,), in the feature's own unit, and customers per point

    Examples
    --------
    >>> import numpy as np
    >>> entry_for(np.array([15.0, 60.0, 137.0]), np.ones(3))
    Entry(step=1, value=60, seen=(15.0, 137.0), display='%d')
    """
    least, most = float(values.min()), float(values.max())
    whole = bool((values == np.rint(values)).all()) and max(abs(least), abs(most)) < _EXACT
    spread = most - least
    step = 10.0 ** math.floor(math.log10(spread / 100)) if spread > 0 else 1.0
    if whole:
        step = max(step, 1.0)
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    middle = float(values[order][np.searchsorted(below, below[-1] / 2)])
    value = min(max(round(middle / step) * step, least), most)
    if whole:
        return Entry(int(step), int(value), (least, most), "%d")
    digits = -math.floor(math.log10(step))
    display = f"%.{max(0, digits)}f" if -12 < digits < 7 else "%g"
    return Entry(step, value, (least, most), display)
