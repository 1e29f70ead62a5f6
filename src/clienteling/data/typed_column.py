"""A column of a text file with its type, and the words in it that mean "no value"."""

from __future__ import annotations

from dataclasses import dataclass

import sqlglot.expressions as exp
from sqlglot.expressions.datatypes import DType

from clienteling.data.sql import case, text
from clienteling.data.table import Column

__all__ = ["MISSING_WORDS", "TypedColumn", "says_missing", "try_cast", "without_missing"]

#: Words that mean "no value" in a column of numbers or dates, whatever their case.
MISSING_WORDS = (
    *("", "na", "n/a", "n.a.", "#n/a", "nan", "null", "#null!", "none", "nil", "<na>"),
    *("-", "--", "?", ".", "unknown", "missing", "not available", "undefined", "nd", "k.a."),
    *("#value!", "#div/0!", "#ref!", "#num!", "nat"),
)


@dataclass(frozen=True)
class TypedColumn:
    """A column with the expression that gives its typed values from the raw text."""

    column: Column
    expression: exp.Expr


def try_cast(value: exp.Expr, kind: DType) -> exp.Expr:
    """Return the value as that type, or null where it is none, on every engine.

    Examples
    --------
    >>> value = try_cast(exp.column("a"), exp.DataType.Type.DOUBLE)
    >>> value.sql("duckdb"), value.sql("spark")
    ('TRY_CAST(a AS DOUBLE)', 'TRY_CAST(a AS DOUBLE)')
    """
    # Without "safe", Spark would get a cast that fails.
    return exp.TryCast(this=value, to=exp.DataType(this=kind), safe=True)


def without_missing(raw: exp.Expr) -> exp.Expr:
    """Return the trimmed text, or null where it says that there is no value."""
    trimmed = exp.Trim(this=raw.copy())
    return case([(says_missing(exp.Lower(this=trimmed.copy())), exp.null())], trimmed)


def says_missing(lower: exp.Expr) -> exp.Expr:
    """Return the condition that a trimmed text in lower case says that there is no value."""
    # Not IN: DuckDB makes a join of a long list, and a join loses the order of the rows.
    return exp.or_(*(exp.EQ(this=lower.copy(), expression=text(word)) for word in MISSING_WORDS))
