"""The sketch of a large table with few features: a grid of cells with count, sum and squares.

Between the bounds that hold nearly all customers the cells are equally wide. Beyond them they
double their width at every step, so a few extreme values neither eat the resolution nor are lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sqlglot.expressions as exp

from clienteling.data.arrays import as_array
from clienteling.data.numbers import Usable, as_number
from clienteling.data.sql import case, chain, column, name, number, usable
from clienteling.data.table import Table
from clienteling.segmentation.axis import Axis, place_of
from clienteling.segmentation.sketch import Floats, Ints, Sketch

__all__ = ["Grid", "grid_sketch"]

#: Cells per feature, by the number of features: some 30,000 to 40,000 cells in all.
_CELLS = {1: 30_000, 2: 180, 3: 33, 4: 14}
#: Share of customers that may lie outside the bounds, on each side.
_TAIL = 0.0005
#: Bounds are narrowed while nearly all customers fill less than this share of the cells.
_FILLED = 0.4
_NARROWINGS = 40
#: Bounds are not narrowed below this share of the range: squares in their unit must be finite.
_CLOSEST = 1e-130


@dataclass(frozen=True)
class Grid:
    """The cells that customers lie in.

    Parameters
    ----------
    axes : one per feature
    ranges : the least and the largest value of each feature
    numbers : array of shape (cells, features), where along each axis a cell is
    within : array of shape (cells, features), the sum of squares around the cell's mean
    """

    axes: tuple[Axis, ...]
    ranges: tuple[tuple[float, float], ...]
    numbers: Ints
    within: Floats

    @cached_property
    def _bounds(self) -> list[tuple[Floats, Floats]]:
        return [
            axis.bounds(numbers, *ends)
            for axis, numbers, ends in zip(self.axes, self.numbers.T, self.ranges, strict=True)
        ]

    @cached_property
    def low(self) -> Floats:
        """The lower bounds of each cell; array of shape (cells, features)."""
        return np.column_stack([low for low, _ in self._bounds])

    @cached_property
    def high(self) -> Floats:
        """The upper bounds of each cell; array of shape (cells, features)."""
        return np.column_stack([high for _, high in self._bounds])

    @cached_property
    def places(self) -> Ints:
        """One number for each cell; array of shape (cells,)."""
        place = np.zeros(len(self.numbers), dtype=np.int64)
        for axis, numbers, ends in zip(self.axes, self.numbers.T, self.ranges, strict=True):
            first, many = axis.numbers(*ends)
            place = place * many + numbers - first
        return place

    def place(self, values: Sequence[exp.Expr]) -> exp.Expr:
        """Return the number of the cell that values lie in, as :attr:`places` has it."""
        return place_of(self.axes, self.ranges, values)


@dataclass(frozen=True)
class _Sums:
    """What the customers of each cell add up to, the cells in order along the axes.

    Parameters
    ----------
    numbers : array of shape (cells, features), where along each axis a cell is
    weights : array of shape (cells,), customers
    sums, squares : arrays of shape (cells, features), from each axis' origin, in its unit
    """

    numbers: Ints
    weights: Floats
    sums: Floats
    squares: Floats


def grid_sketch(table: Table, features: Sequence[str], counted: Usable) -> Sketch:
    """Reduce a table to the cells of a grid, in one pass, or a few where values are extreme.

    Parameters
    ----------
    table : the customers
    features : at most four columns
    counted : the range of each feature over the usable customers
    """
    cells = _CELLS[len(features)]
    axes = [Axis(counted.low[each], counted.high[each], cells) for each in features]
    ranges = [(counted.low[each], counted.high[each]) for each in features]
    found = _summed(table, features, axes, ranges)
    for _ in range(_NARROWINGS):
        narrowed = [
            _narrow(axis, found, index, _CLOSEST * (ranges[index][1] - ranges[index][0]))
            for index, axis in enumerate(axes)
        ]
        if narrowed != axes:
            narrowed = _fitted(table, features, narrowed, axes)
        if narrowed == axes:
            break
        axes = narrowed
        found = _summed(table, features, axes, ranges)
    return _finish(found, axes, ranges)


def _summed(
    table: Table,
    features: Sequence[str],
    axes: Sequence[Axis],
    ranges: Sequence[tuple[float, float]],
) -> _Sums:
    """Count and add up the customers of each cell, by one query."""
    values = [as_number(table, each) for each in features]
    taken = exp.select(*(value.as_(name(f"x{index}")) for index, value in enumerate(values))).where(
        exp.and_(*(usable(value) for value in values))
    )
    xs = [column(f"x{index}") for index in range(len(axes))]
    units: list[exp.Expr] = []
    sums: list[exp.Expr] = []
    for index, (axis, x) in enumerate(zip(axes, xs, strict=True)):
        u = column(f"u{index}")
        from_origin = exp.Mul(
            this=exp.Paren(this=exp.Sub(this=x.copy(), expression=number(axis.origin))),
            expression=number(1.0 / axis.unit),
        )
        units.append(from_origin.as_(name(f"u{index}")))
        sums += [
            exp.Sum(this=u.copy()).as_(name(f"sum{index}")),
            exp.Sum(this=exp.Mul(this=u.copy(), expression=u.copy())).as_(name(f"square{index}")),
        ]
    celled = exp.select(place_of(axes, ranges, xs).as_(name("cell")), *units)
    weight = exp.Count(this=exp.Star()).as_(name("weight"))
    summed = exp.select(column("cell"), weight, *sums).group_by(column("cell"))
    found = table.engine.query(
        chain(table.subquery, ("taken", taken), ("celled", celled), ("summed", summed))
    )
    # Sorted here: some tens of thousands of rows, for which an engine may need a pass of its own.
    places = as_array(found.column("cell")).astype(np.int64)
    order = np.argsort(places)
    weights, sums_found, squares = (
        np.column_stack([as_array(found.column(each)) for each in names])[order].astype(np.float64)
        for names in (
            ["weight"],
            [f"sum{index}" for index in range(len(axes))],
            [f"square{index}" for index in range(len(axes))],
        )
    )
    places, numbers = places[order], []
    for axis, ends in zip(reversed(axes), reversed(ranges), strict=True):
        first, many = axis.numbers(*ends)
        numbers.append(places % many + first)
        places = places // many
    return _Sums(np.column_stack(numbers[::-1]), weights[:, 0], sums_found, squares)


def _narrow(axis: Axis, found: _Sums, index: int, closest: float) -> Axis:
    """Return closer bounds where nearly all customers sit in few of the cells."""
    cells, weights = found.numbers[:, index], found.weights
    order = np.argsort(cells, kind="stable")
    cumulated = np.cumsum(weights[order]) / weights.sum()
    first = int(cells[order][np.searchsorted(cumulated, _TAIL)])
    last = int(cells[order][np.searchsorted(cumulated, 1 - _TAIL)])
    first, last = max(first, 0), min(last, axis.cells - 1)
    if last - first + 1 >= _FILLED * axis.cells or axis.width <= 0:
        return axis
    low, high = axis.low + first * axis.width, axis.low + (last + 1) * axis.width
    # Where two neighbouring numbers of float64 are as far apart as the cells, it ends.
    if not high - low > max(1e-12 * max(abs(low), abs(high)), closest):
        return axis
    return Axis(low, high, axis.cells)


def _fitted(
    table: Table, features: Sequence[str], narrowed: Sequence[Axis], axes: Sequence[Axis]
) -> list[Axis]:
    """Fit closer bounds to the values between them; a single value there needs no closer ones."""
    ranges: list[exp.Expr] = []
    for index, (feature, axis) in enumerate(zip(features, narrowed, strict=True)):
        x = as_number(table, feature)
        inside = exp.and_(
            exp.GTE(this=x.copy(), expression=number(axis.low)),
            exp.LTE(this=x.copy(), expression=number(axis.high)),
        )
        value = case([(inside, x)], None)
        ranges += [
            exp.Min(this=value).as_(name(f"low{index}")),
            exp.Max(this=value.copy()).as_(name(f"high{index}")),
        ]
    row = table.query(exp.select(*ranges)).to_pylist()[0]
    fitted = []
    for index, (new, old) in enumerate(zip(narrowed, axes, strict=True)):
        low, high = row[f"low{index}"], row[f"high{index}"]
        if new == old or low is None or not high - low > 1e-12 * max(abs(low), abs(high)):
            fitted.append(old)
        else:
            fitted.append(Axis(low, high, old.cells))
    return fitted


def _finish(found: _Sums, axes: Sequence[Axis], ranges: Sequence[tuple[float, float]]) -> Sketch:
    weights = found.weights
    n = weights.sum()
    columns, within_cells = [], []
    for axis, sums, squares in zip(axes, found.sums.T, found.squares.T, strict=True):
        u = sums / weights
        within = np.maximum(squares - sums * u, 0.0)
        within_cells.append(axis.unit**2 * within)
        mean = sums.sum() / n
        total = within.sum() + weights @ (u - mean) ** 2
        columns.append(
            (
                axis.origin + axis.unit * u,
                axis.origin + axis.unit * mean,
                axis.unit * np.sqrt(total / n),
                axis.unit**2 * within.sum(),
            )
        )
    points, means, scales, withins = zip(*columns, strict=True)
    return Sketch(
        "grid",
        np.column_stack(points),
        weights,
        int(n),
        np.array(means),
        np.array(scales),
        np.array(withins),
        cells=Grid(tuple(axes), tuple(ranges), found.numbers, np.column_stack(within_cells)),
    )
