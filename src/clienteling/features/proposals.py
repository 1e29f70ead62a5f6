"""Which transform suits a feature, and why: proposed from its distribution, in plain words.

Single values far out on one side, beyond three times the interquartile range (Tukey 1977,
*Exploratory Data Analysis*, the "far out" fence), are answered with winsorising at the 1 % or the
99 % quantile of that side. Strong skewness of what remains (a whole tail of large amounts) is
answered with the logarithm, where that takes at least half of it away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from clienteling.data.assumptions import Assumption
from clienteling.errors import InputError, near_names
from clienteling.features.transforms import PLAIN, Floats, Transform

__all__ = ["KINDS", "Proposal", "chosen", "propose"]

#: What a user can ask for, by feature.
KINDS = ("none", "log", "winsorise", "winsorise+log")
_SKEWED = 2.0
_FENCE = 3.0
_TAIL = 0.01
#: Fewer different values than this are levels, not amounts.
_LEVELS = 12


@dataclass(frozen=True)
class Proposal:
    """A transform of one feature with its reason in a sentence; empty where it stays as it is."""

    transform: Transform
    reason: str = ""


def propose(name: str, values: Floats, weights: Floats) -> Proposal:
    """Return the transform that suits a feature.

    Parameters
    ----------
    name : the feature, for the reason
    values : array of shape (points,), in the feature's own units
    weights : array of shape (points,), customers per point

    Examples
    --------
    >>> import numpy as np
    >>> amounts = np.exp(np.linspace(0, 9, 1000))
    >>> propose("amount", amounts, np.ones(1000)).transform
    Transform(low=None, high=None, log=True)
    """
    if len(np.unique(values)) < _LEVELS:
        return Proposal(PLAIN)
    said = []
    low, high = _limits(values, weights)
    steps = Transform(low, high)
    if not steps.is_plain:
        sides = [side for side, limit in (("low", low), ("high", high)) if limit is not None]
        said.append(f"single values lie far out on the {' and the '.join(sides)} side")
    skewness = _skewness(steps.apply(values), weights)
    after = _skewness(replace(steps, log=True).apply(values), weights)
    if values.min() >= 0 and skewness > _SKEWED and abs(after) < skewness / 2:
        steps = replace(steps, log=True)
        said.append(
            f"a few values are very large (skewness {skewness:.1f}, of the logarithm {after:.1f})"
        )
    if steps.is_plain:
        return Proposal(PLAIN)
    return Proposal(steps, f'Column "{name}": {" and ".join(said)}.')


def chosen(
    wanted: str | Mapping[str, str] | None, names: Sequence[str], points: Floats, weights: Floats
) -> tuple[list[Proposal], list[str]]:
    """Return the transform of each feature, and what to say about it.

    Parameters
    ----------
    wanted : ``auto`` takes what is proposed; ``none`` takes every feature as it is; None does so
        too, and says what is proposed; a mapping from features to one of :data:`KINDS`
    names : the features
    points, weights : arrays of shape (points, features) and (points,), in the features' own units

    Raises
    ------
    InputError
        A feature or a kind of transform is not known; all faults are named.
    """
    if wanted == "none":
        return [Proposal(PLAIN)] * len(names), []
    proposed = [propose(each, points[:, index], weights) for index, each in enumerate(names)]
    if wanted == "auto":
        return proposed, [f"{each.reason} {_done(each)}" for each in proposed if each.reason]
    if wanted is None:
        offered = [
            Assumption(
                f"{each.reason.removesuffix('.')}; a transform would help: {each.transform.words}",
                option="--transform auto",
            ).sentence
            for each in proposed
            if each.reason
        ]
        return [Proposal(PLAIN)] * len(names), offered
    return _by_name(wanted, names, points, weights), []


def _done(proposal: Proposal) -> str:
    return f"It was transformed: {proposal.transform.words}."


def _by_name(
    wanted: str | Mapping[str, str], names: Sequence[str], points: Floats, weights: Floats
) -> list[Proposal]:
    if isinstance(wanted, str):
        raise InputError(
            f'There is no transform "{wanted}".',
            hint='Give auto, none, or features with their own: "Income=log,Age=winsorise".',
        )
    faults = [
        f'"{each}" is not a feature. {near_names(each, names)}'.strip()
        for each in wanted
        if each not in names
    ]
    faults += [
        f'"{kind}" is no transform. {near_names(kind, KINDS)}'.strip()
        for kind in wanted.values()
        if kind not in KINDS
    ]
    if faults:
        raise InputError(
            "The transforms are not understood.",
            faults=faults,
            hint=f"The features are: {', '.join(names)}; the transforms: {', '.join(KINDS)}.",
        )
    found = []
    for index, each in enumerate(names):
        kind = wanted.get(each, "none")
        steps = PLAIN
        if "winsorise" in kind:
            low, high = _quantiles(points[:, index], weights, (_TAIL, 1 - _TAIL))
            if low < high:
                steps = Transform(low, high)
        if "log" in kind:
            steps = replace(steps, log=True)
        found.append(Proposal(steps, "" if steps.is_plain else "Asked for."))
    return found


def _limits(values: Floats, weights: Floats) -> tuple[float | None, float | None]:
    first, third = _quantiles(values, weights, (0.25, 0.75))
    reach = _FENCE * (third - first)
    least, most = _quantiles(values, weights, (_TAIL, 1 - _TAIL))
    if not reach > 0 or not least < most:
        return None, None
    low = least if values.min() < first - reach and least >= first - reach else None
    high = most if values.max() > third + reach and most <= third + reach else None
    return low, high


def _quantiles(values: Floats, weights: Floats, shares: Sequence[float]) -> list[float]:
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(weights[order])
    places = np.searchsorted(cumulated, np.asarray(shares) * cumulated[-1])
    return [float(each) for each in values[order][np.minimum(places, len(values) - 1)]]


def _skewness(values: Floats, weights: Floats) -> float:
    mean = np.average(values, weights=weights)
    deviation = np.sqrt(np.average((values - mean) ** 2, weights=weights))
    if not deviation > 0:
        return 0.0
    return float(np.average(((values - mean) / deviation) ** 3, weights=weights))
