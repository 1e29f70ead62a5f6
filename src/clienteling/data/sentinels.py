"""Numbers that may stand for "unknown": 0, -1, 999, 118, where they lie off all other values.

They are reported with the option that drops them, and kept: a 0 can be a 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.assumptions import Assumption
from clienteling.data.columns import ID_ALIASES, normalise
from clienteling.data.sql import case, column, double, number
from clienteling.data.table import Table

__all__ = ["SENTINELS", "find_sentinels"]

#: Numbers that people and programs write where they know none. 118 is the age of whom never gave a
#: birthday, in forms whose calendar began in 1900.
SENTINELS = (
    *(0.0, -1.0, -9.0, -99.0, -999.0, -9999.0, 9.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0),
    *(9999999.0, 118.0, 666666.0, 123456.0),
)

#: Values that a column must have for anything to stand out.
_FEWEST = 20


def find_sentinels(table: Table) -> list[Assumption]:
    """Report the numbers that stand out as words for "unknown", each with the option that drops it.

    One pass over the numeric columns finds the range of all other values; only where one of
    :data:`SENTINELS` lies outside of it, a second one counts how often.

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
    ranges = table.query(exp.select(*(part for i, n in enumerate(names) for part in _range(i, n))))
    row = ranges.to_pylist()[0]
    suspects = {}
    for index in range(len(names)):
        values = _outside(*(row[f"{each}_{index}"] for each in ("min", "low", "high", "max")))
        if values:
            suspects[index] = values
    if not suspects:
        return []
    counts: list[exp.Expr] = []
    for index, values in suspects.items():
        value = double(column(names[index]))
        counts.append(exp.Count(this=value).as_(f"present_{index}"))
        counts.append(exp.ApproxDistinct(this=value.copy()).as_(f"distinct_{index}"))
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
        and _stands_out(each, count, index, row, counted)
    ]


def _range(index: int, column_name: str) -> list[exp.Expr]:
    value = double(column(column_name))
    is_sentinel = exp.or_(
        *(exp.EQ(this=value.copy(), expression=number(each)) for each in SENTINELS)
    )
    other = case([(is_sentinel, exp.null())], value)
    return [
        exp.Min(this=value.copy()).as_(f"min_{index}"),
        exp.Min(this=other).as_(f"low_{index}"),
        exp.Max(this=other.copy()).as_(f"high_{index}"),
        exp.Max(this=value.copy()).as_(f"max_{index}"),
    ]


def _outside(
    least: float | None, low: float | None, high: float | None, most: float | None
) -> list[float]:
    if least is None or low is None or high is None or most is None or low == high:
        return []
    return [each for each in SENTINELS if least <= each < low or high < each <= most]


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
    what = (
        f'{_shown(value)} may mean "unknown": {rows}, while the others are {low} to {high}; '
        "it is kept"
    )
    return Assumption(what, name, f'--drop "{name}={_shown(value)}"')


def _shown(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
