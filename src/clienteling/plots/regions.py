"""The regions of the segments in a plane of two features: where each one's centre is nearest."""

from __future__ import annotations

import numpy as np

from clienteling.segmentation.sketch import Floats

__all__ = ["nearest_regions"]


def nearest_regions(centres: Floats, low: Floats, high: Floats) -> list[Floats]:
    """Return, per centre, the part of a rectangle that lies nearest to it.

    These are the cells of the Voronoi diagram, cut to the rectangle: the rectangle loses, for
    every other centre, what lies beyond the perpendicular bisector (Sutherland and Hodgman 1974).
    scipy's ``Voronoi`` leaves the outer cells open and refuses fewer than four centres.

    Parameters
    ----------
    centres : array of shape (k, 2)
    low, high : arrays of shape (2,), the corners of the rectangle

    Returns
    -------
    list of arrays of shape (corners, 2)
        Convex polygons, counter-clockwise; without corners where the rectangle has no part of the
        region. Of equal centres the first has the region, as in scoring.

    Examples
    --------
    >>> import numpy as np
    >>> left, right = nearest_regions(
    ...     np.array([[0.0, 0.0], [4.0, 0.0]]), np.array([-1.0, -1.0]), np.array([5.0, 1.0])
    ... )
    >>> left.tolist()
    [[-1.0, -1.0], [2.0, -1.0], [2.0, 1.0], [-1.0, 1.0]]
    """
    box = np.array([low, (high[0], low[1]), high, (low[0], high[1])], dtype=np.float64)
    regions = []
    for index, centre in enumerate(centres):
        region = box
        for other_index, other in enumerate(centres):
            if other_index == index:
                continue
            if np.array_equal(other, centre):
                region = region if index < other_index else region[:0]
            else:
                middle = (centre + other) / 2
                region = _nearer(region, (region - middle) @ (centre - other))
        regions.append(region)
    return regions


def _nearer(region: Floats, side: Floats) -> Floats:
    """Keep the part of a convex polygon where ``side``, linear in the plane, is not negative."""
    corners = []
    for start in range(len(region)):
        end = (start + 1) % len(region)
        if side[start] >= 0:
            corners.append(region[start])
        if side[start] * side[end] < 0:
            share = side[start] / (side[start] - side[end])
            corners.append(region[start] + share * (region[end] - region[start]))
    return np.array(corners).reshape(-1, 2)
