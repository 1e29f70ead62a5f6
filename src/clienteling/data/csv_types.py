"""Decide, from all rows, which columns of a text file are numbers.

A column is a number when every value that isn't missing is one; nothing is sampled, so a word
in the last row is found as surely as one in the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlglot.expressions as exp

from clienteling.data.assumptions import Assumption
from clienteling.data.files import DataFile
from clienteling.data.sql import case, column, name, text
from clienteling.data.table import Column, Engine, Table, ViewEngine
from clienteling.errors import SourceError

__all__ = ["MISSING_WORDS", "TypedColumn", "decide_types", "typed_table", "without_missing"]

#: Words that mean "no value" in a column of numbers, whatever their case.
MISSING_WORDS = ("", "na", "n/a", "nan", "null", "none")


@dataclass(frozen=True)
class TypedColumn:
    """A column with the expression that gives its typed values from the raw text."""

    column: Column
    expression: exp.Expr


def without_missing(raw: exp.Expr) -> exp.Expr:
    """Return the trimmed text, or null where it says that there is no value."""
    trimmed = exp.Trim(this=raw.copy())
    # Not IN: DuckDB makes a join of a long list, and a join loses the order of the rows.
    lower = exp.Lower(this=trimmed.copy())
    says_missing = exp.or_(
        *(exp.EQ(this=lower.copy(), expression=text(word)) for word in MISSING_WORDS)
    )
    return case([(says_missing, exp.null())], trimmed)


def decide_types(
    engine: Engine, view: str, names: Sequence[str], source: str
) -> tuple[list[TypedColumn], list[Assumption]]:
    """Return each column with its type, and what was assumed.

    Parameters
    ----------
    engine : holds the raw rows
    view : the raw rows, all of them text
    names : the columns of the raw rows
    source : what to call the file in messages

    Raises
    ------
    SourceError
        The file has a header but no rows.
    """
    counts = engine.query(_count(names).from_(exp.to_table(view))).to_pylist()[0]
    if counts["rows"] == 0:
        raise SourceError(
            f"{source}: has a header but no rows.", hint="Give one line per customer below it."
        )
    notes = []
    typed = []
    for index, each in enumerate(names):
        present, numbers, integers, words = (
            counts[f"{what}_{index}"] for what in ("present", "numbers", "integers", "words")
        )
        raw = column(each)
        if present == 0 or numbers < present:
            typed.append(TypedColumn(Column(each, "text"), raw))
            continue
        kind, sql_type = (
            ("integer", exp.DataType.Type.BIGINT)
            if integers == present
            else ("number", exp.DataType.Type.DOUBLE)
        )
        typed.append(
            TypedColumn(
                Column(each, kind),
                exp.TryCast(this=without_missing(raw), to=exp.DataType(this=sql_type)),
            )
        )
        if words:
            notes.append(
                Assumption(
                    f'{words} {"value" if words == 1 else "values"} such as "NA" count as missing',
                    each,
                )
            )
    return typed, notes


def typed_table(
    engine: ViewEngine,
    raw: str,
    names: Sequence[str],
    file: DataFile,
    changed: Sequence[Assumption] = (),
) -> Table:
    """Return the typed table over a view of raw text rows.

    Parameters
    ----------
    engine : holds the view
    raw : the view, all of its columns text
    names : its columns
    file : where the rows come from, and how it is to be read
    changed : what was assumed about the names
    """
    types, assumed = decide_types(engine, raw, names, file.name)
    assumptions = (*file.assumptions, *changed, *assumed)
    typed = exp.select(*(each.expression.as_(name(each.column.name)) for each in types)).from_(
        exp.to_table(raw)
    )
    view = engine.create_view(typed)
    columns = tuple(each.column for each in types)
    return Table(
        engine,
        exp.to_table(view),
        columns,
        file.name,
        tuple(each.sentence for each in assumptions),
        assumptions=assumptions,
    )


def _count(names: Sequence[str]) -> exp.Select:
    counts: list[exp.Expr] = [exp.Count(this=exp.Star()).as_("rows")]
    for index, raw_name in enumerate(names):
        value = without_missing(column(raw_name))
        as_integer = exp.TryCast(this=value.copy(), to=exp.DataType(this=exp.DataType.Type.BIGINT))
        # 007 is an identifier, not the number 7: only what reads back the same is an integer.
        canonical = exp.EQ(
            this=exp.cast(as_integer, exp.DataType.Type.VARCHAR), expression=value.copy()
        )
        as_number = exp.TryCast(this=value.copy(), to=exp.DataType(this=exp.DataType.Type.DOUBLE))
        # Nor is a whole number of more digits than a float64 keeps: two ids would become one.
        digits = exp.RegexpLike(
            this=value.copy(), expression=text("^[+-]?(0[0-9]|[0-9]{16}[0-9]*$)")
        )
        identifier = exp.And(
            this=digits,
            expression=exp.not_(exp.func("COALESCE", canonical.copy(), exp.false())),
        )
        number_like = case([(identifier, exp.null())], as_number)
        said_missing = exp.And(
            this=exp.Is(this=value.copy(), expression=exp.null()),
            expression=exp.NEQ(this=exp.Trim(this=column(raw_name)), expression=text("")),
        )
        counts += [
            exp.Count(this=value).as_(f"present_{index}"),
            exp.Count(this=number_like).as_(f"numbers_{index}"),
            exp.Count(this=case([(canonical, exp.Literal.number(1))], None)).as_(
                f"integers_{index}"
            ),
            exp.Count(this=case([(said_missing, exp.Literal.number(1))], None)).as_(
                f"words_{index}"
            ),
        ]
    return exp.select(*counts)
