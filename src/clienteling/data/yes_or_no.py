"""Responses that are written as words: yes and no are read as 1 and 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlglot.expressions as exp

from clienteling.data.columns import find_column
from clienteling.data.sql import case, column, name, text
from clienteling.data.table import Column, Table
from clienteling.data.typed_column import without_missing

__all__ = ["with_responses_as_numbers"]

_YES = ("yes", "y", "true", "t", "ja")
_NO = ("no", "n", "false", "f", "nein")
_ZERO, _ONE = exp.Literal.number(0), exp.Literal.number(1)


def with_responses_as_numbers(table: Table, outcomes: Sequence[str]) -> Table:
    """Return the same rows, with outcomes that say yes or no throughout as 1 and 0.

    Parameters
    ----------
    table : a row per customer
    outcomes : columns to look at; one that holds anything else stays as it is

    Examples
    --------
    >>> import clienteling as cl, pandas as pd
    >>> rows = pd.DataFrame({"visit": ["Yes", "no", None], "spend": ["1.5", "no", "2"]})
    >>> read = with_responses_as_numbers(cl.read(rows), ["visit", "spend"])
    >>> read.df()["visit"].tolist(), [each.kind for each in read.columns], read.notes[-1]
    ([1.0, 0.0, nan], ['integer', 'text'], '"visit" is read as 1 for yes and 0 for no.')
    """
    found = (find_column(each, table.names) for each in dict.fromkeys(outcomes))
    words = [each.name for each in found if each and table[each.name].kind == "text"]
    said = [each for each in words if _says_yes_or_no(table, each)]
    if not said:
        return table
    kept = [
        (_as_number(each) if each in said else column(each)).as_(name(each)) for each in table.names
    ]
    columns = (
        Column(each.name, "integer") if each.name in said else each for each in table.columns
    )
    read = replace(
        table,
        select=exp.select(*kept).from_(table.subquery),
        columns=tuple(columns),
        files=(),
    )
    return read.with_notes(*(f'"{each}" is read as 1 for yes and 0 for no.' for each in said))


def _word(of: str) -> exp.Expr:
    return exp.Lower(this=without_missing(column(of)))


def _one_of(of: str, words: Sequence[str]) -> exp.Expr:
    return exp.In(this=_word(of), expressions=[text(each) for each in words])


def _as_number(of: str) -> exp.Expr:
    return case([(_one_of(of, _YES), _ONE.copy()), (_one_of(of, _NO), _ZERO.copy())], None)


def _says_yes_or_no(table: Table, of: str) -> bool:
    """Whether a column of text has values, and each of them is a yes or a no."""
    row = table.query(
        exp.select(
            exp.Count(this=_word(of)).as_(name("present")),
            exp.Count(this=_as_number(of)).as_(name("said")),
        )
    ).to_pylist()[0]
    return 0 < int(row["present"]) == int(row["said"])
