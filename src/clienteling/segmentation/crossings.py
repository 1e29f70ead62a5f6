"""Which cells of a grid a border between segments, or a limit of a rule of thumb, crosses."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clienteling.segmentation.nearest import Rule, nearest_of
from clienteling.segmentation.sketch import Cells
from clienteling.segmentation.tree_rule import Limits

__all__ = ["Mask", "Rules", "crossed", "undecided"]

Mask = NDArray[np.bool_]
#: The limits of each segment; an empty rule catches nobody.
Rules = Sequence[tuple[Limits, ...]]


def undecided(cells: Cells, rule: Rule, slack: float = 0.0) -> Mask:
    """Return the cells that a border between two segments crosses.

    The difference of two centres' distances is linear, so over a cell it is least at a corner.

    Parameters
    ----------
    cells : the boxes
    rule : the centres
    slack : how near a border may come, in standard deviations

    Returns
    -------
    array of shape (cells,)
    """
    low = (cells.low - rule.mean) / rule.scale
    high = (cells.high - rule.mean) / rule.scale
    owner = nearest_of(rule, (low + high) / 2)
    constants = np.array([each[0] for each in rule.linear])
    factors = np.array([each[1] for each in rule.linear])
    crossed = np.zeros(len(low), dtype=bool)
    for other in range(rule.k):
        slope = factors[other] - factors[owner]
        least = constants[other] - constants[owner]
        least = least + np.minimum(slope * low, slope * high).sum(axis=1)
        # The slope's length turns a difference into a distance from the border. What rounding can
        # do to either side counts as near.
        length = np.sqrt((slope**2).sum(axis=1))
        rounding = 1e-12 * (1 + np.maximum(np.abs(slope * low), np.abs(slope * high)).sum(axis=1))
        crossed |= (owner != other) & ~(least > slack * length + rounding)
    return crossed


def crossed(cells: Cells, rules: Rules) -> Mask:
    """Return the cells that a limit of a rule crosses or touches.

    Parameters
    ----------
    cells : the boxes
    rules : the limits of each segment, in the units of the cells

    Returns
    -------
    array of shape (cells,)
    """
    low, high = cells.low, cells.high
    # What rounding can do to the number of a customer's cell counts as touching.
    rounding = 1e-9 * np.maximum(np.maximum(np.abs(low), np.abs(high)), high - low)
    touched = np.zeros(len(low), dtype=bool)
    for each in itertools.chain.from_iterable(rules):
        for limit in (each.above, each.up_to):
            if limit is not None:
                at = each.feature
                touched |= (low[:, at] - rounding[:, at] <= limit) & (
                    limit <= high[:, at] + rounding[:, at]
                )
    return touched
