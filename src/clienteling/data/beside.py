"""Open a second source where the customers are, so that one query can join both."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.files import inspect_path
from clienteling.data.read import Source, read
from clienteling.data.sql import name, number, text
from clienteling.data.table import Table, ViewEngine
from clienteling.data.urls import is_url, parse_url
from clienteling.errors import SourceError

__all__ = ["open_beside", "open_shared"]

#: Rows that are written into a query, where an engine takes no frames.
_WRITTEN = 20_000
#: Of the lists of rows: a query may hold several, and each needs its own name.
_NUMBERS = itertools.count(1)


def open_beside(
    table: Table, source: Source, only: Callable[[Table], Table] | None = None
) -> Table:
    """Return ``source`` as a table of the engine that holds ``table``.

    Files are opened there, and so is a table of the same database. What lies elsewhere is brought
    there: to a database few rows in the query itself, more as a temporary table.

    Parameters
    ----------
    table : the customers
    source : any source of :func:`clienteling.read`
    only : picks what is wanted of it, so that no more is brought

    Raises
    ------
    InputError
        The customers are in a database in which the user may make no temporary table.

    Examples
    --------
    >>> import clienteling as cl, pandas as pd
    >>> customers = cl.read("sample")
    >>> beside = open_beside(customers, pd.DataFrame({"customer_id": [3]}))
    >>> beside.engine is customers.engine, len(beside)
    (True, 1)
    """
    engine: Any = table.engine
    pick = only or (lambda rows: rows)
    if isinstance(source, Table) and source.engine is engine:
        return pick(source)
    shared = open_shared(table, source)
    if shared is not None:
        return pick(shared)
    if isinstance(source, str | Path) and not is_url(str(source)) and _opens_files(engine):
        return pick(engine.open_file(inspect_path(str(source))))
    other = pick(read(source))
    if hasattr(engine, "open_frame"):
        opened: Table = engine.open_frame(other.to_arrow(), other.source)
        return opened
    if len(other) > _WRITTEN:
        brought: Table = engine.bring(other)
        return brought
    return _written(table, other)


def open_shared(table: Table, source: Source) -> Table | None:
    """Open a table of the database that the customers are in; None where it is none.

    Parameters
    ----------
    table : the customers
    source : any source of :func:`clienteling.read`
    """
    engine: Any = table.engine
    if not isinstance(source, str) or not is_url(source) or not hasattr(engine, "shares"):
        return None
    address = parse_url(source)
    # Whoever reads the customers may not be let into the other table: then it is read by its own
    # address.
    with suppress(SourceError):
        if engine.shares(address):
            opened: Table = engine.open_table(address.table)
            return opened
    return None


def _opens_files(engine: ViewEngine) -> bool:
    # A database file that is opened to read alone takes no views.
    return hasattr(engine, "open_file") and getattr(engine, "database", ":memory:") == ":memory:"


def _written(table: Table, other: Table) -> Table:
    """Write the rows into the query itself."""
    found = other.to_arrow().to_pylist()
    # A row of nulls gives the columns where there is no other; nothing joins to it.
    values = [tuple(row[each] for each in other.names) for row in found] or [
        (None,) * len(other.names)
    ]
    tuples = [exp.Tuple(expressions=[_literal(each) for each in row]) for row in values]
    called = f"cl_given_{next(_NUMBERS)}"
    head = exp.TableAlias(
        this=exp.to_identifier(called), columns=[name(each) for each in other.names]
    )
    select = exp.select("*").from_(called).with_(head, as_=exp.Values(expressions=tuples))
    return Table(table.engine, select, other.columns, other.source, other.notes)


def _literal(value: Any) -> exp.Expr:
    if value is None:
        return exp.null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int):
        return exp.Literal.number(value)
    if isinstance(value, float):
        # No number elsewhere either; and no database's text takes them as numbers.
        return number(value) if math.isfinite(value) else exp.null()
    if isinstance(value, dt.date):
        return exp.cast(text(value.isoformat()), exp.DataType.Type.DATE)
    return text(str(value))
