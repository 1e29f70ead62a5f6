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

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from clienteling.segmentation.blas import one_blas_thread
from clienteling.segmentation.many_kmeans import brackets, moved, with_ones
from clienteling.segmentation.silhouette import silhouette_values
from clienteling.segmentation.sketch import Floats, Ints
from clienteling.segmentation.structureless import Levels, shaped_like

__all__ = ["DRAWS", "Structure", "judge_structure"]

#: Reference draws of each kind; there are two kinds.
DRAWS = 100
#: Customers in the judged sample, and in each reference draw.
LIMIT = 400
_STARTS = 2
_ITERATIONS = 10
#: Draws that are fitted together; half of them of each kind.
_TOGETHER = 20


@dataclass(frozen=True)
class Structure:
    """The verdict on whether the customers form groups.

    Parameters
    ----------
    natural : whether they beat every reference draw, and are divided alike when drawn anew
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
        return self.said("")

    def said(self, not_again: str) -> str:
        """Return the verdict in a sentence.

        Parameters
        ----------
        not_again : what is not found again when customers are drawn anew, where that decides;
            empty where it isn't known

        Examples
        --------
        >>> print(Structure(False, 200, 0, 400).said("2 of the 5 segments are not found again"))
        No natural grouping: the customers fall apart more clearly than 200 random tables without \
groups, but that alone isn't enough: when customers are drawn anew, 2 of the 5 segments are not \
found again.
        """
        if self.natural:
            return (
                f"Clearer than chance: none of {self.draws} random tables of the same size and "
                "spread, but without groups, falls apart as clearly."
            )
        if not self.beaten_by:
            return (
                f"No natural grouping: the customers fall apart more clearly than {self.draws} "
                "random tables without groups, but that alone isn't enough: when customers are "
                f"drawn anew, {not_again or 'the segments are not found again as they should be'}."
            )
        return (
            f"No natural grouping: {self.beaten_by} of {self.draws} random tables of the same "
            "size and spread, but without groups, fall apart at least as clearly."
        )


def judge_structure(
    rows: Floats,
    ks: Sequence[int],
    seed: int,
    progress: Callable[[float], None] | None = None,
    levels: Levels = (),
) -> Structure:
    """Judge whether the rows form groups, against structureless draws.

    Parameters
    ----------
    rows : array of shape (customers, features), standardised, at most some hundreds of rows
    ks : the numbers of segments that are looked at
    seed : for the draws and the starts
    progress : called with the share that is done, from 0 to 1
    levels : the features that are levels of one column, for each such column
    """
    rng = np.random.default_rng(seed)

    def of_draws(rng: np.random.Generator) -> Floats:
        shape = (_TOGETHER // 2, *rows.shape)
        boxes = rng.uniform(-np.sqrt(3), np.sqrt(3), shape)
        draws = np.stack([boxes, rng.normal(size=shape)], axis=1).reshape(-1, *rows.shape)
        return _curves(shaped_like(rows, draws, levels), ks, rng)

    curves = [_curves(rows[None], ks, rng)]
    batches = 2 * DRAWS // _TOGETHER
    with one_blas_thread(), ThreadPoolExecutor(os.cpu_count()) as workers:
        for done, found in enumerate(workers.map(of_draws, rng.spawn(batches)), 1):
            curves.append(found)
            if progress is not None:
                progress(done / batches)
    table = np.concatenate(curves)
    beaten_by = 0
    for kind in (table[1::2], table[2::2]):
        # Each row of the pool (the customers first) is judged against the pool's own mean and
        # spread, so that under no structure all of them have the same chance to be highest.
        pool = np.vstack([table[:1], kind])
        scores = ((pool - pool.mean(axis=0)) / np.maximum(pool.std(axis=0), 1e-12)).max(axis=1)
        beaten_by += int((scores[1:] >= scores[0]).sum())
    return Structure(beaten_by == 0, 2 * DRAWS, beaten_by, len(rows))


def _curves(draws: Floats, ks: Sequence[int], rng: np.random.Generator) -> Floats:
    """Return the silhouette of each table at each k, from the better of two short K-means runs.

    All tables go through every step together, which spares most of the time of one after another.

    Parameters
    ----------
    draws : array of shape (tables, rows, features)
    ks : the numbers of segments

    Returns
    -------
    array of shape (tables, ks)
    """
    starts = _starts(draws, max(ks), rng)
    labels = [_partitions(draws, starts[:, :, :k]) for k in ks]
    every = np.concatenate(
        [np.eye(k, dtype=np.float32)[each] for k, each in zip(ks, labels, strict=True)], axis=2
    )
    # Table by table: the distances of all of them together would not stay close to a processor.
    sums = np.stack(
        [
            cdist(rows, rows).astype(np.float32) @ members
            for rows, members in zip(draws, every, strict=True)
        ]
    )
    sizes = every.sum(axis=1)
    values, last = np.empty((len(draws), len(ks))), 0
    for index, (k, own) in enumerate(zip(ks, labels, strict=True)):
        one = slice(last, last + k)
        # Where all rows went to one segment there is no silhouette: the worst there is.
        several = (sizes[:, one] > 0).sum(axis=1) > 1
        values[:, index] = np.where(
            several, silhouette_values(sums[..., one], sizes[:, one], own).mean(axis=1), -1.0
        )
        last += k
    return values


def _partitions(draws: Floats, starts: Floats) -> Ints:
    """Divide each table by K-means, and keep the start that costs least.

    A single start now and then splits off one far row, which makes a fine silhouette and a bad
    partition.

    Returns
    -------
    array of shape (tables, rows), the segment of each row
    """
    rows = np.ascontiguousarray(draws.transpose(0, 2, 1), dtype=np.float32)
    centres = starts.astype(np.float32)
    counted = with_ones(rows)
    for _ in range(_ITERATIONS):
        centres, _inertia = moved(rows, counted, centres)
    bracket = brackets(rows, centres)
    best = bracket.max(axis=2).sum(axis=2).argmax(axis=0)
    return np.asarray(bracket[best, np.arange(len(draws))].argmax(axis=1))


def _starts(draws: Floats, k: int, rng: np.random.Generator) -> Floats:
    """Draw k-means++ starts (Arthur, Vassilvitskii 2007) in each table.

    Returns
    -------
    array of shape (starts, tables, k, features)
    """
    tables, rows, features = draws.shape
    each = np.arange(tables)
    columns = draws.transpose(0, 2, 1)
    chosen = np.empty((_STARTS, tables), dtype=np.int64)
    places = np.empty((_STARTS, k - 1, tables, 1))
    for start in range(_STARTS):
        chosen[start] = rng.integers(rows, size=tables)
        places[start] = rng.uniform(size=(k - 1, tables, 1))
    centres = np.empty((_STARTS, tables, k, features))
    centres[:, :, 0] = draws[each, chosen]
    nearest = np.full((_STARTS, tables, rows), np.inf)
    for index in range(1, k):
        away = columns - centres[:, :, index - 1, :, None]
        np.minimum(nearest, np.einsum("stfr,stfr->str", away, away), out=nearest)
        cumulated = nearest.cumsum(axis=2)
        place = places[:, index - 1] * cumulated[:, :, -1:]
        # Where every row lies on a centre, the last row is taken again: that segment stays empty.
        chosen = np.minimum((cumulated <= place).sum(axis=2), rows - 1)
        centres[:, :, index] = draws[each, chosen]
    return centres
