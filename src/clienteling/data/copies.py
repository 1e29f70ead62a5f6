"""What stands twice in a table: columns that say the same, rows and ids that repeat.

Numbers say the same where they lie on a line, |Pearson's r| of 0.999 and more; words where each
of the one goes with one of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import sqlglot.expressions as exp

from clienteling.data.inspection import ColumnFigures, is_number, value_of
from clienteling.data.sql import chain, column, name, number
from clienteling.data.table import Table

__all__ = ["COMPARED", "Copy", "correlations", "duplicates", "near_copies"]

#: Columns of numbers that are compared with each other.
COMPARED = 60
_PAIRS = 300
_WORDS = 20
_SAME = 0.999
#: Fewer rows than this lie on a line by chance.
_FEWEST = 10


@dataclass(frozen=True)
class Copy:
    """A column that says what an earlier one says.

    Parameters
    ----------
    name : the later column
    of : the earlier one
    r : Pearson's correlation; None for words
    """

    name: str
    of: str
    r: float | None = None


def correlations(
    table: Table, figures: Sequence[ColumnFigures]
) -> dict[tuple[str, str], tuple[float, int]]:
    """Return Pearson's r and the rows it is from, per pair of columns of numbers.

    The first 60 columns are compared, each over the rows in which both have a value.
    """
    numeric = [each for each in figures if is_number(each) and each.distinct > 1][:COMPARED]
    scaled = exp.select(
        *(
            exp.Div(
                this=exp.paren(
                    exp.Sub(this=value_of(table, each.name), expression=number(each.mean or 0.0))
                ),
                expression=number(max(_reach(each), 1e-300)),
            ).as_(f"cl_{index}")
            for index, each in enumerate(numeric)
        )
    )
    pairs = iter(combinations(range(len(numeric)), 2))
    found = {}
    while batch := list(islice(pairs, _PAIRS)):
        parts = [each for i, j in batch for each in _moments(i, j)]
        query = chain(table.subquery, ("cl_scaled", scaled.copy()), ("cl_r", exp.select(*parts)))
        row = table.engine.query(query).to_pylist()[0]
        for i, j in batch:
            n = int(row[f"n_{i}_{j}"])
            x, y, xx, yy, xy = (float(row[f"{m}_{i}_{j}"] or 0.0) for m in _MOMENTS)
            spread = max(xx - x * x, 0.0) * max(yy - y * y, 0.0)
            r = (xy - x * y) / spread**0.5 if spread > 0 else 0.0
            found[numeric[i].name, numeric[j].name] = (max(-1.0, min(1.0, r)), n)
    return found


_MOMENTS = ("x", "y", "xx", "yy", "xy")


def _reach(figures: ColumnFigures) -> float:
    mean = figures.mean or 0.0
    return max(float(figures.largest or 0) - mean, mean - float(figures.least or 0))


def _moments(i: int, j: int) -> list[exp.Expr]:
    a, b = column(f"cl_{i}"), column(f"cl_{j}")
    both = exp.Mul(this=a, expression=b)
    zero = exp.Mul(this=both.copy(), expression=number(0.0))  # null where either is

    def with_both(value: exp.Expr) -> exp.Expr:
        return exp.Add(this=value, expression=zero.copy())

    terms = {
        "x": with_both(a.copy()),
        "y": with_both(b.copy()),
        "xx": with_both(exp.Mul(this=a.copy(), expression=a.copy())),
        "yy": with_both(exp.Mul(this=b.copy(), expression=b.copy())),
        "xy": both,
    }
    counted = exp.Count(this=both.copy()).as_(f"n_{i}_{j}")
    return [counted, *(exp.Avg(this=term).as_(f"{key}_{i}_{j}") for key, term in terms.items())]


def near_copies(
    table: Table,
    figures: Sequence[ColumnFigures],
    related: dict[tuple[str, str], tuple[float, int]],
) -> list[Copy]:
    """Return the columns that say what an earlier one says, in the order of the table.

    Parameters
    ----------
    table : the customers
    figures : of its columns
    related : as :func:`correlations` has them
    """
    by_name = {each.name: each for each in figures}
    copies: dict[str, Copy] = {}
    for (first, second), (r, n) in related.items():
        most = max(by_name[first].present, by_name[second].present)
        if abs(r) >= _SAME and n >= _FEWEST and n >= 0.99 * most and first not in copies:
            copies.setdefault(second, Copy(second, first, r))
    for each in _words_alike(table, figures):
        if each.of not in copies:
            copies.setdefault(each.name, each)
    return [copies[each.name] for each in figures if each.name in copies]


def _words_alike(table: Table, figures: Sequence[ColumnFigures]) -> list[Copy]:
    words = [
        each
        for each in figures
        if each.kind == "text" and each.present >= _FEWEST and each.distinct > 1 and not each.unique
    ]
    pairs = [
        (a, b)
        for a, b in combinations(words, 2)
        if abs(a.distinct - b.distinct) <= 0.1 * a.distinct
        and abs(a.present - b.present) <= 0.01 * a.present
    ][:_WORDS]
    if not pairs:
        return []
    parts: list[exp.Expr] = []
    for index, (a, b) in enumerate(pairs):
        for kind, names in {"a": [a.name], "b": [b.name], "ab": [a.name, b.name]}.items():
            both = [
                exp.not_(exp.Is(this=column(each.name), expression=exp.null())) for each in (a, b)
            ]
            different = exp.select(*map(column, names)).distinct().from_(table.subquery)
            counted = exp.select(exp.Count(this=exp.Star())).from_(
                exp.Subquery(
                    this=different.where(*both), alias=exp.TableAlias(this=name("cl_different"))
                )
            )
            parts.append(exp.Subquery(this=counted).as_(f"{kind}_{index}"))
    row = table.engine.query(exp.select(*parts)).to_pylist()[0]
    return [
        Copy(b.name, a.name)
        for index, (a, b) in enumerate(pairs)
        if row[f"a_{index}"] == row[f"b_{index}"] == row[f"ab_{index}"]
    ]


def duplicates(table: Table, names: Sequence[str], rows: int) -> int:
    """Return how many rows repeat an earlier one in all of the columns ``names``."""
    if not names:
        return 0
    different = exp.select(*map(column, names)).distinct().from_(table.subquery)
    query = exp.select(exp.Count(this=exp.Star()).as_("n")).from_(
        exp.Subquery(this=different, alias=exp.TableAlias(this=name("cl_different")))
    )
    return rows - int(table.engine.query(query).to_pylist()[0]["n"])
