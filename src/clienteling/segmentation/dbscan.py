"""DBSCAN beside K-means, for comparison only: no segment and no offer ever comes from it.

DBSCAN (Ester, Kriegel, Sander, Xu 1996) finds dense regions and leaves the rest as noise. Its
radius ``eps`` is read off the knee of the k-distance curve, as its authors advise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import DBSCAN
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.neighbors import NearestNeighbors

from clienteling.errors import InputError
from clienteling.segmentation.kmeans import Fit
from clienteling.segmentation.sketch import Floats, Ints, Sketch

__all__ = ["Comparison", "SweepRow", "check_settings", "compare_dbscan"]

#: Customers that DBSCAN sees at most; beyond that, a systematic sample.
ROWS = 4_000
#: Above this adjusted Rand index the two methods show the same groups.
_ALIKE = 0.8
_SWEEP = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0)


@dataclass(frozen=True)
class SweepRow:
    """What DBSCAN finds at one radius.

    Parameters
    ----------
    eps : the radius, in standard deviations
    clusters : groups that it finds
    noise : customers in none of them
    largest : customers in the largest group
    silhouette : without noise; None where fewer than two groups are left
    """

    eps: float
    clusters: int
    noise: int
    largest: int
    silhouette: float | None


@dataclass(frozen=True)
class Comparison:
    """K-means and DBSCAN side by side.

    Parameters
    ----------
    eps, min_samples : DBSCAN's settings; a point counts itself, as in scikit-learn
    clusters, noise, silhouette : as in :class:`SweepRow`
    agreement : adjusted Rand index with K-means, noise counted as a group of its own
    verdict : the comparison in words
    sizes : customers per group, largest first
    customers : customers that were compared
    k_distance : array of shape (customers,), distance to the min_samples-th nearest customer
        (counting oneself), ascending
    sweep : how the result moves with eps
    points : array of shape (customers, features), standardised
    labels : array of shape (customers,), DBSCAN's group, -1 for noise
    kmeans_labels : array of shape (customers,), the K-means segment of the same customers
    """

    eps: float
    min_samples: int
    clusters: int
    noise: int
    silhouette: float | None
    agreement: float
    verdict: str
    sizes: tuple[int, ...]
    customers: int
    k_distance: Floats
    sweep: tuple[SweepRow, ...]
    points: Floats
    labels: Ints
    kmeans_labels: Ints


def compare_dbscan(
    sketch: Sketch, fit: Fit, *, eps: float | None = None, min_samples: int | None = None
) -> Comparison:
    """Run DBSCAN on the customers and hold it against the K-means partition.

    Parameters
    ----------
    sketch : the customers as weighted points
    fit : the K-means partition of the same points
    eps : the radius in standard deviations; by default the knee of the k-distance curve
    min_samples : customers within the radius, counting oneself, that make a dense place; by
        default twice the number of features

    Raises
    ------
    InputError
        A setting is not positive.
    """
    check_settings(eps, min_samples)
    chosen = sketch.rows(ROWS)
    points, kmeans_labels = sketch.standardised()[chosen], fit.labels[chosen]
    min_samples = min_samples or 2 * points.shape[1]
    neighbours = min(min_samples, len(points))
    nearest, _ = NearestNeighbors(n_neighbors=neighbours).fit(points).kneighbors(points)
    k_distance = np.sort(nearest[:, -1])
    eps = eps or _knee(k_distance)
    labels = _dbscan(points, eps, min_samples)
    row = _sweep_row(points, labels, eps)
    sizes = tuple(sorted(np.bincount(labels[labels >= 0]).tolist(), reverse=True))
    agreement = float(adjusted_rand_score(kmeans_labels, labels))
    sweep = tuple(
        _sweep_row(points, _dbscan(points, radius, min_samples), radius)
        for radius in (float(f"{eps * factor:.4g}") for factor in _SWEEP)
    )
    return Comparison(
        eps=float(eps),
        min_samples=min_samples,
        clusters=row.clusters,
        noise=row.noise,
        silhouette=row.silhouette,
        agreement=agreement,
        verdict=_verdict(sizes, row.noise, len(points), fit.k, agreement, sweep)
        + _sampled(len(points), sketch.customers),
        sizes=sizes,
        customers=len(points),
        k_distance=k_distance,
        sweep=sweep,
        points=points,
        labels=labels,
        kmeans_labels=kmeans_labels,
    )


def check_settings(eps: float | None, min_samples: int | None) -> None:
    """Refuse settings that are not positive.

    Raises
    ------
    InputError
        With a fault per setting.
    """
    faults = []
    if eps is not None and not 0 < eps < float("inf"):
        faults.append(f"eps is {eps}; it must be a number greater than 0.")
    if min_samples is not None and min_samples < 1:
        faults.append(f"min_samples is {min_samples}; it must be at least 1.")
    if faults:
        raise InputError("DBSCAN's settings are wrong.", faults=faults)


def _dbscan(points: Floats, eps: float, min_samples: int) -> Ints:
    labels: Ints = DBSCAN(eps=eps, min_samples=min_samples).fit_predict(points).astype(np.int64)
    return labels


def _knee(k_distance: Floats) -> float:
    from clienteling.segmentation.knee import knee_of

    found = knee_of(np.arange(len(k_distance)), k_distance, curve="convex", direction="increasing")
    knee = None if found is None else found[1]
    if knee is None or knee <= 0:
        # Without a knee: the radius that 95 % of the customers have their neighbours within.
        knee = np.quantile(k_distance, 0.95)
    positive = k_distance[k_distance > 0]
    return float(knee) if knee > 0 else float(positive[0] if len(positive) else 1.0)


def _sweep_row(points: Floats, labels: Ints, eps: float) -> SweepRow:
    kept = labels >= 0
    sizes = np.bincount(labels[kept]) if kept.any() else np.zeros(1, dtype=np.int64)
    clusters = len(np.unique(labels[kept]))
    score = None
    if 2 <= clusters < int(kept.sum()):
        score = float(silhouette_score(points[kept], labels[kept]))
    return SweepRow(float(eps), clusters, int((~kept).sum()), int(sizes.max()), score)


def _verdict(
    sizes: Sequence[int],
    noise: int,
    customers: int,
    k: int,
    agreement: float,
    sweep: Sequence[SweepRow],
) -> str:
    verb = "is" if noise == 1 else "are"
    left_over = f"{noise} of {customers:,} customers {verb} noise, in no group at all"
    if not sizes:
        return f"No group: all {customers:,} customers are noise. Nothing to act on."
    groups = _counted(len(sizes))
    share = sizes[0] / customers
    if len(sizes) == 1:
        verdict = (
            f"One group of {sizes[0]:,} of {customers:,} customers and {noise:,} as noise: DBSCAN "
            "sees one connected crowd here, so there is nothing to tell apart and act on."
        )
    elif share > 0.5 and agreement <= _ALIKE:
        verdict = (
            f"{groups} groups, one of which holds {sizes[0]:,} of {customers:,} customers: too "
            f"coarse to act on. Besides, {left_over}."
        )
    elif noise / customers > 0.1:
        verdict = (
            f"{groups} groups, but {left_over}: every customer needs an offer, so this can't "
            "replace K-means."
        )
    elif agreement > _ALIKE:
        verdict = (
            f"{groups} groups that mostly agree with the {k} of K-means (agreement "
            f"{agreement:.2f} of 1): the same picture from another method."
        )
    else:
        verdict = (
            f"{groups} groups that differ from the {k} of K-means (agreement "
            f"{agreement:.2f} of 1); K-means has the say, since it gives every customer a segment."
        )
    counts = [row.clusters for row in sweep]
    if max(counts) - min(counts) >= 2:
        verdict += (
            f" The answer hangs on the radius: between eps {sweep[0].eps:.2f} and "
            f"{sweep[-1].eps:.2f} there are {min(counts)} to {max(counts)} groups."
        )
    return verdict


def _sampled(compared: int, customers: int) -> str:
    """Say that not all customers were compared, where that is so."""
    if compared == customers:
        return ""
    return f" It ran on {compared:,} customers, drawn evenly from the {customers:,}."


def _counted(number: int) -> str:
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
    return words[number] if number < len(words) else str(number)
