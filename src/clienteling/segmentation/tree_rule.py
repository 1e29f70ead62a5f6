"""A rule of thumb for each segment: a few limits that catch most of its customers and few others.

A shallow decision tree tells the segment from all other customers (Breiman, Friedman, Olshen and
Stone 1984, *Classification and Regression Trees*), on the sketch's weighted points. Of its nodes
the one is taken that finds the segment best by the F1 measure, the harmonic mean of recall and
precision; its limits are rounded, as people would say them, as far as that costs next to nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from clienteling.segmentation.sketch import Floats, Ints, Sketch
from clienteling.segmentation.words import FeatureWords

__all__ = ["Limits", "caught", "limits_of", "limits_words", "own_values"]

#: More conditions than this nobody keeps in mind.
_DEPTH = 3
#: Points that the trees are grown on at most.
_POINTS = 20_000
#: What a rule may lose of F1 for being shorter or rounder.
_GIVEN_UP = 0.01
#: Steps of rounding, from coarse to fine, in powers of ten of the feature's spread.
_STEPS = tuple(step * 10.0**power for power in (0, -1, -2, -3) for step in (5, 2, 1))


@dataclass(frozen=True)
class Limits:
    """What a feature must be for a customer to be caught.

    Parameters
    ----------
    feature : its index
    above : the value must be larger than this; None where there is no such limit
    up_to : the value must be at most this; None where there is no such limit
    """

    feature: int
    above: float | None = None
    up_to: float | None = None


_SIDES = ("above", "up_to")
_Rule = tuple[Limits, ...]
_Mask = NDArray[np.bool_]


def limits_of(made: Sketch, labels: Ints, k: int) -> list[_Rule]:
    """Return the rule of each segment; an empty one where none tells it from the others.

    Parameters
    ----------
    made : the customers as weighted points
    labels : array of shape (points,), the segment of each point
    k : how many segments there are

    Examples
    --------
    >>> from clienteling.segmentation.sketch import Sketch
    >>> x = np.arange(100.0)[:, None]
    >>> made = Sketch("exact", x, np.ones(100), 100, x.mean(0), x.std(0), np.zeros(1))
    >>> limits_of(made, (x[:, 0] > 70).astype(int), 2)
    [(Limits(feature=0, above=None, up_to=70.0),), (Limits(feature=0, above=70.0, up_to=None),)]
    """
    if k < 2:
        return [()] * k
    values, weights = own_values(made), made.weights
    if len(values) > _POINTS:
        chosen, counts = np.unique(made.rows(_POINTS), return_counts=True)
        values, labels, weights = values[chosen], labels[chosen], counts.astype(np.float64)
    return [_rule(values, weights, labels == segment) for segment in range(k)]


def caught(rule: _Rule, values: Floats) -> _Mask:
    """Return which customers a rule catches; array of shape (customers,).

    Parameters
    ----------
    values : array of shape (customers, features), in the features' own units
    """
    inside = np.full(len(values), True)
    for each in rule:
        if each.above is not None:
            inside &= values[:, each.feature] > each.above
        if each.up_to is not None:
            inside &= values[:, each.feature] <= each.up_to
    return inside


def limits_words(rule: Sequence[Limits], features: Sequence[FeatureWords]) -> str:
    """Return a rule in words.

    Examples
    --------
    >>> words = [FeatureWords("Income", "income", "k$"), FeatureWords("Score", "spending")]
    >>> limits_words([Limits(0, above=70.0), Limits(1, above=20.0, up_to=61.5)], words)
    'income above 70 k$ and spending above 20, up to 61.5'
    >>> bonn = FeatureWords("City = Bonn", "Bonn", of="City")
    >>> limits_words([Limits(0, above=0.5)], [bonn]), limits_words([Limits(0, up_to=0.5)], [bonn])
    ('Bonn', 'not Bonn')
    """
    parts = []
    for each in rule:
        if features[each.feature].of:
            parts.append(_level_words(features, each))
            continue
        sides = [
            f"{side} {limit:,.10g}"
            for side, limit in (("above", each.above), ("up to", each.up_to))
            if limit is not None
        ]
        words = features[each.feature]
        parts.append(f"{words.label} {', '.join(sides)} {words.unit}".strip())
    if len(parts) < 2:
        return "".join(parts)
    between = "; " if any(each.count(", ") for each in parts[:-1]) else ", "
    return f"{between.join(parts[:-1])} and {parts[-1]}"


def _level_words(features: Sequence[FeatureWords], limits: Limits) -> str:
    level = features[limits.feature]
    if limits.above is not None:
        return level.label
    others = [each.label for each in features if each.of == level.of and each != level]
    return others[0] if len(others) == 1 else f"not {level.label}"


def own_values(made: Sketch) -> Floats:
    """Return the points in the features' own units, rid of what the logarithm leaves behind."""
    own = made.own
    if own is made.points:
        return own
    largest = np.maximum(np.abs(own).max(axis=0), 1e-300)
    unit = 10.0 ** (np.floor(np.log10(largest)) - 10)
    return np.asarray(np.round(own / unit) * unit)


def _rule(values: Floats, weights: Floats, inside: _Mask) -> _Rule:
    if not inside.any() or inside.all():
        return ()
    tree = DecisionTreeClassifier(max_depth=_DEPTH, class_weight="balanced", random_state=0)
    # The tree holds values as float32: a power of two brings each column into its range, exactly.
    largest = np.abs(values).max(axis=0)
    units = 2.0 ** np.rint(np.log2(np.where(largest > 0, largest, 1.0)))
    tree.fit(values / units, inside, sample_weight=weights)

    def judged(rule: _Rule) -> float:
        return _f1(caught(rule, values), inside, weights)

    paths = [path for path in _paths(tree, units) if path]
    if not paths:
        return ()
    # A shorter rule is worth a little; the rounding drops the last digits of the sums.
    best = max(paths, key=lambda path: round(judged(path) - _GIVEN_UP * _length(path), 9))
    least = judged(best) - _GIVEN_UP
    best = next(each for each in _shorter(best) if judged(each) >= least)
    for index, side in [(index, side) for index in range(len(best)) for side in _SIDES]:
        limit = getattr(best[index], side)
        if limit is not None:
            rounded = (
                (*best[:index], _with(best[index], side, each), *best[index + 1 :])
                for each in _rounder(limit, values[:, best[index].feature])
            )
            best = next((each for each in rounded if judged(each) >= least), best)
    # A rounded limit may have made another one needless.
    best = next(each for each in _shorter(best) if judged(each) >= least)
    return tuple(sorted(best, key=lambda each: each.feature))


def _with(limits: Limits, side: str, limit: float) -> Limits:
    return replace(limits, above=limit) if side == "above" else replace(limits, up_to=limit)


def _f1(found: _Mask, inside: _Mask, weights: Floats) -> float:
    both = float(weights[found & inside].sum())
    return 2 * both / (float(weights[found].sum()) + float(weights[inside].sum()))


def _length(rule: _Rule) -> int:
    return sum((each.above is not None) + (each.up_to is not None) for each in rule)


def _paths(tree: DecisionTreeClassifier, units: Floats) -> Iterator[_Rule]:
    """Yield the limits that lead to each node below the root, those of a feature merged."""
    nodes = tree.tree_
    waiting: list[tuple[int, dict[int, Limits]]] = [(0, {})]
    while waiting:
        node, path = waiting.pop(0)
        if path:
            yield tuple(path.values())
        feature = int(nodes.feature[node])
        if feature < 0:
            continue
        limit = float(nodes.threshold[node] * units[feature])
        so_far = path.get(feature, Limits(feature))
        # Deeper in the tree a limit on the same side is always the tighter one.
        below, above = replace(so_far, up_to=limit), replace(so_far, above=limit)
        waiting.append((int(nodes.children_left[node]), {**path, feature: below}))
        waiting.append((int(nodes.children_right[node]), {**path, feature: above}))


def _shorter(rule: _Rule) -> Iterator[_Rule]:
    """Yield the rule with some of its limits left out, the shortest first, and at last whole."""
    limits = [(each, side) for each in rule for side in _SIDES if getattr(each, side) is not None]
    for many in range(1, len(limits) + 1):
        for kept in combinations(limits, many):
            merged: dict[int, Limits] = {}
            for each, side in kept:
                so_far = merged.get(each.feature, Limits(each.feature))
                merged[each.feature] = _with(so_far, side, getattr(each, side))
            yield tuple(merged.values())


def _rounder(limit: float, values: Floats) -> Iterator[float]:
    """Yield the limit as people would say it, the roundest first, and at last as it is."""
    low, high = np.quantile(values, [0.05, 0.95])
    spread = float(high - low) or float(np.ptp(values)) or 1.0
    power = 10.0 ** math.floor(math.log10(spread))
    for step in _STEPS:
        down, up = (side(limit / (step * power)) for side in (math.floor, math.ceil))
        nearest = (down, up) if limit / (step * power) - down < 0.5 else (up, down)
        yield from (float(f"{each * step * power:.10g}") for each in nearest)
    yield float(f"{limit:.6g}")
    yield limit
