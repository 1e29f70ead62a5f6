"""How many digits a figure is shown with: as many as its interval can answer for."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol

__all__ = ["decimals_within", "lift_places", "of_customers", "same_decimals", "with_interval"]


def decimals_within(sizes: Iterable[float | None], digits: int = 2) -> int:
    """Return how many decimals show some digits of the narrowest interval's size.

    Figures that stand in one column get the decimals of all of them together, so that their points
    stand under each other.

    Parameters
    ----------
    sizes : of each figure's interval, its width or half of it; None where it has none
    digits : how many of the narrowest one are shown

    Examples
    --------
    >>> decimals_within([24.1, 3.6]), decimals_within([0.0123, None]), decimals_within([])
    (1, 3, 1)
    """
    known = [each for each in sizes if each is not None and 0 < each < math.inf]
    if not known:
        return 1
    return min(12, max(0, digits - 1 - math.floor(math.log10(min(known)))))


def with_interval(estimate: float, low: float, high: float) -> tuple[str, str, str]:
    """Return a difference, and the ends of its interval, with three digits of its width.

    Examples
    --------
    >>> with_interval(0.76983, 0.48512, 1.05454)
    ('+0.770', '0.485', '1.055')
    >>> with_interval(0.0766, 0.0699, 0.0833)
    ('+0.0766', '0.0699', '0.0833')
    """
    places = decimals_within([high - low], digits=3)
    return f"{estimate:+z,.{places}f}", f"{low:z,.{places}f}", f"{high:z,.{places}f}"


def of_customers(
    what: str, estimate: float, low: float, high: float, *, response: bool
) -> tuple[str, str, str]:
    """Return a difference as people say it, and the ends of its interval.

    Parameters
    ----------
    what : the outcome or the profit
    estimate, low, high : per customer
    response : whether customers respond or don't; then it is said of 100 customers

    Examples
    --------
    >>> of_customers("visit", 0.0766, 0.0699, 0.0833, response=True)
    ('+7.66 visit per 100 customers', '6.99', '8.33')
    >>> of_customers("spend", 0.76983, 0.48512, 1.05454, response=False)
    ('+0.770 spend per customer', '0.485', '1.055')
    """
    times, whom = (100.0, "100 customers") if response else (1.0, "customer")
    said, least, most = with_interval(times * estimate, times * low, times * high)
    return f"{said} {what} per {whom}", least, most


class _Ended(Protocol):
    @property
    def estimate(self) -> float: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


def lift_places(rows: Iterable[_Ended]) -> int:
    """Return how many decimals a table of lifts or profits has, the same in all rows.

    Parameters
    ----------
    rows : with the ends of each one's interval, ``low`` and ``high``; where none has one, the
        largest ``estimate`` gets three digits
    """
    given = list(rows)
    widths = [
        each.high - each.low for each in given if each.low is not None and each.high is not None
    ]
    return decimals_within(widths or [max((abs(e.estimate) for e in given), default=0.0)], digits=3)


def same_decimals(values: Iterable[float]) -> list[str]:
    """Return amounts with as many decimals as the one that needs most, to four digits.

    Examples
    --------
    >>> same_decimals([0.5, 12, 0.125])
    ['0.500', '12.000', '0.125']
    """
    given = list(values)
    # The digits of a float that people wrote: 0.1, not what stands for it in binary.
    shown = [f"{each:.4g}" for each in given]
    places = max((len(each.partition(".")[2]) for each in shown if "e" not in each), default=0)
    return [f"{each:,.{places}f}" for each in given]
