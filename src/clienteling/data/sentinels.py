"""Numbers that may stand for "unknown": 0, -1, 999, 118, where they lie off all other values.

Or among them, where one is taken far more often than any other.

They are reported with the option that drops them, and kept: a 0 can be a 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.assumptions import Assumption
from clienteling.data.columns import ID_ALIASES, normalise
from clienteling.data.sql import case, chain, column, double, number, usable
from clienteling.data.table import Table

__all__ = ["PEAK_SHARE", "SENTINELS", "find_sentinels", "sentinels_among"]

#: Numbers that people and programs write where they know none. 118 is the age of whom never gave a
#: birthday, in forms whose calendar began in 1900.
SENTINELS = (
    *(0.0, -1.0, -9.0, -99.0, -999.0, -9999.0, 9.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0),
    *(9999999.0, 118.0, 666666.0, 123456.0),
)

#: Values that a column must have for anything to stand out.
_FEWEST = 20
#: Among others, a value stands out that has such a share of the rows …
PEAK_SHARE = 0.01
#: … and so many of them, and is so many times as frequent as the next, in a column with so many
#: different values.
_PEAK_ROWS, _PEAK, _LEVELS = 10, 10, 30
#: Rows that are looked at, where not all are.
_FIRST = 1_000_000


def sentinels_among(table: Table, columns: Sequence[str]) -> list[str]:
    """Say which numbers stand out in columns of a table that was not looked through on opening.

    Text and workbooks were: their table says it already.

    Parameters
    ----------
    table : an open table
    columns : those that matter
    """
    if table.assumptions:
        return []
    names = [each for each in columns if table[each].kind in ("integer", "number")]
    if not names:
        return []
    some = exp.select(*(column(each) for each in names)).from_(table.subquery).limit(_FIRST)
    looked = replace(table.only(*names), select=some)
    return [each.sentence for each in find_sentinels(looked)]


def find_sentinels(table: Table) -> list[Assumption]:
    """Report the numbers that stand out as words for "unknown", each with the option that drops it.

    One pass over the numeric columns finds the range of all other values; only where one of
    :data:`SENTINELS` can be among them, a second one counts how often. It stands out where it lies
    off the others, or as a peak between them: ten times as frequent as any other value.

    Of a table that may have very many rows, the first million are looked at.

    Parameters
    ----------
    table : an open table; its id column is left out
    """
    ids = {normalise(each) for each in ID_ALIASES}
    names = [
        each.name
        for each in table.columns
        if each.kind in ("integer", "number") and normalise(each.name) not in ids
    ]
    if not names:
        return []
    row = table.engine.query(_ranges(table, names)).to_pylist()[0]
    suspects = {}
    for index in range(len(names)):
        values = _inside(*(row[f"{each}_{index}"] for each in ("min", "low", "high", "max")))
        if values:
            suspects[index] = values
    if not suspects:
        return []
    counts: list[exp.Expr] = []
    for index, values in suspects.items():
        value = _number(names[index])
        counts.append(exp.Count(this=value).as_(f"present_{index}"))
        counts.append(_distinct(table, value.copy()).as_(f"distinct_{index}"))
        for place, each in enumerate(values):
            equal = exp.EQ(this=value.copy(), expression=number(each))
            found = exp.Count(this=case([(equal, exp.Literal.number(1))], None))
            counts.append(found.as_(f"at{place}_{index}"))
    counted = table.query(exp.select(*counts)).to_pylist()[0]
    return [
        _assumption(names[index], each, count, index, row, counted)
        for index, values in suspects.items()
        for place, each in enumerate(values)
        if (count := counted[f"at{place}_{index}"])
        and (
            _is_peak(table, names[index], count, counted[f"present_{index}"])
            if row[f"low_{index}"] <= each <= row[f"high_{index}"]
            else _stands_out(each, count, index, row, counted)
        )
    ]


def _is_peak(table: Table, column_name: str, count: int, present: int) -> bool:
    """Whether a value among others is taken far more often than any of them.

    Columns of few different values have no peaks, only levels.
    """
    if present < _FEWEST or count < max(_PEAK_ROWS, PEAK_SHARE * present):
        return False
    value, many = column(column_name), exp.Count(this=exp.Star())
    query = (
        exp.select(many.as_("many"))
        .from_(table.subquery)
        .where(exp.Not(this=exp.Is(this=value.copy(), expression=exp.null())))
        .group_by(value)
        .order_by(exp.Ordered(this=column("many"), desc=True))
        .limit(_LEVELS)
    )
    most = [each["many"] for each in table.engine.query(query).to_pylist()]
    return len(most) == _LEVELS and most[0] == count and count >= _PEAK * most[1]


def _distinct(table: Table, value: exp.Expr) -> exp.Expr:
    if table.engine.dialect in ("duckdb", "spark"):
        return exp.ApproxDistinct(this=value)
    return exp.Count(this=exp.Distinct(expressions=[value]))


def _number(column_name: str) -> exp.Expr:
    value = double(column(column_name))
    return case([(usable(value), value)], None)


def _ranges(table: Table, names: Sequence[str]) -> exp.Select:
    """Return the query for the range of each column, with the words for "unknown" and without."""
    values = [_number(each).as_(f"v_{i}", copy=False) for i, each in enumerate(names)]
    parts: list[exp.Expr] = []
    for index in range(len(names)):
        value = exp.column(f"v_{index}")
        word = exp.In(this=value.copy(), expressions=[number(each) for each in SENTINELS])
        other = case([(word, exp.null())], value)
        parts += [
            exp.Min(this=value.copy()).as_(f"min_{index}", copy=False),
            exp.Min(this=other).as_(f"low_{index}", copy=False),
            exp.Max(this=other.copy()).as_(f"high_{index}", copy=False),
            exp.Max(this=value).as_(f"max_{index}", copy=False),
        ]
    taken, ranged = (exp.Select(expressions=each) for each in (values, parts))
    return chain(table.subquery, ("numbers", taken), ("ranged", ranged))


def _inside(
    least: float | None, low: float | None, high: float | None, most: float | None
) -> list[float]:
    if least is None or low is None or high is None or most is None or low == high:
        return []
    return [each for each in SENTINELS if least <= each <= most]


def _stands_out(
    value: float, count: int, index: int, row: Mapping[str, Any], counted: Mapping[str, Any]
) -> bool:
    low, high = row[f"low_{index}"], row[f"high_{index}"]
    present, distinct = counted[f"present_{index}"], counted[f"distinct_{index}"]
    gap = (low - value if value < low else value - high) / (high - low)
    if present < _FEWEST:
        return False
    if value < 0 <= low:
        return True  # the only number below zero
    if distinct < 10:
        return bool(gap > 10)
    # Far off by its distance, or near but far more frequent than a value at its place would be.
    repeated = count > 5 * present / distinct and gap > 5 / distinct
    return bool(gap > 0.25 or (gap > 0.1 and repeated))


def _assumption(
    name: str,
    value: float,
    count: int,
    index: int,
    row: Mapping[str, Any],
    counted: Mapping[str, Any],
) -> Assumption:
    rows = f"{count:,} of {counted[f'present_{index}']:,} values"
    low, high = _shown(row[f"low_{index}"]), _shown(row[f"high_{index}"])
    if row[f"low_{index}"] <= value <= row[f"high_{index}"]:
        among = f"at least {_PEAK} times as many as any other value has"
    else:
        among = f"while the others are {low} to {high}"
    what = f'{_shown(value)} may mean "unknown": {rows}, {among}; it is kept'
    return Assumption(what, name, f'--drop "{name}={_shown(value)}"')


def _shown(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
