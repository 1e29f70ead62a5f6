"""The customers as weighted points: what every fit runs on, however many customers there are.

A small table is taken as it is: each distinct combination of values is a point. A large one is
reduced in the engine. Up to four features, a grid of cells keeps count, sums and sums of squares,
so that what is lost inside the cells is known exactly. Above that, points are drawn by importance:
the lightweight coreset of Bachem, Lucic and Krause (2018, arXiv 1702.08248), by a hash of the
customer id. The points come sorted, so no result depends on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

import numpy as np
import sqlglot.expressions as exp
from numpy.typing import NDArray

from clienteling.data.arrays import as_array
from clienteling.data.numbers import Usable, as_number, count_usable
from clienteling.data.sql import column, name, usable
from clienteling.data.statistics import usable_by_statistics
from clienteling.data.table import Table
from clienteling.errors import DataError
from clienteling.features.categories import level_scale
from clienteling.features.transforms import Transform, inverted

__all__ = [
    "EXACT_ROWS",
    "Cells",
    "Floats",
    "Ints",
    "Sketch",
    "counted_sketch",
    "exact_sketch",
    "sketch",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Up to this many customers nothing is summarised.
EXACT_ROWS = 50_000
#: Ranges beyond this, or below its inverse, have squares that a float64 can't hold.
_SPREAD = 1e150
#: The most features that a grid has cells for.
_GRID_FEATURES = 4


class Cells(Protocol):
    """The cells of a grid, as those who use a sketch see them; each point has one."""

    @property
    def low(self) -> Floats:
        """The lower bounds of each cell; array of shape (points, features)."""

    @property
    def high(self) -> Floats:
        """The upper bounds of each cell; array of shape (points, features)."""

    @property
    def within(self) -> Floats:
        """The sum of squares around each point; array of shape (points, features)."""

    @property
    def places(self) -> Ints:
        """A number for each cell; array of shape (points,)."""

    def place(self, values: Sequence[exp.Expr]) -> exp.Expr:
        """Return the number of a customer's cell, to be compared with :attr:`places`."""


@dataclass(frozen=True)
class Sketch:
    """Weighted points that stand for all customers.

    Parameters
    ----------
    kind : ``exact``, ``grid`` or ``coreset``
    points : array of shape (points, features), in the features' units after their transforms
    weights : array of shape (points,), customers per point
    customers : how many customers the points stand for
    mean, scale : arrays of shape (features,), of all customers; the scale is the standard
        deviation with divisor n, as StandardScaler has it
    within : array of shape (features,), sum of squares around the points, in the points' units:
        what a grid leaves out, exactly; 0 for an exact sketch
    transforms : what each feature went through; empty where all are taken as they are
    levels : the features that are levels of one column, a tuple for each such column
    cells : the cells of a grid; None for the other kinds
    """

    kind: Literal["exact", "grid", "coreset"]
    points: Floats
    weights: Floats
    customers: int
    mean: Floats
    scale: Floats
    within: Floats
    transforms: tuple[Transform, ...] = ()
    levels: tuple[tuple[int, ...], ...] = ()
    cells: Cells | None = field(default=None, repr=False)

    @property
    def own(self) -> Floats:
        """The points in the features' own units; array of shape (points, features)."""
        return inverted(self.points, self.transforms)

    @property
    def error(self) -> float:
        """The share of the customers' total sum of squares that lies inside the points."""
        variances = np.ones(len(self.scale))
        for place in (place for places in self.levels for place in places):
            share = self.mean[place]
            variances[place] = share * (1 - share) / self.scale[place] ** 2
        return float((self.within / self.scale**2).sum() / (self.customers * variances.sum()))

    @property
    def within_inertia(self) -> float:
        """What the cells hide of every inertia, in standardised features."""
        return float((self.within / self.scale**2).sum())

    def with_levels(self, levels: tuple[tuple[int, ...], ...]) -> Sketch:
        """Return the same with the features of levels scaled as levels are."""
        scale = self.scale.copy()
        for place in (place for places in levels for place in places):
            scale[place] = level_scale(self.mean[[place]])[0]
        return replace(self, scale=scale, levels=levels)

    def standardised(self) -> Floats:
        """Return the points with mean 0 and standard deviation 1 over all customers."""
        return (self.points - self.mean) / self.scale

    def below(self, values: Floats) -> Floats:
        """Return, per feature, the share of customers below ``values``."""
        return np.asarray(
            (self.weights @ (self.points < values)) / self.weights.sum(), dtype=np.float64
        )

    def above(self, values: Floats) -> Floats:
        """Return, per feature, the share of customers above ``values``."""
        return np.asarray(
            (self.weights @ (self.points > values)) / self.weights.sum(), dtype=np.float64
        )

    def ranks(self, values: Floats) -> Floats:
        """Return the share of customers below each value, half of those equal to it included.

        Between two values that customers have it is interpolated (the mid-distribution function of
        Parzen, Quantile probability and statistical data modeling, 2004), so that a mean of whole
        numbers has a place that doesn't leap where it passes one of them.

        Parameters
        ----------
        values : array of shape (values, features), in the points' units
        """
        found = np.empty(values.shape)
        for feature in range(values.shape[1]):
            known, places = np.unique(self.points[:, feature], return_inverse=True)
            shares = np.bincount(places, weights=self.weights) / self.weights.sum()
            middles = np.cumsum(shares) - shares / 2
            found[:, feature] = np.interp(values[:, feature], known, middles, left=0.0, right=1.0)
        return found

    def rows(self, limit: int) -> Ints:
        """Return point indices that repeat each point by its weight, at most ``limit`` of them.

        Up to ``limit`` customers all of them are there; beyond it, a systematic sample: every
        (n/limit)-th customer in the points' order, so each point has its due share.
        """
        if self.customers <= limit and self.kind == "exact":
            return np.repeat(np.arange(len(self.weights)), self.weights.astype(np.int64))
        many = min(limit, self.customers)
        cumulated = np.cumsum(self.weights)
        places = (np.arange(many) + 0.5) * (cumulated[-1] / many)
        found = np.searchsorted(cumulated, places, side="right")
        return np.asarray(np.minimum(found, len(self.weights) - 1), dtype=np.int64)


def sketch(table: Table, features: Sequence[str], counted: Usable, id: str | None = None) -> Sketch:
    """Reduce a table to weighted points, in the engine.

    Customers without a finite number for every feature take no part.

    Parameters
    ----------
    table : the customers
    features : the columns that take part
    counted : how many customers are usable, and the range of each feature
    id : the column of the customer id; many customers with many features are drawn by it

    Raises
    ------
    DataError
        A feature has one value only, so it can't tell customers apart.
    ColumnError
        A sample must be drawn, and there is no id to draw it by.
    """
    constant = [each for each in features if counted.low[each] == counted.high[each]]
    if constant:
        raise DataError(
            f"{table.source}: a feature must tell customers apart.",
            faults=[
                f'column "{each}" is {counted.low[each]:g} for every customer.' for each in constant
            ],
            hint="Leave it out: name the other features with --features. A refit keeps its "
            "model's features; make a new run instead.",
        )
    extreme = [
        each
        for each in features
        if not 1 / _SPREAD < counted.high[each] - counted.low[each] < _SPREAD
    ]
    if extreme:
        raise DataError(
            f"{table.source}: the values of a feature lie too far apart, or too close together, "
            "to be squared.",
            faults=[
                f'column "{each}" goes from {counted.low[each]:g} to {counted.high[each]:g}.'
                for each in extreme
            ],
            hint="Mend the value that is wrong, or give the column in another unit.",
        )
    if counted.usable <= EXACT_ROWS:
        return exact_sketch(table, features)
    if len(features) <= _GRID_FEATURES:
        from clienteling.segmentation.grid import grid_sketch

        return grid_sketch(table, features, counted)
    from clienteling.segmentation.coreset import coreset_sketch

    return coreset_sketch(table, features, counted, id)


def counted_sketch(
    table: Table, features: Sequence[str], id: str | None = None
) -> tuple[Usable, Sketch]:
    """Count the customers and reduce them to weighted points.

    Where the statistics of Parquet files say all that the count would, they spare a pass; the grid
    counts the customers anyway, and tells whether they were right.

    Parameters
    ----------
    table, features, id : as for :func:`sketch`
    """
    told = usable_by_statistics(table, features) if len(features) <= _GRID_FEATURES else None
    if told is not None and told.usable > EXACT_ROWS:
        made = sketch(table, features, told, id)
        if made.customers == told.usable:
            return told, made
    counted = count_usable(table, features)
    return counted, sketch(table, features, counted, id)


def exact_sketch(table: Table, features: Sequence[str]) -> Sketch:
    """Return each distinct combination of values as a point."""
    values = [as_number(table, each) for each in features]
    names = [f"x{index}" for index in range(len(features))]
    query = (
        exp.select(
            *(value.as_(name(each)) for value, each in zip(values, names, strict=True)),
            exp.Count(this=exp.Star()).as_(name("weight")),
        )
        .where(exp.and_(*(usable(value) for value in values)))
        .group_by(*(value.copy() for value in values))
        .order_by(*(column(each) for each in names))
    )
    found = table.query(query)
    points = np.column_stack([as_array(found.column(each)) for each in names]).astype(np.float64)
    weights = as_array(found.column("weight")).astype(np.float64)
    mean = np.average(points, axis=0, weights=weights)
    scale = np.sqrt(np.average((points - mean) ** 2, axis=0, weights=weights))
    return Sketch(
        "exact", points, weights, int(weights.sum()), mean, scale, np.zeros(len(features))
    )
