"""Decide, from all rows, which columns of a text file are numbers, dates, or true and false.

A column is a number when every value that isn't missing is one, written in one and the same
style; so with dates, and with the words true and false. Nothing is decided by a sample, so a word
in the last row is found as surely as one in the first: the first rows only tell which styles need
not be tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.assumptions import Assumption, as_text_option
from clienteling.data.dropped import check_dropped
from clienteling.data.files import DataFile
from clienteling.data.sentinels import find_sentinels
from clienteling.data.sql import case, chain, column, name, number, text, usable
from clienteling.data.styled_columns import decide_styles, possible_styles
from clienteling.data.table import Column, Table, ViewEngine
from clienteling.data.typed_column import (
    MISSING_WORDS,
    TypedColumn,
    says_missing,
    try_cast,
    without_missing,
)
from clienteling.errors import ColumnError, SourceError, columns_are

__all__ = ["MISSING_WORDS", "TypedColumn", "decide_types", "typed_table", "without_missing"]

#: Rows that tell which styles need not be tried.
_FIRST_ROWS = 1_000
#: What a column of truths holds, in whatever case: so they are written by pandas, R and databases.
_TRUTHS = ("true", "false")


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
    counts = engine.query(_count(view, names)).to_pylist()[0]
    if counts["rows"] == 0:
        raise SourceError(
            f"{file.name}: has a header but no rows.", hint="Give one line per customer below it."
        )
    kept = file.options.as_text
    unknown = [f'there is no column "{each}".' for each in kept if each not in names]
    if unknown:
        raise ColumnError(
            f"{file.name}: columns can't be kept as text.",
            faults=unknown,
            hint=columns_are(names, kept),
        )
    plain = {
        each: TypedColumn(Column(each, "text"), column(each))
        if each in kept
        else _plain(each, index, counts)
        for index, each in enumerate(names)
    }
    first = exp.select("*").from_(exp.to_table(view)).limit(_FIRST_ROWS)
    rows = engine.query(first)
    possible = {
        each: styles
        for place, each in enumerate(names)
        if counts[f"present_{place}"]
        and each not in kept
        and (
            styles := possible_styles(
                each, plain[each].column.kind, rows.column(place).to_pylist(), file.options
            )
        )
    }
    styled, assumed = decide_styles(engine, view, possible, plain, file)
    typed = [styled.get(each, plain[each]) for each in names]
    for index, each in enumerate(typed):
        words = counts[f"words_{index}"]
        if words and each.column.kind != "text":
            what = "value" if words == 1 else "values"
            said = f'{words:,} {what} such as "{counts[f"word_{index}"]}" '
            said += "counts as missing" if words == 1 else "count as missing"
            assumed.append(Assumption(said, each.column.name, as_text_option(each.column.name)))
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
    typed = exp.select(*(each.expression.as_(name(each.column.name)) for each in types)).from_(
        exp.to_table(raw)
    )
    view = engine.create_view(typed)
    columns = tuple(each.column for each in types)
    table = Table(engine, exp.to_table(view), columns, file.name)
    assumptions = (*file.assumptions, *changed, *assumed, *find_sentinels(table))
    notes = tuple(each.sentence for each in assumptions)
    kept = frozenset(file.options.as_text)
    return replace(table, notes=notes, assumptions=assumptions, as_written=kept)


def _plain(column_name: str, index: int, counts: Mapping[str, Any]) -> TypedColumn:
    """Return the column as numbers with a decimal point, truths, or the text that it is."""
    raw = column(column_name)
    present = counts[f"present_{index}"]
    if present and counts[f"truths_{index}"] == present:
        return TypedColumn(Column(column_name, "boolean"), _as_truth(raw))
    if present == 0 or counts[f"numbers_{index}"] < present:
        return TypedColumn(Column(column_name, "text"), raw)
    kind, sql_type = (
        ("integer", exp.DataType.Type.BIGINT)
        if counts[f"integers_{index}"] == present
        else ("number", exp.DataType.Type.DOUBLE)
    )
    # Words are no numbers, so that the cast leaves them out; it takes "nan" for one.
    said = without_missing(raw) if counts[f"words_{index}"] else exp.Trim(this=raw)
    value = try_cast(said, sql_type)
    return TypedColumn(Column(column_name, kind), value)


def _as_truth(raw: exp.Expr) -> exp.Expr:
    """Return whether a text says true, null where it says neither true nor false."""
    lower = exp.Lower(this=exp.Trim(this=raw))
    said = {word: exp.EQ(this=lower.copy(), expression=text(word)) for word in _TRUTHS}
    return case([(said["true"], exp.true()), (said["false"], exp.false())], None)


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
                as_number = try_cast(trimmed.copy(), exp.DataType.Type.DOUBLE)
                tests.append(exp.EQ(this=as_number, expression=number(value)))
        columns.append(case([(exp.or_(*tests), exp.null())], column(each)).as_(name(each)))
    return exp.select(*columns).from_(exp.to_table(raw))


def _dropped(types: Sequence[TypedColumn], file: DataFile) -> list[TypedColumn]:
    """Return the columns without the values that are dropped."""
    drop = file.options.drop
    check_dropped(file.name, [each.column for each in types], drop)
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


def _count(view: str, names: Sequence[str]) -> exp.Select:
    trimmed: list[exp.Expr] = []
    for index, each in enumerate(names):
        trimmed.append(exp.Trim(this=column(each)).as_(f"t_{index}"))
        as_number = try_cast(column(each), exp.DataType.Type.DOUBLE)
        trimmed.append(as_number.as_(f"d_{index}"))
        # In a column of its own: within a condition it would be made anew for every word.
        trimmed.append(exp.Lower(this=exp.Trim(this=column(each))).as_(f"l_{index}"))
    values: list[exp.Expr] = [exp.Star()]
    for index in range(len(names)):
        raw, number_of_it, lower = (exp.column(f"{each}_{index}") for each in "tdl")
        # What is a number is no word; only the rest is compared with each of them.
        value = case([(usable(number_of_it), raw), (says_missing(lower), exp.null())], raw)
        values.append(value.as_(f"v_{index}"))
    counts: list[exp.Expr] = [exp.Count(this=exp.Star()).as_("rows")]
    for index in range(len(names)):
        counts += _count_column(index)
    return chain(
        exp.to_table(view),
        ("trimmed", exp.select(*trimmed)),
        ("said", exp.select(*values)),
        ("counted", exp.select(*counts)),
    )


def _count_column(index: int) -> list[exp.Expr]:
    raw, value, as_number, lower = (exp.column(f"{each}_{index}") for each in "tvdl")
    one = exp.Literal.number(1)
    as_integer = try_cast(value.copy(), exp.DataType.Type.BIGINT)
    # 007 is an identifier, not the number 7: only what reads back the same is an integer.
    canonical = exp.EQ(
        this=exp.cast(as_integer, exp.DataType.Type.VARCHAR), expression=value.copy()
    )
    # Nor is a whole number of more digits than a float64 keeps: two ids would become one.
    digits = exp.RegexpLike(this=value.copy(), expression=text("^[+-]?(0[0-9]|[0-9]{16}[0-9]*$)"))
    number_like = case([(canonical, one), (digits, exp.null())], as_number)
    truth = exp.or_(*(exp.EQ(this=lower.copy(), expression=text(word)) for word in _TRUTHS))
    missing = exp.Is(this=value.copy(), expression=exp.null())
    said_missing = exp.And(this=missing, expression=exp.NEQ(this=raw.copy(), expression=text("")))
    return [
        exp.Count(this=value).as_(f"present_{index}"),
        exp.Count(this=case([(missing.copy(), exp.null())], number_like)).as_(f"numbers_{index}"),
        exp.Count(this=case([(canonical.copy(), one.copy())], None)).as_(f"integers_{index}"),
        exp.Count(this=case([(truth, one.copy())], None)).as_(f"truths_{index}"),
        exp.Count(this=case([(said_missing, one.copy())], None)).as_(f"words_{index}"),
        exp.Min(this=case([(said_missing.copy(), raw)], None)).as_(f"word_{index}"),
    ]
