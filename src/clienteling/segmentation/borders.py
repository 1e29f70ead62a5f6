"""Lloyd's steps on the customers near a border; those of whole cells are known from the grid.

A cell of the grid that lies within one segment brings its count, sums and squares to that segment
as a whole. Only the customers of cells that a border crosses must be looked at one by one. They
are few, so they are fetched once, and every further step costs milliseconds however many
customers there are. What is found is what a pass over all of them finds.

The same pass counts whom the rules of thumb catch in the cells that a limit of theirs crosses, see
:mod:`clienteling.segmentation.rule_counts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlglot.expressions as exp

from clienteling.data.arrays import as_array
from clienteling.data.numbers import as_number
from clienteling.data.sql import case, chain, column, is_one_of, name, number, usable
from clienteling.data.table import Table
from clienteling.segmentation.crossings import Mask, Rules, crossed, undecided
from clienteling.segmentation.nearest import Rule, nearest_of, standardised
from clienteling.segmentation.sketch import Cells, Floats, Ints, Sketch
from clienteling.segmentation.tree_rule import Limits

__all__ = [
    "MOST_SHARE",
    "Borders",
    "Tally",
    "Totals",
    "catches",
    "customers_in",
    "fetch_borders",
]

#: Customers near a border are fetched up to so many numbers, 80 MB of them …
_MOST_NUMBERS = 10_000_000
#: … and where they are less than this share of all; else a pass over all costs no more.
MOST_SHARE = 0.3
#: Standard deviations by which a border may move before customers must be fetched anew.
_SLACK = 0.004
#: What stands in the place of a cell for customers that are fetched.
_SINGLE = -1


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
class Tally:
    """How many customers the rules catch in the cells that a limit crosses and no border.

    Parameters
    ----------
    rules : the limits of each rule
    cells : array of shape (cells of the grid,), which cells were counted
    places : array of shape (groups,), the cell of each group
    caught : array of shape (groups, rules), which rules catch the customers of a group
    counts : array of shape (groups,), its customers
    """

    rules: Rules
    cells: Mask
    places: Ints
    caught: Mask
    counts: Floats


@dataclass(frozen=True)
class Borders:
    """The customers of the cells near a border, and the cells of all others.

    Parameters
    ----------
    sketch : a grid
    cells : its cells
    near : array of shape (points,), which cells' customers were fetched
    own, rows : arrays of shape (rows, features), those customers in the features' units and
        standardised; equal ones once
    weights : array of shape (rows,), how many there are of each
    tally : whom the rules catch in other cells
    """

    sketch: Sketch
    cells: Cells
    near: Mask
    own: Floats
    rows: Floats
    weights: Floats
    tally: Tally

    def covers(self, rule: Rule) -> bool:
        """Say whether the borders between these centres cross fetched cells only."""
        return not (undecided(self.cells, rule) & ~self.near).any()

    def totals(self, rule: Rule) -> Totals:
        """Return what all customers of each segment add up to."""
        far = ~self.near
        points, weights = self.sketch.standardised()[far], self.sketch.weights[far]
        within = (self.cells.within[far] / self.sketch.scale**2).sum(axis=1)
        whole = _totals(rule, points, weights, within)
        single = _totals(rule, self.rows, self.weights)
        return Totals(
            whole.counts + single.counts, whole.sums + single.sums, whole.squares + single.squares
        )


def _totals(rule: Rule, z: Floats, w: Floats, within: Floats | float = 0.0) -> Totals:
    ids = nearest_of(rule, z)

    def add(values: Floats) -> Floats:
        return np.bincount(ids, weights=values, minlength=rule.k).astype(np.float64)

    sums = np.stack([add(w * each) for each in z.T], axis=1)
    return Totals(add(w), sums, add(w * (z**2).sum(axis=1) + within))


def catches(limits: Sequence[Limits], xs: Sequence[exp.Expr]) -> exp.Expr:
    """Return the condition that a rule catches a customer with the values ``xs``."""
    return exp.and_(
        *(
            kind(this=xs[each.feature].copy(), expression=number(limit))
            for each in limits
            for kind, limit in ((exp.GT, each.above), (exp.LTE, each.up_to))
            if limit is not None
        )
    )


def fetch_borders(
    table: Table, features: Sequence[str], sketch: Sketch, rule: Rule, rules: Rules = ()
) -> Borders | None:
    """Fetch the customers near a border in one pass, or return None where they are too many.

    Parameters
    ----------
    table : the customers
    features : the columns that take part
    sketch : of the same customers
    rule : the centres
    rules : limits, in the units of the cells, that customers are counted by in the same pass
    """
    cells = sketch.cells
    if cells is None:
        return None
    near = undecided(cells, rule, _SLACK)
    customers = float(sketch.weights[near].sum())
    if customers > min(_MOST_NUMBERS / len(features), MOST_SHARE * sketch.customers):
        return None
    counted = tuple(each for each in rules if each)
    touched = crossed(cells, counted) & ~near
    if not near.any() and not touched.any():
        none = np.empty((0, len(features)))
        nothing = np.zeros((0, len(counted)), dtype=bool)
        tally = Tally(counted, touched, np.zeros(0, dtype=np.int64), nothing, np.zeros(0))
        return Borders(sketch, cells, near, none, none, np.zeros(0), tally)
    found = table.engine.query(_near_and_touched(table, features, cells, near, touched, counted))
    place, many = (as_array(found.column(each)) for each in ("place", "many"))
    single = place == _SINGLE
    xs = [as_array(found.column(f"x{index}"))[single] for index in range(len(features))]
    own = np.column_stack(xs).astype(np.float64)
    # An engine gives its groups in any order; sums must not depend on it.
    order = np.lexsort(own.T)
    caught = np.zeros((len(place), len(counted)), dtype=bool)
    for index in range(len(counted)):
        caught[:, index] = as_array(found.column(f"caught{index}")) == 1
    by_place = np.argsort(cells.places)
    points = by_place[np.searchsorted(cells.places, place[~single], sorter=by_place)]
    weights = many.astype(np.float64)
    return Borders(
        sketch,
        cells,
        near,
        own[order],
        standardised(rule, own[order]),
        weights[single][order],
        Tally(counted, touched, points, caught[~single], weights[~single]),
    )


def _near_and_touched(
    table: Table,
    features: Sequence[str],
    cells: Cells,
    near: Mask,
    touched: Mask,
    rules: Rules,
) -> exp.Select:
    """Return the query for the customers near a border, and for counts of those near a limit.

    Its columns are ``place``, the features as ``x0`` and so on, ``caught0`` and so on, and
    ``many``, the customers that are alike in all of these. Near a border the place is -1, and
    nothing is caught; near a limit the features are zero.
    """
    zero, one = exp.Literal.number(0), exp.Literal.number(1)
    xs = [column(f"x{index}") for index in range(len(features))]
    # Asked once for each customer, in a step of its own: the list is long.
    single = case([(is_one_of(column("cell"), cells.places[near].tolist()), one)], zero)
    told = exp.select(*xs, column("cell"), single.as_(name("single")))
    by_row = exp.EQ(this=column("single"), expression=one)
    marked = [case([(by_row, exp.Literal.number(_SINGLE))], column("cell")).as_(name("place"))]
    marked += [case([(by_row, x)], number(0.0)).as_(name(x.name)) for x in xs]
    marked += [
        case([(by_row, zero), (catches(each, xs), one)], zero).as_(name(f"caught{index}"))
        for index, each in enumerate(rules)
    ]
    keys = [column(each.alias) for each in marked]
    many = exp.Count(this=exp.Star()).as_(name("many"))
    summed = exp.select(*keys, many).group_by(*(each.copy() for each in keys))
    return chain(
        table.subquery,
        *_kept(table, features, cells, near | touched),
        ("told", told),
        ("marked", exp.select(*marked)),
        ("summed", summed),
    )


def customers_in(table: Table, features: Sequence[str], cells: Cells, chosen: Mask) -> exp.Select:
    """Return the query for the customers of some cells: their features, as ``x0`` and so on.

    Parameters
    ----------
    table : the customers
    features : the columns that take part
    cells : of a grid
    chosen : array of shape (cells,), at least one of them
    """
    xs = [column(f"x{index}") for index in range(len(features))]
    return chain(table.subquery, *_kept(table, features, cells, chosen), ("rows", exp.select(*xs)))


def _kept(
    table: Table, features: Sequence[str], cells: Cells, chosen: Mask
) -> list[tuple[str, exp.Select]]:
    """Return the steps to the customers of some cells: ``x0`` and so on, and ``cell``."""
    xs = [column(f"x{index}") for index in range(len(features))]
    values = [as_number(table, each) for each in features]
    taken = exp.select(
        *(value.as_(name(x.name)) for value, x in zip(values, xs, strict=True))
    ).where(exp.and_(*(usable(value) for value in values)))
    numbered = exp.select(*xs, cells.place(xs).as_(name("cell")))
    kept = exp.select(*xs, column("cell")).where(
        is_one_of(column("cell"), cells.places[chosen].tolist())
    )
    return [("taken", taken), ("numbered", numbered), ("kept", kept)]
