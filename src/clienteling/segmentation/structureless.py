"""Tables without groups, to hold customers against: same size, same spread, same grid of values.

The reference idea of the gap statistic (Tibshirani, Walther, Hastie 2001,
doi:10.1111/1467-9868.00293): what a method finds in data counts only where it finds less in data
that have nothing to find.
"""

from __future__ import annotations

import numpy as np

from clienteling.segmentation.sketch import Floats

__all__ = ["structureless"]


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
    covariance = np.cov(rows, rowvar=False).reshape(rows.shape[1], -1)
    variances, axes = np.linalg.eigh(covariance)
    spread = np.sqrt(np.maximum(variances, 0.0))
    even = shape == "box"
    draw = rng.uniform(-np.sqrt(3), np.sqrt(3), rows.shape) if even else rng.normal(size=rows.shape)
    return _on_grid(rows.mean(axis=0) + (draw * spread) @ axes.T, rows)


def _on_grid(draw: Floats, rows: Floats) -> Floats:
    """Return the draw on the grid of the rows' values.

    Ratings from 1 to 5 pile up on their five values, which looks like groups and is none: the
    draw must do the same. Where values are fine, as measurements are, so is the grid.
    """
    steps = np.array([np.diff(np.unique(column)).min(initial=np.inf) for column in rows.T])
    steps[~np.isfinite(steps)] = 1.0
    least = rows.min(axis=0)
    return np.asarray(least + np.round((draw - least) / steps) * steps)
