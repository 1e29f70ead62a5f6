"""Keep BLAS to one thread where the matrices are small."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

__all__ = ["one_blas_thread"]


def one_blas_thread() -> AbstractContextManager[Any]:
    """Let BLAS use one thread in the block, for the whole process.

    Small matrices gain nothing from its threads, which would be in each other's way where several
    of ours multiply. Each of those may use this again inside a block that is around them all.

    Examples
    --------
    >>> with one_blas_thread():
    ...     product = 2 * 3
    """
    limited: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limited


@cache
def _controller() -> ThreadpoolController:
    # It looks through all loaded libraries, which takes longer than a fit of many tables.
    import scipy.linalg  # noqa: F401  # the last to load a BLAS of its own

    return ThreadpoolController()
