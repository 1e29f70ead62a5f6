"""K-means on weighted points: scikit-learn's, with segments numbered by size."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from clienteling.segmentation.sketch import Floats, Ints

__all__ = ["Fit", "by_size", "fit_each", "fit_kmeans"]

#: Up to so many points, so many starts. A single k-means++ start finds the best five segments of
#: the Mall Customers in 59 of 100 seeds; but the best nine only in one or two, so a small table,
#: which costs nothing, gets many. Many points leave fewer poor local optima.
_RESTARTS = {500: 100, 2_000: 25}
_RESTARTS_LARGE = 10
#: More points than this with few features are merged for the starts, by blocks of this width in
#: standard deviations; by narrower ones where tight groups would share too few blocks.
_MANY, _FEATURES, _BLOCKS, _FEW_BLOCKS = 10_000, 4, (0.1, 0.05, 0.02, 0.01), 1_000
#: Up to so many numbers a thread of its own costs more than it brings: each waits for the other
#: whenever a step of a fit comes back to Python.
_SMALL = 20_000


@dataclass(frozen=True)
class Fit:
    """A partition of the points.

    Parameters
    ----------
    centres : array of shape (k, features), standardised, largest segment first
    labels : array of shape (points,), the segment of each point
    inertia : within-cluster sum of squares over all customers
    sizes : array of shape (k,), customers per segment
    """

    centres: Floats
    labels: Ints
    inertia: float
    sizes: Ints

    @property
    def k(self) -> int:
        """How many segments there are."""
        return len(self.centres)


def fit_kmeans(points: Floats, weights: Floats, k: int, seed: int) -> Fit:
    """Fit K-means with ``k`` centres and keep the best of many starts.

    Parameters
    ----------
    points : array of shape (points, features), standardised
    weights : array of shape (points,), customers per point
    k : how many segments
    seed : any; the partition should not depend on it

    Returns
    -------
    Fit
        Segments are numbered by size, largest first; equal sizes by their centre.

    Examples
    --------
    >>> import numpy as np
    >>> line = np.array([[0.0], [1.0], [10.0]])
    >>> fit = fit_kmeans(line, np.ones(3), k=2, seed=0)
    >>> fit.sizes.tolist(), fit.inertia
    ([2, 1], 0.5)
    """
    return fit_each(points, weights, [k], seed)[k]


def fit_each(
    points: Floats,
    weights: Floats,
    ks: Sequence[int],
    seed: int,
    progress: Callable[[float], None] | None = None,
) -> dict[int, Fit]:
    """Fit K-means for each of several k, side by side on the cores that there are.

    Parameters
    ----------
    points, weights, seed : as for :func:`fit_kmeans`
    ks : the numbers of segments
    progress : called with the share that is done, from 0 to 1
    """
    fits = {}
    coarse = _merged(points, weights)
    with (
        warnings.catch_warnings(),
        ThreadPoolExecutor(
            os.cpu_count() if coarse[0].size > _SMALL else 1, initializer=_alone
        ) as threads,
    ):
        # Fewer distinct points than k is refused before; equal ones after scaling end here.
        warnings.simplefilter("ignore", ConvergenceWarning)
        # The largest first: it takes longest.
        order = sorted(ks, reverse=True)
        running = [threads.submit(_fit, points, weights, coarse, k, seed) for k in order]
        for done, (k, each) in enumerate(zip(order, running, strict=True), 1):
            fits[k] = each.result()
            if progress is not None:
                progress(done / len(order))
    return {k: fits[k] for k in ks}


def _alone() -> None:
    """Let this thread fit without others: OpenMP keeps the number for each thread apart.

    On a busy machine, or one that may use less than all of its cores, the threads of a small fit
    wait for each other thirty times as long as they work.
    """
    threadpool_limits(1, user_api="openmp")


def _merged(points: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return fewer points with their weights, to try the starts on: the mean of each block.

    With many features hardly two points share a block, and the points are returned as they are.
    """
    if len(points) <= _MANY or points.shape[1] > _FEATURES:
        return points, weights
    for width in _BLOCKS:
        blocks = np.unique(np.floor(points / width), axis=0, return_inverse=True)[1].ravel()
        many = int(blocks.max()) + 1
        if many >= _FEW_BLOCKS:
            break
    if not _FEW_BLOCKS <= many <= len(points) // 2:
        return points, weights
    merged = np.bincount(blocks, weights=weights).astype(np.float64)
    sums = [np.bincount(blocks, weights=weights * each) for each in points.T]
    return np.stack(sums, axis=1) / merged[:, None], merged


def _fit(points: Floats, weights: Floats, coarse: tuple[Floats, Floats], k: int, seed: int) -> Fit:
    restarts = next(
        (starts for most, starts in _RESTARTS.items() if len(points) <= most), _RESTARTS_LARGE
    )
    fitted = KMeans(k, n_init=restarts, random_state=seed).fit(coarse[0], sample_weight=coarse[1])
    # The best start goes on until nothing moves.
    fitted = KMeans(k, n_init=1, init=fitted.cluster_centers_, tol=0, max_iter=1000).fit(
        points, sample_weight=weights
    )
    labels = fitted.labels_.astype(np.int64)
    sizes = np.bincount(labels, weights=weights, minlength=k)
    # The centres as the mean of their customers, not as the last step of an iteration left them.
    sums = np.stack(
        [np.bincount(labels, weights=weights * column, minlength=k) for column in points.T], axis=1
    )
    filled = sizes[:, None] > 0
    centres = np.where(filled, sums / np.maximum(sizes, 1)[:, None], fitted.cluster_centers_)
    inertia = float(weights @ ((points - centres[labels]) ** 2).sum(axis=1))
    return by_size(Fit(centres, labels, inertia, np.rint(sizes).astype(np.int64)))


def by_size(fit: Fit) -> Fit:
    """Return the same partition with its segments numbered by size, largest first."""
    order = np.lexsort((*fit.centres.T[::-1], -fit.sizes))
    rank = np.empty(fit.k, dtype=np.int64)
    rank[order] = np.arange(fit.k)
    return Fit(fit.centres[order], rank[fit.labels], fit.inertia, fit.sizes[order])
