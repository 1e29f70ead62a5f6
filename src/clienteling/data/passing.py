"""Temporary tables and views that go when no query refers to them any more.

A plan reads what was brought beside the customers for as long as it lives, and nobody says when
that is over. So the table's node in a query bears a mark, which every copy of the node shares. When
the last of them is gone, the name is noted, and the engine takes the table away before it does the
next thing: never in the middle of a query, and never from the thread that happened to let go.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Iterator

import sqlglot.expressions as exp

from clienteling.data.sql import name

__all__ = ["Passing"]


class _Mark:
    """What all copies of a node share."""

    def __deepcopy__(self, memo: object) -> _Mark:
        return self


class Passing:
    """The tables of an engine that are there for a while.

    Examples
    --------
    >>> passing = Passing()
    >>> query = exp.select("*").from_(passing.table("brought"))
    >>> copied = query.copy()
    >>> del query
    >>> list(passing.gone())
    []
    >>> del copied
    >>> import gc
    >>> _ = gc.collect()
    >>> list(passing.gone())
    ['brought']
    """

    def __init__(self) -> None:
        self._gone: deque[str] = deque()

    def table(self, called: str) -> exp.Table:
        """Return a table to select from; when it and all its copies are gone, so is the name."""
        node, mark = exp.table_(name(called)), _Mark()
        node.meta["cl_mark"] = mark
        # At the end of the process everything goes in any case.
        weakref.finalize(mark, self._gone.append, called).atexit = False
        return node

    def gone(self) -> Iterator[str]:
        """Give the names that no query refers to any more, each of them once."""
        while self._gone:
            yield self._gone.popleft()
