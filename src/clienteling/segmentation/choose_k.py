"""How many segments: the silhouette and the stability decide, the elbow stands beside them.

Silhouette: how well the segments are told apart. Stability: whether they are found again on other
customers of the same kind, see :mod:`clienteling.segmentation.stability`. Of the numbers whose
silhouette is nearly the highest, the largest that is found again is taken. Elbow: the knee of the
inertia curve, found by kneed (Satopää et al. 2011, doi:10.1109/ICDCSW.2011.20).
Calinski-Harabasz and Davies-Bouldin have no vote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

from clienteling.segmentation.borders import Borders
from clienteling.segmentation.each_k import fit_each_k, tried
from clienteling.segmentation.kmeans import Fit
from clienteling.segmentation.progress import Progress
from clienteling.segmentation.silhouette import silhouette_values
from clienteling.segmentation.sketch import Floats, Ints, Sketch
from clienteling.segmentation.stability import (
    FIRM,
    Stability,
    judge_if_firm,
    judge_stability,
    without_groups,
)
from clienteling.segmentation.structure import LIMIT, Structure, judge_structure
from clienteling.segmentation.why_k import NEARLY, Evidence, KRow, why_chosen, why_given

__all__ = ["Choice", "KRow", "OpenChoice", "choice_of", "choose_k"]

#: Up to this many customers the quality figures are computed on all of them …
ALL_ROWS = 4000
#: … beyond it on a sample of this size.
SAMPLE_ROWS = 2000
#: A segment of less than this share of the customers is a handful of extremes, …
_HANDFUL_SHARE = 0.01
#: … and so is one of fewer customers than this, where they are not 5 % of a small table.
_HANDFUL, _SMALL_SHARE = 5, 0.05


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
    stability : how well the segments are found again; None for one segment
    near : the customers near the borders, where the centres were made exact by them
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
    stability: Stability | None = None
    near: Borders | None = field(default=None, repr=False)


def choose_k(
    sketch: Sketch,
    k: int | None = None,
    *,
    seed: int = 0,
    every: bool = False,
    progress: Progress | None = None,
) -> Choice:
    """Choose the number of segments, or take the one that is given and show the evidence.

    Parameters
    ----------
    sketch : the customers as weighted points
    k : a number of segments, or None to choose it
    seed : any; the choice should not depend on it
    every : whether the stability is judged at every k, instead of where it may decide
    progress : called with what is being done and the share that is done, from 0 to 1

    Raises
    ------
    DataError
        There are fewer distinct customers than segments.
    """
    return OpenChoice(sketch, k, seed=seed, every=every, progress=progress).complete(progress)


class OpenChoice:
    """A choice of which the fits are there, but not all of the evidence.

    What takes a processor for a while, how well the segments are found again and the test for
    structure, seldom changes the choice. So the engine can work on the expected fit meanwhile.

    Parameters
    ----------
    sketch, k, seed, every, progress : as for :func:`choose_k`
    fits : those of :func:`~clienteling.segmentation.each_k.fit_each_k`, where they were made before
    """

    def __init__(
        self,
        sketch: Sketch,
        k: int | None = None,
        *,
        seed: int = 0,
        every: bool = False,
        fits: Mapping[int, Fit] | None = None,
        progress: Progress | None = None,
    ) -> None:
        report = progress or (lambda what, share: None)
        self._sketch, self._k, self._seed, self._every = sketch, k, seed, every
        self._ks = tried(sketch)
        self._fits = fits or fit_each_k(sketch, k, seed=seed, progress=progress)
        self._judged_rows = _judged_rows(sketch)
        distances = _distances(sketch, self._judged_rows)
        self._rows = []
        for index, each in enumerate(sorted(self._fits)):
            report("Judging each k", index / len(self._fits))
            self._rows.append(_row(sketch, self._fits[each], self._judged_rows, distances))
        self._evidence = [row for row in self._rows if row.k in self._ks]
        compared = _compared(self._evidence, self._fits, self._judged_rows, distances)
        self._judge = _Judge(sketch, self._fits, seed)
        self._sample = sketch.standardised()[sketch.rows(LIMIT)]
        different = len(np.unique(self._sample, axis=0))
        self._testable = [each for each in self._ks if each < different]
        self._highest = _highest(self._evidence)
        #: The number that is taken where the customers form no groups, and most often elsewhere.
        self._ungrouped = k or _highest(compared) or self._highest or self._ks[0]
        self._compared = compared

    @property
    def expected(self) -> Fit:
        """The fit that is chosen in most cases: where the silhouette is highest."""
        return self._fits[self._ungrouped]

    @property
    def settled(self) -> Fit | None:
        """The fit that is chosen whatever the test for structure says, or None."""
        return self.expected if self._grouped == self._ungrouped else None

    @cached_property
    def _grouped(self) -> int:
        """The number that is taken where the customers form groups."""
        if not self._is_tested:
            return self._ungrouped
        return _taken(self._compared, self._judge) or self._ungrouped

    @property
    def _is_tested(self) -> bool:
        """Whether it is asked if there are groups at all."""
        return self._k is None and len(self._testable) > 1

    def complete(self, progress: Progress | None = None) -> Choice:
        """Gather the rest of the evidence, and return the choice."""
        evidence = self._evidence
        found = Evidence(evidence, _elbow(evidence), self._highest, _handfuls(self._fits))
        report = progress or (lambda what, share: None)
        if self._is_tested:
            report("Drawing customers anew", 0.0)
        grouped, structure = self._grouped, None
        if self._is_tested:
            structure = judge_structure(
                self._sample,
                self._testable,
                self._seed,
                lambda share: report("Looking for structure", share),
                self._sketch.levels,
            )
        natural = structure is not None and structure.natural
        chosen = grouped if natural else self._ungrouped
        if not natural:
            # Where the silhouette alone decided, no other number was asked whether it is stable.
            self._judge.forget_but(chosen)
        if self._k is not None:
            why = why_given(chosen, found)
        else:
            if structure is not None and natural:
                structure = replace(structure, natural=self._judge.holds(chosen))
            why = why_chosen(chosen, found, self._judge.known, structure)
        shown = sorted(self._fits) if self._every else [chosen]
        for index, each in enumerate(shown):
            report("Drawing customers anew", index / len(shown))
            if each > 1:
                self._judge.with_reference(each)
        stability = self._judge.known.get(chosen)
        if stability is not None:
            why += f" {stability.words}"
        if self._k is None and structure is None:
            why += " There are too few different customers to test whether the groups are real."
        if self._k is None and chosen == self._ks[-1] and len(self._ks) > 1:
            why += (
                " It is the largest number that was tried; whether more segments fit better is "
                "open."
            )
        return Choice(
            chosen,
            why,
            found.elbow_k,
            found.silhouette_k,
            structure,
            tuple(_with_stability(row, self._judge.known.get(row.k)) for row in self._rows),
            self._fits[chosen],
            len(self._judged_rows),
            stability=stability,
        )


class _Judge:
    """Judges the stability at a k when it is first asked for."""

    def __init__(self, sketch: Sketch, fits: Mapping[int, Fit], seed: int) -> None:
        self._sketch, self._fits, self._seed = sketch, fits, seed
        #: What was judged so far.
        self.known: dict[int, Stability] = {}

    def __call__(self, k: int) -> Stability:
        if k not in self.known:
            self.known[k] = judge_stability(
                self._sketch, self._fits[k], self._seed, reference=False
            )
        return self.known[k]

    def is_firm(self, k: int) -> bool:
        """Whether every segment is highly stable; where one is not, that is soon seen."""
        if k not in self.known:
            found = judge_if_firm(self._sketch, self._fits[k], self._seed)
            if found is None:
                return False
            self.known[k] = found
        return self.known[k].least >= FIRM

    def forget_but(self, k: int) -> None:
        """Keep what was judged of one k alone."""
        self.known = {each: found for each, found in self.known.items() if each == k}

    def with_reference(self, k: int) -> Stability:
        found = self(k)
        if found.reference is None:
            reference = without_groups(self._sketch, k, self._seed)
            found = self.known[k] = replace(found, reference=reference)
        return found

    def holds(self, k: int) -> bool:
        """Whether what looks like groups is found again, better than in tables without."""
        found = self.with_reference(k)
        return found.holds and found.agreement > (found.reference or 0.0)


def _taken(rows: Sequence[KRow], judge: _Judge) -> int | None:
    """Return the k that is taken where there are groups; None where no row has a silhouette.

    Of the numbers that have no unstable segment, the one with the highest silhouette; or the
    largest beyond it whose silhouette is nearly as high and whose segments are all firm, for the
    silhouette looks at the nearest other segment only, and is a little higher where two groups
    that lie close to each other are taken for one.
    """
    defined = [row for row in rows if row.silhouette is not None]
    if not defined:
        return None
    by_silhouette = sorted(defined, key=lambda row: (-(row.silhouette or 0.0), row.k))
    best = next((row for row in by_silhouette if judge(row.k).holds), None)
    if best is None:
        return by_silhouette[0].k
    nearly = NEARLY * (best.silhouette or 0.0)
    for row in reversed(defined):
        if row.k > best.k and (row.silhouette or 0.0) >= nearly and judge.is_firm(row.k):
            return row.k
    return best.k


def _compared(
    rows: Sequence[KRow], fits: Mapping[int, Fit], judged_rows: Ints, distances: Floats
) -> list[KRow]:
    """Return the rows among which the highest silhouette is looked for."""
    handfuls = _handfuls(fits)
    if all(row.k in handfuls for row in rows if row.silhouette is not None):
        return [_of_the_others(row, fits[row.k], judged_rows, distances) for row in rows]
    return [row for row in rows if row.k not in handfuls]


def _of_the_others(row: KRow, fit: Fit, chosen: Ints, distances: Floats) -> KRow:
    """Return the row with the silhouette of those who are in no handful of extremes.

    Where extremes lie so far out that every number splits them off, the others decide: the
    silhouette of all is high then, whatever becomes of them.
    """
    labels = fit.labels[chosen]
    kept = ~np.isin(labels, np.flatnonzero(fit.sizes < _least(int(fit.sizes.sum()))))
    if len(np.unique(labels[kept])) < 2:
        return replace(row, silhouette=None)
    members = np.eye(fit.k)[labels[kept]]
    sums = distances[np.ix_(kept, kept)] @ members
    values = silhouette_values(sums, members.sum(axis=0), labels[kept])
    return replace(row, silhouette=float(values.mean()))


def _handfuls(fits: Mapping[int, Fit]) -> dict[int, int]:
    """Return, for each k that splits off a handful of extremes, the size of that segment."""
    return {
        k: int(fit.sizes.min())
        for k, fit in fits.items()
        if fit.sizes.min() < _least(int(fit.sizes.sum()))
    }


def _least(customers: int) -> float:
    """Return how many customers a segment has at least that is no handful."""
    return max(min(_HANDFUL, _SMALL_SHARE * customers), _HANDFUL_SHARE * customers)


def _highest(rows: Sequence[KRow]) -> int | None:
    judged = [row for row in rows if row.silhouette is not None]
    return max(judged, key=lambda row: (row.silhouette, -row.k)).k if judged else None


def _with_stability(row: KRow, stability: Stability | None) -> KRow:
    if stability is None:
        return row
    return replace(
        row,
        stability=stability.agreement,
        stability_low=stability.low,
        stability_reference=stability.reference,
        least_jaccard=stability.least,
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
    # kneed takes a tenth of a second to load: beside the engine where it can be.
    from clienteling.segmentation.knee import knee_of

    knee = knee_of(
        [row.k for row in rows],
        [row.inertia for row in rows],
        curve="convex",
        direction="decreasing",
    )
    return None if knee is None else int(knee[0])


def choice_of(sketch: Sketch, fit: Fit) -> Choice:
    """Return a choice for a partition that was made elsewhere, with the figures at its k."""
    chosen = _judged_rows(sketch)
    row = _row(sketch, fit, chosen, _distances(sketch, chosen))
    why = f"The {fit.k} segments were made elsewhere and taken over."
    stability = judge_stability(sketch, fit) if fit.k > 1 else None
    rows = (_with_stability(row, stability),)
    return Choice(fit.k, why, None, None, None, rows, fit, len(chosen), stability=stability)
