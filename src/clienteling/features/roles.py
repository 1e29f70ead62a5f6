"""What part each column plays: id, feature, category, profile or ignore, each with its reason.

A category forms segments by its levels. None is proposed: whether words should, is for the user to
say.

Among many columns of numbers those become features that stand best for all of them: one after
the other the column that explains most of what the earlier ones leave open (greedy column subset
selection, Farahat, Ghodsi and Kamel 2011, doi:10.1109/ICDM.2011.22), on the correlations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from clienteling.data.columns import ID_ALIASES, is_taken, label_and_unit, normalise
from clienteling.data.copies import Copy
from clienteling.data.inspection import ColumnFigures

__all__ = [
    "DATES",
    "ROLES",
    "Part",
    "Role",
    "is_code",
    "is_year",
    "looks_like_id",
    "propose_roles",
    "words_of",
]

#: What is said of a column of dates.
DATES = (
    "Dates form no segments, and no figure describes them by dates; the days since then, as a "
    "number, could do both."
)

Role = Literal["id", "feature", "category", "profile", "ignore"]
#: What a column can be.
ROLES: tuple[Role, ...] = get_args(Role)

#: Features that are proposed at most.
_FEATURES = 6
#: Fewer different numbers than this are levels, not amounts.
_LEVELS = 8
#: Words with more different values than this are not compared between segments.
_SHORT = 12
_LONG_TEXT = 40
#: Where more is missing, too many customers would be left without a segment.
_MISSING = 0.2
#: A column of which the others leave less than this open adds nothing.
_NEW = 0.1
#: Fewer rows than this tell nothing about ids without a name.
_MANY = 30

_ID = {
    *("id", "ids", "uuid", "guid", "key", "no", "nr", "number", "hash", "token"),
    *("phone", "telephone", "mobile", "email", "mail", "iban"),
}
_MEASURE = re.compile(
    r"(amount|amt|spen[dt]|sale|revenue|turnover|income|salary|total|sum|value|price|profit|margin|"
    r"mnt|monetary|basket|order|purchas|visit|click|session|num|count|freq|recency|qty|quantit|"
    r"score|balance|point|days|tenure|return|discount|share|rate)"
)
#: Places, and what stands for something else, such as the scores of `clienteling rfm` in a row.
_CODE = re.compile(r"^(zip|zipcode|postcode|postal|plz|lat|latitude|lon|lng|longitude|code|rfm)$")
_PERSON = re.compile(
    r"^(age|birth\w*|born|yob|dob|year|kids?\w*|child\w*|teen\w*|family|household|education|"
    r"experience|height|weight|dependents?)$"
)


@dataclass(frozen=True)
class Part:
    """What part a column plays, and why, in a sentence."""

    name: str
    role: Role
    reason: str


def words_of(column_name: str) -> list[str]:
    """Return the words of a column's name, in small letters."""
    return re.findall(r"[^\W\d_]+", label_and_unit(column_name)[0].lower())


def is_year(figures: ColumnFigures) -> bool:
    """Whether whole numbers are years, by their name and range."""
    if figures.kind != "integer" or not isinstance(figures.least, float):
        return False
    named = any(re.match(r"year|birth|born|yob", each) for each in words_of(figures.name))
    return named and figures.least >= 1000 and float(figures.largest or 0) < 3000


def looks_like_id(figures: ColumnFigures, exact: bool = True) -> bool:
    """Whether a column tells rows apart: by its name, or by values that mean nothing else.

    Parameters
    ----------
    figures : of the column
    exact : whether the distinct values are counted exactly

    Examples
    --------
    >>> looks_like_id(ColumnFigures("loyalty_no", "integer", 50, 0, 50))
    True
    >>> looks_like_id(ColumnFigures("orders", "integer", 50, 0, 50, 1.0, 50.0))
    False
    """
    unique = figures.unique or (not exact and figures.distinct > 0.9 * figures.present)
    if not unique or figures.kind not in ("integer", "text"):
        return False
    if is_called_id(figures.name):
        return True
    if figures.missing or figures.present < _MANY:
        return False
    if figures.kind == "text":
        return True
    if any(_MEASURE.match(each) or _PERSON.match(each) for each in words_of(figures.name)):
        return False
    # Numbers of rows lie close together; of a thousand amounts some are equal.
    span = float(figures.largest or 0) - float(figures.least or 0)
    return span <= 2 * figures.present or figures.present >= 1000


def is_called_id(column_name: str) -> bool:
    """Whether a column is called like an id.

    Examples
    --------
    >>> is_called_id("StoreID"), is_called_id("e-mail"), is_called_id("number of orders")
    (True, True, False)
    """
    words = words_of(column_name)
    named = normalise(column_name) in {normalise(each) for each in ID_ALIASES}
    return named or (bool(words) and words[-1] in _ID)


def is_code(column_name: str) -> bool:
    """Whether a column is called like an id, a place or a code: its numbers measure nothing.

    Examples
    --------
    >>> is_code("Stock Code"), is_code("zip"), is_code("rfm"), is_code("spend")
    (True, True, True, False)
    """
    return is_called_id(column_name) or any(_CODE.match(each) for each in words_of(column_name))


def propose_roles(
    figures: Sequence[ColumnFigures],
    *,
    id: str | None,
    known: Sequence[str] = (),
    playbook: str = "",
    copies: Sequence[Copy] = (),
    related: Mapping[tuple[str, str], float] | None = None,
    exact: bool = True,
) -> list[Part]:
    """Return the part of each column, with its reason.

    Parameters
    ----------
    figures : of each column
    id : the column with the customer's id, if one is known by its name
    known : the features that a playbook finds; they are taken as they are
    playbook : its name
    copies : the columns that say what an earlier one says
    related : the correlations between columns of numbers
    exact : whether the distinct values are counted exactly

    Examples
    --------
    >>> age = ColumnFigures("Age", "integer", 99, 0, 40, 18.0, 80.0)
    >>> spend = ColumnFigures("Spend", "number", 99, 0, 90, 1.0, 500.0)
    >>> visits = ColumnFigures("Visits", "integer", 99, 0, 20, 1.0, 30.0)
    >>> [each.role for each in propose_roles([age, spend, visits], id=None)]
    ['profile', 'feature', 'feature']
    """
    copied = {each.name: each for each in copies}
    fixed: dict[str, Part] = {}
    for each in figures:
        if each.name in known and each.name != id:
            said = f'The playbook "{playbook}" forms its segments from it.'
            fixed[each.name] = Part(each.name, "feature", said)
            continue
        part = _fixed(each, id, copied.get(each.name), exact)
        if part is not None:
            fixed[each.name] = part
            if part.role == "id":
                id = each.name
    open_to = [each for each in figures if each.name not in fixed]
    if known:
        said = f'A number, but the playbook "{playbook}" knows the features.'
        chosen = {each.name: Part(each.name, "profile", said) for each in open_to}
    else:
        chosen = _choose(open_to, related or {})
    return [fixed.get(each.name) or chosen[each.name] for each in figures]


def _fixed(each: ColumnFigures, id: str | None, copy: Copy | None, exact: bool) -> Part | None:
    """Return the part that a column plays whatever the others are; None for a possible feature."""
    name = each.name
    if name == id:
        return Part(name, "id", "The customer's id.")
    if not each.present:
        return Part(name, "ignore", "Empty in all rows.")
    if each.constant:
        return Part(name, "ignore", "The same value in all rows.")
    if copy is not None:
        r = "" if copy.r is None else f" (correlation {copy.r:.3f})"
        return Part(name, "ignore", f'Says what "{copy.of}" says{r}.')
    if looks_like_id(each, exact):
        if id is None and is_called_id(name) and not each.missing:
            return Part(name, "id", "Called like an id, and different in every row.")
        return Part(name, "ignore", "Different in every row, so it names customers.")
    if each.kind == "text":
        return _words(each)
    if each.kind == "date":
        return Part(name, "profile", DATES)
    if each.kind == "other":
        return Part(name, "ignore", "Its values are neither numbers, words nor dates.")
    if each.kind == "boolean" or each.distinct == 2:
        return Part(name, "profile", "A flag: two values.")
    if is_code(name):
        if each.distinct <= _SHORT:
            return Part(name, "profile", f"A code with {each.distinct} values, not an amount.")
        return Part(name, "ignore", "A code: its numbers measure nothing.")
    if each.distinct < _LEVELS:
        return Part(name, "profile", f"Only {each.distinct} different numbers.")
    if each.missing > _MISSING * (each.present + each.missing):
        share = each.missing / (each.present + each.missing)
        said = f"Missing for {share:.0%} of the customers, who would be left without a segment."
        return Part(name, "profile", said)
    if is_taken(name):
        return Part(name, "profile", "The result has a column of its own with this name.")
    return None


def _words(each: ColumnFigures) -> Part:
    if each.distinct == 2:
        return Part(each.name, "profile", "A flag: two values.")
    if each.distinct <= _SHORT:
        return Part(each.name, "profile", f"{each.distinct} different words.")
    if (each.length or 0) > _LONG_TEXT:
        return Part(each.name, "ignore", "Long text.")
    said = f"{each.distinct:,} different words are too many to compare."
    return Part(each.name, "ignore", said)


def _choose(
    candidates: Sequence[ColumnFigures], related: Mapping[tuple[str, str], float]
) -> dict[str, Part]:
    persons = [each for each in candidates if _is_person(each)]
    others = [each for each in candidates if not _is_person(each)]
    took = others if len(others) >= 2 else list(candidates)
    chosen = _subset([each.name for each in took], related) if took else []
    parts = {}
    for each in candidates:
        name = each.name
        if name in chosen:
            parts[name] = Part(name, "feature", _why(each, len(took) > len(chosen)))
        elif each in persons:
            said = "Tells who customers are; what they do and spend makes better segments."
            parts[name] = Part(name, "profile", said)
        else:
            parts[name] = Part(name, "profile", _why_not(name, chosen, related))
    return parts


def _is_person(each: ColumnFigures) -> bool:
    return is_year(each) or any(_PERSON.match(word) for word in words_of(each.name))


def _why(each: ColumnFigures, selected: bool) -> str:
    if _is_person(each):
        return "Tells who customers are; there is too little on what they do and spend."
    measures = any(_MEASURE.match(word) for word in words_of(each.name))
    what = "An amount or a count" if measures else f"A number with {each.distinct:,} values"
    return f"{what}, and among those that stand best for all." if selected else f"{what}."


def _why_not(name: str, chosen: Sequence[str], related: Mapping[tuple[str, str], float]) -> str:
    nearest = max(chosen, key=lambda each: abs(_r(name, each, related)), default=None)
    r = 0.0 if nearest is None else _r(name, nearest, related)
    if abs(r) < 0.3:
        return "A number, but six others stand for more."
    how = "with" if r > 0 else "against"
    return f'A number that goes {how} the feature "{nearest}" (correlation {r:.2f}).'


def _r(a: str, b: str, related: Mapping[tuple[str, str], float]) -> float:
    return 1.0 if a == b else related.get((a, b), related.get((b, a), 0.0))


def _subset(names: Sequence[str], related: Mapping[tuple[str, str], float]) -> list[str]:
    if not related:
        return list(names[:_FEATURES])
    compared = {each for pair in related for each in pair}
    names = [each for each in names if each in compared]
    left = np.array([[_r(a, b, related) for b in names] for a in names])
    chosen: list[str] = []
    while len(chosen) < _FEATURES:
        own = np.diag(left)
        new = np.where(own > _NEW, own, np.inf)
        # Rounded, so that the last digits of an engine decide nothing; ties go to the first.
        gain = np.round((left**2).sum(axis=0) / new, 6)
        best = int(np.argmax(gain))
        if own[best] <= _NEW:
            break
        chosen.append(names[best])
        left = left - np.outer(left[:, best], left[best]) / own[best]
    return [each for each in names if each in chosen]
