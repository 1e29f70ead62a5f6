"""Customers who were forgotten, in a campaign's figures: rows that give the same sums, of nobody.

Of those who were forgotten a store keeps sums by segment, arm and offer. As many rows with the same
sum and the same sum of squares give the same means, variances and intervals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.beside import open_beside
from clienteling.data.sql import column
from clienteling.data.table import Table

__all__ = ["stand_ins", "with_stand_ins"]

#: Far from any id that a shop gives.
_FIRST = 9 * 10**17


def with_stand_ins(
    table: Table,
    sums: Sequence[Mapping[str, Any]],
    segments: Mapping[int | None, str | None],
    outcomes: Mapping[str, bool],
) -> Table:
    """Add rows that stand for those who were forgotten.

    Parameters
    ----------
    table : ``customer_id``, ``segment``, ``arm``, ``offer`` and the outcomes
    sums : as :func:`clienteling.ledger.sums.forgotten_sums` has them
    segments : names by id
    outcomes : and whether each is a response
    """
    import pyarrow as pa

    rows = stand_ins(sums, outcomes)
    rows = [each for each in rows if each["arm"] in ("offer", "holdout")]
    if not rows:
        return table
    whole = table["customer_id"].kind == "integer"
    frame: dict[str, Any] = {
        "customer_id": [
            _FIRST + place if whole else f"forgotten {place}" for place in range(len(rows))
        ],
        "segment": pa.array([segments.get(each["segment_id"]) for each in rows], pa.string()),
        **{key: [each[key] for each in rows] for key in ("arm", "offer", *outcomes)},
    }
    beside = open_beside(table, pa.table(frame))
    columns = [column(each) for each in table.names]
    own = exp.select(*columns).from_(table.subquery)
    more = exp.select(*(each.copy() for each in columns)).from_(beside.subquery)
    union = exp.Union(this=own, expression=more, distinct=False)
    select = exp.select("*").from_(
        exp.Subquery(this=union, alias=exp.TableAlias(this=exp.to_identifier("cl_all")))
    )
    return replace(table, select=select)


def stand_ins(
    sums: Sequence[Mapping[str, Any]], outcomes: Mapping[str, bool]
) -> list[dict[str, Any]]:
    """Return a row for each customer of the sums, with the outcomes' sums and sums of squares.

    Examples
    --------
    >>> group = {"segment_id": 1, "arm": "offer", "offer": "mail"}
    >>> sums = [
    ...     {**group, "name": "", "customers": 3, "total": 0.0, "squares": 0.0},
    ...     {**group, "name": "spend", "customers": 2, "total": 30.0, "squares": 500.0},
    ... ]
    >>> [each["spend"] for each in stand_ins(sums, {"spend": False})]
    [20.0, 10.0, 0.0]
    """
    groups: dict[tuple[Any, ...], dict[str, Mapping[str, Any]]] = {}
    for each in sums:
        key = (each["segment_id"], each["arm"], each["offer"])
        groups.setdefault(key, {})[each["name"]] = each
    rows = []
    for (segment, arm, offer), own in groups.items():
        size = int(own[""]["customers"])
        values = {
            outcome: _values(own.get(outcome), size, once) for outcome, once in outcomes.items()
        }
        for place in range(size):
            row = {"segment_id": segment, "arm": arm, "offer": offer}
            rows.append({**row, **{each: values[each][place] for each in outcomes}})
    return rows


def _values(own: Mapping[str, Any] | None, size: int, once: bool) -> list[float]:
    """Return numbers with a given sum and sum of squares, and zeros for the rest."""
    n = int(own["customers"]) if own is not None else 0
    if own is None or not n:
        return [0.0] * size
    if once:
        return [1.0] * n + [0.0] * (size - n)
    mean = float(own["total"]) / n
    spread = math.sqrt(max(float(own["squares"]) / n - mean * mean, 0.0))
    if n == 1:
        return [mean] + [0.0] * (size - 1)
    # One lies as far on one side as all the others together on the other.
    first = mean + spread * math.sqrt(n - 1)
    rest = mean - spread / math.sqrt(n - 1)
    return [first] + [rest] * (n - 1) + [0.0] * (size - n)
