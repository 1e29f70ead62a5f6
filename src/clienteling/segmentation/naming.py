"""Name the segments: the playbook's archetypes by optimal assignment, then general names.

Every k gets distinct names. An archetype's place is a share of customers below it (a high income
lies above 85 % of them), so the assignment doesn't depend on units or skew. The assignment
minimises the total squared distance (Kuhn-Munkres, by ``scipy.optimize.linear_sum_assignment``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from clienteling.segmentation.general_names import general_names
from clienteling.segmentation.places import Places
from clienteling.segmentation.playbook import LEVELS, Archetype, Level, Playbook
from clienteling.segmentation.sketch import Floats
from clienteling.segmentation.words import FeatureWords

__all__ = ["Named", "fit_of_name", "name_segments"]

#: On which side of the middle each level lies, as :attr:`Places.sides` has it.
_SIDES: dict[Level, int] = {
    "very low": -1,
    "low": -1,
    "moderate": 0,
    "high": 1,
    "very high": 1,
}
#: A level on the right side is off where it is farther than this, in share of customers.
_LOOSE = 0.3


@dataclass(frozen=True)
class Named:
    """What a segment is called, and why.

    Parameters
    ----------
    key : the archetype whose strategy and offers apply
    name : distinct among the segments
    description, strategy : from the playbook
    fit : how well the name describes the segment; empty where it fits
    """

    key: str
    name: str
    description: str
    strategy: str
    fit: str = ""


def name_segments(
    playbook: Playbook,
    features: Sequence[FeatureWords],
    places: Places,
    taken: Collection[str] = (),
) -> list[Named]:
    """Name every segment.

    Parameters
    ----------
    playbook : the archetypes
    features : the words for each feature
    places : where the centres lie
    taken : names that other segments have

    Returns
    -------
    list of Named
        One per centre, with distinct names.
    """
    named: dict[int, Named] = {}
    many = len(places.centres)
    cost = np.empty((many, 0))
    if playbook.segments and playbook.covers([each.name for each in features]):
        cost = _cost(playbook, features, places.ranks)
        free = [i for i, each in enumerate(playbook.segments) if each.name not in taken]
        rows, columns = linear_sum_assignment(cost[:, free])
        for segment, index in zip(rows.tolist(), columns.tolist(), strict=True):
            archetype = playbook.segments[free[index]]
            named[segment] = Named(
                archetype.key,
                archetype.name,
                archetype.description,
                archetype.strategy,
                _fit(archetype, playbook, features, places.at([segment])),
            )
    unnamed = [segment for segment in range(many) if segment not in named]
    taken = [*taken, *(each.name for each in named.values())]
    names = general_names(features, places.at(unnamed), taken)
    for segment, name in zip(unnamed, names, strict=True):
        if cost.shape[1]:
            nearest = playbook.segments[int(cost[segment].argmin())]
            named[segment] = Named(
                nearest.key,
                name,
                f"Closest to the {nearest.name}. {nearest.description}",
                nearest.strategy,
            )
        else:
            otherwise = playbook.otherwise
            named[segment] = Named(
                otherwise.key if otherwise else "general",
                name,
                otherwise.description if otherwise else "A group that the playbook doesn't know.",
                otherwise.strategy if otherwise else "None yet: add it to the playbook",
            )
    return [named[segment] for segment in range(many)]


def _cost(playbook: Playbook, features: Sequence[FeatureWords], ranks: Floats) -> Floats:
    keys = [playbook.feature_of(each.name) for each in features]
    columns = [index for index, key in enumerate(keys) if key is not None]
    targets = np.array(
        [[LEVELS[each.levels[str(keys[i])]] for i in columns] for each in playbook.segments]
    )
    known = ranks[:, columns]
    squares: Floats = ((known[:, None, :] - targets[None, :, :]) ** 2).sum(axis=2)
    return squares


def fit_of_name(
    key: str, name: str, playbook: Playbook, features: Sequence[FeatureWords], place: Places
) -> str | None:
    """Return how loosely a name describes a segment; None where the playbook doesn't have it.

    Parameters
    ----------
    key, name : of the archetype
    playbook : the archetypes
    features : the words for each feature
    place : where the one centre lies
    """
    known = (each for each in playbook.segments if (each.key, each.name) == (key, name))
    archetype = next(known, None)
    if archetype is None or not playbook.covers([each.name for each in features]):
        return None
    return _fit(archetype, playbook, features, place)


def _fit(
    archetype: Archetype, playbook: Playbook, features: Sequence[FeatureWords], place: Places
) -> str:
    off = []
    found = zip(features, place.sides[0].tolist(), place.ranks[0].tolist(), strict=True)
    for feature, side, rank in found:
        key = playbook.feature_of(feature.name)
        if key is None:
            continue
        level, own = archetype.levels[key], _level(side, rank)
        far = bool(side) and own != level and abs(rank - LEVELS[level]) > _LOOSE
        if side != _SIDES[level] or far:
            off.append(f"its {feature.label} is {own}, not {level}")
    if not off:
        return ""
    return f"The name fits loosely: {' and '.join(off)}."


def _level(side: int, rank: float) -> Level:
    on_side = [level for level, its_side in _SIDES.items() if its_side == side]
    return min(on_side, key=lambda level: abs(LEVELS[level] - rank))
