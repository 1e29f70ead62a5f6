"""How many customers a rule of thumb catches, and how many of them are of its segment: exactly.

The rules are found on the sketch; what they are worth is counted over all customers. A cell of the
grid that neither a border between segments nor a limit of a rule crosses is counted as a whole.
The others were counted where the borders were fetched, if that was with the same rules; else
their customers are looked at one by one in a pass of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sqlglot.expressions as exp

from clienteling.data.numbers import as_number
from clienteling.data.sql import case, chain, column, name
from clienteling.data.table import Table
from clienteling.segmentation.borders import MOST_SHARE, Borders, catches, customers_in
from clienteling.segmentation.crossings import Mask, Rules, crossed, undecided
from clienteling.segmentation.nearest import Rule, assign_steps, nearest_of
from clienteling.segmentation.sketch import Floats, Ints, Sketch
from clienteling.segmentation.tree_rule import caught, own_values

__all__ = ["count_rules"]


def count_rules(
    table: Table,
    features: Sequence[str],
    made: Sketch,
    labels: Ints,
    rule: Rule,
    rules: Rules,
    near: Borders | None = None,
) -> tuple[Floats, Floats]:
    """Return how many customers of each segment there are, and how many each rule catches.

    Parameters
    ----------
    table : the customers, with medians in the place of missing values where the model has them
    features : the columns that take part
    made : the customers as weighted points
    labels : array of shape (points,), the segment of each point
    rule : the centres
    rules : the limits of each segment; an empty rule catches nobody
    near : what was fetched near the borders, and counted there by rules

    Returns
    -------
    sizes : array of shape (k,)
    found : array of shape (k, k), the customers of each segment (rows) that each segment's rule
        (columns) catches
    """
    if made.kind == "exact":
        return _on_points(made, labels, rules)
    if near is not None and _is_known(near, rule, rules):
        return _as_fetched(made, labels, rule, rules, near)
    cells = made.cells
    # The limits are in the features' own units, and so must the cells be.
    if cells is not None and all(each.is_plain for each in made.transforms):
        looked_at = undecided(cells, rule) | crossed(cells, rules)
        if made.weights[looked_at].sum() <= MOST_SHARE * made.customers:
            sizes, found = _on_points(made, labels, rules, ~looked_at)
            if looked_at.any():
                rows = exp.Subquery(
                    this=customers_in(table, features, cells, looked_at),
                    alias=exp.TableAlias(this=exp.to_identifier("customers")),
                )
                xs = [column(f"x{index}") for index in range(len(features))]
                others = _in_engine(table, rows, xs, rule, rules)
                sizes, found = sizes + others[0], found + others[1]
            return sizes, found
    values = [as_number(table, each) for each in features]
    return _in_engine(table, table.subquery, values, rule, rules)


def _is_known(near: Borders, rule: Rule, rules: Rules) -> bool:
    """Whether what was fetched holds all that these borders and limits cross."""
    return near.covers(rule) and all(each in near.tally.rules for each in rules if each)


def _as_fetched(
    made: Sketch, labels: Ints, rule: Rule, rules: Rules, near: Borders
) -> tuple[Floats, Floats]:
    """Count from whole cells, from the groups of the tally, and from the fetched customers."""
    tally, k = near.tally, len(rules)
    sizes, found = _on_points(made, labels, rules, ~near.near & ~tally.cells)
    own = nearest_of(rule, near.rows)
    grouped = labels[tally.places]
    for ids, weights in ((own, near.weights), (grouped, tally.counts)):
        sizes += np.bincount(ids, weights=weights, minlength=k)
    for index, limits in enumerate(rules):
        if not limits:
            continue
        single = near.weights * caught(limits, near.own)
        counted = tally.counts * tally.caught[:, list(tally.rules).index(limits)]
        for ids, weights in ((own, single), (grouped, counted)):
            found[:, index] += np.bincount(ids, weights=weights, minlength=k)
    return sizes, found


def _on_points(
    made: Sketch, labels: Ints, rules: Rules, chosen: Mask | None = None
) -> tuple[Floats, Floats]:
    """Count on the points, where those who are one point are all alike."""
    values, weights = own_values(made), made.weights
    if chosen is not None:
        values, weights, labels = values[chosen], weights[chosen], labels[chosen]
    k = len(rules)
    found = np.zeros((k, k))
    for each, rule in enumerate(rules):
        if rule:
            found[:, each] = np.bincount(
                labels, weights=weights * caught(rule, values), minlength=k
            )
    return np.bincount(labels, weights=weights, minlength=k).astype(np.float64), found


def _in_engine(
    table: Table, source: exp.Expr, values: Sequence[exp.Expr], rule: Rule, rules: Rules
) -> tuple[Floats, Floats]:
    """Count over all rows of ``source``, by one query in the engine that holds the table."""
    counted: dict[int, exp.Expr] = {}
    xs = [column(f"cl_x{index}") for index in range(len(values))]
    for index, limits in enumerate(rules):
        if limits:
            one = exp.Literal.number(1)
            counted[index] = exp.Count(this=case([(catches(limits, xs), one)], None))
    segment, size = column("cl_id"), exp.Count(this=exp.Star()).as_(name("size"))
    counts = [each.as_(name(f"found_{index}")) for index, each in counted.items()]
    by_segment = exp.select(segment, size, *counts).group_by(segment.copy())
    steps = assign_steps(rule, values, only_usable=True)
    sizes, found = np.zeros(rule.k), np.zeros((rule.k, rule.k))
    for row in table.engine.query(chain(source, *steps, ("counted", by_segment))).to_pylist():
        own = int(row["cl_id"])
        sizes[own] = row["size"]
        found[own, list(counted)] = [row[f"found_{index}"] for index in counted]
    return sizes, found
