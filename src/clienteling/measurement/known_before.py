"""Signs that a column was not known before an experiment, but came of it.

What chance deals out can't hang together with what was there before: a column whose mean, levels or
gaps differ between the groups was changed by the offer, or the draw was not fair (Welch's test of
several means, 1951, doi:10.1093/biomet/38.3-4.330; chi-square). And who spends nothing where nobody
came has a column that says again what an outcome says. Neither sign can show that a column *was*
known before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sqlglot.expressions as exp

from clienteling.data.numbers import as_number
from clienteling.data.sql import case, column, name
from clienteling.data.table import Table
from clienteling.errors import MissingExtra
from clienteling.measurement.cells import Floats, finite, label
from clienteling.measurement.checks import ALARM, Check, independent_p

__all__ = ["known_before"]

#: So many customers would have to stand against it by chance, where none does.
_EXPECTED = 10.0
_ZERO, _ONE = exp.Literal.number(0), exp.Literal.number(1)


def known_before(
    table: Table,
    offer: str,
    outcomes: Sequence[str],
    numbers: Sequence[str],
    categories: Sequence[str] = (),
) -> list[Check]:
    """Look at columns for signs that they came of the experiment; two queries for all of them.

    Parameters
    ----------
    table : a row per customer
    offer : the column with the offer that each got by chance
    outcomes : columns of numbers that did come of it
    numbers : columns of numbers to look at
    categories : columns to look at by their levels

    Returns
    -------
    list of Check
        One per column, in order. The kind is ``known_before``; what is ``observed`` are the means
        per offer, or the customers per offer and level.

    Raises
    ------
    MissingExtra
        statsmodels is not installed.

    Examples
    --------
    >>> import clienteling as cl, pandas as pd
    >>> rows = pd.DataFrame({"mail": ["yes", "no"] * 500, "visit": [1, 0, 0, 0] * 250})
    >>> rows = rows.assign(age=[30, 40, 50, 60, 70] * 200, spend=rows["visit"] * 9.5)
    >>> for each in known_before(cl.read(rows), "mail", ["visit"], ["age", "spend"]):
    ...     print(each.alarm, each.sentence)
    False "age" is alike in all groups, as far as chance allows.
    True "spend" differs between the groups more than chance allows, as if the offer had changed it.
    """
    found = []
    rows = _by_offer(table, offer, outcomes, numbers)
    for place, each in enumerate(numbers):
        has, mean, variance = (
            np.array([float(row[f"{key}{place}"] or 0.0) for row in rows])
            for key in ("has", "mean", "variance")
        )
        lacks = np.array([float(row["customers"]) for row in rows]) - has
        p = _p_of_means(has, mean, variance)
        if lacks.any():
            p = min(1.0, 2 * min(p, independent_p(np.array([has, lacks]))[0]))
        found.append(_check(each, mean, p, _says_again(rows, place, outcomes)))
    for each in categories:
        counts = _levels(table, offer, each)
        p, _ = independent_p(counts)
        found.append(_check(each, counts.ravel(), p, ""))
    return found


def _check(about: str, observed: Floats, p: float, again: str) -> Check:
    alarm = bool(p < ALARM or again)
    if p < ALARM:
        why = "differs between the groups more than chance allows, as if the offer had changed it"
    elif again:
        why = f'is 0 for everyone whose "{again}" is 0, as if it said the same'
    else:
        why = "is alike in all groups, as far as chance allows"
    return Check("known_before", about, tuple(observed.tolist()), (), p, alarm, f'"{about}" {why}.')


def _by_offer(
    table: Table, offer: str, outcomes: Sequence[str], numbers: Sequence[str]
) -> list[dict[str, Any]]:
    def count_if(condition: exp.Expr) -> exp.Expr:
        return exp.Sum(this=case([(condition, _ONE.copy())], _ZERO.copy()))

    asked: list[exp.Expr] = [exp.Count(this=exp.Star()).as_(name("customers"))]
    for i, outcome in enumerate(outcomes):
        asked.append(count_if(_is_zero(table, outcome)).as_(name(f"none{i}")))
    for place, each in enumerate(numbers):
        value = as_number(table, each)
        usable = case([(finite(value), value.copy())], None)
        some = exp.and_(finite(value), exp.NEQ(this=value.copy(), expression=_ZERO.copy()))
        asked += [
            exp.Count(this=usable.copy()).as_(name(f"has{place}")),
            exp.Avg(this=usable.copy()).as_(name(f"mean{place}")),
            exp.Variance(this=usable.copy()).as_(name(f"variance{place}")),
            count_if(some.copy()).as_(name(f"some{place}")),
        ]
        for i, outcome in enumerate(outcomes):
            against = exp.and_(some.copy(), _is_zero(table, outcome))
            asked.append(count_if(against).as_(name(f"against{place}_{i}")))
    select = (
        exp.select(*asked)
        .where(exp.Not(this=exp.Is(this=column(offer), expression=exp.null())))
        .group_by(column(offer))
        .order_by(column(offer))
    )
    rows: list[dict[str, Any]] = table.query(select).to_pylist()
    return rows


def _is_zero(table: Table, outcome: str) -> exp.Expr:
    return exp.EQ(this=as_number(table, outcome), expression=_ZERO.copy())


def _says_again(rows: Sequence[Mapping[str, Any]], place: int, outcomes: Sequence[str]) -> str:
    """Return the outcome without which the column is always 0, if chance can't have made it so."""

    def total(key: str) -> float:
        return float(sum(row[key] or 0 for row in rows))

    customers = total("customers")
    for i, outcome in enumerate(outcomes):
        expected = total(f"some{place}") * total(f"none{i}") / max(customers, 1.0)
        if expected >= _EXPECTED and not total(f"against{place}_{i}"):
            return outcome
    return ""


def _p_of_means(n: Floats, mean: Floats, variance: Floats) -> float:
    """Return how often fair draws differ so much in their means."""
    try:
        from statsmodels.stats.oneway import anova_generic
    except ImportError as error:
        raise MissingExtra("Measurements", "campaigns") from error

    enough = n >= 2
    n, mean, variance = n[enough], mean[enough], variance[enough]
    if len(n) < 2 or np.ptp(mean) == 0.0:
        return 1.0
    if variance.min() > 0:
        return float(anova_generic(mean, variance, n).pvalue)
    # A group of one value only has no spread of its own; then all share theirs.
    pooled = float(((n - 1) * variance).sum() / (n - 1).sum())
    return float(anova_generic(mean, pooled, n).pvalue) if pooled > 0 else 0.0


def _levels(table: Table, offer: str, of: str) -> Floats:
    """Return the customers per level and offer."""
    select = (
        exp.select(
            column(offer).as_(name("offer")),
            column(of).as_(name("level")),
            exp.Count(this=exp.Star()).as_(name("customers")),
        )
        .where(exp.Not(this=exp.Is(this=column(offer), expression=exp.null())))
        .group_by(column(offer), column(of))
    )
    rows = table.query(select).to_pylist()
    offers = sorted({label(row["offer"]) for row in rows})
    levels = sorted({label(row["level"]) for row in rows})
    counts = np.zeros((len(levels), len(offers)))
    for row in rows:
        place = (levels.index(label(row["level"])), offers.index(label(row["offer"])))
        counts[place] += row["customers"]
    return counts
