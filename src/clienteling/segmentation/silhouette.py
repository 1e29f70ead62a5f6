"""The silhouette of weighted points (Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7).

scikit-learn's takes no weights. Here a point of weight w counts as w customers at one place,
which gives what scikit-learn gives on the repeated rows.
"""

from __future__ import annotations

import numpy as np

from clienteling.segmentation.sketch import Floats, Ints

__all__ = ["silhouette", "silhouette_values"]


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
    members = np.zeros((len(labels), labels.max() + 1))
    members[np.arange(len(labels)), labels] = weights
    values = silhouette_values(distances @ members, members.sum(axis=0), labels)
    return float(np.average(values, weights=weights))


def silhouette_values(sums: Floats, sizes: Floats, labels: Ints) -> Floats:
    """Return the silhouette of each point, from -1 to 1.

    Parameters
    ----------
    sums : array of shape (…, points, k), the point's distances to all customers of each segment
    sizes : array of shape (…, k), customers per segment; an empty one doesn't count
    labels : array of shape (…, points), the segment of each point, below k

    Returns
    -------
    array of shape (…, points)

    Examples
    --------
    >>> import numpy as np
    >>> line, labels = np.array([0.0, 1.0, 10.0]), np.array([0, 0, 1])
    >>> sums = abs(line[:, None] - line) @ np.array([[1, 0], [1, 0], [0, 1]])
    >>> silhouette_values(sums, np.array([2.0, 1.0]), labels).round(3).tolist()
    [0.9, 0.889, 0.0]
    """
    mine = labels[..., None]
    size = np.take_along_axis(sizes, labels, axis=-1)
    own = np.take_along_axis(sums, mine, axis=-1)[..., 0] / np.maximum(size - 1, 1)
    every = sizes[..., None, :]
    means = np.divide(sums, every, out=np.full(sums.shape, np.inf), where=every > 0)
    np.put_along_axis(means, mine, np.inf, axis=-1)
    other = means.min(axis=-1)
    larger = np.maximum(own, other)
    # A customer alone in a segment has silhouette 0 by definition.
    defined = (size > 1) & (larger > 0)
    return np.asarray(
        np.divide(other - own, larger, out=np.zeros(labels.shape), where=defined), dtype=np.float64
    )
