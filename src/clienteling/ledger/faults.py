"""What a database says when it refuses, in words that tell what to do."""

from __future__ import annotations

import sqlalchemy as sa

from clienteling.errors import ClientelingError, EngineError, OutputError, SourceError

__all__ = ["in_words"]

#: What stands in the message of a driver, the kind of error, what it means, what to do.
_KNOWN: tuple[tuple[str, type[ClientelingError], str, str], ...] = (
    (
        "database or disk is full",
        OutputError,
        "the disk is full; nothing of this was taken in.",
        "Free some space and do it again.",
    ),
    (
        "disk I/O error",
        OutputError,
        "the disk refuses to be read or written; nothing of this was taken in.",
        "Look after the disk and do it again.",
    ),
    (
        "database is locked",
        OutputError,
        "others have kept it busy for too long; nothing of this was taken in.",
        "Do it again; for many writers at once there is PostgreSQL.",
    ),
    (
        "readonly database",
        OutputError,
        "may be read only; nothing of this was taken in.",
        "Make the file and its folder writable.",
    ),
    (
        "not a database",
        SourceError,
        "is not a store; it is some other file.",
        "Name the file of a store, or one that is to be made.",
    ),
    (
        "malformed",
        SourceError,
        "is damaged.",
        "Take the last backup of it.",
    ),
    ("unable to open", SourceError, "can't be opened.", "Look at its path and its permissions."),
    (
        "permission denied for table",
        OutputError,
        "this user may not read or change its tables; nothing of this was taken in.",
        "Let their owner grant it: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "
        "public TO the_user",
    ),
    (
        "permission denied for",
        OutputError,
        "this user may not make its tables; nothing was made.",
        "Let the owner of the database grant it: GRANT USAGE, CREATE ON SCHEMA public TO the_user",
    ),
)


def in_words(error: sa.exc.SQLAlchemyError, shown: str) -> ClientelingError:
    """Return the error to raise instead of a driver's.

    Parameters
    ----------
    error : the driver's, wrapped by SQLAlchemy
    shown : the store, without its password
    """
    said = str(getattr(error, "orig", None) or error)
    for sign, kind, what, hint in _KNOWN:
        if sign in said:
            return kind(f"{shown}: {what}", hint=hint)
    away = isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)
    if away or getattr(error, "connection_invalidated", False):
        return SourceError(
            f"{shown}: the database can't be reached, or went away in the middle "
            f"({_first_line(said)}). What was being taken in is in it whole or not at all.",
            hint="Do the same again once it is back: what is there already is not counted twice.",
        )
    return EngineError(f"{shown}: the database refused a statement ({_first_line(said)}).")


def _first_line(said: str) -> str:
    return said.strip().split("\n", 1)[0].rstrip(".") or "it gives no reason"
