"""Names where no playbook fits: what sets each segment apart from all customers, in a few words.

A name has at most two phrases, such as "High wines, few web visits". Which, is decided for all
segments together, so that names are distinct and leave as little as possible unsaid (assignment of
least cost, by ``scipy.optimize.linear_sum_assignment``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations, count

import numpy as np
from scipy.optimize import linear_sum_assignment

from clienteling.segmentation.labels import PLAIN_LEVEL, level_phrase
from clienteling.segmentation.sketch import Floats
from clienteling.segmentation.words import FeatureWords

__all__ = ["general_names"]

_AVERAGE, _ALL = "Average customers", "All customers"
#: Features that a name can speak of: those that set the segment apart the most.
_TELLING = 8
#: Names longer than this are worth avoiding.
_LONG = 40
_SECOND, _RATHER, _PER_LETTER = 0.05, 0.15, 0.01
_NEVER = 1e3

#: What a name says, whatever the order, and the features that it speaks of, strongest first.
_Saying = tuple[frozenset[str], tuple[int, ...]]


def general_names(
    features: Sequence[FeatureWords],
    standardised: Floats,
    centres: Floats,
    taken: Collection[str] = (),
) -> list[str]:
    """Return a name for each segment, distinct from each other and from those that are taken.

    Parameters
    ----------
    features : the words for each feature
    standardised : array of shape (k, features), the centres as differences from all customers in
        standard deviations, after the features' transforms
    centres : array of shape (k, features), in the features' own units
    taken : names that are given already

    Examples
    --------
    >>> words = [FeatureWords("wines", "wines"), FeatureWords("visits", "web visits")]
    >>> apart = np.array([[0.1, 0.0], [1.2, -0.8], [-0.9, 0.2]])
    >>> general_names(words, apart, apart)
    ['Average customers', 'High wines, few web visits', 'Low wines']
    """
    if len(standardised) == 1 and not taken:
        return [_ALL]
    used = {each.lower() for each in taken}
    sayings = [_sayings(features, each, used) for each in standardised]
    chosen = _assigned(sayings)
    names: list[str] = [""] * len(sayings)
    for index, saying in enumerate(chosen):
        if saying is not None:
            names[index] = _spoken(features, standardised[index], saying)
    # Segments that can't be told apart by words alone all get figures, the others none.
    for index in [index for index, saying in enumerate(chosen) if saying is None]:
        own = min(sayings[index], key=lambda each: sayings[index][each], default=None)
        for other, saying in enumerate(chosen):
            if own is not None and saying is not None and saying[0] == own[0]:
                chosen[other], names[other] = None, ""
    used |= {each.lower() for each in names if each}
    for index, saying in enumerate(chosen):
        if saying is None:
            own = min(sayings[index], key=lambda each: sayings[index][each], default=None)
            names[index] = _with_figure(features, standardised[index], centres[index], own, used)
            used.add(names[index].lower())
    return names


def _sayings(
    features: Sequence[FeatureWords], apart: Floats, used: Collection[str]
) -> dict[_Saying, float]:
    """Return what could be said of a segment, with what it costs to say just that."""
    order = np.argsort(-np.abs(apart), kind="stable")[:_TELLING].tolist()
    phrases = {index: level_phrase(features[index], float(apart[index])) for index in order}
    of = [each.of for each in features]
    # Of two levels the more frequent one here says what the other says.
    telling = [
        index
        for index in order
        if phrases[index] and not (of[index] and of.count(of[index]) == 2 and apart[index] < 0)
    ]
    total = float((apart**2).sum()) or 1.0
    costs: dict[_Saying, float] = {}
    if not telling or float(np.abs(apart).max()) < PLAIN_LEVEL:
        costs[frozenset([_AVERAGE.lower()]), ()] = 0.0
    for each in [*combinations(telling, 1), *combinations(telling, 2)]:
        columns = [features[index].of for index in each if features[index].of]
        if len(set(columns)) < len(columns):  # of a column's levels one says enough
            continue
        said = frozenset(phrases[index] for index in each)
        cost = 1.0 - float((apart[list(each)] ** 2).sum()) / total
        cost += _SECOND * (len(each) - 1)
        cost += _RATHER * sum(abs(apart[index]) < PLAIN_LEVEL for index in each)
        name = _spoken(features, apart, (said, each))
        cost += _PER_LETTER * max(0, len(name) - _LONG)
        if len(said) == len(each):
            costs[said, each] = cost
    return {
        saying: cost
        for saying, cost in costs.items()
        if _spoken(features, apart, saying).lower() not in used
    }


def _assigned(sayings: Sequence[dict[_Saying, float]]) -> list[_Saying | None]:
    places: dict[frozenset[str], int] = {}
    for each in sayings:
        for said, _ in each:
            places.setdefault(said, len(places))
    cost = np.full((len(sayings), len(places)), _NEVER)
    for row, each in enumerate(sayings):
        for (said, _), value in each.items():
            cost[row, places[said]] = value
    found: list[_Saying | None] = [None] * len(sayings)
    for row, place in zip(*(each.tolist() for each in linear_sum_assignment(cost)), strict=True):
        if cost[row, place] < _NEVER:
            found[row] = next(each for each in sayings[row] if places[each[0]] == place)
    return found


def _spoken(features: Sequence[FeatureWords], apart: Floats, saying: _Saying) -> str:
    if not saying[1]:
        return _AVERAGE
    said = ", ".join(level_phrase(features[index], float(apart[index])) for index in saying[1])
    return said[0].upper() + said[1:]


def _with_figure(
    features: Sequence[FeatureWords],
    apart: Floats,
    centre: Floats,
    saying: _Saying | None,
    used: Collection[str],
) -> str:
    base = _spoken(features, apart, saying or (frozenset(), ()))
    spoken_of = saying[1] if saying else ()
    others = np.argsort(-np.abs(apart), kind="stable").tolist()
    for digits in (2, 3, 4, 6, 9, 17):
        for index in dict.fromkeys([*spoken_of, *others]):
            figure = features[index].figure(float(centre[index]), digits)
            label = "" if spoken_of == (index,) else f"{features[index].label} "
            name = f"{base}, {label}about {figure}"
            if name.lower() not in used:
                return name
    # Of equal centres, as a partition made elsewhere may have, only a number makes two names.
    numbered = (f"{base} ({number})" for number in count(2))
    return next(each for each in numbered if each.lower() not in used)
