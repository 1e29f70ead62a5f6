"""Whether a model still fits: new customers held against those that it was made on.

Population stability index (PSI) of a feature: Σ (now - then) · ln(now / then) over the bins between
the deciles of then. Below 0.1 nothing to speak of has changed, above 0.25 much has (Siddiqi 2006,
*Credit Risk Scorecards*). Few customers differ from others by chance alone: (1/n + 1/m) times a
chi-squared of (bins - 1) degrees of freedom (Yurdakul and Naranjo 2020,
doi:10.21314/JRMV.2020.227), so what chance alone exceeds in one of twenty cases raises both limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlglot.expressions as exp
from scipy.stats import chi2

from clienteling.data.numbers import as_number, check_numbers, count_usable
from clienteling.data.read import Source, read
from clienteling.data.sql import case, chain, column, name, number
from clienteling.errors import InputError
from clienteling.features.categories import levels_table
from clienteling.features.imputation import imputed_table
from clienteling.segmentation.load import AnyModel
from clienteling.segmentation.model import Model
from clienteling.segmentation.nearest import assign_steps
from clienteling.segmentation.scoring import as_at_fit, rule_of

__all__ = ["Drift", "Shift", "drift", "stability_index"]

#: Of the PSI: from here on a feature is to be watched, and from there on the model to be refitted.
WATCH, REFIT = 0.1, 0.25
#: The same for how much farther customers lie from their centres.
_WATCH_ERROR, _REFIT_ERROR = 1.25, 1.5
#: So much larger a share without a segment than at the fit is worth a look.
_MORE_GONE = 0.05
#: Customers this many times as far (squared) as others were from their centres at the fit are far
#: from all; so long as they are no larger a share, they alone don't decide.
_FAR, _FEW = 50.0, 0.01
#: A bin with nobody counts as half a customer: the logarithm of none is not finite.
_NOBODY = 0.5


@dataclass(frozen=True)
class Shift:
    """How the spread of a feature, or of the segments, has changed.

    Parameters
    ----------
    what : the feature's name, or ``segments``
    psi : population stability index
    chance : what the PSI of as many customers exceeds by chance in one of twenty cases
    then, now : share of the customers in each bin, or in each segment
    """

    what: str
    psi: float
    chance: float
    then: tuple[float, ...]
    now: tuple[float, ...]

    @property
    def verdict(self) -> str:
        """``keep``, ``watch`` or ``refit``."""
        if self.psi > max(REFIT, self.chance):
            return "refit"
        return "watch" if self.psi > max(WATCH, self.chance) else "keep"


@dataclass(frozen=True)
class Drift:
    """A model held against new customers.

    Parameters
    ----------
    customers, usable : new customers, and those with a segment
    features : the shift of each feature
    segments : the shift of the shares of the segments
    error_then, error_now : mean squared distance to the nearest centre, standardised features
    far : customers who lie very far from every centre
    error_near : ``error_now`` without them
    verdict : ``keep``, ``watch`` or ``refit``
    why : the verdict in words, with the figures that decide
    """

    customers: int
    usable: int
    features: tuple[Shift, ...]
    segments: Shift
    error_then: float
    error_now: float
    far: int
    error_near: float
    verdict: str
    why: str

    @property
    def largest(self) -> float:
        """The largest PSI of a feature."""
        return max(each.psi for each in self.features)


def drift(model: AnyModel, customers: Source) -> Drift:
    """Hold a model against new customers: one query, however many they are.

    Parameters
    ----------
    model : of K-means, with the spread of its features
    customers : any source with the model's features

    Raises
    ------
    InputError
        The model is of rules, or older than the spread of its features.
    ColumnError, DataError
        As for :func:`clienteling.score`.

    Examples
    --------
    >>> import clienteling as cl
    >>> model = cl.segment("sample")
    >>> found = cl.drift(model, "sample")
    >>> found.verdict, round(found.largest, 9)
    ('keep', 0.0)
    """
    if not isinstance(model, Model) or any(each.bins is None for each in model.features):
        raise InputError(
            "Drift is measured against the spread of the features at the fit, which this model "
            "doesn't hold.",
            hint="Fit it anew with: clienteling run",
        )
    table = levels_table(as_at_fit(model, read(customers)), model.categories)
    names = model.feature_names
    check_numbers(table, names)
    table = imputed_table(table, dict(zip(names, model.medians, strict=False)))
    counted = count_usable(table, names)
    sums, steps = (
        [],
        assign_steps(rule_of(model), [as_number(table, each) for each in names], only_usable=True),
    )
    for index, feature in enumerate(model.features):
        assert feature.bins is not None
        x = column(f"cl_x{index}")
        place = case(
            [
                (exp.LTE(this=x.copy(), expression=number(edge)), exp.Literal.number(bin_index))
                for bin_index, edge in enumerate(feature.bins.edges)
            ],
            exp.Literal.number(len(feature.bins.edges)),
        )
        sums.append(place.as_(name(f"bin_{index}")))
    squared = exp.Add(this=column("cl_best"), expression=column("cl_square"))
    binned = exp.select(column("cl_id"), squared.as_(name("squared")), *sums)
    limit = _FAR * model.inertia / sum(each.size for each in model.segments)
    far = exp.GT(this=column("squared"), expression=number(limit))
    counts: list[exp.Expr] = [
        exp.Count(this=exp.Star()).as_(name("n")),
        exp.Sum(this=column("squared")).as_(name("error")),
        exp.Sum(this=case([(far, column("squared"))], number(0.0))).as_(name("far_error")),
        exp.Count(this=case([(far.copy(), exp.Literal.number(1))], None)).as_(name("far")),
    ]
    for index, feature in enumerate(model.features):
        assert feature.bins is not None
        for bin_index in range(len(feature.bins.shares)):
            inside = exp.EQ(this=column(f"bin_{index}"), expression=exp.Literal.number(bin_index))
            one = case([(inside, exp.Literal.number(1))], None)
            counts.append(exp.Count(this=one).as_(name(f"bin_{index}_{bin_index}")))
    grouped = exp.select(column("cl_id"), *counts).group_by(column("cl_id"))
    rows = table.engine.query(
        chain(table.subquery, *steps, ("binned", binned), ("counted", grouped))
    ).to_pylist()
    return _drift(model, counted.rows, counted.usable, rows)


def _drift(model: Model, customers: int, usable: int, rows: Sequence[dict[str, float]]) -> Drift:
    then = sum(each.size for each in model.segments)
    features = []
    for index, feature in enumerate(model.features):
        assert feature.bins is not None
        now = [
            sum(row[f"bin_{index}_{bin_index}"] for row in rows)
            for bin_index in range(len(feature.bins.shares))
        ]
        features.append(_shift(feature.name, feature.bins.shares, then, now))
    sizes = {int(row["cl_id"]): row["n"] for row in rows}
    segments = _shift(
        "segments",
        [each.share for each in model.segments],
        then,
        [sizes.get(place, 0) for place in range(model.k)],
    )
    before = model.inertia / then
    after = sum(row["error"] for row in rows) / usable
    far = int(sum(row["far"] for row in rows))
    near = after
    if far < usable:
        near = sum(row["error"] - row["far_error"] for row in rows) / (usable - far)
    gone_then = 1 - model.provenance.usable / model.provenance.rows
    gone_now = 1 - usable / customers
    # A few who lie very far from all raise the mean by themselves: they are told of, no more.
    judged = near if before > 0 and far <= max(1, _FEW * usable) else after
    verdict, why = _verdict([*features, segments], before, judged, gone_then, gone_now)
    if judged != after:
        why += " " + _far_words(far, before, after)
    return Drift(
        *(customers, usable, tuple(features), segments, before, after, far, near, verdict, why)
    )


def _far_words(far: int, before: float, after: float) -> str:
    whom = "1 customer lies" if far == 1 else f"{far:,} customers lie"
    them = "that one" if far == 1 else "them"
    return (
        f"{whom} very far from every segment; with {them}, the squared distance is "
        f"{after / before:.2f} times that at the fit. Are the values right?"
    )


def stability_index(then: Sequence[float], n: float, now: Sequence[float]) -> float:
    """Return the population stability index.

    Parameters
    ----------
    then : share of the customers in each bin, from 0 to 1
    n : how many customers these were
    now : customers in each bin

    Examples
    --------
    >>> round(stability_index([0.5, 0.5], 1000, [750, 250]), 4)
    0.2747
    """
    m = sum(now)
    p = np.maximum(np.asarray(then), _NOBODY / n)
    q = np.maximum(np.asarray(now, dtype=float) / m, _NOBODY / m)
    return float(((q - p) * np.log(q / p)).sum())


def _shift(what: str, then: Sequence[float], n: int, now: Sequence[float]) -> Shift:
    m = sum(now)
    free = max(1, len(then) - 1)
    chance = float(chi2.ppf(0.95, free)) * (1 / n + 1 / m)
    shares = tuple(each / m for each in now)
    return Shift(what, stability_index(then, n, now), chance, tuple(then), shares)


def _verdict(
    shifts: Sequence[Shift], before: float, after: float, gone_then: float, gone_now: float
) -> tuple[str, str]:
    levels = ("keep", "watch", "refit")
    grown = after / before if before > 0 else 1.0
    error = levels[(grown > _WATCH_ERROR) + (grown > _REFIT_ERROR)]
    # A refit mends no gaps: what is missing is to be looked into first.
    gaps = "watch" if gone_now - gone_then > _MORE_GONE else "keep"
    verdict = max([error, gaps, *(each.verdict for each in shifts)], key=levels.index)
    without = (
        f"{gone_now:.1%} of the customers lack a feature and have no segment "
        f"({gone_then:.1%} at the fit)"
    )
    if verdict == "keep":
        worst = max(shifts, key=lambda each: each.psi)
        spread = (
            "the customers are spread as at the fit, as far as chance allows"
            if all(each.psi <= each.chance for each in shifts)
            else "the spread has changed more than by chance, but too little to matter (below "
            f"{WATCH})"
        )
        return verdict, (
            f"Keep: {spread}; the largest population stability index is {worst.psi:.3f}, of "
            f"{_called(worst)}. They lie {_farther(grown)} their centres ({grown:.2f} times the "
            "squared distance)." + (f" {without[0].upper()}{without[1:]}." if gone_now else "")
        )
    said = [
        f"the spread of {_called(each)} has changed (population stability index {each.psi:.3f})"
        for each in shifts
        if each.verdict == verdict
    ]
    if error == verdict:
        said.append(f"customers lie {grown:.2f} times the squared distance from their centres")
    if gaps == "watch":
        said.append(without)
    word = "Refit" if verdict == "refit" else "Watch"
    return verdict, f"{word}: {'; '.join(said)}."


def _farther(grown: float) -> str:
    return "no farther from" if grown <= 1.0 else "hardly farther from"


def _called(shift: Shift) -> str:
    return "the segments' shares" if shift.what == "segments" else shift.what
