"""Where centres and customers lie among all customers, and what counts as low and as high.

Names, descriptions and the words on how well a name fits all take :attr:`Places.sides`, so that
none of them can say another thing than the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clienteling.features.transforms import inverted
from clienteling.segmentation.sketch import Floats, Sketch

__all__ = ["MIDDLE", "SLIGHT", "Places", "find_places"]

#: Differences from the mean of all customers below this, in standard deviations, are none.
SLIGHT = 0.25
#: Within this share of the middle, a place is neither high nor low.
MIDDLE = 0.6
_NOISE = 1e-12


@dataclass(frozen=True)
class Places:
    """Where some centres lie among all customers; arrays of shape (places, features).

    Parameters
    ----------
    centres : in the features' own units
    standardised : in standard deviations from the mean of all customers, after the transforms
    below, above : share of customers below and above each
    ranks : share of customers below each, where half of those that are equal to it count as below

    Examples
    --------
    >>> a = np.array([[0.3, 0.7, 0.9]])
    >>> Places(a, np.array([[-0.8, 0.1, 1.4]]), a, 1 - a, a).sides.tolist()
    [[-1, 0, 1]]
    """

    centres: Floats
    standardised: Floats
    below: Floats
    above: Floats
    ranks: Floats

    @property
    def sides(self) -> NDArray[np.int64]:
        """Whether each is low (-1), near the middle (0) or high (1).

        High is what lies above 60 % of customers and a quarter of a standard deviation above their
        mean, low the same below. Where one of the two is not so, as between the median and the mean
        of a feature that is 0 for most, the place is neither.
        """
        high = (self.ranks >= MIDDLE) & (self.standardised >= SLIGHT)
        low = (self.ranks <= 1 - MIDDLE) & (self.standardised <= -SLIGHT)
        return high.astype(np.int64) - low

    def at(self, rows: Sequence[int]) -> Places:
        """Return some of them."""
        index = np.array(rows, dtype=np.int64)
        return Places(
            self.centres[index],
            self.standardised[index],
            self.below[index],
            self.above[index],
            self.ranks[index],
        )


def find_places(made: Sketch, values: Floats) -> Places:
    """Return where centres or customers lie among all customers.

    Parameters
    ----------
    made : the customers as weighted points
    values : array of shape (places, features), in the points' units: after the transforms
    """
    # What a mean of zeros leaves of its last digits is nothing that one could read.
    values = np.where(np.abs(values) < _NOISE * made.scale, 0.0, values)
    return Places(
        inverted(values, made.transforms),
        (values - made.mean) / made.scale,
        np.array([made.below(each) for each in values]),
        np.array([made.above(each) for each in values]),
        made.ranks(values),
    )
