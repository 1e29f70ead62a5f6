"""The nearest centre, in numpy and in SQL: one definition, the same arithmetic, term by term.

The squared distance of a customer z to a centre c is |z|² + |c|² - 2 c·z. What differs between
centres is linear in z, so the nearest is the least of k linear expressions, and

    margin = d₂ - d₁ = (d₂² - d₁²) / (d₁ + d₂)

needs the squares only under the root. Every sum is added in the same order on both paths, in
float64, so that both give the same bits. Ties go to the lowest segment id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlglot.expressions as exp

from clienteling.data.sql import LARGEST, case, column, name, number, usable
from clienteling.features.imputation import impute_steps, imputed
from clienteling.features.transforms import Transform, transformed
from clienteling.segmentation.sketch import Floats, Ints

__all__ = [
    "Nearest",
    "Rule",
    "assign_steps",
    "nearest",
    "nearest_of",
    "nearest_steps",
    "standardised",
]

#: Standard deviations beyond which a value counts as this far away: squares must not overflow.
_FARTHEST = 1e100


@dataclass(frozen=True)
class Rule:
    """What the nearest centre is computed from.

    Parameters
    ----------
    mean, scale : arrays of shape (features,), of the transformed features
    centres : array of shape (k, features), standardised
    transforms : what each feature goes through first; empty where all are taken as they are
    medians : what takes the place of a missing value; empty where nothing does
    """

    mean: Floats
    scale: Floats
    centres: Floats
    transforms: tuple[Transform, ...] = ()
    medians: tuple[float, ...] = ()

    @property
    def k(self) -> int:
        """How many centres there are."""
        return len(self.centres)

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """Per feature, the transformed values between which it is taken as it is."""
        return [
            (max(-LARGEST, m - _FARTHEST * s), min(LARGEST, m + _FARTHEST * s))
            for m, s in zip(self.mean.tolist(), self.scale.tolist(), strict=True)
        ]

    @property
    def linear(self) -> list[tuple[float, list[float]]]:
        """Per centre, |c|² and -2 c: the linear expression whose least value is nearest."""
        return [
            (sum(value * value for value in centre), [-2.0 * value for value in centre])
            for centre in self.centres.tolist()
        ]


@dataclass(frozen=True)
class Nearest:
    """The nearest and the second nearest centre of each customer.

    Parameters
    ----------
    ids : array of shape (customers,), -1 where a value is not usable
    runner_ups : array of shape (customers,), -1 where there is none
    margins : array of shape (customers,), NaN where there is none
    """

    ids: Ints
    runner_ups: Ints
    margins: Floats


def nearest(rule: Rule, values: Floats) -> Nearest:
    """Return the nearest centres of customers, in numpy.

    Parameters
    ----------
    rule : the centres
    values : array of shape (customers, features), in the features' own units

    Examples
    --------
    >>> import numpy as np
    >>> rule = Rule(np.zeros(1), np.ones(1), np.array([[0.0], [10.0]]))
    >>> found = nearest(rule, np.array([[2.0], [5.0], [np.nan]]))
    >>> found.ids.tolist(), found.margins[:2].tolist()
    ([0, 0, -1], [6.0, 0.0])
    """
    if rule.medians:
        values = imputed(values, rule.medians)
    with np.errstate(invalid="ignore"):
        ok = (np.abs(values) <= LARGEST).all(axis=1)
    z = standardised(rule, transformed(values[ok], rule.transforms))
    scores = _scores(rule, z)
    ids = np.full(len(values), -1, dtype=np.int64)
    runner_ups = np.full(len(values), -1, dtype=np.int64)
    margins = np.full(len(values), np.nan)
    rows = np.arange(len(z))
    first = scores.argmin(axis=1)
    ids[ok] = first
    if rule.k > 1:
        best = scores[rows, first]
        scores[rows, first] = LARGEST
        second = scores.argmin(axis=1)
        least = scores[rows, second]
        square = z[:, 0] * z[:, 0]
        for index in range(1, z.shape[1]):
            square = square + z[:, index] * z[:, index]
        below = np.sqrt(np.maximum(best + square, 0.0)) + np.sqrt(np.maximum(least + square, 0.0))
        difference = least - best
        runner_ups[ok] = second
        margins[ok] = np.divide(difference, below, out=np.zeros_like(difference), where=below > 0)
    return Nearest(ids, runner_ups, margins)


def nearest_of(rule: Rule, z: Floats) -> Ints:
    """Return the nearest centre of standardised customers, in numpy.

    Parameters
    ----------
    rule : the centres
    z : array of shape (customers, features), finite

    Returns
    -------
    array of shape (customers,)
    """
    return np.asarray(_scores(rule, z).argmin(axis=1))


def standardised(rule: Rule, values: Floats) -> Floats:
    """Return transformed, usable values with mean 0 and standard deviation 1."""
    z = np.empty_like(values)
    for index, (low, high) in enumerate(rule.bounds):
        clipped = np.minimum(np.maximum(values[:, index], low), high)
        z[:, index] = (clipped - rule.mean[index]) / rule.scale[index]
    return z


def _scores(rule: Rule, z: Floats) -> Floats:
    scores = np.empty((len(z), rule.k))
    for centre, (constant, factors) in enumerate(rule.linear):
        total = np.full(len(z), constant)
        for index, factor in enumerate(factors):
            total = total + factor * z[:, index]
        scores[:, centre] = total
    return scores


def assign_steps(
    rule: Rule,
    values: Sequence[exp.Expr],
    keep: Sequence[exp.Expr] = (),
    *,
    only_usable: bool = False,
) -> list[tuple[str, exp.Select]]:
    """Return the named steps of a query that adds the nearest centre to a table's rows.

    Parameters
    ----------
    rule : the centres
    values : the features as float64 expressions over the table
    keep : aliased expressions over the table that are carried through to the last step
    only_usable : leave out the customers that have no segment

    Returns
    -------
    list of (name, select)
        The last step has the kept columns, and ``cl_x0`` … (the features; where medians are
        filled in, ``cl_r0`` … as they came), ``cl_ok``, ``cl_z0`` … (standardised),
        ``cl_square`` (|z|²), ``cl_d0`` … (what differs between the
        centres), ``cl_best`` (the least of them) and ``cl_id``; see
        :func:`clienteling.data.sql.chain`.
    """
    features = range(len(values))
    xs = [column(f"cl_x{i}") for i in features]
    ok = exp.and_(*(usable(x) for x in xs))
    if rule.medians:
        numbers = impute_steps(values, rule.medians, keep)
    else:
        plain = exp.select(*keep, *(v.as_(name(f"cl_x{i}")) for i, v in enumerate(values)))
        numbers = [("numbers", plain)]
    flag: exp.Expr = exp.true() if only_usable else case([(ok, exp.true())], exp.false())
    checked = exp.select("*", flag.as_(name("cl_ok")))
    carried = [*_carried(rule, values, keep), column("cl_ok")]
    zs = []
    ts = [
        column(f"cl_t{i}") if rule.transforms and not rule.transforms[i].is_plain else xs[i]
        for i in features
    ]
    for i, (low, high) in enumerate(rule.bounds):
        clipped = case(
            [
                (exp.LT(this=ts[i].copy(), expression=number(low)), number(low)),
                (exp.GT(this=ts[i].copy(), expression=number(high)), number(high)),
            ],
            ts[i].copy(),
        )
        z: exp.Expr = exp.Div(
            this=exp.Paren(this=exp.Sub(this=clipped, expression=number(rule.mean[i]))),
            expression=number(rule.scale[i]),
        )
        if not only_usable:
            z = case([(column("cl_ok"), z)], None)
        zs.append(z.as_(name(f"cl_z{i}")))
    z_columns = [column(f"cl_z{i}") for i in features]
    scores = []
    for j, (constant, factors) in enumerate(rule.linear):
        total: exp.Expr = number(constant)
        for i, factor in enumerate(factors):
            total = exp.Add(
                this=total, expression=exp.Mul(this=number(factor), expression=z_columns[i].copy())
            )
        scores.append(total.as_(name(f"cl_d{j}")))
    square: exp.Expr = exp.Mul(this=z_columns[0].copy(), expression=z_columns[0].copy())
    for z_column in z_columns[1:]:
        square = exp.Add(
            this=square, expression=exp.Mul(this=z_column.copy(), expression=z_column.copy())
        )
    ds = [column(f"cl_d{j}") for j in range(rule.k)]
    changed = [
        each.sql(xs[i]).as_(name(f"cl_t{i}"))
        for i, each in enumerate(rule.transforms)
        if not each.is_plain
    ]
    return [
        *numbers,
        ("usable_numbers", checked.where(ok) if only_usable else checked),
        *([("transformed", exp.select("*", *changed))] if changed else []),
        ("standardised", exp.select(*carried, *zs)),
        ("distances", exp.select(*carried, *z_columns, *scores, square.as_(name("cl_square")))),
        ("nearest", exp.select("*", _least(ds).as_(name("cl_best")))),
        ("assigned", exp.select("*", _which(ds, "cl_best").as_(name("cl_id")))),
    ]


def nearest_steps(
    rule: Rule, values: Sequence[exp.Expr], keep: Sequence[exp.Expr]
) -> list[tuple[str, exp.Select]]:
    """Return the steps of :func:`assign_steps` and those that add the second nearest centre.

    Returns
    -------
    list of (name, select)
        The last step has the kept columns, and ``cl_x0`` … (the features; where medians are
        filled in, ``cl_r0`` … as they came), ``cl_ok``, ``cl_id``, ``cl_second``
        (ids) and ``cl_margin``.
    """
    steps = assign_steps(rule, values, keep)
    carried = [*_carried(rule, values, keep), column("cl_ok"), column("cl_id")]
    if rule.k == 1:
        null_id = exp.cast(exp.null(), exp.DataType.Type.INT).as_(name("cl_second"))
        null_margin = exp.cast(exp.null(), exp.DataType.Type.DOUBLE).as_(name("cl_margin"))
        return [*steps, ("scored", exp.select(*carried, null_id, null_margin))]
    ds = [column(f"cl_d{j}") for j in range(rule.k)]
    ids = [exp.Literal.number(j) for j in range(rule.k)]
    others = [
        case([(exp.EQ(this=column("cl_id"), expression=j.copy()), number(LARGEST))], d.copy())
        for j, d in zip(ids, ds, strict=True)
    ]
    not_first = [exp.NEQ(this=column("cl_id"), expression=j.copy()) for j in ids]
    # A column of its own: an engine would take the roots twice, for the question and the answer.
    below = exp.Add(this=_root("cl_best"), expression=_root("cl_least"))
    difference = exp.Sub(this=column("cl_least"), expression=column("cl_best"))
    margin = case(
        [
            (exp.Is(this=column("cl_id"), expression=exp.null()), exp.null()),
            (
                exp.GT(this=column("cl_below"), expression=number(0.0)),
                exp.Div(this=exp.Paren(this=difference), expression=column("cl_below")),
            ),
        ],
        number(0.0),
    )
    scored = exp.select(
        *carried,
        _which(ds, "cl_least", not_first).as_(name("cl_second")),
        margin.as_(name("cl_margin")),
    )
    return [
        *steps,
        ("runner_up", exp.select("*", _least(others).as_(name("cl_least")))),
        ("roots", exp.select("*", below.as_(name("cl_below")))),
        ("scored", scored),
    ]


def _carried(rule: Rule, values: Sequence[exp.Expr], keep: Sequence[exp.Expr]) -> list[exp.Expr]:
    """Return what every step hands on: the kept columns and the features."""
    raw = [column(f"cl_r{i}") for i in range(len(values))] if rule.medians else []
    kept = [column(each.alias_or_name) for each in keep]
    return [*kept, *raw, *(column(f"cl_x{i}") for i in range(len(values)))]


def _least(values: Sequence[exp.Expr]) -> exp.Expr:
    copies = [each.copy() for each in values]
    if len(copies) == 1:
        return copies[0]
    # Engines differ in what the least of a null and a number is; here none of them meets a null.
    least = exp.Least(this=copies[0], expressions=copies[1:], ignore_nulls=False)
    return case([(column("cl_ok"), least)], None)


def _which(values: Sequence[exp.Expr], best: str, conditions: Sequence[exp.Expr] = ()) -> exp.Expr:
    branches = []
    for j, value in enumerate(values):
        equal: exp.Expr = exp.EQ(this=value.copy(), expression=column(best))
        if conditions:
            equal = exp.and_(conditions[j].copy(), equal)
        branches.append((equal, exp.Literal.number(j)))
    return case(branches, None)


def _root(of: str) -> exp.Expr:
    total = exp.Add(this=column(of), expression=column("cl_square"))
    positive = case([(exp.GT(this=total, expression=number(0.0)), total.copy())], number(0.0))
    return exp.Sqrt(this=positive)
