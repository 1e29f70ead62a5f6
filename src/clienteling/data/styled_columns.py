"""Decide the style of the columns that aren't plain numbers: of numbers, or of dates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.assumptions import Assumption, as_text_option
from clienteling.data.date_styles import DATE_STYLES, SERIAL, is_date_name
from clienteling.data.files import DataFile
from clienteling.data.number_styles import (
    STYLES,
    NumberStyle,
    choose_style,
    is_grouped_point,
    tidy,
    tidy_text,
    unit,
)
from clienteling.data.read_options import DATE_ORDERS, ReadOptions
from clienteling.data.sql import case, chain, column, name, text
from clienteling.data.table import Column, Engine
from clienteling.data.typed_column import MISSING_WORDS, TypedColumn, without_missing

__all__ = ["Possible", "decide_styles", "possible_styles"]

#: A percent sign, or a k or M for thousands or millions.
_MULTIPLIES = re.compile("%|^[kKM](?!r)|[$€£][kKM]$")

_ONE = exp.Literal.number(1)


@dataclass(frozen=True)
class Possible:
    """The styles that no value among the first rows rules out."""

    numbers: tuple[NumberStyle, ...] = ()
    dates: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.numbers or self.dates)


@dataclass
class _Decided:
    """What is decided column by column; those that could go either way come last."""

    typed: dict[str, TypedColumn] = field(default_factory=dict)
    assumed: list[Assumption] = field(default_factory=list)
    decimals: list[str] = field(default_factory=list)
    orders: list[tuple[str, str]] = field(default_factory=list)


def possible_styles(
    column_name: str, kind: str, values: Sequence[str | None], options: ReadOptions
) -> Possible:
    """Return the styles that are worth counting over all rows of a column.

    Parameters
    ----------
    column_name : its name, which may say that it holds dates
    kind : ``integer``, ``number`` or ``text``, where only a decimal point was thought of
    values : of the first rows
    options : what the user says about numbers and dates
    """
    some = [tidy_text(each) for each in values if each is not None]
    some = [each for each in some if each.lower() not in MISSING_WORDS]
    dates: tuple[str, ...] = ()
    if options.dates != "none":
        dates = tuple(
            key
            for key, style in _dates(column_name, kind, options).items()
            if all(style.matches(each) for each in some)
        )
    numbers: tuple[NumberStyle, ...] = ()
    named = options.decimal is not None or options.thousands is not None
    points = [each for each in some if "." in each]
    grouped = bool(points) and all(is_grouped_point(each) for each in points)
    if kind == "text" or (kind == "number" and (named or grouped)):
        numbers = tuple(
            style
            for style in STYLES
            if options.decimal in (None, style.decimal)
            and (options.thousands in (None, style.thousands) or not style.thousands)
            and options.thousands != style.decimal
            and all(style.matches(each) for each in some)
        )
    return Possible(numbers, dates)


def decide_styles(
    engine: Engine,
    view: str,
    possible: Mapping[str, Possible],
    plain: Mapping[str, TypedColumn],
    file: DataFile,
) -> tuple[dict[str, TypedColumn], list[Assumption]]:
    """Return the columns that are written in one style throughout, and what was assumed.

    Parameters
    ----------
    engine : holds the raw rows
    view : the raw rows, all of them text
    possible : per column, the styles to count
    plain : every column as it is without them
    file : where the rows come from, and how it is to be read
    """
    if not possible:
        return {}, []
    decided = _Decided()
    # A column of plain numbers with decimals tells how the others are meant.
    if any(each.column.kind == "number" for key, each in plain.items() if key not in possible):
        decided.decimals.append(".")
    columns = list(possible)
    tidied = exp.select(
        *(without_missing(tidy(column(each))).as_(f"v_{i}") for i, each in enumerate(columns))
    )
    counts: list[exp.Expr] = []
    for index, each in enumerate(columns):
        counts += _counts(index, possible[each])
    query = chain(exp.to_table(view), ("tidied", tidied), ("counted", exp.select(*counts)))
    found = engine.query(query).to_pylist()[0]
    rows: dict[str, dict[str, Any]] = {each: {} for each in columns}
    for key, value in found.items():
        called, _, place = key.rpartition("_")
        rows[columns[int(place)]][called] = value
    # Those without doubt come first: they tell how the others are meant.
    for sure in (True, False):
        for each in columns:
            if each not in decided.typed:
                _decide_date(each, possible[each], rows[each], file, decided, sure)
            if each not in decided.typed:
                _decide_number(each, possible[each], rows[each], plain[each], file, decided, sure)
    return decided.typed, decided.assumed


def _dates(column_name: str, kind: str, options: ReadOptions) -> dict[str, Any]:
    named = is_date_name(column_name)
    if kind != "text":
        return {"compact": DATE_STYLES["compact"], "serial": SERIAL} if named else {}
    styles = {key: style for key, style in DATE_STYLES.items() if key != "compact" or named}
    for order in ("dmy", "mdy", "ymd"):
        # Two digits for the year, in front, are believed only where the user says so.
        if options.dates != order and (options.dates is not None or order == "ymd"):
            del styles[order]
    return styles


def _counts(index: int, possible: Possible) -> list[exp.Expr]:
    value = exp.column(f"v_{index}")
    sign = unit(value)
    has_unit = exp.NEQ(this=sign.copy(), expression=text(""))

    def count(condition: exp.Expr, called: str) -> exp.Expr:
        return exp.Count(this=case([(condition, _ONE.copy())], None)).as_(f"{called}_{index}")

    def has(pattern: str) -> exp.Expr:
        return exp.RegexpLike(this=value.copy(), expression=text(pattern))

    counts: list[exp.Expr] = [
        exp.Count(this=value.copy()).as_(f"present_{index}"),
        exp.Min(this=value.copy()).as_(f"least_{index}"),
    ]
    for key in possible.dates:
        style = SERIAL if key == "serial" else DATE_STYLES[key]
        date, time = style.date(value), style.timestamp(value)
        midnight = exp.cast(date.copy(), exp.DataType.Type.TIMESTAMP)
        called = key.replace(" ", "-")
        counts += [
            exp.Count(this=time).as_(name(f"{called}_{index}")),
            exp.Count(
                this=case([(exp.NEQ(this=time.copy(), expression=midnight), _ONE.copy())], None)
            ).as_(name(f"{called}-times_{index}")),
            exp.Min(this=exp.cast(date, exp.DataType.Type.VARCHAR)).as_(
                name(f"{called}-least_{index}")
            ),
        ]
    if possible.dates:
        counts.append(count(exp.Not(this=has("[0-9]{4}")), "short"))
    if possible.numbers:
        odd = exp.Not(this=has("^[0-9]*[.]?[0-9]*$"))
        apart = has("[0-9][.,]|[.,][0-9]")
        counts += [
            count(has("[0-9],|,[0-9]"), "commas"),
            count(has("[0-9][.]|[.][0-9]"), "points"),
            exp.Min(this=case([(has_unit, sign.copy())], None)).as_(f"unit1_{index}"),
            exp.Max(this=case([(has_unit, sign.copy())], None)).as_(f"unit2_{index}"),
            count(has_unit, "units"),
            exp.Min(this=case([(odd, value.copy())], None)).as_(f"example_{index}"),
            exp.Min(this=case([(apart, value.copy())], None)).as_(f"separated_{index}"),
        ]
        for place, written in enumerate(possible.numbers):
            counts.append(count(has(written.pattern), f"style{place}"))
            whole = exp.And(this=has(written.pattern), expression=_is_whole(written, value))
            counts.append(count(whole, f"whole{place}"))
    return counts


def _is_whole(style: NumberStyle, value: exp.Expr) -> exp.Expr:
    point = exp.RegexpLike(this=style.digits(value), expression=text("[.]"))
    return exp.Not(this=point)


def _decide_date(
    each: str,
    possible: Possible,
    row: Mapping[str, Any],
    file: DataFile,
    decided: _Decided,
    sure: bool,
) -> None:
    fitting = [key for key in possible.dates if row[key.replace(" ", "-")] == row["present"]]
    both = "dmy" in fitting and "mdy" in fitting
    if not fitting or both == sure:
        return
    key = fitting[0]
    like = ""
    if both and decided.orders:
        key, like = decided.orders[0]
    style = SERIAL if key == "serial" else DATE_STYLES[key]
    called = key.replace(" ", "-")
    value = tidy(column(each))
    expression = style.timestamp(value) if row[f"{called}-times"] else style.date(value)
    decided.typed[each] = TypedColumn(Column(each, "date"), expression)
    example = row["least"]
    if file.options.dates == key:
        return
    years = "; years of two digits are 1931 to 2030" if row["short"] else ""
    if key in ("serial", "compact"):
        what = f'numbers such as "{example}" are read as dates such as {row[f"{called}-least"]}'
        decided.assumed.append(Assumption(what, each, "--dates none"))
    elif key in DATE_ORDERS:
        words = DATE_ORDERS[key]
        if both:
            other = "mdy" if key == "dmy" else "dmy"
            what = f'dates such as "{example}" could be {DATE_ORDERS["dmy"]} or '
            what += f"{DATE_ORDERS['mdy']}; they are read as {words}"
            what += (f', as in column "{like}"' if like else "") + years
            decided.assumed.append(Assumption(what, each, f"--dates {other}"))
        else:
            decided.orders.append((key, each))
            what = f'dates such as "{example}" are read as {words}{years}'
            decided.assumed.append(Assumption(what, each, "--dates none"))
    elif years:
        what = f'dates such as "{example}" are read with their month by name{years}'
        decided.assumed.append(Assumption(what, each, "--dates none"))


def _decide_number(
    each: str,
    possible: Possible,
    row: Mapping[str, Any],
    plain: TypedColumn,
    file: DataFile,
    decided: _Decided,
    sure: bool,
) -> None:
    fitting = [
        (style, place)
        for place, style in enumerate(possible.numbers)
        if row[f"style{place}"] == row["present"]
    ]
    if not fitting or not _one_unit(row):
        return
    # A file that separates its fields by semicolons does so because commas stand in its numbers.
    usual = "," if file.delimiter == ";" and not file.workbook else "."
    # "1,234" alone, where fields are separated by commas, is rather a thousand.
    expected = [*decided.decimals, usual]
    styles = [style for style, _ in fitting]
    style, other = choose_style(styles, row["commas"] > 0, row["points"] > 0, expected)
    if (other is None) != sure:
        return
    place = next(place for fits, place in fitting if fits == style)
    if other is None and row["commas"] + row["points"]:
        decided.decimals.append(style.decimal)
    if plain.column.kind == "number" and style.decimal == "." and other is None:
        return  # already read so
    whole = row[f"whole{place}"] == row["present"]
    kind, sql_type = (
        ("integer", exp.DataType.Type.BIGINT) if whole else ("number", exp.DataType.Type.DOUBLE)
    )
    value = tidy(column(each))
    typed = TypedColumn(Column(each, kind), style.number(value, sql_type))
    # "$12,50" says more than "$5" on how numbers are written.
    between = other is not None or row["commas"] > 0
    example = (between and row["separated"]) or row["example"] or row["separated"]
    if plain.column.kind == "number" and style.decimal == ".":
        typed = plain
    decided.typed[each] = typed
    said = file.options.decimal is not None or file.options.thousands is not None
    if example is None or (said and row["commas"] + row["points"]):
        return
    read = _shown(style.read(example))
    turn = "," if style.decimal == "." else "."
    if other is not None:
        what = f'"{example}" could be {_shown(style.read(example))} or '
        what += f"{_shown(other.read(example))}; it is read as {read}"
        decided.assumed.append(Assumption(what, each, f"--decimal {turn}"))
    else:
        what = f'numbers such as "{example}" are read as {read}'
        separated = row["commas"] or style.decimal == ","
        option = f"--decimal {turn}" if separated else as_text_option(each)
        decided.assumed.append(Assumption(what, each, option))


def _one_unit(row: Mapping[str, Any]) -> bool:
    """Tell whether the values have one unit; only a currency may be left out here and there."""
    if not row["units"]:
        return True
    if row["unit1"] != row["unit2"]:
        return False
    return row["units"] == row["present"] or not _MULTIPLIES.search(row["unit1"])


def _shown(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
