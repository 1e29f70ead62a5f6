"""Figures in words: what a segment's centre means beside all customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clienteling.segmentation.sketch import Floats

__all__ = ["FeatureWords", "explain_centre"]

#: Within this share of the middle, a centre is neither high nor low.
_MIDDLE = 0.6
#: Of more features than this, only those are told that lie this far apart.
_FEATURES, _APART = 4, 0.25


@dataclass(frozen=True)
class FeatureWords:
    """What a feature is called: its column, its word for people, its unit.

    Examples
    --------
    >>> FeatureWords("Annual Income (k$)", "income", "k$").figure(88.2)
    '88 k$'
    """

    name: str
    label: str
    unit: str = ""

    def figure(self, value: float, digits: int = 2) -> str:
        """Return the value with its unit, at least two and usually not more digits."""
        return f"{self.number(value, digits)} {self.unit}".strip()

    def number(self, value: float, digits: int = 2) -> str:
        """Return the value alone, never with an exponent where people count in thousands."""
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
) -> str:
    """Say where a centre lies among all customers; of many features, the most telling alone.

    Parameters
    ----------
    features : the words for each feature
    centre : array of shape (features,), in the features' own units
    below, above : arrays of shape (features,), share of customers below and above the centre
    apart : array of shape (features,), the centre less the mean of all customers, in standard
        deviations; of many features those are told that lie farthest apart

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
    """
    parts: list[str] = []
    order = list(range(len(features)))
    if apart is not None and len(features) > _FEATURES:
        # By rank, the mean of a feature that is 0 for most would always lie far from the middle.
        order = sorted(order, key=lambda index: -abs(apart[index]))
        order = [index for index in order[:_FEATURES] if abs(apart[index]) >= _APART]
        if not order:
            return "near the middle of all customers in every feature"
    for index in order:
        feature = features[index]
        side = "above" if below[index] >= above[index] else "below"
        share = max(below[index], above[index])
        whose = " of customers" if not parts else ""
        place = (
            "near the middle" if share < _MIDDLE else f"{side} {int(share * 100 + 1e-9)} %{whose}"
        )
        parts.append(f"{feature.label} {feature.figure(float(centre[index]))}, {place}")
    return "; ".join(parts)
