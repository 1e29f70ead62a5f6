"""How the report writes its figures: counts, shares, values in their units, intervals."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from scipy.optimize import brentq

from clienteling.measurement.digits import decimals_within
from clienteling.segmentation.labels import feature_words
from clienteling.segmentation.model_segments import Figure
from clienteling.segmentation.words import FeatureWords

__all__ = [
    "RESPONSE",
    "ProfileRow",
    "centre_value",
    "column_heading",
    "counted",
    "day",
    "own_value",
    "percent",
    "profile_row",
    "smallest_difference",
    "statistic",
    "trial_words",
]

#: The share of customers that answers, in the example of a trial: as by mail, some percent.
RESPONSE = 0.05
#: A trial that shows only larger differences than this is not worth its cost.
_TOO_MUCH = 0.15
#: Quantiles of the normal distribution for the two-sided 5 % level and for 80 % power.
_LEVEL, _POWER = 1.959964, 0.841621

_WORDS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
#: Before a percent sign and after a figure a line must not break.
_NARROW = "\N{NO-BREAK SPACE}"
_LARGE = 1e12


def counted(number: int) -> str:
    """Return a number for running text: a word up to twelve.

    Examples
    --------
    >>> counted(5), counted(1200)
    ('five', '1,200')
    """
    return _WORDS[number] if number < len(_WORDS) else f"{number:,}"


def percent(share: float, places: int = 1) -> str:
    r"""Return a share from 0 to 1 in percent; a small one never becomes nothing.

    Examples
    --------
    >>> percent(0.405), percent(0.00002), percent(1.0)
    ('40.5\xa0%', 'under 0.1\xa0%', '100\xa0%')
    """
    least = 10.0 ** -(places + 2)
    if 0 < share < least:
        return f"under {100 * least:.{places}f}{_NARROW}%"
    shown = f"{100 * share:.{places}f}"
    return f"{'100' if float(shown) == 100 else shown}{_NARROW}%"


def statistic(value: float | None) -> str:
    """Return a figure of merit with three digits that matter, or a dash where it isn't defined.

    Examples
    --------
    >>> statistic(0.55466), statistic(65.568), statistic(248.649), statistic(None)
    ('0.555', '65.57', '248.6', '–')
    """
    if value is None:
        return "–"
    if abs(value) >= _LARGE:
        return f"{value:.3e}"
    size = abs(value)
    return f"{value:,.{3 if size < 10 else 2 if size < 100 else 1}f}"


def centre_value(value: float) -> str:
    """Return a centre's coordinate with three digits; its unit stands in the column's name.

    Examples
    --------
    >>> centre_value(88.2), centre_value(1234567.8), centre_value(0.01234)
    ('88.2', '1,234,568', '0.0123')
    """
    if abs(value) >= _LARGE:
        return f"{value:.2e}"
    return FeatureWords("", "").figure(value, digits=3)


def own_value(words: FeatureWords, value: float) -> str:
    """Return a centre's coordinate: as :func:`centre_value` has it, of a level as a share.

    Examples
    --------
    >>> own_value(FeatureWords("Income", "income", "k$"), 88.2)
    '88.2'
    >>> own_value(FeatureWords("City = Bonn", "Bonn", of="City"), 0.821)
    '82 %'
    """
    return words.number(value) if words.of else centre_value(value)


def column_heading(column: str) -> str:
    """Return what a column is called in a report: in words, with its unit.

    Examples
    --------
    >>> column_heading("MntMeatProducts"), column_heading("Ever_Married"), column_heading("Age")
    ('Meat products', 'Ever married', 'Age')
    """
    return feature_words(column).heading


def day(iso: str) -> str:
    """Return an ISO date for people; what is no date stays as it is.

    Examples
    --------
    >>> day("2025-03-09"), day("unknown")
    ('9 March 2025', 'unknown')
    """
    try:
        date = dt.date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{date.day} {date:%B %Y}"


@dataclass(frozen=True)
class ProfileRow:
    """A figure on a column that took no part, ready to be read.

    Parameters
    ----------
    label : the column, and the level of a column of words
    value, interval, overall : the segment's figure, its 95 % interval, and all customers' figure
    against : "higher" or "lower" where the interval of the effect leaves out 0 (in older models,
        where that of the value leaves out all customers' figure)
    effect : how much the segment differs from the other customers; empty where that isn't known
    """

    label: str
    value: str
    interval: str
    overall: str
    against: str
    effect: str = ""


def profile_row(figure: Figure) -> ProfileRow:
    """Return a profile figure in words, as exact as its interval allows.

    Examples
    --------
    >>> row = profile_row(Figure(column="Age", value=32.69, low=31.52, high=33.86, overall=38.85))
    >>> row.value, row.interval, row.overall, row.against
    ('32.7', '31.5 to 33.9', '38.9', 'lower')
    """
    label = column_heading(figure.column)
    label = f"{label}: {figure.level}" if figure.level else label
    low, high, none = figure.low, figure.high, figure.overall
    if figure.effect_low is not None and figure.effect_high is not None:
        low, high, none = figure.effect_low, figure.effect_high, 0.0
    against = "higher" if low > none else "lower" if high < none else "not clear"
    effect = figure.effect_words.replace("Hedges' g", "g").replace("-", "\N{MINUS SIGN}")
    if figure.level:
        return ProfileRow(
            label,
            percent(figure.value, 0),
            f"{100 * figure.low:.0f} to {percent(figure.high, 0)}",
            percent(figure.overall, 0),
            against,
            effect,
        )
    places = decimals_within([max(figure.high - figure.value, figure.value - figure.low)])
    value, least, most, overall = (
        f"{each:.2e}" if abs(each) >= _LARGE else f"{each:,.{places}f}"
        for each in (figure.value, figure.low, figure.high, figure.overall)
    )
    return ProfileRow(label, value, f"{least} to {most}", overall, against, effect)


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
    r"""Return what a half-and-half trial with a segment's customers can show.

    Examples
    --------
    >>> trial_words(200), trial_words(60)
    ('12\xa0points: from 5 to 17\xa0%', 'too few customers in this segment for a trial')
    """
    rise = smallest_difference(customers)
    if rise is None or rise > _TOO_MUCH:
        return "too few customers in this segment for a trial"
    places = 0 if rise > 0.05 else 1
    points = f"{100 * rise:.{places}f}{_NARROW}points"
    return f"{points}: from {100 * RESPONSE:.0f} to {percent(RESPONSE + rise, places)}"
