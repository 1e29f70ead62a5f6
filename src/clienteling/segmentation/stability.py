"""Would the same segments come out of other customers of the same kind? Resampling answers.

A hundred times, customers are drawn anew from the sketch, with replacement, each point by its
weight; K-means divides the drawn ones, and its centres divide all customers again. How well that
partition agrees with the one that is judged is the adjusted Rand index (Hubert and Arabie 1985,
doi:10.1007/BF01908075); how well each segment is found again is its Jaccard index with the
nearest of the new segments (Hennig 2007, doi:10.1016/j.csda.2006.11.025).

No draw is larger than :data:`SIZE`, however many customers there are: a bootstrap of millions
makes even a shapeless cloud look perfectly stable. Each K-means starts from scratch, for one that
starts at the centres under judgement stays near them and flatters: on a normal cloud cut in five
it gave 0.90 where fits with many fresh starts gave 0.53. Since a cloud is divided at the same
place now and then, the agreement is shown beside that of tables without groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.cluster.vq import vq

from clienteling.segmentation.kmeans import Fit
from clienteling.segmentation.many_kmeans import divide_each, divided
from clienteling.segmentation.model_segments import UNSTABLE
from clienteling.segmentation.sketch import Floats, Ints, Sketch
from clienteling.segmentation.structureless import structureless

__all__ = [
    "DOUBTFUL",
    "RESAMPLES",
    "SIZE",
    "Stability",
    "judge_if_firm",
    "judge_stability",
    "without_groups",
]

#: Draws from the customers.
RESAMPLES = 100
#: Customers in a draw, at most.
SIZE = 1000
#: Between UNSTABLE and this mean Jaccard index a segment shows a pattern, but who belongs to it is
#: doubtful (Hennig 2007).
DOUBTFUL = 0.75
#: From this one on it is highly stable.
FIRM = 0.85
#: Points on which the partitions are compared, at most.
_COMPARED = 10_000
#: Tables without groups, and the draws from each.
_TABLES, _DRAWS = 10, 10


@dataclass(frozen=True)
class Stability:
    """How well a partition is found again.

    Parameters
    ----------
    k : segments
    agreement : mean adjusted Rand index over the draws; 1 is the same partition, 0 chance
    low : the agreement that 95 % of the draws exceed
    jaccard : per segment, the mean Jaccard index with the nearest segment of each draw, 0 to 1
    reference : mean agreement on tables of the same size and spread, but without groups; None
        where they were not asked for
    resamples : draws
    size : customers in each
    """

    k: int
    agreement: float
    low: float
    jaccard: tuple[float, ...]
    reference: float | None
    resamples: int
    size: int

    @property
    def least(self) -> float:
        """The Jaccard index of the least stable segment."""
        return min(self.jaccard)

    @property
    def words(self) -> str:
        """How well the segments are found again, in a sentence."""
        beside = (
            "" if self.reference is None else f"; {self.reference:.2f} in tables without groups"
        )
        how = (
            "the same segments come out"
            if self.agreement >= 0.9
            else "similar segments come out"
            if self.agreement >= 0.65
            else "other segments come out"
        )
        if self.reference is not None and self.agreement <= self.reference:
            beside = f", and no more so than in tables without groups, {self.reference:.2f}"
        drawn = (
            f"When customers are drawn anew, {self.resamples} times, {how} (agreement "
            f"{self.agreement:.2f} of 1{beside})."
        )
        unstable = sum(each < UNSTABLE for each in self.jaccard)
        if not unstable:
            return drawn
        verb = "is" if unstable == 1 else "are"
        return f"{drawn} Of the {self.k} segments, {unstable} {verb} unstable."

    def ordered(self, order: Sequence[int] | Ints) -> Stability:
        """Return the same for the segments in another order: the old place of each new one."""
        return replace(self, jaccard=tuple(self.jaccard[each] for each in order))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to say beside each segment; empty where it is found again."""
        return tuple(_warning(each) for each in self.jaccard)

    @property
    def holds(self) -> bool:
        """Whether no segment is unstable."""
        return self.least >= UNSTABLE


def _warning(jaccard: float) -> str:
    if jaccard < UNSTABLE:
        return (
            "Unstable: when customers are drawn anew, other segments come out in its place "
            f"(overlap {jaccard:.2f} of 1; below {UNSTABLE:g}, a segment should not be trusted)."
        )
    if jaccard < DOUBTFUL:
        return (
            "Doubtful: when customers are drawn anew, a segment like it comes out, but who belongs "
            f"to it changes (overlap {jaccard:.2f} of 1; from {DOUBTFUL:g} on it is firm)."
        )
    return ""


def judge_stability(
    sketch: Sketch,
    fit: Fit,
    seed: int = 0,
    *,
    reference: bool = True,
) -> Stability:
    """Judge how well a partition is found again on other customers of the same kind.

    Parameters
    ----------
    sketch : the customers as weighted points
    fit : the partition of its points, into at least two segments
    seed : for the draws and the starts
    reference : whether tables without groups are judged too

    Returns
    -------
    Stability
        The Jaccard indices are in the order of the segments.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> import clienteling as cl
    >>> from clienteling.segmentation.kmeans import fit_kmeans
    >>> from clienteling.segmentation.sketch import exact_sketch
    >>> far = np.repeat([0.0, 10.0], 30) + np.tile(np.arange(30) / 10, 2)
    >>> made = exact_sketch(cl.read(pa.table({"x": far})), ["x"])
    >>> found = judge_stability(made, fit_kmeans(made.standardised(), made.weights, 2, seed=0))
    >>> found.agreement, found.jaccard
    (1.0, (1.0, 1.0))
    """
    found = _summed(fit, min(SIZE, sketch.customers), list(_compared_draws(sketch, fit, seed)))
    return replace(found, reference=without_groups(sketch, fit.k, seed)) if reference else found


def judge_if_firm(sketch: Sketch, fit: Fit, seed: int = 0) -> Stability | None:
    """Judge a partition whose segments are all firm; None where one of them is not.

    As soon as some segment can't reach :data:`FIRM` any more, whatever the rest of the draws says,
    the rest is not made.

    Parameters
    ----------
    sketch, fit, seed : as for :func:`judge_stability`, which finds the same, but the reference
    """
    shared, lacking = [], np.zeros(fit.k)
    for each in _compared_draws(sketch, fit, seed):
        shared.append(each)
        lacking += 1 - _jaccard(each)
        if lacking.max() > (1 - FIRM) * RESAMPLES + 1e-9:
            return None
    found = _summed(fit, min(SIZE, sketch.customers), shared)
    return found if found.least >= FIRM else None


def _summed(fit: Fit, size: int, shared: Sequence[Floats]) -> Stability:
    agreements = [_adjusted_rand(each) for each in shared]
    return Stability(
        fit.k,
        float(np.mean(agreements)),
        float(np.quantile(agreements, 0.05)),
        tuple(float(each) for each in np.mean([_jaccard(each) for each in shared], axis=0)),
        None,
        len(shared),
        size,
    )


def _compared_draws(sketch: Sketch, fit: Fit, seed: int) -> Iterator[Floats]:
    """Return how the partition of each draw divides the customers that each segment has."""
    rng = np.random.default_rng(seed)
    points = sketch.standardised()
    size = min(SIZE, sketch.customers)
    if len(points) > _COMPARED:
        kept, times = np.unique(sketch.rows(_COMPARED), return_counts=True)
        weights = times.astype(np.float64)
    else:
        kept, weights = np.arange(len(points)), sketch.weights
    cumulated = np.cumsum(sketch.weights)
    drawn = np.stack([points[_draw(cumulated, size, rng)] for _ in range(RESAMPLES)])
    labels, points = fit.labels[kept], points[kept]
    for centres in divided(drawn, fit.k, rng):
        yield _shared(labels, _nearest(points, centres), weights, fit.k)


def without_groups(sketch: Sketch, k: int, seed: int = 0) -> float:
    """Return the mean agreement on tables of the same size and spread, but without groups.

    Half of the tables are one normal cloud, half an evenly filled box.
    """
    rng = np.random.default_rng([seed, k])
    rows = sketch.standardised()[sketch.rows(min(SIZE, sketch.customers))]
    tables = [
        structureless(rows, "box" if index % 2 else "cloud", rng, sketch.levels)
        for index in range(_TABLES)
    ]
    each_fit = divide_each(np.stack(tables), k, rng)
    ones, agreements = np.ones(len(rows)), []
    for table, fit in zip(tables, each_fit, strict=True):
        labels = _nearest(table, fit)
        drawn = table[rng.integers(0, len(table), (_DRAWS, len(table)))]
        agreements += [
            _adjusted_rand(_shared(labels, _nearest(table, again), ones, k))
            for again in divide_each(drawn, k, rng)
        ]
    return float(np.mean(agreements))


def _draw(cumulated: Floats, size: int, rng: np.random.Generator) -> Ints:
    """Return the points of ``size`` customers, drawn with replacement: a multinomial draw."""
    places = np.sort(rng.random(size)) * cumulated[-1]
    found = np.searchsorted(cumulated, places, side="right")
    return np.asarray(np.minimum(found, len(cumulated) - 1), dtype=np.int64)


def _nearest(rows: Floats, centres: Floats) -> Ints:
    return np.asarray(vq(rows, centres, check_finite=False)[0], dtype=np.int64)


def _shared(labels: Ints, again: Ints, weights: Floats, k: int) -> Floats:
    """Return how many customers each pair of segments shares; array of shape (k, k)."""
    counts = np.bincount(labels * k + again, weights=weights, minlength=k * k)
    return np.asarray(counts.reshape(k, k), dtype=np.float64)


def _adjusted_rand(shared: Floats) -> float:
    """Return the adjusted Rand index of two partitions from the customers that they share.

    scikit-learn's takes a label per customer and no weights.
    """
    together, rows, columns, pairs = (
        float((counts * (counts - 1)).sum())
        for counts in (shared, shared.sum(axis=1), shared.sum(axis=0), shared.sum())
    )
    by_chance = rows * columns / pairs
    most = (rows + columns) / 2
    return 1.0 if most == by_chance else float((together - by_chance) / (most - by_chance))


def _jaccard(shared: Floats) -> Floats:
    """Return, per segment, its Jaccard index with the new segment that is nearest to it."""
    either = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
    found = np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)
    return np.asarray(found.max(axis=1))
