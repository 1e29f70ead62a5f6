"""The silhouette of weighted points (Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7).

scikit-learn's takes no weights. Here a point of weight w counts as w customers at one place,
which gives what scikit-learn gives on the repeated rows.
"""

from __future__ import annotations

import numpy as np

from clienteling.segmentation.sketch import Floats, Ints

__all__ = ["silhouette"]


def silhouette(distances: Floats, weights: Floats, labels: Ints) -> float:
    """Return the mean silhouette over all customers, from -1 to 1.

    Parameters
    ----------
    distances : array of shape (points, points)
    weights : array of shape (points,), customers per point
    labels : array of shape (points,), at least two different

    Examples
    --------
    >>> import numpy as np
    >>> line = np.array([0.0, 1.0, 10.0])
    >>> distances = abs(line[:, None] - line)
    >>> round(silhouette(distances, np.array([1.0, 1.0, 2.0]), np.array([0, 0, 1])), 3)
    0.947
    """
    present, labels = np.unique(labels, return_inverse=True)
    members = np.zeros((len(labels), len(present)))
    members[np.arange(len(labels)), labels] = weights
    sizes = members.sum(axis=0)
    sums = distances @ members
    rows = np.arange(len(labels))
    own = sums[rows, labels] / np.maximum(sizes[labels] - 1, 1)
    means = sums / sizes
    means[rows, labels] = np.inf
    other = means.min(axis=1)
    larger = np.maximum(own, other)
    # A customer alone in a segment has silhouette 0 by definition.
    defined = (sizes[labels] > 1) & (larger > 0)
    values = np.divide(other - own, larger, out=np.zeros(len(labels)), where=defined)
    return float(np.average(values, weights=weights))
