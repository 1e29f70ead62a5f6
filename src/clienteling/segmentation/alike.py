"""Names that read alike: what sets such segments apart from each other is added to them.

"High income, low spending" and "Low spending, very high income" are two names, but a reader who
heeds neither order nor strength takes them for one. Where another feature sets the segments plainly
apart, its words are added, else the figures of one that the names speak of.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import chain

import numpy as np

from clienteling.segmentation.labels import PLAIN_LEVEL, level_phrase
from clienteling.segmentation.places import Places
from clienteling.segmentation.words import FeatureWords

__all__ = ["told_apart"]

#: "Very high" and "rather high" read as "high", …
_STRENGTH = re.compile(r"\b(very|rather|much|slightly|mostly|often) ")
#: … and "hardly Bonn" as "no Bonn".
_FEW = re.compile(r"\b(seldom|hardly) ")
#: Where words make a name longer than this, it gets a figure instead.
_LONGEST = 50


def told_apart(
    features: Sequence[FeatureWords],
    places: Places,
    names: Sequence[str],
    spoken: Sequence[tuple[int, ...]],
    taken: Collection[str] = (),
) -> list[str]:
    """Return the names, those that read alike with what sets them apart from each other.

    Parameters
    ----------
    features : the words for each feature
    places : where the centres lie
    names : one per centre, distinct
    spoken : the features that each name speaks of, in this order; empty for a name that says
        something else, which stays as it is
    taken : names that other segments have

    Examples
    --------
    >>> wines, age = FeatureWords("wines", "wines"), FeatureWords("age", "age")
    >>> apart = np.array([[0.9, 0.0], [1.6, 0.0], [1.7, 0.9]])
    >>> ranks = 0.5 + apart / 4
    >>> places = Places(apart * 100, apart, ranks, 1 - ranks, ranks)
    >>> told_apart([wines, age], places, ["High wines", "Average"], [(0,), ()])
    ['High wines', 'Average']
    >>> two = ["High wines", "Very high wines"]
    >>> told_apart([wines, age], places.at([0, 1]), two, [(0,), (0,)])
    ['High wines, about 90', 'Very high wines, about 160']
    >>> told_apart([wines, age], places.at([0, 2]), two, [(0,), (0,)])
    ['High wines', 'Very high wines, older']
    """
    told, known = list(names), {_read(each) for each in taken}
    groups: dict[frozenset[str], list[int]] = defaultdict(list)
    for index, name in enumerate(names):
        if spoken[index]:
            groups[_read(name)].append(index)
    for said, group in groups.items():
        if len(group) == 1 and said not in known:
            continue
        others = {_read(each) for index, each in enumerate(told) if index not in group} | known
        some = places.at(group)
        own = [] if said in known else [told[index] for index in group]
        by_words = _by_words(features, some, own, spoken[group[0]]) if own else ()
        for found in chain(by_words, _by_figures(features, some, [spoken[i] for i in group])):
            if len({_read(each) for each in found} - others) == len(group):
                for index, name in zip(group, found, strict=True):
                    told[index] = name
                break
    return told


def _read(name: str) -> frozenset[str]:
    """Return what a name says to a reader who heeds neither order nor strength.

    Examples
    --------
    >>> _read("Few web visits, high wines") == _read("Very high wines, rather few web visits")
    True
    >>> sorted(_read("Hardly Bonn, older"))
    ['no bonn', 'older']
    """
    return frozenset(_FEW.sub("no ", _STRENGTH.sub("", name.lower())).split(", "))


def _gaps(places: Places) -> list[float]:
    """Return how far the nearest two of the centres lie apart, by each feature."""
    if len(places.centres) == 1:
        return list(np.abs(places.standardised[0]).tolist())
    return list(np.diff(np.sort(places.standardised, axis=0), axis=0).min(axis=0).tolist())


def _by_words(
    features: Sequence[FeatureWords], places: Places, names: Sequence[str], spoken: Sequence[int]
) -> Iterator[list[str]]:
    gaps, sides = _gaps(places), places.sides
    columns = {features[index].of for index in spoken} - {""}
    for index in sorted(range(len(features)), key=lambda each: -gaps[each]):
        if index in spoken or features[index].of in columns or gaps[index] < PLAIN_LEVEL:
            continue
        added = [
            level_phrase(features[index], float(apart[index]))
            if features[index].of or side[index]
            else ""
            for apart, side in zip(places.standardised, sides, strict=True)
        ]
        found = [
            f"{name}, {each}" if each else name for name, each in zip(names, added, strict=True)
        ]
        if max(map(len, found)) <= _LONGEST:
            yield found


def _by_figures(
    features: Sequence[FeatureWords], places: Places, spoken: Sequence[tuple[int, ...]]
) -> Iterator[list[str]]:
    gaps = _gaps(places)
    for digits in (2, 3, 4, 6, 9, 17):
        for index in sorted(spoken[0], key=lambda each: -gaps[each]):
            yield [
                _with_figure(features, places, row, said, index, digits)
                for row, said in enumerate(spoken)
            ]


def _with_figure(
    features: Sequence[FeatureWords],
    places: Places,
    row: int,
    spoken: tuple[int, ...],
    index: int,
    digits: int,
) -> str:
    """Return the name with the figure of one feature that it speaks of."""
    figure = features[index].figure(float(places.centres[row, index]), digits)
    phrases = []
    for each in spoken:
        phrase = level_phrase(features[each], float(places.standardised[row, each]))
        phrases.append(f"{phrase} ({figure})" if each == index and spoken[1:] else phrase)
    name = ", ".join(phrases if spoken[1:] else [*phrases, f"about {figure}"])
    return name[0].upper() + name[1:]
