"""Tables without groups, to hold customers against: same size, same spread, same grid of values.

The reference idea of the gap statistic (Tibshirani, Walther, Hastie 2001,
doi:10.1111/1467-9868.00293): what a method finds in data counts only where it finds less in data
that have nothing to find.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clienteling.segmentation.sketch import Floats

__all__ = ["Levels", "shaped_like", "structureless"]


#: The places of the features that are levels of one column, for each such column.
Levels = Sequence[Sequence[int]]


def structureless(
    rows: Floats, shape: str, rng: np.random.Generator, levels: Levels = ()
) -> Floats:
    """Return a table with the rows' mean and covariance and no groups.

    Parameters
    ----------
    rows : array of shape (customers, features)
    shape : ``cloud`` (normal) or ``box`` (evenly filled along the principal axes)
    rng : for the draw
    levels : the features that are levels of one column, for each such column

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
    return shaped_like(rows, draw, levels)


def shaped_like(rows: Floats, draw: Floats, levels: Levels = ()) -> Floats:
    """Return draws of mean 0 and variance 1 with the rows' mean, covariance and grid of values.

    Ratings from 1 to 5 pile up on their five values, which looks like groups and is none: the
    draws must do the same. Where values are fine, as measurements are, so is the grid. Of the
    levels of a column every row has one, and each level as many rows as it has; those get it for
    whom the draw is the highest, so that what goes together does so in the draw.

    Parameters
    ----------
    rows : array of shape (customers, features)
    draw : array of shape (…, customers, features)
    levels : the features that are levels of one column, for each such column

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
    shaped = np.asarray(least + np.round((placed - least) / steps) * steps)
    for places in levels:
        shaped[..., list(places)] = _with_levels(rows[:, list(places)], placed[..., list(places)])
    return shaped


def _with_levels(rows: Floats, placed: Floats) -> Floats:
    """Give each customer one level: as many have each as among the rows.

    Parameters
    ----------
    rows : array of shape (customers, levels), of two values a column
    placed : array of shape (…, customers, levels), how near a customer is to each level
    """
    has = rows > (rows.min(axis=0) + rows.max(axis=0)) / 2
    free = np.full(placed.shape[:-1], True)
    given = np.broadcast_to(rows.min(axis=0), placed.shape).copy()
    # The rarest first: who is left over gets the most frequent one.
    for level in np.argsort(has.sum(axis=0), kind="stable"):
        near = np.where(free, placed[..., level], -np.inf)
        many = int(has[:, level].sum())
        if not many:
            continue
        chosen = np.argsort(-near, axis=-1, kind="stable")[..., :many]
        np.put_along_axis(free, chosen, False, axis=-1)
        np.put_along_axis(given[..., level], chosen, rows[:, level].max(), axis=-1)
    return given
