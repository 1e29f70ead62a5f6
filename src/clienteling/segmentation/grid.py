"""The sketch of a large table with few features: a grid of cells with count, sum and squares.

Between the bounds that hold nearly all customers the cells are equally wide. Beyond them they
double their width at every step, so a few extreme values neither eat the resolution nor are lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import sqlglot.expressions as exp

from clienteling.data.numbers import Usable, as_number
from clienteling.data.sql import case, chain, column, name, number, usable
from clienteling.data.table import Table
from clienteling.segmentation.sketch import Floats, Ints, Sketch

__all__ = ["Axis", "Grid", "grid_sketch"]

#: Cells per feature, by the number of features: some 30,000 to 40,000 cells in all.
_CELLS = {1: 30_000, 2: 180, 3: 33, 4: 14}
#: Cells outside the bounds, on each side; the last one is open.
_OUTSIDE = 40
#: Share of customers that may lie outside the bounds, on each side.
_TAIL = 0.0005
#: Bounds are narrowed while nearly all customers fill less than this share of the cells.
_FILLED = 0.4
_NARROWINGS = 40
#: Bounds are not narrowed below this share of the range: squares in their unit must be finite.
_CLOSEST = 1e-130


@dataclass(frozen=True)
class Axis:
    """The cells of one feature.

    Parameters
    ----------
    low, high : the bounds between which the cells are equally wide
    cells : how many there are between them
    """

    low: float
    high: float
    cells: int

    @property
    def width(self) -> float:
        """The width of a cell between the bounds."""
        return (self.high - self.low) / self.cells

    @property
    def origin(self) -> float:
        """A number near the middle: sums are taken from there, so that they stay precise."""
        return self.unit * round((self.low + self.high) / 2 / self.unit)

    @property
    def unit(self) -> float:
        """A power of two near an eighth of the range: dividing by it is exact."""
        return float(2.0 ** round(np.log2((self.high - self.low) / 8)))

    def cell(self, x: exp.Expr, least: float, largest: float) -> exp.Expr:
        """Return the number of the cell that a value lies in; ``least`` and ``largest`` occur."""
        inside = exp.Floor(
            this=exp.Mul(
                this=exp.Paren(this=exp.Sub(this=x.copy(), expression=number(self.low))),
                expression=number(1.0 / self.width),
            )
        )
        branches: list[tuple[exp.Expr, exp.Expr]] = []
        span = self.high - self.low
        if least < self.low:
            steps: list[tuple[exp.Expr, exp.Expr]] = [
                (
                    exp.GTE(this=x.copy(), expression=number(self.low - span * (2.0**step - 1))),
                    number(-float(step)),
                )
                for step in range(1, _OUTSIDE)
            ]
            outside = case(steps, number(-float(_OUTSIDE)))
            branches.append((exp.LT(this=x.copy(), expression=number(self.low)), outside))
        if largest > self.high:
            steps = [
                (
                    exp.LTE(this=x.copy(), expression=number(self.high + span * (2.0**step - 1))),
                    number(float(self.cells + step)),
                )
                for step in range(1, _OUTSIDE)
            ]
            outside = case(steps, number(float(self.cells + _OUTSIDE)))
            branches.append((exp.GT(this=x.copy(), expression=number(self.high)), outside))
        return exp.cast(case(branches, inside), exp.DataType.Type.INT)

    def bounds(self, cells: Ints, least: float, largest: float) -> tuple[Floats, Floats]:
        """Return the bounds of cells by their number; ``least`` and ``largest`` occur."""
        span = self.high - self.low
        steps = np.abs(np.where(cells < 0, cells, np.maximum(cells - self.cells, 0)))
        near, far = span * (2.0 ** (steps - 1) - 1), span * (2.0**steps - 1)
        lows = np.where(cells < 0, self.low - far, self.low + cells * self.width)
        highs = np.where(cells < 0, self.low - near, self.low + (cells + 1) * self.width)
        above = cells > self.cells
        lows, highs = (
            np.where(above, self.high + near, lows),
            np.where(above, self.high + far, highs),
        )
        # The outermost cells are open: they end at the outermost values.
        lows = np.where(cells == -_OUTSIDE, least, np.maximum(lows, least))
        highs = np.where(cells == self.cells + _OUTSIDE, largest, np.minimum(highs, largest))
        return lows, highs


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
        for axis, numbers in zip(self.axes, self.numbers.T, strict=True):
            place = place * _stride(axis) + numbers + _OUTSIDE
        return place

    def place(self, values: Sequence[exp.Expr]) -> exp.Expr:
        """Return the number of the cell that values lie in, as :attr:`places` has it."""
        place: exp.Expr | None = None
        for axis, value, ends in zip(self.axes, values, self.ranges, strict=True):
            shifted = exp.Add(this=axis.cell(value, *ends), expression=exp.Literal.number(_OUTSIDE))
            if place is None:
                place = shifted
            else:
                along = exp.Mul(
                    this=exp.Paren(this=place), expression=exp.Literal.number(_stride(axis))
                )
                place = exp.Add(this=along, expression=exp.Paren(this=shifted))
        assert place is not None
        return place


def _stride(axis: Axis) -> int:
    return axis.cells + 2 * _OUTSIDE + 1


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
    found = table.engine.query(_query(table, features, axes, ranges))
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
        found = table.engine.query(_query(table, features, axes, ranges))
    return _finish(found, axes, ranges)


def _query(
    table: Table,
    features: Sequence[str],
    axes: Sequence[Axis],
    ranges: Sequence[tuple[float, float]],
) -> exp.Select:
    values = [as_number(table, each) for each in features]
    taken = exp.select(*(value.as_(name(f"x{index}")) for index, value in enumerate(values))).where(
        exp.and_(*(usable(value) for value in values))
    )
    celled: list[exp.Expr] = []
    sums: list[exp.Expr] = []
    cells = [f"cell{index}" for index in range(len(axes))]
    for index, (axis, (least, largest)) in enumerate(zip(axes, ranges, strict=True)):
        x, u = column(f"x{index}"), column(f"u{index}")
        from_origin = exp.Mul(
            this=exp.Paren(this=exp.Sub(this=x.copy(), expression=number(axis.origin))),
            expression=number(1.0 / axis.unit),
        )
        celled += [
            axis.cell(x, least, largest).as_(name(cells[index])),
            from_origin.as_(name(f"u{index}")),
        ]
        sums += [
            exp.Sum(this=u.copy()).as_(name(f"sum{index}")),
            exp.Sum(this=exp.Mul(this=u.copy(), expression=u.copy())).as_(name(f"square{index}")),
        ]
    summed = (
        exp.select(
            *(column(each) for each in cells),
            exp.Count(this=exp.Star()).as_(name("weight")),
            *sums,
        )
        .group_by(*(column(each) for each in cells))
        .order_by(*(column(each) for each in cells))
    )
    return chain(
        table.subquery, ("taken", taken), ("celled", exp.select(*celled)), ("summed", summed)
    )


def _narrow(axis: Axis, found: pa.Table, index: int, closest: float) -> Axis:
    """Return closer bounds where nearly all customers sit in few of the cells."""
    cells = found.column(f"cell{index}").to_numpy()
    weights = found.column("weight").to_numpy().astype(np.float64)
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


def _finish(found: pa.Table, axes: Sequence[Axis], ranges: Sequence[tuple[float, float]]) -> Sketch:
    weights = found.column("weight").to_numpy().astype(np.float64)
    n = weights.sum()
    columns, within_cells = [], []
    for index, axis in enumerate(axes):
        sums = found.column(f"sum{index}").to_numpy().astype(np.float64)
        squares = found.column(f"square{index}").to_numpy().astype(np.float64)
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
    numbers = np.column_stack(
        [found.column(f"cell{index}").to_numpy().astype(np.int64) for index in range(len(axes))]
    )
    return Sketch(
        "grid",
        np.column_stack(points),
        weights,
        int(n),
        np.array(means),
        np.array(scales),
        np.array(withins),
        cells=Grid(tuple(axes), tuple(ranges), numbers, np.column_stack(within_cells)),
    )
