"""What sets each segment apart: its telling features, a typical customer, and a rule of thumb.

The rule is found on the sketch and measured on all customers: on the points where they are all
customers, else by one query.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sqlglot.expressions as exp

from clienteling.data.numbers import as_number
from clienteling.data.sql import case, chain, column, name, number
from clienteling.data.table import Table
from clienteling.segmentation.model import Condition, Model, Segment, Trait, TreeRule
from clienteling.segmentation.nearest import assign_steps
from clienteling.segmentation.scoring import rule_of
from clienteling.segmentation.sketch import Ints, Sketch
from clienteling.segmentation.tree_rule import Limits, caught, limits_of, limits_words, own_values

__all__ = ["with_what_sets_apart"]

#: Features that lie nearer to all customers than this, in standard deviations, tell nothing.
_TELLING = 0.25
_TRAITS = 6


def with_what_sets_apart(model: Model, made: Sketch, labels: Ints, table: Table) -> list[Segment]:
    """Return the model's segments with their traits, a typical customer and a rule.

    Parameters
    ----------
    model : the segments
    made : the customers as weighted points
    labels : array of shape (points,), the segment of each point
    table : the customers
    """
    typical = _typical(model, made, labels)
    if model.k < 2:
        return [each.model_copy(update={"typical": typical[each.id]}) for each in model.segments]
    rules = limits_of(made, labels, model.k)
    counts = _counts(model, made, labels, table, rules)
    return [
        each.model_copy(
            update={
                "traits": _traits(model, each),
                "typical": typical[each.id],
                "rule": _rule(model, rules[each.id], *counts[each.id]),
            }
        )
        for each in model.segments
    ]


def _traits(model: Model, segment: Segment) -> list[Trait]:
    centre = model.centre_of(segment)
    overall = model.overall
    # Of two levels the rarer one here says what the other says.
    pairs = {each.column for each in model.categories if len(each.values) == 2}
    traits = [
        Trait(
            feature=each.name,
            value=centre[each.name],
            overall=float(overall[index]),
            difference=segment.centre[index],
        )
        for index, each in enumerate(model.features)
        if not (each.level and each.column in pairs and segment.centre[index] < 0)
    ]
    telling = [each for each in traits if abs(each.difference) >= _TELLING]
    return sorted(telling, key=lambda each: -abs(each.difference))[:_TRAITS]


def _typical(model: Model, made: Sketch, labels: Ints) -> list[dict[str, float]]:
    """Return the values of the point nearest to each centre, in the features' own units."""
    points, own = made.standardised(), own_values(made)
    found: list[dict[str, float]] = []
    for each in model.segments:
        inside = np.flatnonzero(labels == each.id)
        if not len(inside):  # a centre from elsewhere may have no customer
            found.append({})
            continue
        squares = ((points[inside] - np.array(each.centre)) ** 2).sum(axis=1)
        # Rounded, so that the last digits of an engine decide nothing; ties go to the first.
        nearest = own[inside[int(np.round(squares, 9).argmin())]]
        found.append(dict(zip(model.feature_names, nearest.tolist(), strict=True)))
    return found


def _rule(
    model: Model, limits: Sequence[Limits], both: float, found: float, size: float
) -> TreeRule | None:
    if not limits or not found or not size:
        return None
    names = model.feature_names
    return TreeRule(
        conditions=[
            Condition(feature=names[each.feature], above=each.above, up_to=each.up_to)
            for each in limits
        ],
        words=limits_words(limits, [each.words for each in model.features]),
        recall=both / size,
        precision=both / found,
    )


def _counts(
    model: Model, made: Sketch, labels: Ints, table: Table, rules: Sequence[tuple[Limits, ...]]
) -> list[tuple[float, float, float]]:
    """Return, per segment, how many of it the rule catches, how many in all, and its size."""
    if made.kind != "exact":
        return _counts_in_engine(model, table, rules)
    values, weights = own_values(made), made.weights
    counts = []
    for segment, rule in enumerate(rules):
        inside, found = labels == segment, caught(rule, values)
        counts.append(
            (
                float(weights[inside & found].sum()),
                float(weights[found].sum()),
                float(weights[inside].sum()),
            )
        )
    return counts


def _counts_in_engine(
    model: Model, table: Table, rules: Sequence[tuple[Limits, ...]]
) -> list[tuple[float, float, float]]:
    counted: list[exp.Expr] = []
    for index, rule in enumerate(rules):
        sides = [
            kind(this=column(f"cl_x{each.feature}"), expression=number(limit))
            for each in rule
            for kind, limit in ((exp.GT, each.above), (exp.LTE, each.up_to))
            if limit is not None
        ]
        if sides:
            one = exp.Literal.number(1)
            found = exp.Count(this=case([(exp.and_(*sides), one)], None))
            counted.append(found.as_(name(f"found_{index}")))
    if not counted:
        return [(0.0, 0.0, 0.0)] * model.k
    segment = column("cl_id")
    size = exp.Count(this=exp.Star()).as_(name("size"))
    by_segment = exp.select(segment, size, *counted).group_by(segment.copy())
    values = [as_number(table, each) for each in model.feature_names]
    steps = assign_steps(rule_of(model), values, only_usable=True)
    rows = table.engine.query(chain(table.subquery, *steps, ("counted", by_segment))).to_pylist()
    own = {int(row["cl_id"]): row for row in rows}
    return [
        (
            float(own[index].get(f"found_{index}", 0)) if index in own else 0.0,
            float(sum(row.get(f"found_{index}", 0) for row in rows)),
            float(own[index]["size"]) if index in own else 0.0,
        )
        for index in range(model.k)
    ]
