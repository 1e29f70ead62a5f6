"""Counts and sums by offer, segment and fold: all that the measurement needs of the customers.

They come from one query, so that a hundred million customers are measured where they are.
Squares are summed around an origin near the mean, so that large values keep their digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlglot.expressions as exp

from clienteling.data.numbers import as_number
from clienteling.data.sql import case, chain, column, name, number
from clienteling.data.table import Table
from clienteling.measurement.folds import FOLDS, fold_number, hashed_for_folds

__all__ = ["Cells", "Moments", "OutcomeSums", "collect_cells", "finite", "label"]

#: Larger magnitudes count as infinite: their squares would overflow.
_LARGEST = 1e100

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Moments:
    """Size, mean and variance of an outcome in some group, and of the earlier value beside it.

    Parameters
    ----------
    n : customers with a value
    mean, variance : of the outcome; the variance has n - 1 below
    responders : customers whose outcome is not zero
    before_mean, before_variance, covariance : of the earlier value, where there is one
    """

    n: int
    mean: float
    variance: float
    responders: int
    before_mean: float = 0.0
    before_variance: float = 0.0
    covariance: float = 0.0


@dataclass(frozen=True)
class OutcomeSums:
    """The sums of one outcome, an entry per cell; y and b are taken less their origins."""

    binary: bool
    origin: float
    before_origin: float
    n: Floats
    responders: Floats
    y: Floats
    yy: Floats
    b: Floats
    bb: Floats
    yb: Floats


@dataclass(frozen=True)
class Cells:
    """Counts and sums, a cell per offer, fold and combination of segments.

    Parameters
    ----------
    offers : the offers by name, the control first
    offer : per cell, which of them
    fold : per cell, 0 to ``FOLDS`` - 1; all 0 where customers have no id to deal them by
    levels : per column of segments, its labels in order
    codes : per column of segments and cell, which label
    rows : per cell, the customers
    outcomes : per outcome, its sums
    folds : the number of folds
    strata, stratum : where groups are compared within the values of a column, the values, and per
        cell which of them
    """

    offers: tuple[str, ...]
    offer: Integers
    fold: Integers
    levels: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, Integers]
    rows: Floats
    outcomes: Mapping[str, OutcomeSums]
    folds: int
    strata: tuple[str, ...] = ()
    stratum: Integers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def moments(self, outcome: str, where: npt.NDArray[np.bool_]) -> Moments:
        """Return size, mean and variance of an outcome over the cells where the mask holds."""
        sums = self.outcomes[outcome]

        def total(values: Floats) -> float:
            return float(values[where].sum())

        n = total(sums.n)
        if n < 1:
            return Moments(0, 0.0, 0.0, 0)
        y, b = total(sums.y) / n, total(sums.b) / n
        below = max(n - 1, 1.0)
        return Moments(
            n=round(n),
            mean=sums.origin + y,
            variance=max(total(sums.yy) - n * y * y, 0.0) / below,
            responders=round(total(sums.responders)),
            before_mean=sums.before_origin + b,
            before_variance=max(total(sums.bb) - n * b * b, 0.0) / below,
            covariance=(total(sums.yb) - n * y * b) / below,
        )

    def in_segment(self, by: str | None, level: str | None) -> npt.NDArray[np.bool_]:
        """Return which cells belong to a segment; all where there is none."""
        if by is None or level is None:
            return np.ones(len(self.rows), dtype=bool)
        return np.asarray(self.codes[by] == self.levels[by].index(level))


def label(value: Any) -> str:
    """Return a value of an offer or a segment as people write it.

    Examples
    --------
    >>> label("Mens E-Mail"), label(1.0), label(True), label(None)
    ('Mens E-Mail', '1', 'true', '(missing)')
    """
    if value is None or value != value:
        return "(missing)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def finite(expression: exp.Expr) -> exp.Expr:
    """Return the condition that a value can be summed and squared."""
    return exp.LTE(this=exp.Abs(this=expression.copy()), expression=number(_LARGEST))


def collect_cells(
    table: Table,
    *,
    offer: str,
    offers: Mapping[str, Any],
    segments: tuple[str, ...],
    outcomes: Mapping[str, tuple[bool, float]],
    before: Mapping[str, tuple[str, float]],
    id: str | None,
    strata: str | None = None,
) -> Cells:
    """Count and sum in one query.

    Parameters
    ----------
    table : a row per customer
    offer : the column with the offer that each got
    offers : the offers by name, the control first, with their values in the table
    segments : columns with segments from before the campaign
    outcomes : per outcome, whether it is 0 or 1 throughout, and an origin near its mean
    before : per outcome, the column of an earlier value, and an origin near its mean
    id : the column of the customer's id, for the folds
    strata : the column within whose values groups are compared
    """
    fold = hashed_for_folds(table, id, needed=bool(segments))
    zero, one = exp.Literal.number(0), exp.Literal.number(1)
    taken = [column(offer).as_(name("offer"))]
    taken += [column(each).as_(name(f"s{i}")) for i, each in enumerate(segments)]
    if strata is not None:
        taken.append(column(strata).as_(name("stratum")))
    if fold is not None:
        taken.append(fold.as_(name("fold_of")))
    sums: list[exp.Expr] = [exp.Count(this=exp.Star()).as_(name("row_count"))]
    for i, (each, (_, origin)) in enumerate(outcomes.items()):
        value = as_number(table, each)
        taken.append(value.as_(name(f"y{i}")))
        has = finite(column(f"y{i}"))
        y = exp.Paren(this=exp.Sub(this=column(f"y{i}"), expression=number(origin)))
        parts = {
            "n": one,
            "responders": case([(exp.NEQ(this=column(f"y{i}"), expression=zero), one)], zero),
            "y": y,
            "yy": exp.Mul(this=y, expression=y),
        }
        if each in before:
            earlier, b_origin = before[each]
            taken.append(as_number(table, earlier).as_(name(f"b{i}")))
            # A customer without an earlier value counts as an average one: allowed, since the
            # offer was drawn without looking at it.
            less = exp.Sub(this=column(f"b{i}"), expression=number(b_origin))
            b = exp.Paren(this=case([(finite(column(f"b{i}")), less)], number(0.0)))
            parts |= {
                "b": b,
                "bb": exp.Mul(this=b, expression=b),
                "yb": exp.Mul(this=y, expression=b),
            }
        for key, part in parts.items():
            counted = exp.Sum(this=case([(has.copy(), part.copy())], None))
            sums.append(counted.as_(name(f"{key}_{i}")))
    keys = ["offer", *(f"s{i}" for i in range(len(segments)))]
    if strata is not None:
        keys.append("stratum")
    if fold is not None:
        keys.append("fold")
    dealt = exp.select(*(column(each.alias) for each in taken if each.alias != "fold_of"))
    if fold is not None:
        dealt = dealt.select(fold_number(column("fold_of")).as_(name("fold")))
    grouped = (
        exp.select(*(column(each) for each in keys), *sums)
        .where(exp.Not(this=exp.Is(this=column("offer"), expression=exp.null())))
        .group_by(*(column(each) for each in keys))
    )
    found = table.engine.query(
        chain(table.subquery, ("taken", exp.select(*taken)), ("dealt", dealt), ("cells", grouped))
    )
    return _cells(found.to_pydict(), offers, segments, outcomes, before, fold is not None)


def _cells(
    found: Mapping[str, list[Any]],
    offers: Mapping[str, Any],
    segments: tuple[str, ...],
    outcomes: Mapping[str, tuple[bool, float]],
    before: Mapping[str, tuple[str, float]],
    dealt: bool,
) -> Cells:
    def numbers(key: str) -> Floats:
        values = found.get(key) or [0.0] * len(found["offer"])
        return np.array([0.0 if each is None else float(each) for each in values])

    def coded(raw: list[Any]) -> tuple[tuple[str, ...], Integers]:
        labels = tuple(dict.fromkeys(label(value) for value in sorted(set(raw), key=_sort_key)))
        places = {known: place for place, known in enumerate(labels)}
        return labels, np.array([places[label(value)] for value in raw], dtype=np.int64)

    order = {each: place for place, each in enumerate(offers)}
    levels, codes = {}, {}
    for i, each in enumerate(segments):
        levels[each], codes[each] = coded(found[f"s{i}"])
    strata, stratum = coded(found.get("stratum", []))
    return Cells(
        offers=tuple(offers),
        offer=np.array([order[label(each)] for each in found["offer"]], dtype=np.int64),
        fold=np.array(found["fold"] if dealt else [0] * len(found["offer"]), dtype=np.int64),
        levels=levels,
        codes=codes,
        rows=numbers("row_count"),
        outcomes={
            each: OutcomeSums(
                binary,
                origin,
                before[each][1] if each in before else 0.0,
                *(numbers(f"{key}_{i}") for key in ("n", "responders", "y", "yy", "b", "bb", "yb")),
            )
            for i, (each, (binary, origin)) in enumerate(outcomes.items())
        },
        folds=FOLDS if dealt else 1,
        strata=strata,
        stratum=stratum,
    )


def _sort_key(value: Any) -> tuple[bool, bool, Any]:
    missing = value is None or value != value
    is_text = isinstance(value, str)
    return (missing, is_text, "" if missing else value)
