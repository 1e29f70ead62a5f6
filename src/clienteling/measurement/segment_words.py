"""Columns of segments that hold words: which mean "no value", and which are nearly the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlglot.expressions as exp

from clienteling.data.columns import find_column
from clienteling.data.missing_words import said_missing, word_or_null
from clienteling.data.sql import column, name
from clienteling.data.table import Table

__all__ = ["with_segment_words"]

#: Pairs of a column that are shown.
_SHOWN = 5


def with_segment_words(table: Table, segments: Sequence[str]) -> Table:
    """Return the same rows, in which the words for "no value" of these columns are missing.

    Words that differ only in case or in blanks around them stay apart, and are said: whether they
    mean the same is not for us to tell.

    Parameters
    ----------
    table : a row per customer
    segments : columns that were known before; those that aren't there are left to others

    Examples
    --------
    >>> import clienteling as cl, pandas as pd
    >>> rows = cl.read(pd.DataFrame({"city": ["Bonn", "bonn ", "N/A", None]}))
    >>> read = with_segment_words(rows, ["city"])
    >>> read.df()["city"].isna().sum()
    np.int64(2)
    >>> read.notes[-2]
    'Column "city": 1 value such as "N/A" counts as missing.'
    >>> read.notes[-1].partition(": ")[2]
    '"Bonn" and "bonn ".'
    """
    found = (find_column(each, table.names) for each in dict.fromkeys(segments))
    words = [each.name for each in found if each and table[each.name].kind == "text"]
    said = said_missing(table, words)
    if said:
        gone = {each.column for each in said}
        kept = [
            (word_or_null(column(each)) if each in gone else column(each)).as_(name(each))
            for each in table.names
        ]
        table = replace(table, select=exp.select(*kept).from_(table.subquery), files=())
    notes = [f'Column "{each.column}": {each.words}.' for each in said]
    notes += [each for each in (_near_alike(table, word) for word in words) if each]
    return table.with_notes(*notes) if notes else table


def _near_alike(table: Table, of: str) -> str:
    """Say which words differ only in case or blanks; empty where none do."""
    own = column(of)
    bare = exp.Lower(this=exp.Trim(this=own.copy()))
    several = exp.GT(
        this=exp.Count(this=exp.Distinct(expressions=[own.copy()])),
        expression=exp.Literal.number(1),
    )
    rows = table.query(
        exp.select(
            bare.as_(name("bare")),
            exp.Min(this=own.copy()).as_(name("one")),
            exp.Max(this=own.copy()).as_(name("other")),
        )
        .where(exp.Not(this=exp.Is(this=own.copy(), expression=exp.null())))
        .group_by(bare.copy())
        .having(several)
        .order_by(column("bare"))
        .limit(_SHOWN + 1)
    ).to_pylist()
    if not rows:
        return ""
    pairs = "; ".join(f'"{row["one"]}" and "{row["other"]}"' for row in rows[:_SHOWN])
    more = "; and more" if len(rows) > _SHOWN else ""
    return (
        f'"{of}" has values that differ only in case or blanks, each a segment of its own: '
        f"{pairs}{more}."
    )
