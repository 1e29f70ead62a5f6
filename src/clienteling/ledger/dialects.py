"""What SQLite and PostgreSQL both can, but SQLAlchemy has under each one's name."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["insert", "one_at_a_time", "together"]


def insert(connection: sa.Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """Return an ``INSERT`` that can say what to do where the row is there already."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def one_at_a_time(connection: sa.Connection, what: str) -> None:
    """Let nobody else go on with the same thing until this change is done.

    In SQLite a writer is alone in any case.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_number(what))))


def together(connection: sa.Connection, what: str) -> None:
    """Let others who call this go on with the same thing, but nobody who wants to be alone with it.

    See :func:`one_at_a_time`.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(_number(what))))


def _number(what: str) -> int:
    digest = hashlib.sha256(f"clienteling {what}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
