"""Fit every number of segments that is tried."""

from __future__ import annotations

from clienteling.errors import DataError
from clienteling.segmentation.kmeans import Fit, fit_each
from clienteling.segmentation.progress import Progress
from clienteling.segmentation.sketch import Sketch

__all__ = ["fit_each_k", "tried"]

#: The numbers of segments that are tried, where the customers allow them.
_KS = range(2, 11)


def tried(sketch: Sketch) -> list[int]:
    """Return the numbers of segments among which one is chosen."""
    return [each for each in _KS if each <= len(sketch.points)]


def fit_each_k(
    sketch: Sketch, k: int | None = None, *, seed: int = 0, progress: Progress | None = None
) -> dict[int, Fit]:
    """Fit K-means for every number that is tried, and for the one that is given.

    Parameters
    ----------
    sketch : the customers as weighted points
    k : a number of segments, or None where one is to be chosen
    seed : any; the partitions should not depend on it
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
    report("Fitting", 0.0)
    ks = tried(sketch)
    return fit_each(
        sketch.standardised(),
        sketch.weights,
        ks if k is None or k in ks else [*ks, k],
        seed,
        lambda share: report("Fitting", share),
    )
