"""The evidence for each number of segments, and the reason for the chosen one in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clienteling.segmentation.model_segments import UNSTABLE
from clienteling.segmentation.not_again import below, not_again
from clienteling.segmentation.stability import FIRM, Stability
from clienteling.segmentation.structure import Structure

__all__ = ["NEARLY", "Evidence", "KRow", "why_chosen", "why_given"]

#: A larger number is taken where its silhouette is at least this share of the highest, and every
#: segment highly stable. Tuned on simulated data (benchmarks/simulation.py), on the half of it
#: that is not reported.
NEARLY = 0.85


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
    stability : mean adjusted Rand index with the partitions of other customers like these; like
        the next three, None where it was not judged
    stability_low : what 95 % of the draws exceed
    stability_reference : the same as ``stability`` on tables without groups
    least_jaccard : mean Jaccard index of the least stable segment, from 0 to 1
    """

    k: int
    inertia: float
    silhouette: float | None
    calinski_harabasz: float | None
    davies_bouldin: float | None
    silhouette_error: float | None = None
    stability: float | None = None
    stability_low: float | None = None
    stability_reference: float | None = None
    least_jaccard: float | None = None


@dataclass(frozen=True)
class Evidence:
    """What speaks for which number of segments.

    Parameters
    ----------
    rows : the figures for each k that may be chosen
    elbow_k : the elbow of the inertia curve, None where it has none
    silhouette_k : where the silhouette is highest, None where it is not defined
    handfuls : for each k that splits off a handful of extreme customers, how many they are
    """

    rows: Sequence[KRow]
    elbow_k: int | None
    silhouette_k: int | None
    handfuls: Mapping[int, int]


def why_given(k: int, found: Evidence) -> str:
    """Return what to say where the number of segments was given."""
    said = [f"The number of segments was given: {k}."]
    others = [
        f"{method} points to {best}"
        for method, best in (("the elbow", found.elbow_k), ("the silhouette", found.silhouette_k))
        if best is not None
    ]
    if others:
        sentence = " and ".join(others)
        said.append(f"For comparison, {sentence}.")
    return " ".join(said)


def why_chosen(
    k: int, found: Evidence, judged: Mapping[int, Stability], structure: Structure | None
) -> str:
    """Return the reason for the chosen number of segments.

    Parameters
    ----------
    k : the chosen number
    found : the evidence
    judged : the stability at each k where it was judged
    structure : the verdict on whether there are groups at all, None where there was no test
    """
    if found.silhouette_k is None:
        return f"The customers have so few different values that only k = {k} can be tried."
    reason = (
        _at_the_peak(found, found.silhouette_k)
        if k == found.silhouette_k
        else _beside_the_peak(k, found, found.silhouette_k, judged)
    )
    if structure is not None and not structure.natural:
        found_again = judged.get(k)
        lost = (
            not_again(found_again.jaccard, found_again.agreement, found_again.reference)
            if found_again
            else ""
        )
        return f"{structure.said(lost)} k = {k} is proposed as a convenience only: {reason}."
    said = f"k = {k}: {reason}."
    if k in found.handfuls:
        few = found.handfuls[k]
        many = "a single customer" if few == 1 else f"a handful of {few:,} customers"
        said += (
            f" One segment is {many}, so far from all others that every number of segments splits "
            "them off; the others decided. Look whether they are real, and --transform auto "
            "brings them nearer."
        )
    return said if structure is None else f"{said} {structure.words}"


def _at_the_peak(found: Evidence, silhouette_k: int) -> str:
    by_k = {row.k: row for row in found.rows}
    peak = f"the silhouette is highest there ({_figure(by_k[silhouette_k].silhouette)})"
    if found.elbow_k == silhouette_k:
        return f"the inertia curve bends at k = {silhouette_k}, and {peak}"
    if found.elbow_k is None:
        return f"{peak}; the inertia curve has no clear elbow"
    return (
        f"{peak}. The elbow of the inertia curve is at k = {found.elbow_k} instead, where the "
        f"silhouette is {_figure(by_k[found.elbow_k].silhouette)}; the two disagree, and the "
        "silhouette decides because it measures how well the segments are told apart"
    )


def _beside_the_peak(
    k: int, found: Evidence, silhouette_k: int, judged: Mapping[int, Stability]
) -> str:
    by_k = {row.k: row for row in found.rows}
    own, highest = _told_apart(by_k[k].silhouette, by_k[silhouette_k].silhouette)
    handful = found.handfuls.get(silhouette_k)
    if handful is not None and k not in found.handfuls:
        many = "a single customer" if handful == 1 else f"a handful of {handful:,} customers"
        reason = (
            f"its silhouette is {own}. At k = {silhouette_k} it is higher ({highest}), but that "
            f"number splits off {many}, far from the others, and says little of the rest"
        )
    elif handful is not None:
        reason = (
            f"its silhouette is {own}. At k = {silhouette_k} it is higher ({highest}), but only "
            "because of a few extreme customers"
        )
    elif silhouette_k in judged and silhouette_k < k and judged[silhouette_k].holds:
        share = (by_k[k].silhouette or 0.0) / (by_k[silhouette_k].silhouette or 1.0)
        reason = (
            f"its silhouette is {own}. At k = {silhouette_k} it is the highest ({highest}), but a "
            f"larger number that has at least {100 * NEARLY:.0f} % of it (here {100 * share:.0f} "
            "%) and whose segments are all firmly found again when customers are drawn anew "
            f"(overlap {judged[k].least:.2f} of 1 or more; it takes {FIRM:g}) tells more kinds of "
            f"customers apart, and is taken. To have the {silhouette_k} broader ones, ask for k = "
            f"{silhouette_k}"
        )
    else:
        least = below(judged[silhouette_k].least, UNSTABLE)
        reason = (
            f"its silhouette is {own}. At k = {silhouette_k} it is the highest ({highest}), but "
            "not all segments there are found again when customers are drawn anew (the least "
            f"stable overlaps {least} of 1 with what comes out; it takes {UNSTABLE:g}). To "
            f"have them all the same, ask for k = {silhouette_k}"
        )
    if found.elbow_k == k:
        return f"{reason}. The inertia curve bends there too"
    if found.elbow_k is None:
        return f"{reason}. The inertia curve has no clear elbow"
    return f"{reason}. The elbow of the inertia curve is at k = {found.elbow_k}"


def _told_apart(own: float | None, highest: float | None) -> tuple[str, str]:
    """Return two figures with as many digits as show that one is higher; at least three.

    Examples
    --------
    >>> _told_apart(0.36271, 0.36339), _told_apart(0.5, 0.4)
    (('0.3627', '0.3634'), ('0.500', '0.400'))
    """
    if own is None or highest is None:
        return _figure(own), _figure(highest)
    for digits in range(3, 10):
        said = f"{own:.{digits}f}", f"{highest:.{digits}f}"
        if said[0] != said[1]:
            break
    return said


def _figure(silhouette: float | None) -> str:
    return "not defined" if silhouette is None else f"{silhouette:.3f}"
