"""RFM segments: a model of rules from the thresholds that the transactions gave."""

from __future__ import annotations

import datetime as dt
from importlib import metadata
from pathlib import Path
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.sql import case, chain, column, double, name, text
from clienteling.data.table import Column, Table
from clienteling.errors import DocumentError
from clienteling.features.rfm import RFM
from clienteling.features.scores import SCORED
from clienteling.segmentation.rule_steps import rule_steps
from clienteling.segmentation.rules import (
    Rule,
    RuleFeature,
    RuleSegment,
    RulesModel,
    RulesProvenance,
)
from clienteling.segmentation.rules_playbook import RulesPlaybook, load_rules_playbook

__all__ = ["rfm_model", "with_segment"]

#: Wide enough for the sum over any number of customers.
_TOTAL = exp.DataType.build("DECIMAL(38, 6)", dialect="duckdb")


def rfm_model(made: RFM, *, playbook: str | Path | RulesPlaybook = "rfm") -> RulesModel:
    """Return a model whose segments are rules over recency, frequency and monetary scores.

    Parameters
    ----------
    made : what :func:`clienteling.rfm` returned
    playbook : the segments with their rules and words: the built-in ``rfm``, or a file of one's
        own

    Returns
    -------
    RulesModel
        Its segments are numbered by size. Those that nobody is in stay, for later customers.

    Raises
    ------
    DocumentError
        The playbook has faults, or speaks of other features.

    Examples
    --------
    >>> import pandas as pd
    >>> import clienteling as cl
    >>> days = pd.date_range("2024-01-01", periods=100)
    >>> lines = pd.DataFrame({"customer": [i % 17 for i in range(100)], "date": days, "amount": 5})
    >>> model = cl.rfm_model(cl.rfm(lines))
    >>> answer = model.predict({"recency": 1, "frequency": 9, "monetary": 90.0})
    >>> answer.segment.name, answer.scores
    ('Champions', {'recency': 5, 'frequency': 5, 'monetary': 5})
    """
    worded = load_rules_playbook(playbook)
    _check(worded)
    features = [
        RuleFeature(
            name=key,
            label=each.label,
            unit=each.unit,
            aliases=list(each.aliases),
            best=each.best,
            thresholds=list(made.thresholds[key]),
        )
        for key, each in worded.features.items()
    ]
    rules = [
        Rule(segment=key, scores={feature: list(pair) for feature, pair in rule.items()})
        for key, rule in worded.rules
    ]
    empty = RulesModel(
        playbook=worded.playbook,
        features=features,
        rules=rules,
        segments=[
            RuleSegment(
                id=place,
                name=each.name,
                key=each.key,
                size=0,
                share=0.0,
                revenue=0.0,
                revenue_share=None,
                typical={},
                description=each.description,
                strategy=each.strategy,
                explanation="nobody when the model was made",
            )
            for place, each in enumerate(worded.segments)
        ],
        notes=list(made.notes),
        provenance=RulesProvenance(
            # The name alone: a model is shared, the owner's paths and hosts are not.
            source=Path(made.table.source).name.rpartition("table=")[2],
            rows=made.counts.rows,
            kept=made.counts.kept,
            customers=made.customers - made.only_returns,
            as_of=made.as_of.isoformat(),
            date=dt.datetime.now(dt.UTC).date().isoformat(),
            versions={each: metadata.version(each) for each in ("clienteling", "duckdb")},
        ),
    )
    return empty.model_copy(update={"segments": _sized(empty, made.table)})


def with_segment(model: RulesModel, customers: Table) -> Table:
    """Return the table of :func:`clienteling.rfm` with a column for the segment's name.

    Rows are in the order of the customers' ids, so that a file of them is the same each time.
    """
    names = case(
        [
            (exp.EQ(this=column("cl_id"), expression=exp.Literal.number(each.id)), text(each.name))
            for each in model.segments
        ],
        None,
    )
    result = exp.select(
        *(column(each) for each in customers.names), names.as_(name("segment"))
    ).order_by(column("customer_id"))
    columns = (*customers.columns, Column("segment", "text"))
    select = chain(customers.subquery, *_assigned(model, customers), ("result", result))
    return Table(customers.engine, select, columns, customers.source, customers.notes)


def _check(worded: RulesPlaybook) -> None:
    faults = [
        f'features: "{key}" should be best where it is {SCORED[key]}.'
        if key in SCORED
        else f'features: "{key}" is none of {", ".join(SCORED)}.'
        for key, each in worded.features.items()
        if SCORED.get(key) != each.best
    ]
    if faults:
        raise DocumentError(
            f"{worded.playbook}: the playbook speaks of features that transactions don't give.",
            faults=faults,
            hint="Begin with the built-in one: clienteling playbook rfm",
        )


def _assigned(model: RulesModel, customers: Table) -> list[tuple[str, exp.Select]]:
    values = [double(column(each)) for each in model.feature_names]
    return rule_steps(model, values, [column(each) for each in customers.names])


def _sized(model: RulesModel, customers: Table) -> list[RuleSegment]:
    """Return the segments with their figures, numbered by size."""
    measures = list(dict.fromkeys([*model.feature_names, "monetary"]))
    # Decimals: a sum of float64 hangs on the order of the rows.
    totals = [
        exp.Sum(this=exp.cast(column(each), _TOTAL)).as_(name(f"cl_total_{each}"))
        for each in measures
    ]
    grouped = (
        exp.select(column("cl_id"), exp.Count(this=exp.Star()).as_(name("cl_size")), *totals)
        .where(exp.not_(exp.Is(this=column("cl_id"), expression=exp.null())))
        .group_by(column("cl_id"))
    )
    query = chain(customers.subquery, *_assigned(model, customers), ("rule_grouped", grouped))
    rows = {row["cl_id"]: row for row in customers.engine.query(query).to_pylist()}
    everybody = sum(row["cl_size"] for row in rows.values())
    all_revenue = float(sum(row["cl_total_monetary"] for row in rows.values()))
    order = sorted(
        model.segments, key=lambda each: (-rows.get(each.id, {}).get("cl_size", 0), each.id)
    )
    return [
        _with_figures(model, each, place, rows[each.id], everybody, all_revenue)
        if each.id in rows
        else each.model_copy(
            update={"id": place, "revenue_share": 0.0 if all_revenue > 0 else None}
        )
        for place, each in enumerate(order)
    ]


def _with_figures(
    model: RulesModel,
    segment: RuleSegment,
    place: int,
    row: dict[str, Any],
    everybody: int,
    all_revenue: float,
) -> RuleSegment:
    size, revenue = int(row["cl_size"]), float(row["cl_total_monetary"])
    typical = {each: float(row[f"cl_total_{each}"]) / size for each in model.feature_names}
    means = ", ".join(
        f"{each.label} {each.words.figure(typical[each.name])}" for each in model.features
    )
    brings = ""
    if all_revenue > 0:
        brings = (
            f"; {_percent(size / everybody)} of customers with "
            f"{_percent(revenue / all_revenue)} of the net value"
        )
    return segment.model_copy(
        update={
            "id": place,
            "size": size,
            "share": size / everybody,
            "revenue": revenue,
            "revenue_share": revenue / all_revenue if all_revenue > 0 else None,
            "typical": typical,
            "explanation": f"{means} on average{brings}",
        }
    )


def _percent(share: float) -> str:
    return "under 1 %" if 0 < share < 0.005 else f"{share * 100:.0f} %"
