"""Figures in words: what a segment's centre means beside all customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clienteling.segmentation.places import MIDDLE, SLIGHT, Places
from clienteling.segmentation.sketch import Floats

__all__ = ["FeatureWords", "explain_centre", "explain_customer"]

#: Of more features than this, only those are told that set the centre apart.
_FEATURES = 4


@dataclass(frozen=True)
class FeatureWords:
    """What a feature is called: its column, its word for people, its unit.

    Parameters
    ----------
    name, label, unit : of the feature
    of : the column, where the feature is one level of it; its values are shares then
    share : of all customers that have the level

    Examples
    --------
    >>> FeatureWords("Annual Income (k$)", "income", "k$").figure(88.2)
    '88 k$'
    >>> FeatureWords("City = Bonn", "city Bonn", of="City").figure(0.821)
    '82 %'
    """

    name: str
    label: str
    unit: str = ""
    of: str = ""
    share: float = 0.0

    def figure(self, value: float, digits: int = 2) -> str:
        """Return the value with its unit, at least two and usually not more digits."""
        return f"{self.number(value, digits)} {self.unit}".strip()

    def number(self, value: float, digits: int = 2) -> str:
        """Return the value alone, never with an exponent where people count in thousands."""
        if self.of:
            return f"{min(1.0, max(0.0, value)):.0%}".replace("%", " %")
        if abs(value) < 10 ** (digits - 1):
            shown = f"{value:.{digits}g}"
        else:
            places = max(0, digits - len(str(int(abs(value)))))
            shown = f"{value:,.{places}f}"
        return shown

    @property
    def heading(self) -> str:
        """The word for people with its unit, for the head of a column.

        Examples
        --------
        >>> FeatureWords("Annual Income (k$)", "income", "k$").heading
        'Income (k$)'
        """
        unit = f" ({self.unit})" if self.unit else ""
        return f"{self.label[:1].upper()}{self.label[1:]}{unit}"


def explain_centre(features: Sequence[FeatureWords], places: Places, row: int) -> str:
    """Say where a centre lies among all customers; of many features, the most telling alone.

    Of the levels of a column the one is told that stands out the most.

    Parameters
    ----------
    features : the words for each feature
    places : where the centres lie
    row : which of them

    Examples
    --------
    >>> import numpy as np
    >>> words = [
    ...     FeatureWords("Annual Income (k$)", "income", "k$"),
    ...     FeatureWords("Score", "spending"),
    ... ]
    >>> below = np.array([[0.89, 0.165]])
    >>> centre, apart = np.array([[88.2, 17.1]]), np.array([[1.1, -1.3]])
    >>> explain_centre(words, Places(centre, apart, below, 1 - below, below), 0)
    'income 88 k$, above 89 % of customers; spending 17, below 83 %'
    >>> bonn = FeatureWords("City = Bonn", "Bonn", of="City", share=0.2)
    >>> share = np.array([[0.9]])
    >>> explain_centre([bonn], Places(share, share, share, share, share), 0)
    'Bonn 90 %, 20 % of all customers'
    """
    order = _one_level_each(features, places.centres[row])
    if len(order) > _FEATURES:
        # By rank, the mean of a feature that is 0 for most would always lie far from the middle.
        apart = np.abs(places.standardised[row])
        order = sorted(order, key=lambda index: -apart[index])[:_FEATURES]
        order = [index for index in order if apart[index] >= SLIGHT]
        if not order:
            return "near the middle of all customers in every feature"
    return _told(features, places, row, order, one=False)


def explain_customer(features: Sequence[FeatureWords], places: Places) -> str:
    """Say where one customer lies among all of them, in every feature.

    Parameters
    ----------
    features : the words for each feature
    places : that of the customer
    """
    order = _one_level_each(features, places.centres[0])
    return _told(features, places, 0, order, one=True)


def _told(
    features: Sequence[FeatureWords], places: Places, row: int, order: Sequence[int], *, one: bool
) -> str:
    """Tell of some features in this order; ``one`` customer has a level or has it not."""
    parts: list[str] = []
    for index in order:
        feature, value = features[index], float(places.centres[row, index])
        of_all = not parts
        if feature.of:
            whole = " customers" if of_all else ""
            own = "" if one else f" {feature.figure(value)}"
            parts.append(f"{feature.label}{own}, {feature.number(feature.share)} of all{whole}")
        else:
            parts.append(
                f"{feature.label} {feature.figure(value)}, {_place(places, row, index, of_all)}"
            )
    return "; ".join(parts)


def _place(places: Places, row: int, index: int, of_all: bool) -> str:
    side = int(places.sides[row, index])
    if not side:
        return "near the middle"
    share = float((places.above if side < 0 else places.below)[row, index])
    if share < MIDDLE:  # so many have the same value that no share would say it
        return "low" if side < 0 else "high"
    word, whose = "below" if side < 0 else "above", " of customers" if of_all else ""
    return f"{word} {int(share * 100 + 1e-9)} %{whose}"


def _one_level_each(features: Sequence[FeatureWords], centre: Floats) -> list[int]:
    """Return the features to tell of: of a column's levels the one that is most above its share."""
    strongest: dict[str, int] = {}
    for index, each in enumerate(features):
        if each.of:
            best = strongest.setdefault(each.of, index)
            if _lifted(each, centre[index]) > _lifted(features[best], centre[best]):
                strongest[each.of] = index
    chosen = set(strongest.values())
    return [index for index, each in enumerate(features) if not each.of or index in chosen]


def _lifted(level: FeatureWords, share: float) -> float:
    return float((share - level.share) / np.sqrt(max(level.share, 1e-9)))
