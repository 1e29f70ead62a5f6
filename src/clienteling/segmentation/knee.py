"""Where a curve bends: the Kneedle algorithm, by kneed.

Satopää, Albrecht, Irwin and Raghavan 2011, doi:10.1109/ICDCSW.2011.20.

kneed loads matplotlib where it is installed, for pictures that nobody asks for here; that takes
longer than the fits of a small table. So it is loaded here as if matplotlib weren't there.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any, Literal

from numpy.typing import ArrayLike

from clienteling.segmentation.unwanted import without

__all__ = ["knee_of"]


def knee_of(
    x: ArrayLike,
    y: ArrayLike,
    *,
    curve: Literal["convex", "concave"],
    direction: Literal["increasing", "decreasing"],
) -> tuple[float, float] | None:
    """Return the point of a curve where it bends most, or None where it doesn't bend.

    Examples
    --------
    >>> knee_of(
    ...     [1, 2, 3, 4, 5], [100.0, 40.0, 10.0, 8.0, 6.0], curve="convex", direction="decreasing"
    ... )
    (3.0, 10.0)
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "no knee found" is an answer here, and said in words
        found = _KneeLocator(x, y, curve=curve, direction=direction)
    return None if found.knee is None else (float(found.knee), float(found.knee_y))


def _load() -> Any:
    if "kneed" in sys.modules or "matplotlib.pyplot" in sys.modules:
        from kneed import KneeLocator

        return KneeLocator
    with without("matplotlib"):
        from kneed import KneeLocator
    # Who wants kneed's pictures loads a kneed that has them.
    for each in [each for each in sys.modules if each.partition(".")[0] == "kneed"]:
        del sys.modules[each]
    return KneeLocator


_KneeLocator = _load()
