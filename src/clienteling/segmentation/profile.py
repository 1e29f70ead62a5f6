"""What each segment is like in the columns that took no part: means and shares, with intervals.

Means have the normal 95 % interval, shares Wilson's (1927, doi:10.1080/01621459.1927.10502953).
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.numbers import as_number
from clienteling.data.sql import case, column, name, number
from clienteling.data.table import Column, Table
from clienteling.segmentation.model import Figure, Model
from clienteling.segmentation.scoring import score

__all__ = ["profile"]

#: Columns of words with more distinct values than this are not profiled.
_LEVELS = 12
_COLUMNS = 30
#: Values beyond this have no part: their squares would overflow.
_LARGEST = 1e100
_Z = 1.959963984540054


def profile(model: Model, table: Table, id: str | None) -> dict[int, list[Figure]]:
    """Return figures per segment, on the columns that are neither features nor the id.

    Parameters
    ----------
    model : the segments
    table : the customers
    id : the column of the customer id, if there is one
    """
    aliases = {alias for each in model.features for alias in (each.name, *each.aliases)}
    others = [each for each in table.columns if each.name not in aliases and each.name != id]
    numeric = [each.name for each in others if each.is_numeric][:_COLUMNS]
    words = [each.name for each in others if each.kind == "text"][:_COLUMNS]
    figures: dict[int, list[Figure]] = defaultdict(list)
    if not numeric and not words:
        return figures
    # Under names of our own: customers may well have a column called segment, or margin.
    aside = {each: f"cl_profiled_{index}" for index, each in enumerate([*numeric, *words])}
    needed = dict.fromkeys([*model.feature_names, *([] if id is None else [id])])
    renamed = exp.select(
        *(column(each) for each in needed),
        *(column(each).as_(name(alias)) for each, alias in aside.items()),
    ).from_(table.subquery)
    columns = (
        *(table[each] for each in needed),
        *(Column(alias, table[each].kind) for each, alias in aside.items()),
    )
    beside = Table(table.engine, renamed, columns, table.source)
    scored = score(model, beside, id=id, keep=list(aside.values()))
    for segment, each in _means(scored, {each: aside[each] for each in numeric}):
        figures[segment].append(each)
    for each_name in _short_lists(scored, {each: aside[each] for each in words}):
        for segment, each in _shares(scored, each_name, aside[each_name]):
            figures[segment].append(each)
    return figures


def _means(scored: Table, columns: dict[str, str]) -> list[tuple[int, Figure]]:
    if not columns:
        return []
    aggregates = []
    for index, alias in enumerate(columns.values()):
        value = as_number(scored, alias)
        fits = exp.LTE(this=exp.Abs(this=value.copy()), expression=number(_LARGEST))
        x = case([(fits, value)], None)
        aggregates += [
            exp.Avg(this=x.copy()).as_(f"mean_{index}"),
            exp.StddevSamp(this=x.copy()).as_(f"deviation_{index}"),
            exp.Count(this=x.copy()).as_(f"n_{index}"),
        ]
    rows = _by_segment(scored, aggregates)
    figures = []
    for index, each in enumerate(columns):
        total = sum(row[f"n_{index}"] for row in rows)
        if not total:
            continue
        overall = sum((row[f"mean_{index}"] or 0) * row[f"n_{index}"] for row in rows) / total
        for row in rows:
            n = row[f"n_{index}"]
            if n < 2:
                continue
            half = _Z * row[f"deviation_{index}"] / math.sqrt(n)
            mean = row[f"mean_{index}"]
            figures.append(
                (
                    int(row["segment_id"]),
                    Figure(
                        column=each,
                        value=_rounded(mean),
                        low=_rounded(mean - half),
                        high=_rounded(mean + half),
                        overall=_rounded(overall),
                    ),
                )
            )
    return figures


def _rounded(value: float) -> float:
    """Drop the last digits: they depend on the order in which an engine adds the rows up."""
    return float(f"{value:.10g}")


def _short_lists(scored: Table, columns: dict[str, str]) -> list[str]:
    if not columns:
        return []
    counts = [
        exp.Count(this=exp.Distinct(expressions=[column(alias)])).as_(f"n_{index}")
        for index, alias in enumerate(columns.values())
    ]
    row = scored.query(exp.select(*counts)).to_pylist()[0]
    return [each for index, each in enumerate(columns) if 2 <= row[f"n_{index}"] <= _LEVELS]


def _shares(scored: Table, column_name: str, alias: str) -> list[tuple[int, Figure]]:
    level = column(alias)
    query = (
        exp.select(column("segment_id"), level.as_(name("level")), _count())
        .where(_not_null(column("segment_id")))
        .where(_not_null(level))
        .group_by(column("segment_id"), level.copy())
        .order_by(column("segment_id"), level.copy())
    )
    rows = scored.query(query).to_pylist()
    sizes: dict[int, int] = defaultdict(int)
    totals: dict[str, int] = defaultdict(int)
    counts: dict[tuple[int, str], int] = {}
    for row in rows:
        sizes[int(row["segment_id"])] += row["n"]
        totals[row["level"]] += row["n"]
        counts[int(row["segment_id"]), row["level"]] = row["n"]
    everyone = sum(totals.values())
    figures = []
    # Of two levels, one says it all.
    levels = sorted(totals, key=lambda each: (-totals[each], each))
    for segment, size in sizes.items():
        for each in levels[:1] if len(levels) == 2 else levels:
            share = counts.get((segment, each), 0) / size
            low, high = wilson(share, size)
            figures.append(
                (
                    segment,
                    Figure(
                        column=column_name,
                        level=each,
                        value=share,
                        low=low,
                        high=high,
                        overall=totals[each] / everyone,
                    ),
                )
            )
    return figures


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share.

    Examples
    --------
    >>> low, high = wilson(0.5, 100)
    >>> round(low, 4), round(high, 4)
    (0.4038, 0.5962)
    """
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def _by_segment(scored: Table, aggregates: list[exp.Expr]) -> list[dict[str, Any]]:
    query = (
        exp.select(column("segment_id"), *aggregates)
        .where(_not_null(column("segment_id")))
        .group_by(column("segment_id"))
        .order_by(column("segment_id"))
    )
    rows: list[dict[str, Any]] = scored.query(query).to_pylist()
    return rows


def _count() -> exp.Expr:
    return exp.Count(this=exp.Star()).as_(name("n"))


def _not_null(value: exp.Expr) -> exp.Expr:
    return exp.not_(exp.Is(this=value.copy(), expression=exp.null()))
