"""Decide, from all rows, which columns of a text file are numbers or dates.

A column is a number when every value that isn't missing is one, written in one and the same
style; so with dates. Nothing is decided by a sample, so a word in the last row is found as surely
as one in the first: the first rows only tell which styles need not be tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.assumptions import Assumption
from clienteling.data.files import DataFile
from clienteling.data.sql import case, column, name, number, text
from clienteling.data.styled_columns import decide_styles, possible_styles
from clienteling.data.table import Column, Table, ViewEngine
from clienteling.data.typed_column import MISSING_WORDS, TypedColumn, without_missing
from clienteling.errors import ColumnError, SourceError

__all__ = ["MISSING_WORDS", "TypedColumn", "decide_types", "typed_table", "without_missing"]

#: Rows that tell which styles need not be tried.
_FIRST_ROWS = 1_000


def decide_types(
    engine: ViewEngine, view: str, names: Sequence[str], file: DataFile
) -> tuple[list[TypedColumn], list[Assumption]]:
    """Return each column with its type, and what was assumed.

    Parameters
    ----------
    engine : holds the raw rows
    view : the raw rows, all of them text
    names : the columns of the raw rows
    file : where they come from, and how it is to be read

    Raises
    ------
    SourceError
        The file has a header but no rows.
    """
    counts = engine.query(_count(names).from_(exp.to_table(view))).to_pylist()[0]
    if counts["rows"] == 0:
        raise SourceError(
            f"{file.name}: has a header but no rows.", hint="Give one line per customer below it."
        )
    plain = {each: _plain(each, index, counts) for index, each in enumerate(names)}
    filled = [each for index, each in enumerate(names) if counts[f"present_{index}"]]
    first = exp.select("*").from_(exp.to_table(view)).limit(_FIRST_ROWS)
    rows = engine.query(first).to_pydict()
    possible = {
        each: styles
        for each in filled
        if (styles := possible_styles(each, plain[each].column.kind, rows[each], file.options))
    }
    styled, assumed = decide_styles(engine, view, possible, plain, file)
    typed = [styled.get(each, plain[each]) for each in names]
    for index, each in enumerate(typed):
        words = counts[f"words_{index}"]
        if words and each.column.kind != "text":
            what = "value" if words == 1 else "values"
            said = f'{words:,} {what} such as "{counts[f"word_{index}"]}" '
            said += "counts as missing" if words == 1 else "count as missing"
            assumed.append(Assumption(said, each.column.name))
    places = {each: place for place, each in enumerate(names)}
    return typed, sorted(assumed, key=lambda each: places[each.column])


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
    if file.options.missing:
        raw = engine.create_view(_without_words(raw, names, file.options.missing))
    types, assumed = decide_types(engine, raw, names, file)
    types = _dropped(types, file)
    assumptions = (*file.assumptions, *changed, *assumed)
    typed = exp.select(*(each.expression.as_(name(each.column.name)) for each in types)).from_(
        exp.to_table(raw)
    )
    view = engine.create_view(typed)
    return Table(
        engine,
        exp.to_table(view),
        tuple(each.column for each in types),
        file.name,
        tuple(each.sentence for each in assumptions),
        assumptions=assumptions,
    )


def _plain(column_name: str, index: int, counts: Mapping[str, Any]) -> TypedColumn:
    """Return the column as numbers with a decimal point, or as the text that it is."""
    raw = column(column_name)
    present = counts[f"present_{index}"]
    if present == 0 or counts[f"numbers_{index}"] < present:
        return TypedColumn(Column(column_name, "text"), raw)
    kind, sql_type = (
        ("integer", exp.DataType.Type.BIGINT)
        if counts[f"integers_{index}"] == present
        else ("number", exp.DataType.Type.DOUBLE)
    )
    value = exp.TryCast(this=without_missing(raw), to=exp.DataType(this=sql_type))
    return TypedColumn(Column(column_name, kind), value)


def _without_words(raw: str, names: Sequence[str], words: Iterable[str]) -> exp.Select:
    """Return the raw rows without the words that the user says mean "no value"."""
    columns = []
    for each in names:
        trimmed = exp.Lower(this=exp.Trim(this=column(each)))
        tests: list[exp.Expr] = []
        for word in words:
            tests.append(exp.EQ(this=trimmed.copy(), expression=text(word.lower())))
            value = _as_float(word)
            if value is not None:
                double = exp.DataType(this=exp.DataType.Type.DOUBLE)
                as_number = exp.TryCast(this=trimmed.copy(), to=double)
                tests.append(exp.EQ(this=as_number, expression=number(value)))
        columns.append(case([(exp.or_(*tests), exp.null())], column(each)).as_(name(each)))
    return exp.select(*columns).from_(exp.to_table(raw))


def _dropped(types: Sequence[TypedColumn], file: DataFile) -> list[TypedColumn]:
    """Return the columns without the values that are dropped."""
    drop = file.options.drop
    known = {each.column.name: each.column for each in types}
    faults = [f'there is no column "{each}".' for each in drop if each not in known]
    faults += [
        f'column "{each}" holds {known[each].kind}, and only numbers can be dropped.'
        for each in drop
        if each in known and not known[each].is_numeric
    ]
    if faults:
        raise ColumnError(
            f"{file.name}: values can't be dropped.",
            faults=faults,
            hint="The columns are: " + ", ".join(f'"{each}"' for each in known) + ".",
        )
    result = []
    for each in types:
        tests = [
            exp.EQ(this=each.expression.copy(), expression=number(value))
            for value in drop.get(each.column.name, ())
        ]
        without = case([(exp.or_(*tests), exp.null())], each.expression) if tests else None
        result.append(replace(each, expression=without or each.expression))
    return result


def _as_float(word: str) -> float | None:
    try:
        value = float(word)
    except ValueError:
        return None
    return value if abs(value) < 1e300 else None


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
        trimmed = exp.Trim(this=column(raw_name))
        said_missing = exp.And(
            this=exp.Is(this=value.copy(), expression=exp.null()),
            expression=exp.NEQ(this=trimmed.copy(), expression=text("")),
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
            exp.Min(this=case([(said_missing.copy(), trimmed)], None)).as_(f"word_{index}"),
        ]
    return exp.select(*counts)
