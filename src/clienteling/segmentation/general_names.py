"""Names where no playbook fits: what sets each segment apart from all customers, in a few words.

A name has at most two phrases, such as "High wines, few web visits". Which, is decided for all
segments together, so that names are distinct and leave as little as possible unsaid (assignment of
least cost, by ``scipy.optimize.linear_sum_assignment``). Names that then differ in order or
strength alone get what sets them apart from each other: :mod:`clienteling.segmentation.alike`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations, count

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from clienteling.segmentation.alike import told_apart
from clienteling.segmentation.labels import PLAIN_LEVEL, level_phrase
from clienteling.segmentation.places import Places
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
    features: Sequence[FeatureWords], places: Places, taken: Collection[str] = ()
) -> list[str]:
    """Return a name for each segment, distinct from each other and from those that are taken.

    Parameters
    ----------
    features : the words for each feature
    places : where the centres lie; of what is near the middle no name speaks
    taken : names that are given already

    Examples
    --------
    >>> from scipy.stats import norm
    >>> words = [FeatureWords("wines", "wines"), FeatureWords("visits", "web visits")]
    >>> apart = np.array([[0.1, 0.0], [1.2, -0.8], [-0.9, 0.2]])
    >>> below = norm.cdf(apart)  # of a feature with a normal distribution
    >>> general_names(words, Places(apart, apart, below, 1 - below, below))
    ['Average customers', 'High wines, few web visits', 'Low wines']
    """
    standardised, centres = places.standardised, places.centres
    if len(standardised) == 1 and not taken:
        return [_ALL]
    used = {each.lower() for each in taken}
    all_sayings = [
        _sayings(features, *each) for each in zip(standardised, places.sides, strict=True)
    ]
    sayings = [
        {
            saying: cost
            for saying, cost in each.items()
            if _spoken(features, apart, saying).lower() not in used
        }
        for apart, each in zip(standardised, all_sayings, strict=True)
    ]
    chosen = _assigned(sayings)
    names: list[str] = [""] * len(sayings)
    for index, saying in enumerate(chosen):
        if saying is not None:
            names[index] = _spoken(features, standardised[index], saying)
    # Segments that can't be told apart by words alone all get figures, the others none.
    for index in [index for index, saying in enumerate(chosen) if saying is None]:
        own = _cheapest(all_sayings[index])
        for other, saying in enumerate(chosen):
            if saying is not None and saying[0] == own[0]:
                chosen[other], names[other] = None, ""
    used |= {each.lower() for each in names if each}
    for index, saying in enumerate(chosen):
        if saying is None:
            own = _cheapest(all_sayings[index])
            names[index] = _with_figure(features, standardised[index], centres[index], own, used)
            used.add(names[index].lower())
    spoken = [() if saying is None else saying[1] for saying in chosen]
    return told_apart(features, places, names, spoken, taken)


def _cheapest(sayings: dict[_Saying, float]) -> _Saying:
    return min(sayings, key=lambda each: sayings[each])


def _sayings(
    features: Sequence[FeatureWords], apart: Floats, sides: NDArray[np.int64]
) -> dict[_Saying, float]:
    """Return what could be said of a segment, with what it costs to say just that."""
    order = np.argsort(-np.abs(apart), kind="stable").tolist()
    phrases = {
        index: level_phrase(features[index], float(apart[index]))
        for index in order
        if features[index].of or sides[index]
    }
    of = [each.of for each in features]
    # Of two levels the more frequent one here says what the other says.
    telling = [
        index
        for index, phrase in phrases.items()
        if phrase and not (of[index] and of.count(of[index]) == 2 and apart[index] < 0)
    ][:_TELLING]
    total = float((apart**2).sum()) or 1.0
    costs: dict[_Saying, float] = {}
    plain = not any(side and not column for side, column in zip(sides, of, strict=True))
    if plain and all(abs(apart[index]) < PLAIN_LEVEL for index in telling):
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
    return costs


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
    saying: _Saying,
    used: Collection[str],
) -> str:
    base, spoken_of = _spoken(features, apart, saying), saying[1]
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
