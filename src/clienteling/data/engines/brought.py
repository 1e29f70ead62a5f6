"""Rows that are brought to a database as a temporary table, on the connection that holds it.

It is dropped when no query refers to it any more, and by the database itself when the connection
ends, however that comes about.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from clienteling.data.passing import Passing
from clienteling.data.table import Column, Table
from clienteling.errors import SourceError

if TYPE_CHECKING:
    import pyarrow as pa
    import sqlalchemy
    import sqlglot.expressions as exp

__all__ = ["HeldConnection", "bring"]

#: Rows that are sent together.
_AT_ONCE = 20_000
#: Each table needs its own name.
_NUMBERS = itertools.count(1)


class HeldConnection:
    """A connection that stays open, since it holds temporary tables, and is in use by turns.

    Parameters
    ----------
    connection : open; it is closed when this object goes, and at the end of the process
    shown : what to call the database in messages
    """

    def __init__(self, connection: sqlalchemy.Connection, shown: str) -> None:
        self._connection, self._shown, self._users = connection, shown, 0
        self._passing = Passing()
        weakref.finalize(self, connection.close)

    def table(self, called: str) -> exp.Table:
        """Return a temporary table to select from, which is dropped when no query does any more."""
        return self._passing.table(called)

    @contextmanager
    def use(self) -> Iterator[sqlalchemy.Connection]:
        """Give the connection; what was not committed at the end is undone.

        Raises
        ------
        SourceError
            It was cut meanwhile, and the temporary tables are gone with it.
        """
        if not self._users and not self._connection.invalidated:
            self._drop()
        if self._connection.invalidated:
            raise SourceError(
                f"{self._shown}: the database went away in the middle, and what was brought there "
                "for the while is gone.",
                hint="Do the same again once it is back.",
            )
        self._users += 1
        try:
            yield self._connection
        finally:
            self._users -= 1
            # No transaction stays open between two queries, as it would hold locks.
            if not self._users and not self._connection.invalidated:
                self._connection.rollback()

    def _drop(self) -> None:
        """Drop the tables that no query refers to any more."""
        import sqlalchemy as sa

        for called in self._passing.gone():
            try:
                sa.Table(called, sa.MetaData()).drop(self._connection)
                self._connection.commit()
            except sa.exc.DBAPIError:  # it goes with the connection, which may have been cut
                if self._connection.invalidated:
                    return
                self._connection.rollback()


def bring(connection: sqlalchemy.Connection, other: Table) -> str:
    """Make a temporary table of the rows of another table; return its name.

    Parameters
    ----------
    connection : of the database; the table is there for it alone
    other : the rows, of any engine; they are taken part by part

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        The database refuses it; nothing is left behind.
    """
    import sqlalchemy as sa

    called = f"cl_brought_{next(_NUMBERS)}"
    table: sa.Table | None = None
    for part in other.batches(_AT_ONCE):
        if table is None:
            columns = [
                sa.Column(each.name, _type(each, part.schema.field(each.name).type))
                for each in other.columns
            ]
            table = sa.Table(called, sa.MetaData(), *columns, prefixes=["TEMPORARY"])
            table.create(connection)
        if part.num_rows:
            connection.execute(sa.insert(table), _rows(part, other.columns))
    connection.commit()
    return called


def _type(own: Column, kept: pa.DataType) -> sqlalchemy.types.TypeEngine[Any]:
    import pyarrow as pa
    import sqlalchemy.types as types

    if own.kind == "date" and pa.types.is_timestamp(kept):
        return types.DateTime(timezone=kept.tz is not None)
    kinds: dict[str, type[types.TypeEngine[Any]]] = {
        "boolean": types.Boolean,
        "integer": types.BigInteger,
        "number": types.Double,
        "date": types.Date,
    }
    return kinds.get(own.kind, types.Text)()


def _rows(part: pa.Table, columns: tuple[Column, ...]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = part.to_pylist()
    for own in columns:
        if own.kind == "other":
            for row in rows:
                row[own.name] = None if row[own.name] is None else str(row[own.name])
    return rows
