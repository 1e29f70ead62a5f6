"""What the columns of a table hold: counts, ranges, shape and values far out, in a few queries.

Values far out lie beyond the quartiles by more than three times the distance between them (Tukey
1977, *Exploratory Data Analysis*, the "far out" fence). Quartiles are values that occur
(definition 1 of Hyndman and Fan, 1996).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.numbers import as_number
from clienteling.data.sql import case, chain, column, name, number
from clienteling.data.table import Column, Table

__all__ = ["COLUMNS", "ColumnFigures", "Extreme", "column_figures", "is_exact", "is_number"]

#: Columns that are looked at; more is rather a matrix than a table of customers.
COLUMNS = 300
#: Columns per query, so that its text stays short.
_BATCH = 40
#: Up to this many rows the distinct values and the quartiles are exact.
EXACT = 1_000_000
#: Values beyond this have no part: their sums would overflow.
_LARGEST = 1e100
_FENCE = 3.0
_EXAMPLES = 3
_ONE = exp.Literal.number(1)


@dataclass(frozen=True)
class Extreme:
    """A value far out, and how many rows have it."""

    value: float
    rows: int


@dataclass(frozen=True)
class ColumnFigures:
    """What one column holds.

    Parameters
    ----------
    name : as in the table
    kind : ``integer``, ``number``, ``text``, ``boolean``, ``date`` or ``other``
    present, missing : rows with and without a value
    distinct : different values
    least, largest : the range of numbers and dates; None for words
    mean, skewness : of numbers; the skewness is the third standardised moment
    length : the mean length of words in characters
    outliers : rows with a value far out
    examples : up to three such values, the farthest first
    """

    name: str
    kind: str
    present: int
    missing: int
    distinct: int
    least: float | str | None = None
    largest: float | str | None = None
    mean: float | None = None
    skewness: float | None = None
    length: float | None = None
    outliers: int = 0
    examples: tuple[Extreme, ...] = ()

    @property
    def constant(self) -> bool:
        """Whether all values are the same."""
        return self.distinct == 1

    @property
    def unique(self) -> bool:
        """Whether each value stands once."""
        return self.present > 1 and self.distinct == self.present


def is_number(found: Column | ColumnFigures) -> bool:
    """Whether a column holds numbers."""
    return found.kind in ("integer", "number")


def is_exact(table: Table, rows: int) -> bool:
    """Whether distinct values and quartiles are exact, or the engine's approximation."""
    if table.engine.dialect == "spark":
        return False
    return rows <= EXACT or table.engine.dialect != "duckdb"


def column_figures(table: Table, columns: Sequence[Column], rows: int) -> list[ColumnFigures]:
    """Return what each column holds: three queries for 40 columns together.

    Parameters
    ----------
    table : any open table
    columns : some of its columns
    rows : how many rows it has

    Examples
    --------
    >>> import clienteling as cl
    >>> sample = cl.read("sample")
    >>> income = column_figures(sample, [sample["Annual Income (k$)"]], 200)[0]
    >>> income.least, income.largest, income.mean, income.distinct
    (15.0, 137.0, 60.56, 64)
    """
    found: list[ColumnFigures] = []
    for start in range(0, len(columns), _BATCH):
        batch = list(columns[start : start + _BATCH])
        row = _one(
            table, [each for i, c in enumerate(batch) for each in _counts(table, i, c, rows)]
        )
        first = [_read(each, i, row, rows) for i, each in enumerate(batch)]
        quartiles = _quartiles(table, batch, rows, row)
        found += _far_out(table, _with_shape(table, first, quartiles), quartiles)
    return found


def value_of(table: Table, found: str) -> exp.Expr:
    """Return a column of numbers as float64; what is not finite or enormous is null."""
    value = as_number(table, found)
    fits = exp.LTE(this=exp.Abs(this=value.copy()), expression=number(_LARGEST))
    return case([(fits, value)], None)


def _one(table: Table, parts: Sequence[exp.Expr]) -> dict[str, Any]:
    row: dict[str, Any] = table.query(exp.select(*parts)).to_pylist()[0]
    return row


def _counts(table: Table, index: int, found: Column, rows: int) -> Iterator[exp.Expr]:
    value = value_of(table, found.name) if is_number(found) else column(found.name)
    yield exp.Count(this=value.copy()).as_(f"present_{index}")
    if found.kind != "other":
        yield _distinct(table, value, rows).as_(f"distinct_{index}")
    if is_number(found) or found.kind == "date":
        yield exp.Min(this=value.copy()).as_(f"least_{index}")
        yield exp.Max(this=value.copy()).as_(f"largest_{index}")
    if is_number(found):
        yield exp.Avg(this=value.copy()).as_(f"mean_{index}")
        if rows and table.engine.dialect in _QUARTILES:
            for place, share in (("first", "0.25"), ("third", "0.75")):
                yield _quantile(table, value, share, rows).as_(f"{place}_{index}")
    if found.kind == "text":
        words = exp.cast(value.copy(), exp.DataType.Type.TEXT)
        yield exp.Avg(this=exp.Length(this=words)).as_(f"length_{index}")


def _distinct(table: Table, value: exp.Expr, rows: int) -> exp.Expr:
    if is_exact(table, rows) or rows <= EXACT:
        return exp.Count(this=exp.Distinct(expressions=[value.copy()]))
    return exp.ApproxDistinct(this=value.copy())


#: Engines with quartiles of their own; the others count the sorted rows.
_QUARTILES = ("duckdb", "spark", "postgres")


def _quantile(table: Table, value: exp.Expr, share: str, rows: int) -> exp.Expr:
    at = exp.Literal.number(share)
    if not is_exact(table, rows):
        return exp.ApproxQuantile(this=value.copy(), quantile=at)
    if table.engine.dialect == "duckdb":
        return exp.Anonymous(this="QUANTILE_DISC", expressions=[value.copy(), at])
    order = exp.Order(expressions=[exp.Ordered(this=value.copy())])
    return exp.WithinGroup(this=exp.PercentileDisc(this=at), expression=order)


def _read(found: Column, index: int, row: dict[str, Any], rows: int) -> ColumnFigures:
    present = int(row[f"present_{index}"])
    length = row.get(f"length_{index}")
    mean = row.get(f"mean_{index}")
    return ColumnFigures(
        found.name,
        found.kind,
        present,
        rows - present,
        min(present, int(row.get(f"distinct_{index}", present))),
        _plain(row.get(f"least_{index}")),
        _plain(row.get(f"largest_{index}")),
        None if mean is None else float(f"{mean:.10g}"),
        length=None if length is None else float(length),
    )


def _plain(value: Any) -> float | str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dt.date):  # a moment is one too
        return value.isoformat().removesuffix("T00:00:00")
    return float(value)


def _quartiles(
    table: Table, batch: Sequence[Column], rows: int, row: dict[str, Any]
) -> dict[str, tuple[float, float]]:
    found = {}
    for index, each in enumerate(batch):
        if not is_number(each) or not row[f"present_{index}"]:
            continue
        if table.engine.dialect in _QUARTILES:
            found[each.name] = (float(row[f"first_{index}"]), float(row[f"third_{index}"]))
        else:
            found[each.name] = _counted_quartiles(table, each.name)
    return found


def _counted_quartiles(table: Table, feature: str) -> tuple[float, float]:
    place, of, value = column("cl_place"), column("cl_of"), column("cl_value")
    values = exp.select(value_of(table, feature).as_("cl_value")).from_(table.subquery)
    present = exp.not_(exp.Is(this=value.copy(), expression=exp.null()))
    order = exp.Order(expressions=[exp.Ordered(this=value.copy())])
    ranked = (
        exp.select(
            value.copy(),
            exp.Window(this=exp.RowNumber(), order=order).as_("cl_place"),
            exp.Window(this=exp.Count(this=exp.Star())).as_("cl_of"),
        )
        .from_(exp.Subquery(this=values, alias=exp.TableAlias(this=name("cl_values"))))
        .where(present)
    )
    four = exp.Literal.number(4)
    reached = [
        exp.GTE(
            this=exp.Mul(this=place.copy(), expression=four.copy()),
            expression=exp.Mul(this=of.copy(), expression=exp.Literal.number(quarter)),
        )
        for quarter in (1, 3)
    ]
    query = exp.select(
        *(
            exp.Min(this=case([(each, value.copy())], None)).as_(f"q_{i}")
            for i, each in enumerate(reached)
        )
    ).from_(exp.Subquery(this=ranked, alias=exp.TableAlias(this=name("cl_ranked"))))
    row = table.engine.query(query).to_pylist()[0]
    return float(row["q_0"]), float(row["q_1"])


def _fences(quartiles: tuple[float, float]) -> tuple[float, float] | None:
    """Return the far-out fences; None where half of the values are one and the same."""
    first, third = quartiles
    between = third - first
    return (first - _FENCE * between, third + _FENCE * between) if between > 0 else None


def _beyond(value: exp.Expr, fences: tuple[float, float]) -> exp.Expr:
    low, high = fences
    below = exp.LT(this=value.copy(), expression=number(low))
    return exp.or_(below, exp.GT(this=value.copy(), expression=number(high)))


def _with_shape(
    table: Table, figures: Sequence[ColumnFigures], quartiles: dict[str, tuple[float, float]]
) -> list[ColumnFigures]:
    scaled: list[exp.Expr] = []
    parts: list[exp.Expr] = []
    for index, each in enumerate(figures):
        if each.mean is None or each.distinct < 2:
            continue
        value = value_of(table, each.name)
        # Within -1 and 1, so that no power of it overflows.
        reach = max(float(each.largest or 0) - each.mean, each.mean - float(each.least or 0))
        away = exp.paren(exp.Sub(this=value, expression=number(each.mean)))
        scaled.append(exp.Div(this=away, expression=number(reach)).as_(f"cl_{index}"))
        one = column(f"cl_{index}")
        square = exp.Mul(this=one.copy(), expression=one.copy())
        cube = exp.Mul(this=square.copy(), expression=one.copy())
        for power, term in enumerate((one, square, cube), 1):
            parts.append(exp.Avg(this=term).as_(f"m{power}_{index}"))
        fences = _fences(quartiles[each.name])
        if fences is not None:
            out = case([(_beyond(value, fences), _ONE.copy())], None)
            scaled.append(out.as_(f"cl_out_{index}"))
            parts.append(exp.Count(this=column(f"cl_out_{index}")).as_(f"out_{index}"))
    if not parts:
        return list(figures)
    query = chain(
        table.subquery, ("cl_scaled", exp.select(*scaled)), ("cl_moments", exp.select(*parts))
    )
    row = table.engine.query(query).to_pylist()[0]
    return [
        replace(each, skewness=_skewness(row, index), outliers=int(row.get(f"out_{index}", 0)))
        if f"m1_{index}" in row
        else each
        for index, each in enumerate(figures)
    ]


def _skewness(row: dict[str, Any], index: int) -> float:
    first, second, third = (float(row[f"m{power}_{index}"]) for power in (1, 2, 3))
    variance = second - first**2
    moment = third - 3 * first * second + 2 * first**3
    return float(f"{moment / variance**1.5:.10g}") if variance > 0 else 0.0


def _far_out(
    table: Table, figures: Sequence[ColumnFigures], quartiles: dict[str, tuple[float, float]]
) -> list[ColumnFigures]:
    """Name the farthest values of the columns that have any far out."""
    found = []
    for each in figures:
        fences = _fences(quartiles[each.name]) if each.outliers else None
        if fences is None:
            found.append(each)
            continue
        value = value_of(table, each.name)
        middle = number(sum(fences) / 2)
        away = exp.Abs(this=exp.Sub(this=column("cl_value"), expression=middle))
        out = (
            exp.select(value.as_("cl_value"), exp.Count(this=exp.Star()).as_("cl_rows"))
            .from_(table.subquery)
            .where(_beyond(value, fences))
            .group_by(value.copy())
        )
        query = (
            exp.select("*")
            .from_(exp.Subquery(this=out, alias=exp.TableAlias(this=name("cl_out"))))
            .order_by(exp.Ordered(this=away, desc=True), column("cl_value"))
            .limit(_EXAMPLES)
        )
        rows = table.engine.query(query).to_pylist()
        examples = tuple(Extreme(float(row["cl_value"]), int(row["cl_rows"])) for row in rows)
        found.append(replace(each, examples=examples))
    return found
