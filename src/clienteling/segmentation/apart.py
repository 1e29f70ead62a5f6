"""What sets each segment apart: its telling features, a typical customer, and a rule of thumb.

The rule is found on the sketch and measured on all customers, see
:mod:`clienteling.segmentation.rule_counts`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clienteling.data.table import Table
from clienteling.segmentation.borders import Borders
from clienteling.segmentation.model import Model
from clienteling.segmentation.model_segments import Condition, Segment, Trait, TreeRule
from clienteling.segmentation.rule_counts import count_rules
from clienteling.segmentation.scoring import rule_of
from clienteling.segmentation.sketch import Ints, Sketch
from clienteling.segmentation.tree_rule import Limits, limits_of, limits_words, own_values

__all__ = ["with_what_sets_apart"]

#: Features that lie nearer to all customers than this, in standard deviations, tell nothing.
_TELLING = 0.25
_TRAITS = 6


def with_what_sets_apart(
    model: Model, made: Sketch, labels: Ints, table: Table, near: Borders | None = None
) -> list[Segment]:
    """Return the model's segments with their traits, a typical customer and a rule.

    Parameters
    ----------
    model : the segments
    made : the customers as weighted points
    labels : array of shape (points,), the segment of each point
    table : the customers
    near : those near the borders, where they were fetched
    """
    typical = _typical(model, made, labels)
    if model.k < 2:
        return [each.model_copy(update={"typical": typical[each.id]}) for each in model.segments]
    rules = limits_of(made, labels, model.k)
    sizes, found = count_rules(
        table, model.feature_names, made, labels, rule_of(model), rules, near
    )
    return [
        each.model_copy(
            update={
                "traits": _traits(model, each),
                "typical": typical[each.id],
                "rule": _rule(
                    model,
                    rules[each.id],
                    found[each.id, each.id],
                    found[:, each.id].sum(),
                    sizes[each.id],
                ),
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
