"""Figures in words: what a segment's centre means beside all customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clienteling.segmentation.sketch import Floats

__all__ = ["FeatureWords", "explain_centre"]

#: Within this share of the middle, a centre is neither high nor low.
_MIDDLE = 0.6
#: Of more features than this, only those are told that lie this far apart.
_FEATURES, _APART = 4, 0.25


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


def explain_centre(
    features: Sequence[FeatureWords],
    centre: Floats,
    below: Floats,
    above: Floats,
    apart: Floats | None = None,
    *,
    one: bool = False,
) -> str:
    """Say where a centre lies among all customers; of many features, the most telling alone.

    Of the levels of a column the one is told that stands out the most.

    Parameters
    ----------
    features : the words for each feature
    centre : array of shape (features,), in the features' own units
    below, above : arrays of shape (features,), share of customers below and above the centre
    apart : array of shape (features,), the centre less the mean of all customers, in standard
        deviations; of many features those are told that lie farthest apart
    one : whether it is the place of one customer, who has a level or has it not

    Examples
    --------
    >>> import numpy as np
    >>> words = [
    ...     FeatureWords("Annual Income (k$)", "income", "k$"),
    ...     FeatureWords("Score", "spending"),
    ... ]
    >>> explain_centre(
    ...     words, np.array([88.2, 17.1]), np.array([0.89, 0.165]), np.array([0.11, 0.835])
    ... )
    'income 88 k$, above 89 % of customers; spending 17, below 83 %'
    >>> bonn = FeatureWords("City = Bonn", "Bonn", of="City", share=0.2)
    >>> explain_centre([bonn], np.array([0.9]), np.array([0.8]), np.array([0.0]))
    'Bonn 90 %, 20 % of all customers'
    """
    parts: list[str] = []
    order = _one_level_each(features, centre)
    if apart is not None and len(order) > _FEATURES:
        # By rank, the mean of a feature that is 0 for most would always lie far from the middle.
        order = sorted(order, key=lambda index: -abs(apart[index]))
        order = [index for index in order[:_FEATURES] if abs(apart[index]) >= _APART]
        if not order:
            return "near the middle of all customers in every feature"
    for index in order:
        feature = features[index]
        if feature.of:
            whole = " customers" if not parts else ""
            own = "" if one else f" {feature.figure(float(centre[index]))}"
            parts.append(f"{feature.label}{own}, {feature.number(feature.share)} of all{whole}")
            continue
        side = "above" if below[index] >= above[index] else "below"
        share = max(below[index], above[index])
        whose = " of customers" if not parts else ""
        place = (
            "near the middle" if share < _MIDDLE else f"{side} {int(share * 100 + 1e-9)} %{whose}"
        )
        parts.append(f"{feature.label} {feature.figure(float(centre[index]))}, {place}")
    return "; ".join(parts)


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
