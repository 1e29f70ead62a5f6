"""How many segments: elbow and silhouette decide, and say why.

Elbow: the knee of the inertia curve, found by kneed (Satopää et al. 2011,
doi:10.1109/ICDCSW.2011.20). Silhouette: its maximum. Calinski-Harabasz and Davies-Bouldin stand
beside them without a vote.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

from clienteling.errors import DataError
from clienteling.segmentation.kmeans import Fit, fit_each
from clienteling.segmentation.silhouette import silhouette_values
from clienteling.segmentation.sketch import Floats, Ints, Sketch
from clienteling.segmentation.structure import LIMIT, Structure, judge_structure

__all__ = ["KS", "Choice", "KRow", "choice_of", "choose_k"]

#: The numbers of segments that are tried, where the customers allow them.
KS = range(2, 11)
#: Up to this many customers the quality figures are computed on all of them …
ALL_ROWS = 4000
#: … beyond it on a sample of this size.
SAMPLE_ROWS = 2000

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class KRow:
    """The evidence for one k. Figures that aren't defined there are None.

    Parameters
    ----------
    k : number of segments
    inertia : within-cluster sum of squares, standardised features
    silhouette : mean silhouette, -1 to 1, higher is better
    calinski_harabasz : between over within variance, higher is better
    davies_bouldin : mean likeness of the nearest clusters, lower is better
    silhouette_error : standard error of the silhouette where it comes from a sample, else None
    """

    k: int
    inertia: float
    silhouette: float | None
    calinski_harabasz: float | None
    davies_bouldin: float | None
    silhouette_error: float | None = None


@dataclass(frozen=True)
class Choice:
    """The chosen number of segments, its fit, and the evidence.

    Parameters
    ----------
    k : the number of segments
    why : the reason in plain words
    elbow_k : the elbow of the inertia curve, None where it has none
    silhouette_k : where the silhouette is highest, None where it is not defined
    structure : the verdict on whether there are groups at all, None where k was given
    rows : the evidence for each k
    fit : the partition at k
    judged : customers that silhouette, Calinski-Harabasz and Davies-Bouldin were computed on
    passes : passes over all customers that made the centres exact
    """

    k: int
    why: str
    elbow_k: int | None
    silhouette_k: int | None
    structure: Structure | None
    rows: tuple[KRow, ...]
    fit: Fit
    judged: int
    passes: int = 0


def choose_k(
    sketch: Sketch, k: int | None = None, *, seed: int = 0, progress: Progress | None = None
) -> Choice:
    """Choose the number of segments, or take the one that is given and show the evidence.

    Parameters
    ----------
    sketch : the customers as weighted points
    k : a number of segments, or None to choose it
    seed : any; the choice should not depend on it
    progress : called with what is being done and the share that is done, from 0 to 1

    Raises
    ------
    DataError
        There are fewer distinct customers than segments.
    """
    distinct = len(sketch.points)
    if k is not None and k > distinct:
        raise DataError(
            f"{k} segments need {k} different customers; in the chosen features there are only "
            f"{distinct}.",
            hint=f"Ask for at most {distinct} segments, or add a feature.",
        )
    report = progress or (lambda what, share: None)
    ks = [each for each in KS if each <= distinct]
    points = sketch.standardised()
    wanted = ks if k is None or k in ks else [*ks, k]
    report("Fitting", 0.0)
    fits = fit_each(points, sketch.weights, wanted, seed, lambda share: report("Fitting", share))
    judged_rows = _judged_rows(sketch)
    distances = _distances(sketch, judged_rows)
    rows = []
    for index, each in enumerate(sorted(fits)):
        report("Judging each k", index / len(fits))
        rows.append(_row(sketch, fits[each], judged_rows, distances))
    evidence = [row for row in rows if row.k in ks]
    elbow_k = _elbow(evidence)
    judged = [row for row in evidence if row.silhouette is not None]
    silhouette_k = max(judged, key=lambda row: (row.silhouette, -row.k)).k if judged else None
    if k is not None:
        why = _why_given(k, elbow_k, silhouette_k)
        return Choice(k, why, elbow_k, silhouette_k, None, tuple(rows), fits[k], len(judged_rows))
    sample = points[sketch.rows(LIMIT)]
    testable = [each for each in ks if each < len(np.unique(sample, axis=0))]
    structure = (
        judge_structure(
            sample, testable, seed, lambda share: report("Looking for structure", share)
        )
        if len(testable) > 1
        else None
    )
    chosen, why = _decide(rows, elbow_k, silhouette_k, structure)
    if structure is None:
        why += " There are too few different customers to test whether the groups are real."
    if chosen == ks[-1] and len(ks) > 1:
        why += " It is the largest number that was tried; whether more segments fit better is open."
    return Choice(
        chosen, why, elbow_k, silhouette_k, structure, tuple(rows), fits[chosen], len(judged_rows)
    )


def _judged_rows(sketch: Sketch) -> Ints:
    all_of_them = sketch.kind == "exact" and sketch.customers <= ALL_ROWS
    return sketch.rows(ALL_ROWS if all_of_them else SAMPLE_ROWS)


def _distances(sketch: Sketch, chosen: Ints) -> Floats:
    """Measure once what the silhouette of every k is made of."""
    points = sketch.standardised()[chosen]
    return np.asarray(cdist(points, points))


def _row(sketch: Sketch, fit: Fit, chosen: Ints, distances: Floats) -> KRow:
    inertia = fit.inertia + sketch.within_inertia
    points, labels = sketch.standardised()[chosen], fit.labels[chosen]
    present = len(np.unique(labels))
    if not 2 <= present < len(points):
        return KRow(fit.k, inertia, None, None, None)
    members = np.eye(fit.k)[labels]
    values = silhouette_values(distances @ members, members.sum(axis=0), labels)
    sampled = len(points) < sketch.customers
    return KRow(
        fit.k,
        inertia,
        float(values.mean()),
        float(calinski_harabasz_score(points, labels)),
        float(davies_bouldin_score(points, labels)),
        float(values.std(ddof=1) / np.sqrt(len(values))) if sampled else None,
    )


def _elbow(rows: Sequence[KRow]) -> int | None:
    if len(rows) < 3:
        return None
    # kneed imports matplotlib where it finds it, which is slow: only when a knee is wanted.
    from kneed import KneeLocator

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "no knee found" is an answer here, and said in words
        knee = KneeLocator(
            [row.k for row in rows],
            [row.inertia for row in rows],
            curve="convex",
            direction="decreasing",
        ).knee
    return None if knee is None else int(knee)


def _why_given(k: int, elbow_k: int | None, silhouette_k: int | None) -> str:
    said = [f"The number of segments was given: {k}."]
    others = [
        f"{method} points to {best}"
        for method, best in (("the elbow", elbow_k), ("the silhouette", silhouette_k))
        if best is not None
    ]
    if others:
        sentence = " and ".join(others)
        said.append(f"For comparison, {sentence}.")
    return " ".join(said)


def _decide(
    rows: Sequence[KRow],
    elbow_k: int | None,
    silhouette_k: int | None,
    structure: Structure | None,
) -> tuple[int, str]:
    by_k = {row.k: row for row in rows}
    if silhouette_k is None:
        k = rows[0].k
        return k, f"The customers have so few different values that only k = {k} can be tried."
    best = by_k[silhouette_k].silhouette
    peak = f"the silhouette is highest there ({best:.3f})"
    if elbow_k == silhouette_k:
        reason = f"the inertia curve bends at k = {silhouette_k}, and {peak}"
    elif elbow_k is None:
        reason = f"{peak}; the inertia curve has no clear elbow"
    else:
        at_elbow = by_k[elbow_k].silhouette
        elbow_words = "not defined" if at_elbow is None else f"{at_elbow:.3f}"
        reason = (
            f"{peak}. The elbow of the inertia curve is at k = {elbow_k} instead, where the "
            f"silhouette is {elbow_words}; the two disagree, and the silhouette decides because it "
            "measures how well the segments are told apart"
        )
    if structure is not None and not structure.natural:
        return silhouette_k, (
            f"{structure.words} k = {silhouette_k} is proposed as a convenience only, to divide "
            f"the customers evenly: {reason}."
        )
    said = f"k = {silhouette_k}: {reason}."
    return silhouette_k, said if structure is None else f"{said} {structure.words}"


def choice_of(sketch: Sketch, fit: Fit) -> Choice:
    """Return a choice for a partition that was made elsewhere, with the figures at its k."""
    chosen = _judged_rows(sketch)
    row = _row(sketch, fit, chosen, _distances(sketch, chosen))
    why = f"The {fit.k} segments were made elsewhere and taken over."
    return Choice(fit.k, why, None, None, None, (row,), fit, len(chosen))
