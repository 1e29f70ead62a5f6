"""The segment by rules as SQL: values to scores, scores to the first rule that fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlglot.expressions as exp

from clienteling.data.sql import case, column, name, number, usable

if TYPE_CHECKING:
    from clienteling.segmentation.rules import RuleFeature, RulesModel

__all__ = ["rule_steps"]


def rule_steps(
    model: RulesModel, values: Sequence[exp.Expr], keep: Sequence[exp.Expr]
) -> list[tuple[str, exp.Select]]:
    """Return the named steps of a query that adds the segment to a table's rows.

    Parameters
    ----------
    model : the rules
    values : the features as float64 expressions over the table
    keep : aliased expressions over the table that are carried through to the last step

    Returns
    -------
    list of (name, select)
        The last step has the kept columns, and ``cl_x0`` … (the features), ``cl_ok``, ``cl_s0`` …
        (their scores), ``cl_id``, and the nulls ``cl_second`` and ``cl_margin``: a rule has no
        runner-up.
    """
    xs = [column(f"cl_x{i}") for i in range(len(values))]
    ok = exp.and_(*(usable(x) for x in xs))
    numbers = exp.select(*keep, *(v.as_(name(f"cl_x{i}")) for i, v in enumerate(values)))
    checked = exp.select("*", case([(ok, exp.true())], exp.false()).as_(name("cl_ok")))
    scores = [
        case([(column("cl_ok"), _score(feature, f"cl_x{i}"))], None).as_(name(f"cl_s{i}"))
        for i, feature in enumerate(model.features)
    ]
    ids = {each.key: each.id for each in model.segments}
    places = {each: i for i, each in enumerate(model.feature_names)}
    branches = [
        (
            exp.and_(
                column("cl_ok"),
                *(
                    _within(f"cl_s{places[feature]}", low, high)
                    for feature, (low, high) in rule.scores.items()
                ),
            ),
            exp.Literal.number(ids[rule.segment]),
        )
        for rule in model.rules
    ]
    return [
        ("rule_numbers", numbers),
        ("rule_usable_numbers", checked),
        ("rule_scored_features", exp.select("*", *scores)),
        (
            "rule_scored",
            exp.select(
                "*",
                case(branches, None).as_(name("cl_id")),
                exp.cast(exp.null(), exp.DataType.Type.INT).as_(name("cl_second")),
                exp.cast(exp.null(), exp.DataType.Type.DOUBLE).as_(name("cl_margin")),
            ),
        ),
    ]


def _score(feature: RuleFeature, x: str) -> exp.Expr:
    most = len(feature.thresholds) + 1
    points = range(1, most + 1) if feature.best == "high" else range(most, 0, -1)
    *within, beyond = points
    branches: list[tuple[exp.Expr, exp.Expr]] = [
        (exp.LTE(this=column(x), expression=number(threshold)), exp.Literal.number(point))
        for threshold, point in zip(feature.thresholds, within, strict=True)
    ]
    return case(branches, exp.Literal.number(beyond))


def _within(score: str, low: int, high: int) -> exp.Expr:
    if low == high:
        return exp.EQ(this=column(score), expression=exp.Literal.number(low))
    return exp.Between(
        this=column(score), low=exp.Literal.number(low), high=exp.Literal.number(high)
    )
