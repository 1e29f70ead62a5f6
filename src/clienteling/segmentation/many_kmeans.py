"""K-means on many small tables at once.

Each of some hundreds of resamples takes a fit from scratch. One by one, most of the time goes into
checking arguments and starting loops; side by side in numpy they take a tenth of it. The algorithm
is Lloyd's with k-means++ starts (Arthur and Vassilvitskii 2007), as everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from clienteling.segmentation.blas import one_blas_thread
from clienteling.segmentation.sketch import Floats

__all__ = ["brackets", "divide_each", "divided", "moved", "with_ones"]

#: Short runs from scratch, of which the best goes on.
_STARTS, _SHORT, _LONG = 12, 5, 20
#: Numbers in an array at once: what a processor keeps close by.
_AT_ONCE = 300_000

_Halves = NDArray[np.float32]


def divide_each(tables: Floats, k: int, rng: np.random.Generator) -> Floats:
    """Return the centres that K-means finds in each of many tables.

    Parameters
    ----------
    tables : array of shape (tables, rows, features)
    k : how many centres; where a table has fewer different rows, some centres are equal
    rng : for the starts

    Returns
    -------
    Array of shape (tables, k, features)

    Examples
    --------
    >>> import numpy as np
    >>> line = np.array([0.0, 1.0, 2.0, 10.0, 11.0, 12.0])[None, :, None]
    >>> np.sort(divide_each(line, 2, np.random.default_rng(0)).ravel()).tolist()
    [1.0, 11.0]
    """
    return np.stack(list(divided(tables, k, rng)))


def divided(tables: Floats, k: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Find the centres in each of many tables, some tables at a time, as they are asked for.

    Parameters
    ----------
    tables, k, rng : as for :func:`divide_each`

    Yields
    ------
    Array of shape (k, features), for each table
    """
    many, rows, _ = tables.shape
    step = max(1, _AT_ONCE // (_STARTS * rows * k))
    for first in range(0, many, step):
        part = tables[first : first + step].transpose(0, 2, 1)
        with one_blas_thread():
            found = _divide(np.ascontiguousarray(part, dtype=np.float32), k, rng)
        yield from found.astype(np.float64)


def _divide(rows: _Halves, k: int, rng: np.random.Generator) -> _Halves:
    """Fit tables of shape (tables, features, rows)."""
    centres, counted = _starts(rows, k, rng), with_ones(rows)
    for _ in range(_SHORT):
        centres, inertia = moved(rows, counted, centres)
    best = inertia.argmin(axis=0)
    kept = centres[best, np.arange(len(best))][None]
    for _ in range(_LONG):
        before = kept
        kept, _inertia = moved(rows, counted, before)
        if np.array_equal(kept, before):
            break
    return np.asarray(kept[0])


def _starts(rows: _Halves, k: int, rng: np.random.Generator) -> _Halves:
    """Draw k-means++ starts; array of shape (starts, tables, k, features)."""
    many, features, size = rows.shape
    tables = np.arange(many)
    centres = np.empty((_STARTS, many, k, features), dtype=np.float32)
    chosen = rng.integers(0, size, (_STARTS, many))
    nearest = np.full((_STARTS, many, size), np.inf, dtype=np.float32)
    for index in range(k):
        centres[:, :, index] = rows[tables, :, chosen]
        away = rows[None] - centres[:, :, index, :, None]
        np.minimum(nearest, np.einsum("stfr,stfr->str", away, away), out=nearest)
        cumulated = nearest.cumsum(axis=2)
        places = rng.random((_STARTS, many, 1), dtype=np.float32) * cumulated[:, :, -1:]
        chosen = np.minimum((cumulated <= places).sum(axis=2), size - 1)
    return centres


def with_ones(rows: _Halves) -> _Halves:
    """Return a row per row of the tables, and a one in each: its sum over some counts them.

    Parameters
    ----------
    rows : array of shape (tables, features, rows)

    Returns
    -------
    array of shape (tables, rows, features + 1)
    """
    counted = np.ones((rows.shape[0], rows.shape[2], rows.shape[1] + 1), dtype=np.float32)
    counted[:, :, :-1] = rows.transpose(0, 2, 1)
    return counted


def moved(rows: _Halves, counted: _Halves, centres: _Halves) -> tuple[_Halves, _Halves]:
    """Move each centre to the mean of the rows that are nearest to it: one step of Lloyd's.

    Parameters
    ----------
    rows : array of shape (tables, features, rows)
    counted : the same as :func:`with_ones` returns it
    centres : array of shape (starts, tables, k, features)

    Returns
    -------
    centres : array of the same shape
    inertia : array of shape (starts, tables), how far the rows were from them before: the sum of
        squares less what is the same for all
    """
    bracket = brackets(rows, centres)
    largest = bracket.max(axis=2)
    own = (bracket == largest[:, :, None]).astype(np.float32)
    sums = own @ counted
    sizes = sums[..., -1:]
    # A centre without rows stays where it is.
    means = np.divide(sums[..., :-1], sizes, out=centres.copy(), where=sizes > 0)
    return means, -2 * largest.sum(axis=2)


def brackets(rows: _Halves, centres: _Halves) -> _Halves:
    """Return what is largest at the nearest centre of a row: x·c - |c|²/2.

    The squared distance is |x|² - 2 (x·c - |c|²/2). Arrays as for :func:`moved`; the result has
    the shape (starts, tables, k, rows).
    """
    found = centres @ rows
    found -= ((centres**2).sum(axis=3) / 2)[..., None]
    return found
