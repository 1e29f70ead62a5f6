"""Column names as people say them, and how far a segment lies from all customers as a phrase."""

from __future__ import annotations

import re
from collections.abc import Sequence

from clienteling.data.columns import label_and_unit
from clienteling.features.categories import RARE, Category, level_word
from clienteling.segmentation.places import SLIGHT
from clienteling.segmentation.words import FeatureWords

__all__ = ["PLAIN_LEVEL", "feature_words", "level_phrase", "level_words"]

#: Differences from all customers, in standard deviations: from the first on one is plainly high or
#: low, from the second on very much so.
PLAIN_LEVEL, _VERY = 0.5, 1.5

#: Abbreviations before a name that say what is measured, not what of.
_AMOUNT = re.compile(r"^(mnt|amt|amount of) (?=\S)")
_SPENT = re.compile(r"^(mnt|amt) (?=\S)")
_COUNT = re.compile(r"^(num|nb|cnt|count of|number of|num of|no of|nr of) (?=\S)")
_COUNTED = re.compile(
    r"(^|\s)(visits|orders|purchases|transactions|sessions|clicks|items|baskets|trips|returns|"
    r"calls|logins|coupons|children|kids|products|stores|categories)( per \w+)?$"
)
_PER = re.compile(r"(?<=[a-z][a-rt-z]s) (day|week|month|quarter|year)$")

#: How high and low are said of a quantity, by its label; {} is the place of "very" or "rather", in
#: a comparison that of "much" or "slightly". Who bought first 270 days before the end of a year's
#: log is newer than the others, and yet not new.
_SAID = (
    (re.compile(r"^age$"), "{}older", "{}younger"),
    (re.compile(r"^recency( days)?$|^days since "), "bought {}long ago", "bought {}recently"),
    (re.compile(r"(^|\s)size$"), "{}large {label}", "{}small {label}"),
    (
        re.compile(r"(^|\s)tenure( days| months| years)?$"),
        "customers for {}longer",
        "{}newer customers",
    ),
    (re.compile(r"(^|\s)(duration|length)$"), "{}long {label}", "{}short {label}"),
)
_COMPARATIVES = {"{}older", "customers for {}longer"}

#: Levels that say what they are; others are said with their column.
_TELLS = re.compile(r"[^\W\d_]{2}")
_VAGUE = {
    *("yes", "no", "true", "false", "on", "off", "other", "others", "unknown", "none", "missing"),
    *("na", "n/a", "high", "medium", "low", "small", "large", "basic", "active", "inactive"),
}
#: From which share on a level is said how: of segments that have it more often, and more seldom.
_MANY_OF_THEM = ((0.95, "{}"), (0.5, "mostly {}"), (-1.0, "often {}"))
_FEW_OF_THEM = ((0.05, "seldom {}"), (0.005, "hardly {}"), (-1.0, "no {}"))


def feature_words(column: str, label: str = "") -> FeatureWords:
    """Return what a column is called: its name as people would say it, and its unit.

    Parameters
    ----------
    column : its name
    label : the word that a playbook has for it, if it has one

    Examples
    --------
    >>> [feature_words(each).label for each in ("MntWines", "NumWebVisitsMonth", "wine_spend")]
    ['wines', 'web visits per month', 'wine spend']
    >>> feature_words("Annual Income (k$)").heading
    'Annual income (k$)'
    >>> feature_words("Anzahl_Bestellungen").label, feature_words("NumVIPOrders").label
    ('Anzahl Bestellungen', 'VIP orders')
    """
    words, unit = label_and_unit(column)
    said = _PER.sub(r" per \1", _COUNT.sub("", _AMOUNT.sub("", words)))
    return FeatureWords(column, label or said, unit)


def level_phrase(words: FeatureWords, difference: float) -> str:
    """Return how a segment differs from all customers, in a few words; empty where it hardly does.

    Parameters
    ----------
    words : the feature
    difference : the segment's mean less that of all customers, in standard deviations

    Examples
    --------
    >>> income, visits = feature_words("Income"), feature_words("NumWebVisits")
    >>> level_phrase(income, 1.7), level_phrase(visits, -0.8), level_phrase(income, 0.3)
    ('very high income', 'few web visits', 'rather high income')
    >>> level_phrase(feature_words("Age"), -0.9), level_phrase(income, 0.1)
    ('younger', '')
    >>> level_phrase(feature_words("MntWines"), -0.7), level_phrase(feature_words("tenure"), 0.7)
    ('low spend on wines', 'customers for longer')
    """
    size = abs(difference)
    if size < SLIGHT:
        return ""
    if words.of:
        return _share_phrase(words, difference)
    high, low = _said(words)
    comparative = high in _COMPARATIVES
    grade = ("slightly " if comparative else "rather ") if size < PLAIN_LEVEL else ""
    if size >= _VERY:
        grade = "much " if comparative else "very "
    return (high if difference > 0 else low).format(grade, label=words.label)


def level_words(category: Category, others: Sequence[Category] = ()) -> list[FeatureWords]:
    """Return what the levels of a column are called: by themselves where that says enough.

    Parameters
    ----------
    category : the column and its levels
    others : the other such columns; a word that two of them have is said with its column

    Examples
    --------
    >>> city, gold = Category("HomeCity", ("Bonn",), rest=True), Category("Gold", (True, False))
    >>> [each.label for each in (*level_words(city), *level_words(gold))]
    ['Bonn', 'home city other', 'gold yes', 'gold no']
    """
    label, _ = label_and_unit(category.column)
    elsewhere = {str(level).lower() for each in others for level in each.levels}
    found = []
    for called, value in zip(category.names, category.values, strict=True):
        word = level_word(value)
        alone = isinstance(value, str) and _TELLS.search(word) and word.lower() not in _VAGUE
        said = word if alone and word.lower() not in elsewhere else f"{label} {word}"
        found.append(FeatureWords(called, said, of=category.column))
    return found


def _share_phrase(words: FeatureWords, difference: float) -> str:
    """Return how many of a segment have a level, in a few words."""
    share = words.share + difference * max(words.share, RARE) ** 0.5
    said = _MANY_OF_THEM if difference > 0 else _FEW_OF_THEM
    return next(phrase for least, phrase in said if share >= least).format(words.label)


def _said(words: FeatureWords) -> tuple[str, str]:
    for pattern, high, low in _SAID:
        if pattern.search(words.label):
            return high, low
    column = label_and_unit(words.name)[0].lower()
    if _SPENT.match(column):
        return "{}high spend on {label}", "{}low spend on {label}"
    counted = _COUNT.match(column) or _COUNTED.search(words.label)
    return ("{}many {label}", "{}few {label}") if counted else ("{}high {label}", "{}low {label}")
