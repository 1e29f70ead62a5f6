"""The sketch of a large table with many features: a lightweight coreset.

A customer z (standardised) is drawn with probability m · (1/2n + |z|² / 2 Σ|z|²) and weighs the
inverse of it (Bachem, Lucic, Krause 2018, arXiv 1702.08248), so that far customers, which decide
the inertia, are rarely missed. Whether one is drawn is decided by a hash of the customer id, so
that the same customers are drawn on every engine. The probability is rounded up to a step of a
fixed ladder; the weight is the inverse of that step, so the estimate stays unbiased.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sqlglot.expressions as exp

from clienteling.data.arrays import as_array
from clienteling.data.numbers import Usable, as_number
from clienteling.data.portable_hash import check_id_kind, hash_sql, threshold
from clienteling.data.sql import case, chain, column, double, name, number, text, usable
from clienteling.data.table import Table
from clienteling.errors import ColumnError
from clienteling.segmentation.sketch import Sketch

__all__ = ["POINTS", "coreset_sketch"]

#: Customers that are drawn, about; the ladder adds some tenth to it.
POINTS = 80_000
_SALT = "coreset:"
_STEPS_PER_DOUBLING = 4


def coreset_sketch(
    table: Table, features: Sequence[str], counted: Usable, id: str | None
) -> Sketch:
    """Draw a weighted sample of the customers, in the engine.

    Parameters
    ----------
    table : the customers
    features : the columns that take part
    counted : the range of each feature over the usable customers
    id : the column of the customer id

    Raises
    ------
    ColumnError
        There is no id to draw by, or its type reads differently on different engines.
    """
    customer_id = _id(table, id)
    values = [as_number(table, each) for each in features]
    all_usable = exp.and_(*(usable(value) for value in values))
    mean, scale = _moments(table, features, counted)
    scale = np.where(scale > 0, scale, 1.0)  # a level may have lost all its customers
    n, d = counted.usable, len(features)
    taken = exp.select(
        customer_id.as_(name("id")),
        *(value.as_(name(f"x{index}")) for index, value in enumerate(values)),
    ).where(all_usable)
    square: exp.Expr | None = None
    for index in range(d):
        x = column(f"x{index}")
        z = exp.Mul(
            this=exp.Paren(this=exp.Sub(this=x, expression=number(float(mean[index])))),
            expression=number(float(1 / scale[index])),
        )
        term = exp.Mul(this=z, expression=z.copy())
        square = term if square is None else exp.Add(this=square, expression=term)
    assert square is not None
    # p = POINTS/n · (1/2 + |z|²/2d), rounded up to base · 2^(step/4).
    base = POINTS / n / 2
    steps = range(_STEPS_PER_DOUBLING * int(np.ceil(np.log2(1 / base))) + 1)
    ladder = [min(1.0, base * 2.0 ** (step / _STEPS_PER_DOUBLING)) for step in steps]
    limits = [d * (2.0 ** (step / _STEPS_PER_DOUBLING) - 1) for step in steps]
    step_of = case(
        [
            (exp.LTE(this=column("square"), expression=number(limit)), exp.Literal.number(step))
            for step, limit in zip(steps, limits, strict=True)
        ],
        exp.Literal.number(steps[-1]),
    )
    # All thresholds in one text, cut by the step. A CASE here makes DuckDB compare, and so hash,
    # once for each of its branches: that took nine tenths of the time.
    thresholds = [threshold(probability) for probability in ladder]
    width = max(map(len, thresholds))
    below = exp.Substring(
        this=text("".join(each.ljust(width, "0") for each in thresholds)),
        start=exp.Add(
            this=exp.Mul(this=column("step"), expression=exp.Literal.number(width)),
            expression=exp.Literal.number(1),
        ),
        length=exp.Literal.number(width),
    )
    xs = [column(f"x{index}") for index in range(d)]
    drawn = (
        exp.select(*xs, column("step"))
        .where(exp.LT(this=hash_sql(column("id"), _SALT), expression=below))
        .order_by(*(each.copy() for each in xs), column("step"))
    )
    found = table.engine.query(
        chain(
            table.subquery,
            ("taken", taken),
            ("squared", exp.select(column("id"), *xs, square.as_(name("square")))),
            ("laddered", exp.select(column("id"), *xs, step_of.as_(name("step")))),
            ("drawn", drawn),
        )
    )
    points = np.column_stack([as_array(found.column(f"x{index}")) for index in range(d)])
    weights = 1.0 / np.array(ladder)[as_array(found.column("step"))]
    weights *= n / weights.sum()
    return Sketch("coreset", points, weights, n, mean, scale, np.zeros(d))


def _id(table: Table, id: str | None) -> exp.Expr:
    if id is not None:
        check_id_kind(id, table[id].kind)
        return column(id)
    if table.engine.ordered:
        return exp.Window(this=exp.RowNumber())
    raise ColumnError(
        f"{table.source}: no column was recognised as the customer id, and a table of this size "
        "with this many features is sampled by it.",
        hint="Name it with --id COLUMN.",
    )


def _moments(
    table: Table, features: Sequence[str], counted: Usable
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]:
    """Return mean and standard deviation of each feature, from sums taken near the middle."""
    values = [as_number(table, each) for each in features]
    sums: list[exp.Expr] = []
    origins, units = [], []
    for index, each in enumerate(features):
        low, high = counted.low[each], counted.high[each]
        unit = float(2.0 ** round(np.log2(high - low)))
        origin = unit * round(low / unit)
        u = exp.Mul(
            this=exp.Paren(this=exp.Sub(this=column(f"x{index}"), expression=number(origin))),
            expression=number(1.0 / unit),
        )
        sums += [
            exp.Sum(this=u).as_(name(f"sum{index}")),
            exp.Sum(this=exp.Mul(this=u.copy(), expression=u.copy())).as_(name(f"square{index}")),
        ]
        origins.append(origin)
        units.append(unit)
    taken = exp.select(
        *(double(value).as_(name(f"x{index}")) for index, value in enumerate(values))
    ).where(exp.and_(*(usable(value) for value in values)))
    row = table.engine.query(
        chain(table.subquery, ("taken", taken), ("summed", exp.select(*sums)))
    ).to_pylist()[0]
    n = counted.usable
    u_mean = np.array([row[f"sum{index}"] / n for index in range(len(features))])
    u_square = np.array([row[f"square{index}"] / n for index in range(len(features))])
    scale = np.array(units) * np.sqrt(np.maximum(u_square - u_mean**2, 0.0))
    return np.array(origins) + np.array(units) * u_mean, scale
