"""CSV files that open rightly in a spreadsheet: UTF-8 with its mark, and no live formulas.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or the end of a line could be run as a
formula (OWASP, CSV Injection); an apostrophe before it makes it text again, in the header too.
Numbers are left.
"""

from __future__ import annotations

from pathlib import Path

import sqlglot.expressions as exp

from clienteling.data.sql import case, column, name, text
from clienteling.data.table import Column, Table

__all__ = ["neutral", "neutralised", "write_csv"]

_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n")
_INERT = ("integer", "number", "boolean", "date")


def neutralised(table: Table) -> Table:
    """Return the table with an apostrophe before each text that a spreadsheet would run."""
    select = exp.select(*(_safe(each) for each in table.columns)).from_(table.subquery)
    columns = tuple(
        Column(_safe_name(each), each.kind if each.kind in _INERT else "text")
        for each in table.columns
    )
    return Table(table.engine, select, columns, table.source, table.notes)


def write_csv(table: Table, path: Path) -> None:
    """Write a table as CSV for a spreadsheet, whole or not at all."""
    neutralised(table).to_csv(path)


def neutral(value: str) -> str:
    """Return a text with an apostrophe before it where a spreadsheet would run it.

    Examples
    --------
    >>> neutral("=1+1"), neutral("plain")
    ("'=1+1", 'plain')
    """
    return f"'{value}" if value.startswith(_LIVE) else value


def _safe_name(each: Column) -> str:
    return neutral(each.name)


def _safe(each: Column) -> exp.Expr:
    value: exp.Expr = column(each.name)
    if each.kind in _INERT:
        return value.as_(name(_safe_name(each)))
    if each.kind != "text":
        value = exp.cast(value, exp.DataType.Type.VARCHAR)
    first = exp.Substring(
        this=value.copy(), start=exp.Literal.number(1), length=exp.Literal.number(1)
    )
    # Not IN: DuckDB makes a join of a long list, and a join loses the order of the rows.
    live = exp.or_(*(exp.EQ(this=first.copy(), expression=text(sign)) for sign in _LIVE))
    marked = exp.DPipe(this=text("'"), expression=value.copy(), safe=True)
    return case([(live, marked)], value.copy()).as_(name(_safe_name(each)))
