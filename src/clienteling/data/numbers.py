"""The numbers behind the feature columns, and what stands in their way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlglot.expressions as exp

from clienteling.data.number_styles import STYLES, tidy_text
from clienteling.data.sql import case, column, double, name, no_value, usable
from clienteling.data.table import Table
from clienteling.data.typed_column import try_cast, without_missing
from clienteling.errors import ColumnError, DataError

__all__ = [
    "Usable",
    "as_number",
    "check_numbers",
    "count_usable",
    "nearly_numbers",
]

_SHOWN = 5
#: A column is in a style of numbers but for a few values, where these are at most this share.
_FEW = 0.2
#: Values that tell whether a column is nearly one of numbers.
_LOOKED_AT = 1_000


@dataclass(frozen=True)
class Usable:
    """How many customers have a number for every feature.

    Parameters
    ----------
    rows : all customers
    usable : customers with a finite number for every feature
    missing : per feature, customers without a value: null or NaN
    infinite : per feature, customers whose value is infinite, or beyond 1e300
    low, high : per feature, least and largest value of the usable customers
    """

    rows: int
    usable: int
    missing: dict[str, int]
    infinite: dict[str, int]
    low: dict[str, float]
    high: dict[str, float]

    @property
    def notes(self) -> list[str]:
        """What was left out, in sentences."""
        left_out = self.rows - self.usable
        if not left_out:
            return []
        parts = [f'"{each}" is missing for {n:,}' for each, n in self.missing.items() if n]
        parts += [f'"{each}" is not finite for {n:,}' for each, n in self.infinite.items() if n]
        return [f"{left_out:,} of {self.rows:,} customers have no segment: {'; '.join(parts)}."]


def as_number(table: Table, feature: str) -> exp.Expr:
    """Return the feature as a float64 expression over the table's rows."""
    if table[feature].kind == "text":
        return try_cast(without_missing(column(feature)), exp.DataType.Type.DOUBLE)
    return double(column(feature))


def check_numbers(table: Table, features: Sequence[str]) -> None:
    """Refuse features that hold something else than numbers, with row and value.

    Raises
    ------
    ColumnError
        A feature's type is no number, such as a date.
    DataError
        Text stands among the numbers; each fault names the row and the value.
    """
    wrong = [each for each in features if table[each].kind in ("date", "other")]
    if wrong:
        raise ColumnError(
            f"{table.source}: features must be numbers.",
            faults=[f'"{each}" holds {table[each].kind} values.' for each in wrong],
            hint="Choose other features with --features.",
        )
    faults, found, worded = [], 0, []
    for each in features:
        if table[each].kind != "text":
            continue
        if not table.engine.try_cast:
            raise ColumnError(
                f'{table.source}: column "{each}" is text, and features must be numbers.',
                hint="Choose other features with --features, or make a view that casts it.",
            )
        rows, like = _misfits(_text_rows(table, each))
        found += len(rows)
        for row, value in rows[:_SHOWN]:
            where = f'row {row}, column "{each}"' if row else f'column "{each}"'
            faults.append(f'{where}: "{value}" is not a number{like}.')
        if len(rows) > _SHOWN:
            faults.append(f'column "{each}": {len(rows) - _SHOWN:,} more such values.')
            # What can be done comes first: nobody makes numbers of hundreds of words.
            words = f'If "{each}" holds words, it takes part with --categorical "{each}".'
            worded += [] if like else [words]
    if faults:
        raise DataError(
            f"{table.source}: text stands among the numbers ({found:,} "
            f"{'value' if found == 1 else 'values'}; row 1 is the first below the header).",
            faults=[*worded, *faults],
            hint="Write numbers with a decimal point, without currency signs and separators of "
            "thousands; leave a cell empty where it is unknown.",
        )


def _misfits(rows: Sequence[tuple[int, str]]) -> tuple[list[tuple[int, str]], str]:
    """Return the values that keep a column from being numbers, and how the others are written.

    Where nearly all are written in one style, such as 1.234,5, those are not what is wrong.
    """
    tidied = [(row, value, tidy_text(value)) for row, value in rows]
    each_style = (
        [(row, value) for row, value, tidy in tidied if not style.matches(tidy)] for style in STYLES
    )
    fewest = min(each_style, key=len)
    if not 0 < len(fewest) <= _FEW * len(rows):
        return list(rows), ""
    wrong = set(fewest)
    example = next(each for each in rows if each not in wrong)[1]
    return fewest, f', and the others are written like "{example}"'


def nearly_numbers(table: Table, column_name: str, present: int) -> str:
    """Say what keeps a column of text from being one of numbers; empty where it is none.

    Where more than a thousand values are no plain numbers, the first thousand of them are looked
    at, and are taken to stand for the others.

    Parameters
    ----------
    table, column_name : where to look
    present : rows with a value in the column

    Examples
    --------
    >>> import clienteling as cl
    >>> import pandas as pd
    >>> customers = cl.read(pd.DataFrame({"paid": ["1,50 €", "k.A. €", *["20,00 €"] * 8]}))
    >>> nearly_numbers(customers, "paid", 10)
    'Nearly all are numbers, but "k.A. €" is none.'
    """
    if table[column_name].kind != "text" or not table.engine.try_cast:
        return ""
    rows = _text_rows(table, column_name, most=_LOOKED_AT)
    wrong, like = _misfits(rows)
    found = _text_values(table, column_name) if len(rows) == _LOOKED_AT else len(rows)
    if not like and not 0 < found <= _FEW * present:
        return ""
    words = list(dict.fromkeys(f'"{value}"' for _, value in wrong))
    shown = ", ".join(words[:2]) + (f" and {len(words) - 2:,} others" if len(words) > 2 else "")
    return f"Nearly all are numbers, but {shown} {'is' if len(words) == 1 else 'are'} none."


def _text_values(table: Table, feature: str) -> int:
    """Count the values that are no plain numbers."""
    value = without_missing(column(feature))
    number = try_cast(value.copy(), exp.DataType.Type.DOUBLE)
    fault = case([(exp.Is(this=number, expression=exp.null()), value)], None)
    return int(table.query(exp.select(exp.Count(this=fault).as_("n"))).column("n")[0].as_py())


def _text_rows(table: Table, feature: str, most: int | None = None) -> list[tuple[int, str]]:
    # Rows have numbers only where they keep the order of the file.
    row = exp.Window(this=exp.RowNumber()) if table.engine.ordered else exp.Literal.number(0)
    numbered = exp.select(row.as_(name("row")), column(feature).as_(name("value"))).from_(
        table.subquery
    )
    value = without_missing(column("value"))
    number = try_cast(value.copy(), exp.DataType.Type.DOUBLE)
    query = (
        exp.select(column("row"), column("value"))
        .from_(exp.Subquery(this=numbered, alias=exp.TableAlias(this=name("numbered"))))
        .where(exp.Not(this=exp.Is(this=value, expression=exp.null())))
        .where(exp.Is(this=number, expression=exp.null()))
        .order_by(column("row"))
    )
    if most is not None:
        query = query.limit(most)
    rows = table.engine.query(query).to_pylist()
    return [(row["row"], row["value"]) for row in rows]


def count_usable(table: Table, features: Sequence[str]) -> Usable:
    """Count, in one query, the customers that take part and those that can't.

    Raises
    ------
    DataError
        A feature has no value at all, or no customer has all of them.
    """
    one = exp.Literal.number(1)
    values = [as_number(table, each) for each in features]
    all_usable = exp.and_(*(usable(value) for value in values))
    counts = [
        exp.Count(this=exp.Star()).as_("rows"),
        exp.Count(this=case([(all_usable, one)], None)).as_("usable"),
    ]
    for index, value in enumerate(values):
        is_null = exp.Is(this=value.copy(), expression=exp.null())
        counts += [
            exp.Count(this=case([(is_null, one.copy())], None)).as_(f"missing_{index}"),
            exp.Count(this=case([(usable(value), one.copy())], None)).as_(f"usable_{index}"),
            exp.Min(this=case([(all_usable.copy(), value.copy())], None)).as_(f"low_{index}"),
            exp.Max(this=case([(all_usable.copy(), value.copy())], None)).as_(f"high_{index}"),
        ]
    row = table.query(exp.select(*counts)).to_pylist()[0]
    missing = {each: row[f"missing_{i}"] for i, each in enumerate(features)}
    odd = [e for i, e in enumerate(features) if row["rows"] > missing[e] + row[f"usable_{i}"]]
    missing |= _count_missing(table, odd)
    infinite = {
        each: row["rows"] - missing[each] - row[f"usable_{i}"] for i, each in enumerate(features)
    }
    empty = [each for i, each in enumerate(features) if row[f"usable_{i}"] == 0]
    if empty:
        raise DataError(
            f"{table.source}: no customer has a usable value.",
            faults=[
                f'column "{each}" is not finite in any of the {row["rows"]:,} rows.'
                if infinite[each]
                else f'column "{each}" is empty in all {row["rows"]:,} rows.'
                for each in empty
            ],
            hint="Choose other features with --features, or fill the column.",
        )
    if row["usable"] == 0:
        raise DataError(
            f"{table.source}: no customer has a value for every feature.",
            hint="Fill the gaps, or leave a feature out with --features.",
        )
    return Usable(
        row["rows"],
        row["usable"],
        missing,
        infinite,
        {each: float(row[f"low_{i}"]) for i, each in enumerate(features)},
        {each: float(row[f"high_{i}"]) for i, each in enumerate(features)},
    )


def _count_missing(table: Table, features: Sequence[str]) -> dict[str, int]:
    """Count the customers without a value, NaN among them: asked only where one is not finite."""
    if not features:
        return {}
    one = exp.Literal.number(1)
    missing = [case([(no_value(as_number(table, each)), one.copy())], None) for each in features]
    counts = [exp.Count(this=each).as_(f"missing_{i}") for i, each in enumerate(missing)]
    row = table.query(exp.select(*counts)).to_pylist()[0]
    return {each: int(row[f"missing_{i}"]) for i, each in enumerate(features)}
