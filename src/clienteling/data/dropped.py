"""A table without the values that the user says mean "unknown"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlglot.expressions as exp

from clienteling.data.sql import case, column, double, name, number
from clienteling.data.table import Column, Table
from clienteling.errors import ColumnError, columns_are

__all__ = ["check_dropped", "without_dropped"]


def check_dropped(
    source: str, columns: Sequence[Column], drop: Mapping[str, Sequence[float]]
) -> None:
    """Refuse values of columns that are not there, or hold no numbers.

    Raises
    ------
    ColumnError
        With a fault per column.
    """
    known = {each.name: each for each in columns}
    faults = [f'there is no column "{each}".' for each in drop if each not in known]
    faults += [
        f'column "{each}" holds {known[each].kind}, and only numbers can be dropped.'
        for each in drop
        if each in known and not known[each].is_numeric
    ]
    if faults:
        raise ColumnError(
            f"{source}: values can't be dropped.",
            faults=faults,
            hint=columns_are(known, drop),
        )


def without_dropped(table: Table, drop: Mapping[str, Sequence[float]]) -> Table:
    """Return the same rows with null in the place of the values that are dropped, lazily.

    Parameters
    ----------
    table : an open table
    drop : per column, the values

    Raises
    ------
    ColumnError
        As :func:`check_dropped`.

    Examples
    --------
    >>> import pandas as pd
    >>> import clienteling as cl
    >>> ages = cl.read(pd.DataFrame({"Age": [30, 999, 40]}))
    >>> without_dropped(ages, {"Age": [999.0]}).to_arrow().column("Age").to_pylist()
    [30, None, 40]
    """
    if not drop:
        return table
    check_dropped(table.source, table.columns, drop)
    values: list[exp.Expr] = []
    for each in table.names:
        tests = [
            exp.EQ(this=double(column(each)), expression=number(value))
            for value in drop.get(each, ())
        ]
        kept = case([(exp.or_(*tests), exp.null())], column(each)) if tests else column(each)
        values.append(kept.as_(name(each)))
    # Without its files: each of them, opened by itself, would have the values again.
    return replace(table, select=exp.select(*values).from_(table.subquery), files=())
