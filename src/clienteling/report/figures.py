"""How the report writes its figures: counts, shares, values in their units, intervals."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass

from clienteling.measurement.digits import decimals_within
from clienteling.segmentation.labels import feature_words
from clienteling.segmentation.model_segments import Figure
from clienteling.segmentation.words import FeatureWords

__all__ = [
    "ProfileRow",
    "centre_value",
    "column_heading",
    "counted",
    "day",
    "own_value",
    "percent",
    "profile_places",
    "profile_row",
    "statistic",
    "statistic_places",
    "value_places",
]

_WORDS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
#: Before a percent sign and after a figure a line must not break.
NARROW = "\N{NO-BREAK SPACE}"
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
        return f"under {100 * least:.{places}f}{NARROW}%"
    shown = f"{100 * share:.{places}f}"
    return f"{'100' if float(shown) == 100 else shown}{NARROW}%"


def statistic(value: float | None, places: int | None = None) -> str:
    """Return a figure of merit with three digits that matter, or a dash where it isn't defined.

    Parameters
    ----------
    value : the figure
    places : so many decimals, where the figure stands in a column of them

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
    places = (3 if size < 10 else 2 if size < 100 else 1) if places is None else places
    return f"{value:,.{places}f}"


def statistic_places(values: Iterable[float | None]) -> int:
    """Return how many decimals a column of figures of merit takes: those of the largest.

    Examples
    --------
    >>> statistic_places([269.02, None, 65.568]), statistic_places([])
    (1, 3)
    """
    size = max((abs(each) for each in values if each is not None), default=0.0)
    return 3 if size < 10 else 2 if size < 100 else 1


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


def value_places(values: Iterable[float]) -> int:
    """Return how many decimals a feature's column takes: three digits of the largest value.

    Examples
    --------
    >>> value_places([88.2, 5.04]), value_places([71_791.0, 37.9]), value_places([0.01234, 0.0])
    (1, 0, 4)
    """
    size = max((abs(each) for each in values), default=0.0)
    return min(12, max(0, 2 - math.floor(math.log10(size)))) if size > 0 else 0


def own_value(words: FeatureWords, value: float, places: int | None = None) -> str:
    """Return a centre's coordinate: as :func:`centre_value` has it, of a level as a share.

    Parameters
    ----------
    words : of the feature
    value : in its own unit
    places : so many decimals, where the value stands in a column of them

    Examples
    --------
    >>> own_value(FeatureWords("Income", "income", "k$"), 88.2)
    '88.2'
    >>> own_value(FeatureWords("City = Bonn", "Bonn", of="City"), 0.821)
    '82 %'
    """
    if words.of:
        return words.number(value)
    if places is None or abs(value) >= _LARGE:
        return centre_value(value)
    return f"{value:,.{places}f}"


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
        where that of the value leaves out all customers' figure), with how much: "slightly",
        "clearly" or "much", by the usual limits for an effect (Cohen 1988)
    effect : how much the segment differs from the other customers; empty where that isn't known
    """

    label: str
    value: str
    interval: str
    overall: str
    against: str
    effect: str = ""


def profile_row(figure: Figure, places: int | None = None) -> ProfileRow:
    """Return a profile figure in words, as exact as its interval allows.

    Parameters
    ----------
    figure : of a segment
    places : so many decimals, the same for all segments; by default as the interval allows

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
    if against != "not clear" and figure.effect is not None:
        against = f"{_how_much(figure)} {against}".strip()
    effect = figure.effect_words.removeprefix("Hedges' g ").replace("-", "\N{MINUS SIGN}")
    if figure.level:
        return ProfileRow(
            label,
            percent(figure.value, 0),
            f"{100 * figure.low:.0f} to {percent(figure.high, 0)}",
            percent(figure.overall, 0),
            against,
            effect,
        )
    places = profile_places([figure]) if places is None else places
    value, least, most, overall = (
        f"{each:.2e}" if abs(each) >= _LARGE else f"{each:,.{places}f}"
        for each in (figure.value, figure.low, figure.high, figure.overall)
    )
    return ProfileRow(label, value, f"{least} to {most}", overall, against, effect)


def _how_much(figure: Figure) -> str:
    """Return how large an effect is: of shares by Cohen's h, which is on the scale of g."""
    size = abs(figure.effect or 0.0)
    if figure.level:
        share = min(1.0, max(0.0, figure.value))
        others = min(1.0, max(0.0, share - (figure.effect or 0.0)))
        size = abs(2 * math.asin(math.sqrt(share)) - 2 * math.asin(math.sqrt(others)))
    return "slightly" if size < 0.2 else "" if size < 0.5 else "clearly" if size < 0.8 else "much"


def profile_places(figures: Iterable[Figure]) -> int:
    """Return how many decimals a column takes that took no part: the most that a segment needs.

    Parameters
    ----------
    figures : means of the same column
    """
    return decimals_within([max(each.high - each.value, each.value - each.low) for each in figures])
