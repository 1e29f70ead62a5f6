"""How many digits a figure is shown with: as many as its interval can answer for."""

from __future__ import annotations

import math
from collections.abc import Iterable

__all__ = ["decimals_within"]


def decimals_within(halves: Iterable[float | None]) -> int:
    """Return how many decimals show two digits of the narrowest interval's half.

    Figures that stand in one column get the decimals of all of them together, so that their points
    stand under each other.

    Parameters
    ----------
    halves : half the width of each figure's interval; None where it has none

    Examples
    --------
    >>> decimals_within([24.1, 3.6]), decimals_within([0.0123, None]), decimals_within([])
    (1, 3, 1)
    """
    known = [each for each in halves if each is not None and 0 < each < math.inf]
    if not known:
        return 1
    return min(12, max(0, 1 - math.floor(math.log10(min(known)))))
