"""Make the centres exact: Lloyd passes over all customers, in the engine.

Each pass is one query. It gives every customer the nearest centre and returns per segment the
count, the sums and the sum of squares, which say the exact inertia and the next centres.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import sqlglot.expressions as exp

from clienteling.data.numbers import as_number
from clienteling.data.sql import chain, column, name
from clienteling.data.table import Table
from clienteling.segmentation.kmeans import Fit, by_size
from clienteling.segmentation.nearest import Rule, assign_steps, nearest
from clienteling.segmentation.sketch import Floats, Sketch

__all__ = ["PASSES", "refine"]

#: Passes at most.
PASSES = 10
#: A pass that would lower the inertia by less than this share of it is the last.
_GAIN = 1e-6


@dataclass(frozen=True)
class _Pass:
    """What one pass over all customers finds, for given centres."""

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


def refine(
    table: Table,
    features: Sequence[str],
    sketch: Sketch,
    fit: Fit,
    progress: Callable[[float], None] | None = None,
) -> tuple[Fit, int]:
    """Return the fit with centres, sizes and inertia over all customers, and the passes made.

    Parameters
    ----------
    table : the customers
    features : the columns that take part
    sketch : the points that the fit was made on; an exact sketch needs no pass
    fit : the partition of the points
    progress : called with the share that is done, from 0 to 1
    """
    if sketch.kind == "exact":
        return fit, 0
    centres = fit.centres
    for made in range(1, PASSES + 1):
        if progress is not None:
            progress((made - 1) / PASSES)
        found = _pass(table, features, Rule(sketch.mean, sketch.scale, centres))
        inertia = found.inertia(centres)
        means = found.means(centres)
        empty = found.counts == 0
        if empty.any():
            means[empty] = _farthest(sketch, means[~empty], int(empty.sum()))
        elif inertia - found.inertia(means) < _GAIN * inertia:
            break
        if made < PASSES:
            centres = means
    labels = nearest(Rule(sketch.mean, sketch.scale, centres), sketch.points).ids
    exact = Fit(centres, labels, inertia, found.counts.astype(np.int64))
    return by_size(exact), made


def _pass(table: Table, features: Sequence[str], rule: Rule) -> _Pass:
    d = len(features)
    zs = [column(f"cl_z{index}") for index in range(d)]
    summed = exp.select(
        column("cl_id"),
        exp.Count(this=exp.Star()).as_(name("n")),
        exp.Sum(this=column("cl_square")).as_(name("square")),
        *(exp.Sum(this=z).as_(name(f"sum{index}")) for index, z in enumerate(zs)),
    ).group_by(column("cl_id"))
    steps = assign_steps(rule, [as_number(table, each) for each in features], only_usable=True)
    rows = table.engine.query(chain(table.subquery, *steps, ("summed", summed))).to_pylist()
    counts, squares, sums = np.zeros(rule.k), np.zeros(rule.k), np.zeros((rule.k, d))
    for row in rows:
        segment = int(row["cl_id"])
        counts[segment], squares[segment] = row["n"], row["square"]
        sums[segment] = [row[f"sum{index}"] for index in range(d)]
    return _Pass(counts, sums, squares)


def _farthest(sketch: Sketch, centres: Floats, many: int) -> Floats:
    """Return the points that cost most: an empty segment starts anew there."""
    points = sketch.standardised()
    taken = centres
    for _ in range(many):
        squares = ((points[:, None, :] - taken[None, :, :]) ** 2).sum(axis=2).min(axis=1)
        worst = points[int((squares * sketch.weights).argmax())]
        taken = np.vstack([taken, worst])
    return taken[len(centres) :]
