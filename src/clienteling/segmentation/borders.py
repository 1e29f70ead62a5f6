"""Lloyd's steps on the customers near a border; those of whole cells are known from the grid.

A cell of the grid that lies within one segment brings its count, sums and squares to that segment
as a whole. Only the customers of cells that a border crosses must be looked at one by one. They
are few, so they are fetched once, and every further step costs milliseconds however many
customers there are. What is found is what a pass over all of them finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlglot.expressions as exp
from numpy.typing import NDArray

from clienteling.data.numbers import as_number
from clienteling.data.sql import chain, column, name, usable
from clienteling.data.table import Table
from clienteling.segmentation.nearest import Rule, nearest_of, standardised
from clienteling.segmentation.sketch import Cells, Floats, Sketch

__all__ = ["MOST_SHARE", "Borders", "Totals", "customers_in", "fetch_borders", "undecided"]

#: Customers near a border are fetched up to so many numbers, 80 MB of them …
_MOST_NUMBERS = 10_000_000
#: … and where they are less than this share of all; else a pass over all costs no more.
MOST_SHARE = 0.3
#: Standard deviations by which a border may move before customers must be fetched anew.
_SLACK = 0.004


@dataclass(frozen=True)
class Totals:
    """What the customers of each segment add up to.

    Parameters
    ----------
    counts, squares : arrays of shape (k,), customers, and the sum of their squared lengths
    sums : array of shape (k, features), standardised
    """

    counts: Floats
    sums: Floats
    squares: Floats

    def inertia(self, centres: Floats) -> float:
        """Return the cost of these segments around ``centres``."""
        return float(
            self.squares.sum()
            - 2 * (centres * self.sums).sum()
            + (self.counts * (centres**2).sum(axis=1)).sum()
        )

    def means(self, centres: Floats) -> Floats:
        """Return the mean of each segment; an empty one keeps its centre."""
        filled = self.counts[:, None] > 0
        return np.where(filled, self.sums / np.maximum(self.counts, 1)[:, None], centres)


@dataclass(frozen=True)
class Borders:
    """The customers of the cells near a border, and the cells of all others.

    Parameters
    ----------
    sketch : a grid
    cells : its cells
    near : array of shape (points,), which cells' customers were fetched
    rows : array of shape (customers, features), those customers, standardised
    """

    sketch: Sketch
    cells: Cells
    near: NDArray[np.bool_]
    rows: Floats

    def covers(self, rule: Rule) -> bool:
        """Say whether the borders between these centres cross fetched cells only."""
        return not (undecided(self.cells, rule) & ~self.near).any()

    def totals(self, rule: Rule) -> Totals:
        """Return what all customers of each segment add up to."""
        far = ~self.near
        points, weights = self.sketch.standardised()[far], self.sketch.weights[far]
        within = (self.cells.within[far] / self.sketch.scale**2).sum(axis=1)
        whole = _totals(rule, points, weights, within)
        single = _totals(rule, self.rows)
        return Totals(
            whole.counts + single.counts, whole.sums + single.sums, whole.squares + single.squares
        )


def _totals(
    rule: Rule, z: Floats, weights: Floats | None = None, within: Floats | float = 0.0
) -> Totals:
    ids = nearest_of(rule, z)
    w = np.ones(len(z)) if weights is None else weights

    def add(values: Floats) -> Floats:
        return np.bincount(ids, weights=values, minlength=rule.k).astype(np.float64)

    sums = np.stack([add(w * each) for each in z.T], axis=1)
    return Totals(add(w), sums, add(w * (z**2).sum(axis=1) + within))


def undecided(cells: Cells, rule: Rule, slack: float = 0.0) -> NDArray[np.bool_]:
    """Return the cells that a border between two segments crosses.

    The difference of two centres' distances is linear, so over a cell it is least at a corner.

    Parameters
    ----------
    cells : the boxes
    rule : the centres
    slack : how near a border may come, in standard deviations

    Returns
    -------
    array of shape (cells,)
    """
    low = (cells.low - rule.mean) / rule.scale
    high = (cells.high - rule.mean) / rule.scale
    owner = nearest_of(rule, (low + high) / 2)
    constants = np.array([each[0] for each in rule.linear])
    factors = np.array([each[1] for each in rule.linear])
    crossed = np.zeros(len(low), dtype=bool)
    for other in range(rule.k):
        slope = factors[other] - factors[owner]
        least = constants[other] - constants[owner]
        least = least + np.minimum(slope * low, slope * high).sum(axis=1)
        # The slope's length turns a difference into a distance from the border. What rounding can
        # do to either side counts as near.
        length = np.sqrt((slope**2).sum(axis=1))
        rounding = 1e-12 * (1 + np.maximum(np.abs(slope * low), np.abs(slope * high)).sum(axis=1))
        crossed |= (owner != other) & ~(least > slack * length + rounding)
    return crossed


def fetch_borders(
    table: Table, features: Sequence[str], sketch: Sketch, rule: Rule
) -> Borders | None:
    """Fetch the customers near a border in one pass, or return None where they are too many.

    Parameters
    ----------
    table : the customers
    features : the columns that take part
    sketch : of the same customers
    rule : the centres
    """
    cells = sketch.cells
    if cells is None:
        return None
    near = undecided(cells, rule, _SLACK)
    customers = float(sketch.weights[near].sum())
    if customers > min(_MOST_NUMBERS / len(features), MOST_SHARE * sketch.customers):
        return None
    if not near.any():
        return Borders(sketch, cells, near, np.empty((0, len(features))))
    found = table.engine.query(customers_in(table, features, cells, near))
    names = [f"x{index}" for index in range(len(features))]
    rows = np.column_stack([found.column(each).to_numpy() for each in names]).astype(np.float64)
    return Borders(sketch, cells, near, standardised(rule, rows))


def customers_in(
    table: Table, features: Sequence[str], cells: Cells, chosen: NDArray[np.bool_]
) -> exp.Select:
    """Return the query for the customers of some cells: their features, as ``x0`` and so on.

    Parameters
    ----------
    table : the customers
    features : the columns that take part
    cells : of a grid
    chosen : array of shape (cells,), at least one of them
    """
    names = [f"x{index}" for index in range(len(features))]
    values = [as_number(table, each) for each in features]
    taken = exp.select(
        *(value.as_(name(each)) for value, each in zip(values, names, strict=True))
    ).where(exp.and_(*(usable(value) for value in values)))
    xs = [column(each) for each in names]
    numbered = exp.select(*xs, cells.place(xs).as_(name("cell")))
    wanted = [exp.Literal.number(int(each)) for each in cells.places[chosen]]
    kept = exp.select(*xs).where(exp.In(this=column("cell"), expressions=wanted))
    return chain(table.subquery, ("taken", taken), ("numbered", numbered), ("kept", kept))
