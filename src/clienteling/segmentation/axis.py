"""One feature cut into cells, and the one number of the cell that a customer lies in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlglot.expressions as exp

from clienteling.data.sql import case, number
from clienteling.segmentation.sketch import Floats, Ints

__all__ = ["Axis", "place_of"]

#: Cells outside the bounds, on each side; the last one is open.
_OUTSIDE = 40


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

    def numbers(self, least: float, largest: float) -> tuple[int, int]:
        """Return the least number that a cell can have, and how many numbers there are from it."""
        first = -_OUTSIDE if least < self.low else 0
        last = self.cells + (_OUTSIDE if largest > self.high else 0)
        return first, last - first + 1

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


def place_of(
    axes: Sequence[Axis], ranges: Sequence[tuple[float, float]], values: Sequence[exp.Expr]
) -> exp.Expr:
    """Return one number for the cell that values lie in, counted along the last axis first.

    An engine groups by one whole number much faster than by one for each axis. The numbers leave
    few gaps: that of a cell is itself a good hash.
    """
    place: exp.Expr | None = None
    for axis, value, ends in zip(axes, values, ranges, strict=True):
        first, many = axis.numbers(*ends)
        along: exp.Expr = axis.cell(value, *ends)
        if first:
            along = exp.Add(this=along, expression=exp.Literal.number(-first))
        if place is not None:
            before = exp.Mul(this=exp.Paren(this=place), expression=exp.Literal.number(many))
            along = exp.Add(this=before, expression=exp.Paren(this=along))
        place = along
    assert place is not None
    return place
