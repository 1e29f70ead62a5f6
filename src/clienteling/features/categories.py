"""Categories that form segments: each level of a column becomes a feature of its own.

The coding of factor analysis of mixed data (Pagès 2004, *Revue de Statistique Appliquée* 52 (4),
93-111): a level is 1 for the customers who have it and 0 for the others, centred at its share p and
divided by the square root of p, so that what few have in common counts for more. A column of m
levels then adds m - 1 to the total variance, where a number adds 1.

Levels are defined once, here, in SQL and for a single value. What is rare is pooled: a level that
next to nobody has would lie so far out that a segment forms around it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np
import sqlglot.expressions as exp
from numpy.typing import NDArray

from clienteling.data.missing_words import SaidMissing, is_missing_word, said_missing, word_or_null
from clienteling.data.numbers import Usable, as_number
from clienteling.data.sql import LARGEST, case, column, double, name, number, text, usable
from clienteling.data.table import Column, Table
from clienteling.data.typed_column import says_missing
from clienteling.errors import ColumnError, DataError

__all__ = [
    "OTHER",
    "RARE",
    "Category",
    "Value",
    "by_column",
    "check_levels",
    "find_categories",
    "level_scale",
    "level_values",
    "level_word",
    "levels_table",
    "most_frequent",
]

Value = str | int | bool

#: A level of fewer customers than this share is pooled with other such levels.
RARE = 0.05
#: What the pooled levels are called.
OTHER = "other"
#: What the values of each kind of level may be in a table.
_FITS = {
    "text": ("text", "boolean"),
    "boolean": ("boolean", "integer", "number"),
    "integer": ("integer", "number"),
}
_WHAT = {"text": "text", "boolean": "yes or no", "integer": "whole numbers"}


@dataclass(frozen=True)
class Category:
    """A column whose levels take part.

    Parameters
    ----------
    column : its name
    levels : the values that are a level each, those of most customers first; all of one type
    rest : whether every other value counts as one more level; else it is not known
    missing_words : whether a text such as "unknown" or "n/a", unless it is one of the levels, means
        that there is no value

    Examples
    --------
    >>> city = Category("City", ("Berlin", "Bonn"), rest=True)
    >>> city.names
    ['City = Berlin', 'City = Bonn', 'City = other']
    >>> city.row("Bonn"), city.row("Kiel"), city.row(" ")
    ([0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [nan, nan, nan])
    >>> Category("City", ("Berlin", "Bonn"), rest=True, missing_words=True).row("unknown")
    [nan, nan, nan]
    """

    column: str
    levels: tuple[Value, ...]
    rest: bool = False
    missing_words: bool = False

    @property
    def kind(self) -> str:
        """What the levels are: ``text``, ``integer`` or ``boolean``."""
        if isinstance(self.levels[0], bool):
            return "boolean"
        return "integer" if isinstance(self.levels[0], int) else "text"

    @property
    def values(self) -> tuple[Value | None, ...]:
        """The value of each level; None for that of every other value."""
        return (*self.levels, None) if self.rest else self.levels

    @property
    def names(self) -> list[str]:
        """What the feature of each level is called; no two alike, whatever their case."""
        found: list[str] = []
        # Engines take "City = Bonn" and "City = bonn" for one column.
        taken: set[str] = set()
        for each in self.values:
            base = f"{self.column} = {level_word(each)}"
            names = (f"{base} ({number})" if number > 1 else base for number in count(1))
            called = next(one for one in names if one.lower() not in taken)
            taken.add(called.lower())
            found.append(called)
        return found

    def row(self, value: Any) -> list[float]:
        """Return each level's feature for a value: 1 or 0, NaN where it is missing or not known.

        Raises
        ------
        ValueError
            The value is not of the levels' type.
        """
        known = self._read(value)
        places: dict[Value | float, int] = {each: i for i, each in enumerate(self.levels)}
        if known is None or (known not in places and not self.rest):
            return [math.nan] * len(self.values)
        place = places.get(known, len(self.levels))
        return [float(place == index) for index in range(len(self.values))]

    def is_missing(self, value: Any) -> bool:
        """Whether there is no value at all, rather than one that is not known."""
        return self._read(value) is None

    def _read(self, value: Any) -> Value | float | None:
        import pandas as pd

        if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
            return None
        if isinstance(value, str) and not value.strip(" "):
            return None
        if self.kind == "text":
            if not isinstance(value, str):
                raise ValueError(value)
            said = value.strip(" ")
            no_value = self.missing_words and said not in self.levels and is_missing_word(said)
            return None if no_value else said
        if isinstance(value, str) and is_missing_word(value):
            return None
        said = str(value).strip(" ").lower()
        if self.kind == "boolean" and said in _YES_NO:
            return _YES_NO[said]
        number = float(said)
        return number if abs(number) <= LARGEST else None

    def sql(self, value: exp.Expr, kind: str) -> list[exp.Expr]:
        """Return each level's feature as an expression: 1 or 0, null as in :meth:`row`.

        Parameters
        ----------
        value : the column
        kind : what the column holds, as :class:`~clienteling.data.table.Column` says it; a
            number comes as a float64
        """
        named = [_is(value, each, kind) for each in self.levels]
        one_of_them = exp.or_(*named)
        # PostgreSQL would make decimals of these literals, and reckon with them as such.
        yes, no = double(number(1.0)), double(number(0.0))
        if not self.rest:
            return [case([(each, yes), (one_of_them, no)], None) for each in named]
        # The levels first: only what is none of them is compared with every missing word.
        nothing = (self.sql_missing(value, kind), exp.null())
        return [
            *(case([(each, yes), (one_of_them, no), nothing], no) for each in named),
            case([(one_of_them, no), nothing], yes),
        ]

    def sql_missing(self, value: exp.Expr, kind: str) -> exp.Expr:
        """Return the condition that a value that is none of the levels is no value at all.

        Parameters
        ----------
        value, kind : as for :meth:`sql`
        """
        missing: exp.Expr = exp.Is(this=value.copy(), expression=exp.null())
        if kind == "text":
            said = exp.Trim(this=value.copy())
            blank = exp.EQ(this=said.copy(), expression=text(""))
            words = says_missing(exp.Lower(this=said)) if self.missing_words else blank
            missing = exp.or_(missing, words)
        elif kind != "boolean":
            missing = exp.or_(missing, exp.not_(usable(value)))
        return missing


_YES_NO = {"true": True, "yes": True, "false": False, "no": False}


def level_word(value: Value | None) -> str:
    """Return a level for people: yes and no for flags, ``other`` for None."""
    if value is None:
        return OTHER
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def level_scale(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the features of levels are divided by: the root of each one's share.

    A rarer level than :data:`RARE` counts as one of that share: none shall outweigh all others.

    Examples
    --------
    >>> level_scale(np.array([0.25, 0.0])).round(4).tolist()
    [0.5, 0.2236]
    """
    return np.asarray(np.sqrt(np.maximum(shares, RARE)), dtype=np.float64)


def find_categories(table: Table, columns: Sequence[str]) -> tuple[list[Category], list[str]]:
    """Return the levels of columns, and what to say about them.

    Parameters
    ----------
    table : the customers
    columns : of text, whole numbers or flags

    Raises
    ------
    ColumnError
        A column holds something else; all of them are named.
    DataError
        A column has one level, or so many that none has :data:`RARE` of the customers.
    """
    wrong = [
        f'"{each}" holds {_HELD.get(table[each].kind, table[each].kind + " values")}.'
        for each in columns
        if table[each].kind not in _FITS
    ]
    if wrong:
        raise ColumnError(
            f"{table.source}: levels are text, whole numbers, or yes and no.",
            faults=wrong,
            hint="Name other columns with --categorical; a column of amounts is a feature.",
        )
    found, said, faults = [], [], []
    for each in columns:
        counts, different, present, words = _count(table, each)
        levels, rest = _common(counts, different, present)
        if not present:
            faults.append(f'column "{each}" is empty in all rows.')
        elif different == 1:
            only = level_word(_typed(counts[0][0], table[each].kind))
            faults.append(f'column "{each}" is "{only}" for every customer.')
        elif not levels:
            faults.append(
                f'column "{each}" has {different:,} levels, and none has {RARE:.0%} of the '
                "customers."
            )
        else:
            kept = tuple(_typed(level, table[each].kind) for level, _ in levels)
            own_words = table[each].kind == "text" and each not in table.as_written
            category = Category(each, kept, rest, own_words)
            found.append(category)
            said += [words.assumption.sentence] if words else []
            said.append(_said(category, different, 1 - sum(n for _, n in levels) / present))
    if faults:
        raise DataError(
            f"{table.source}: a category must tell customers apart by a few levels.",
            faults=faults,
            hint="Leave it out with --categorical, or put its levels into groups.",
        )
    return found, said


_HELD = {"number": "numbers with decimals", "date": "dates", "other": "neither words nor numbers"}


def _said(category: Category, different: int, pooled: float) -> str:
    many = len(category.values)
    said = f'Column "{category.column}" takes part by {many} levels'
    if category.rest:
        said += (
            f'; "{OTHER}" stands for {different - len(category.levels):,} rare ones '
            f"({pooled:.1%} of the customers, each below {RARE:.0%}) and for new ones"
        )
    weight = many - 1
    return f"{said}. It weighs as much as {weight} {'number' if weight == 1 else 'numbers'}."


def check_levels(table: Table, categories: Sequence[tuple[str, Category]]) -> None:
    """Refuse columns that can't hold the levels.

    Parameters
    ----------
    table : the customers
    categories : the name of the column in this table, and its levels

    Raises
    ------
    ColumnError
        With a fault per column.
    """
    faults = [
        f'"{each}" should hold {_WHAT[category.kind]} '
        f"({', '.join(map(level_word, category.levels[:3]))}, …); it holds "
        f"{_HELD.get(table[each].kind, _WHAT.get(table[each].kind, ''))}."
        for each, category in categories
        if table[each].kind not in _FITS[category.kind]
    ]
    if faults:
        raise ColumnError(
            f"{table.source}: the categories are not those of the model.",
            faults=faults,
            hint="Give the columns as they were at the fit.",
        )


def level_values(table: Table, feature: str, category: Category) -> list[exp.Expr]:
    """Return each level's feature as an expression over the table's rows."""
    kind = table[feature].kind
    return category.sql(
        column(feature) if kind in ("text", "boolean") else as_number(table, feature), kind
    )


def levels_table(table: Table, categories: Sequence[Category]) -> Table:
    """Return the same customers with a column of numbers for each level, lazily.

    Raises
    ------
    ColumnError
        The table has a column of such a name.
    """
    if not categories:
        return table
    there = {each.lower() for each in table.names}
    taken = [each for category in categories for each in category.names if each.lower() in there]
    if taken:
        raise ColumnError(
            f"{table.source}: levels would be called like columns that are there.",
            faults=[f'there is a column "{each}" already.' for each in taken],
            hint="Give the column another name, or leave the category out.",
        )
    added = [
        value.as_(name(called))
        for category in categories
        for called, value in zip(
            category.names, level_values(table, category.column, category), strict=True
        )
    ]
    select = exp.select(*(column(each) for each in table.names), *added).from_(table.subquery)
    columns = tuple(Column(each, "number") for category in categories for each in category.names)
    return replace(table, select=select, columns=(*table.columns, *columns))


def most_frequent(table: Table, categories: Sequence[Category]) -> dict[str, float]:
    """Return, by the name of each level's feature, 1 for the most frequent level and 0 for others.

    Parameters
    ----------
    table : the customers with a column for each level, see :func:`levels_table`
    """
    if not categories:
        return {}
    names = [each for category in categories for each in category.names]
    sums = [exp.Sum(this=column(each)).as_(name(f"n_{i}")) for i, each in enumerate(names)]
    row = table.query(exp.select(*sums)).to_pylist()[0]
    counts = {each: row[f"n_{i}"] or 0 for i, each in enumerate(names)}
    found = {}
    for category in categories:
        most = max(category.names, key=lambda each: counts[each])
        found.update({each: float(each == most) for each in category.names})
    return found


def by_column(counted: Usable, categories: Sequence[Category]) -> Usable:
    """Return the counts with those of a column's levels, which are all the same, told once.

    A level ranges from 0 to 1, even where nobody has it.
    """
    levels = {each: category.column for category in categories for each in category.names}
    ends = dict.fromkeys(levels, 0.0), dict.fromkeys(levels, 1.0)
    return replace(
        counted,
        missing={levels.get(each, each): many for each, many in counted.missing.items()},
        infinite={levels.get(each, each): many for each, many in counted.infinite.items()},
        low={**counted.low, **ends[0]},
        high={**counted.high, **ends[1]},
    )


def _is(value: exp.Expr, level: Value, kind: str) -> exp.Expr:
    if kind == "boolean":
        # Of a text file: where only true and false occur in it, no text is left of its levels.
        meant = _YES_NO.get(level.lower()) if isinstance(level, str) else bool(level)
        if meant is None:
            return exp.false()
        return value.copy() if meant else exp.Not(this=value.copy())
    if isinstance(level, str):
        return exp.EQ(this=exp.Trim(this=value.copy()), expression=text(level))
    return exp.EQ(this=value.copy(), expression=number(float(level)))


def _count(
    table: Table, feature: str
) -> tuple[list[tuple[Any, int]], int, int, SaidMissing | None]:
    """Return the levels that are not rare, how many there are, who has one, and missing words.

    Of few levels all are returned.
    """
    kind = table[feature].kind
    value: exp.Expr = column(feature)
    if kind == "text":
        trimmed = exp.Trim(this=value.copy())
        blank = exp.EQ(this=trimmed.copy(), expression=text(""))
        value = case([(blank, exp.null())], trimmed)
    words = said_missing(table, [feature]) if kind == "text" else []
    if words:
        value = word_or_null(value)
    levels = exp.select(value.as_(name("level"))).from_(table.subquery)
    source = exp.Subquery(this=levels, alias=exp.TableAlias(this=name("levels")))
    level, many = column("level"), exp.Count(this=column("level"))
    counted = exp.select(
        many.as_(name("present")),
        exp.Count(this=exp.Distinct(expressions=[level.copy()])).as_(name("different")),
    ).from_(source)
    row = table.engine.query(counted).to_pylist()[0]
    present, different = int(row["present"]), int(row["different"])
    query = (
        exp.select(level, many.copy().as_(name("many")))
        .from_(source.copy())
        .where(exp.Not(this=exp.Is(this=level.copy(), expression=exp.null())))
        .group_by(level.copy())
    )
    if different > 1 / RARE + 1:
        least = exp.Literal.number(math.ceil(RARE * present))
        query = query.having(exp.GTE(this=many.copy(), expression=least))
    rows = table.engine.query(query).to_pylist()
    pairs = [(each["level"], int(each["many"])) for each in rows]
    # Sorted here: engines order text differently.
    ordered = sorted(pairs, key=lambda pair: (-pair[1], str(pair[0])))
    return ordered, different, present, words[0] if words else None


def _common(
    counts: Sequence[tuple[Any, int]], different: int, present: int
) -> tuple[list[tuple[Any, int]], bool]:
    """Return the levels to keep, and whether the others are pooled; a single rare one is not."""
    common = [pair for pair in counts if pair[1] >= RARE * present]
    if different - len(common) == 1 and len(counts) == different:
        return list(counts), False
    return common, len(common) < different


def _typed(level: Any, kind: str) -> Value:
    if kind == "text":
        return str(level)
    return bool(level) if kind == "boolean" else int(level)
