"""What stands twice in a table: columns that say the same, rows and ids that repeat.

Numbers say the same where they lie on a line, |Pearson's r| of 0.999 and more; words where each
of the one goes with one of the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

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


def correlations(table: Table, figures: Sequence[ColumnFigures]) -> dict[tuple[str, str], float]:
    """Return Pearson's r per pair of columns of numbers; none in fewer than ten rows.

    The first 60 columns are compared. Where a value is missing, the mean stands for it.
    """
    numeric = [each for each in figures if is_number(each) and each.distinct > 1][:COMPARED]
    if max((each.present for each in numeric), default=0) < _FEWEST:
        return {}
    zero = number(0.0)
    scaled = exp.select(
        *(
            exp.Coalesce(this=_scaled(table, each), expressions=[zero.copy()]).as_(f"cl_{index}")
            for index, each in enumerate(numeric)
        )
    )
    places = range(len(numeric))
    wanted = [(i, j) for i in places for j in places if i <= j]
    means: dict[tuple[int, int], float] = {}
    alone: list[float] = []
    for start in range(0, len(wanted), _PAIRS):
        batch = wanted[start : start + _PAIRS]
        parts = [_product(i, j) for i, j in batch]
        if not alone:
            parts += [exp.Avg(this=column(f"cl_{i}")).as_(f"m_{i}") for i in places]
        query = chain(table.subquery, ("cl_scaled", scaled.copy()), ("cl_r", exp.select(*parts)))
        row = table.engine.query(query).to_pylist()[0]
        means.update({(i, j): float(row[f"p_{i}_{j}"]) for i, j in batch})
        alone = alone or [float(row[f"m_{i}"]) for i in places]
    spread = [max(means[i, i] - alone[i] ** 2, 0.0) ** 0.5 for i in places]
    found = {}
    for i, j in wanted:
        both = spread[i] * spread[j]
        if i < j:
            r = (means[i, j] - alone[i] * alone[j]) / both if both > 0 else 0.0
            found[numeric[i].name, numeric[j].name] = max(-1.0, min(1.0, r))
    return found


def _scaled(table: Table, figures: ColumnFigures) -> exp.Expr:
    """Return a column less its mean, from -1 to 1, so that no product of two overflows."""
    mean = figures.mean or 0.0
    reach = max(float(figures.largest or 0) - mean, mean - float(figures.least or 0))
    away = exp.paren(exp.Sub(this=value_of(table, figures.name), expression=number(mean)))
    return exp.Div(this=away, expression=number(max(reach, 1e-300)))


def _product(i: int, j: int) -> exp.Expr:
    both = exp.Mul(this=column(f"cl_{i}"), expression=column(f"cl_{j}"))
    return exp.Avg(this=both).as_(f"p_{i}_{j}")


def near_copies(
    table: Table,
    figures: Sequence[ColumnFigures],
    related: Mapping[tuple[str, str], float],
) -> list[Copy]:
    """Return the columns that say what an earlier one says, in the order of the table.

    Parameters
    ----------
    table : the customers
    figures : of its columns
    related : as :func:`correlations` has them
    """
    copies: dict[str, Copy] = {}
    for (first, second), r in related.items():
        if abs(r) >= _SAME and first not in copies:
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
