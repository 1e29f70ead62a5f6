"""Tables without groups, to hold customers against: same size, same spread, same grid of values.

The reference idea of the gap statistic (Tibshirani, Walther, Hastie 2001,
doi:10.1111/1467-9868.00293): what a method finds in data counts only where it finds less in data
that have nothing to find.
"""

from __future__ import annotations

import numpy as np

from clienteling.segmentation.sketch import Floats

__all__ = ["shaped_like", "structureless"]


def structureless(rows: Floats, shape: str, rng: np.random.Generator) -> Floats:
    """Return a table with the rows' mean and covariance and no groups.

    Parameters
    ----------
    rows : array of shape (customers, features)
    shape : ``cloud`` (normal) or ``box`` (evenly filled along the principal axes)
    rng : for the draw

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> ratings = rng.integers(1, 6, (200, 2)).astype(float)
    >>> drawn = structureless(ratings, "cloud", rng)
    >>> drawn.shape, np.unique(drawn % 1).tolist()
    ((200, 2), [0.0])
    """
    even = shape == "box"
    draw = rng.uniform(-np.sqrt(3), np.sqrt(3), rows.shape) if even else rng.normal(size=rows.shape)
    return shaped_like(rows, draw)


def shaped_like(rows: Floats, draw: Floats) -> Floats:
    """Return draws of mean 0 and variance 1 with the rows' mean, covariance and grid of values.

    Ratings from 1 to 5 pile up on their five values, which looks like groups and is none: the
    draws must do the same. Where values are fine, as measurements are, so is the grid.

    Parameters
    ----------
    rows : array of shape (customers, features)
    draw : array of shape (…, customers, features)

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.array([[0.0], [2.0], [4.0]])
    >>> shaped_like(rows, np.array([[0.0], [0.9]])).ravel().tolist()
    [2.0, 4.0]
    """
    covariance = np.cov(rows, rowvar=False).reshape(rows.shape[1], -1)
    variances, axes = np.linalg.eigh(covariance)
    spread = np.sqrt(np.maximum(variances, 0.0))
    placed = rows.mean(axis=0) + (draw * spread) @ axes.T
    steps = np.array([np.diff(np.unique(column)).min(initial=np.inf) for column in rows.T])
    steps[~np.isfinite(steps)] = 1.0
    least = rows.min(axis=0)
    return np.asarray(least + np.round((placed - least) / steps) * steps)
