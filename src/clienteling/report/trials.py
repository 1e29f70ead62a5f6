"""What a trial with a segment's customers could show: half of them get the offer, half don't."""

from __future__ import annotations

import math
from itertools import count

from scipy.optimize import brentq

from clienteling.report.figures import NARROW, percent

__all__ = ["RESPONSE", "fewest_for_a_trial", "smallest_difference", "trial_words"]

#: The share of customers that answers, in the example of a trial: as by mail, some percent.
RESPONSE = 0.05
#: A trial that shows only larger differences than this is not worth its cost.
_TOO_MUCH = 0.15
#: Quantiles of the normal distribution for the two-sided 5 % level and for 80 % power.
_LEVEL, _POWER = 1.959964, 0.841621


def smallest_difference(customers: int, response: float = RESPONSE) -> float | None:
    """Return the smallest rise in response that a half-and-half trial can be trusted to show.

    A two-sided test of two proportions at the 5 % level with 80 % power (Fleiss, Levin, Paik 2003,
    "Statistical Methods for Rates and Proportions", chapter 4).

    Parameters
    ----------
    customers : of both halves together
    response : share of the half without the offer that responds, from 0 to 1

    Returns
    -------
    float or None
        A difference of two shares, from 0 to 1; None where no difference would show.

    Examples
    --------
    >>> round(smallest_difference(200), 3), smallest_difference(5)
    (0.124, None)
    """
    half = customers / 2

    def lacking(rise: float) -> float:
        other, mean = response + rise, response + rise / 2
        chance = 2 * mean * (1 - mean)
        spread = response * (1 - response) + other * (1 - other)
        return rise - (_LEVEL * math.sqrt(chance) + _POWER * math.sqrt(spread)) / math.sqrt(half)

    most = 1 - response
    if not customers or lacking(most) < 0:
        return None
    return float(brentq(lacking, 0.0, most))


def trial_words(customers: int) -> str:
    r"""Return what a half-and-half trial with a segment's customers can show; empty for too few.

    Examples
    --------
    >>> trial_words(200), trial_words(60)
    ('12\xa0points: from 5 to 17\xa0%', '')
    """
    rise = smallest_difference(customers)
    if rise is None or rise > _TOO_MUCH:
        return ""
    places = 0 if rise > 0.05 else 1
    points = f"{100 * rise:.{places}f}{NARROW}points"
    return f"{points}: from {100 * RESPONSE:.0f} to {percent(RESPONSE + rise, places)}"


def fewest_for_a_trial() -> int:
    r"""Return how many customers a trial takes, in steps of ten.

    Examples
    --------
    >>> trial_words(fewest_for_a_trial() - 10), trial_words(fewest_for_a_trial())
    ('', '14\xa0points: from 5 to 19\xa0%')
    """
    return next(many for many in count(10, 10) if trial_words(many))
