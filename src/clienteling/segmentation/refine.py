"""Make the centres exact: Lloyd's steps over all customers.

Each step gives every customer the nearest centre and adds up, per segment, the count, the sums
and the squares, which say the exact inertia and the next centres. Where the sketch is a grid, one
pass in the engine fetches the customers near the borders, and the steps need no other. Elsewhere
each step is a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import sqlglot.expressions as exp

from clienteling.data.numbers import as_number
from clienteling.data.sql import chain, column, name
from clienteling.data.table import Table
from clienteling.segmentation.borders import Borders, Totals, fetch_borders
from clienteling.segmentation.crossings import Rules
from clienteling.segmentation.kmeans import Fit, by_size
from clienteling.segmentation.nearest import Rule, assign_steps, nearest_of
from clienteling.segmentation.sketch import Floats, Sketch

__all__ = ["PASSES", "refine"]

#: Passes at most.
PASSES = 10
#: A pass that would lower the inertia by less than this share of it is the last.
_GAIN = 1e-6
#: The same where a step costs next to nothing, since the customers near the borders are at hand.
_GAIN_APART = 1e-9
#: Steps at most, with or without a pass over all customers.
_STEPS = 50


def refine(
    table: Table,
    features: Sequence[str],
    sketch: Sketch,
    fit: Fit,
    progress: Callable[[float], None] | None = None,
    rules: Rules = (),
) -> tuple[Fit, int, Borders | None]:
    """Return the fit with centres, sizes and inertia over all customers.

    With it come the passes made over all customers (there may be more steps), and what was fetched
    near the borders, where the steps did with that.

    Parameters
    ----------
    table : the customers
    features : the columns that take part
    sketch : the points that the fit was made on; an exact sketch needs no pass
    fit : the partition of the points
    progress : called with the share that is done, from 0 to 1
    rules : limits, in the features' units, that customers are counted by where they are fetched
    """
    if sketch.kind == "exact":
        return fit, 0, None
    centres, scans = fit.centres, 0
    near: Borders | None = None
    apart = sketch.cells is not None
    for _ in range(_STEPS):
        if progress is not None:
            progress(scans / PASSES)
        rule = Rule(sketch.mean, sketch.scale, centres)
        if apart and (near is None or not near.covers(rule)):
            near = fetch_borders(table, features, sketch, rule, rules)
            apart = near is not None
            scans += apart
        if near is None:
            found = _pass(table, features, rule)
            scans += 1
        else:
            found = near.totals(rule)
        inertia = found.inertia(centres)
        means = found.means(centres)
        empty = found.counts == 0
        gain = _GAIN if near is None else _GAIN_APART
        if empty.any():
            means[empty] = _farthest(sketch, means[~empty], int(empty.sum()))
        elif inertia - found.inertia(means) < gain * inertia:
            break
        if scans >= PASSES:
            break
        centres = means
    labels = nearest_of(Rule(sketch.mean, sketch.scale, centres), sketch.standardised())
    exact = Fit(centres, labels, inertia, found.counts.astype(np.int64))
    return by_size(exact), scans, near


def _pass(table: Table, features: Sequence[str], rule: Rule) -> Totals:
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
    return Totals(counts, sums, squares)


def _farthest(sketch: Sketch, centres: Floats, many: int) -> Floats:
    """Return the points that cost most: an empty segment starts anew there."""
    points = sketch.standardised()
    taken = centres
    for _ in range(many):
        squares = ((points[:, None, :] - taken[None, :, :]) ** 2).sum(axis=2).min(axis=1)
        worst = points[int((squares * sketch.weights).argmax())]
        taken = np.vstack([taken, worst])
    return taken[len(centres) :]
