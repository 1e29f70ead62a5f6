"""Is there a natural grouping at all? Judged against data that have none.

The statistic is how much better than structureless data the customers fall into groups, at the k
where this shows most. It is computed in the same way for the customers and for reference draws of
the same size and covariance: half of them one round cloud (normal), half of them an evenly
filled box along the principal axes, both on the grid of the customers' values. This is the
reference idea of the gap statistic (Tibshirani, Walther, Hastie 2001,
doi:10.1111/1467-9868.00293) with the silhouette in place of the inertia. The customers are said
to be grouped only when they beat every single draw of both kinds, so structureless data pass by
chance in at most one of (draws per kind + 1) cases.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.cluster.vq import kmeans2
from scipy.spatial.distance import cdist

from clienteling.segmentation.silhouette import silhouette
from clienteling.segmentation.sketch import Floats

__all__ = ["DRAWS", "Structure", "judge_structure"]

#: Reference draws of each kind; there are two kinds.
DRAWS = 100
#: Customers in the judged sample, and in each reference draw.
LIMIT = 400
_STARTS = 1
_ITERATIONS = 10


@dataclass(frozen=True)
class Structure:
    """The verdict on whether the customers form groups.

    Parameters
    ----------
    natural : whether they beat every reference draw
    draws : reference draws of both kinds together
    beaten_by : draws that are grouped at least as well as the customers
    sample : customers that were judged
    """

    natural: bool
    draws: int
    beaten_by: int
    sample: int

    @property
    def words(self) -> str:
        """The verdict in a sentence."""
        if self.natural:
            return (
                f"Clearer than chance: none of {self.draws} random tables of the same size and "
                "spread, but without groups, falls apart as clearly."
            )
        return (
            f"No natural grouping: {self.beaten_by} of {self.draws} random tables of the same "
            "size and spread, but without groups, fall apart at least as clearly."
        )


def judge_structure(
    rows: Floats, ks: Sequence[int], seed: int, progress: Callable[[float], None] | None = None
) -> Structure:
    """Judge whether the rows form groups, against structureless draws.

    Parameters
    ----------
    rows : array of shape (customers, features), standardised, at most some hundreds of rows
    ks : the numbers of segments that are looked at
    seed : for the draws and the starts
    progress : called with the share that is done, from 0 to 1
    """
    rng = np.random.default_rng(seed)
    mean, covariance = rows.mean(axis=0), np.cov(rows, rowvar=False).reshape(rows.shape[1], -1)
    variances, axes = np.linalg.eigh(covariance)
    spread = np.sqrt(np.maximum(variances, 0.0))
    curves = [_curve(rows, ks, rng)]
    for index in range(2 * DRAWS):
        draw = (
            rng.normal(size=rows.shape)
            if index % 2
            else rng.uniform(-np.sqrt(3), np.sqrt(3), rows.shape)
        )
        curves.append(_curve(_on_grid(mean + (draw * spread) @ axes.T, rows), ks, rng))
        if progress is not None:
            progress((index + 1) / (2 * DRAWS))
    table = np.array(curves)
    beaten_by = 0
    for kind in (table[1::2], table[2::2]):
        # Each row of the pool (the customers first) is judged against the pool's own mean and
        # spread, so that under no structure all of them have the same chance to be highest.
        pool = np.vstack([table[:1], kind])
        scores = ((pool - pool.mean(axis=0)) / np.maximum(pool.std(axis=0), 1e-12)).max(axis=1)
        beaten_by += int((scores[1:] >= scores[0]).sum())
    return Structure(beaten_by == 0, 2 * DRAWS, beaten_by, len(rows))


def _on_grid(draw: Floats, rows: Floats) -> Floats:
    """Return the draw on the grid of the customers' values.

    Ratings from 1 to 5 pile up on their five values, which looks like groups and is none: the
    draws must do the same. Where values are fine, as measurements are, so is the grid.
    """
    steps = np.array([np.diff(np.unique(column)).min(initial=np.inf) for column in rows.T])
    steps[~np.isfinite(steps)] = 1.0
    least = rows.min(axis=0)
    return np.asarray(least + np.round((draw - least) / steps) * steps)


def _curve(rows: Floats, ks: Sequence[int], rng: np.random.Generator) -> list[float]:
    """Return the silhouette at each k, from a few short K-means runs."""
    distances = cdist(rows, rows)
    weights = np.ones(len(rows))
    distinct = len(np.unique(rows, axis=0))
    values = []
    for k in ks:
        best = -1.0
        for _ in range(_STARTS):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # an empty cluster just stays empty
                _, labels = kmeans2(rows, min(k, distinct), iter=_ITERATIONS, minit="++", rng=rng)
            if len(np.unique(labels)) > 1:
                best = max(best, silhouette(distances, weights, labels.astype(np.int64)))
        values.append(best)
    return values
