"""Points in time as the store keeps them: always UTC, to the microsecond."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from clienteling.errors import InputError

__all__ = ["Moment", "as_utc", "now_utc"]


def now_utc() -> dt.datetime:
    """Return the time."""
    return dt.datetime.now(dt.UTC)


def as_utc(moment: dt.datetime) -> dt.datetime:
    """Return the same point in time in UTC; one that names no zone is taken as UTC.

    Raises
    ------
    InputError
        It is no point in time, or one before the year 1 in UTC.

    Examples
    --------
    >>> summer = dt.timezone(dt.timedelta(hours=2))
    >>> as_utc(dt.datetime(2026, 3, 1, 1, 30, tzinfo=summer))
    datetime.datetime(2026, 2, 28, 23, 30, tzinfo=datetime.timezone.utc)
    """
    if not isinstance(moment, dt.datetime):
        raise InputError(
            f"{moment!r} is no point in time.",
            hint="Give a datetime, best with its zone: datetime(2026, 3, 1, tzinfo=timezone.utc)",
        )
    if moment.tzinfo is None:
        return moment.replace(tzinfo=dt.UTC)
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError as error:
        raise InputError(f"{moment} is no point in time that can be kept.") from error


class Moment(sa.types.TypeDecorator[dt.datetime]):
    """A point in time: a ``timestamptz`` in PostgreSQL, in SQLite text that sorts by time."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Return the type that the database has for it."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.String(32))

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> Any:
        """Return what goes into the database."""
        if value is None:
            return None
        moment = as_utc(value)
        if dialect.name == "postgresql":
            return moment
        # Always as long, so that the order of the texts is that of the times.
        return moment.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> dt.datetime | None:
        """Return what came out of the database."""
        if value is None:
            return None
        return as_utc(dt.datetime.fromisoformat(value) if isinstance(value, str) else value)
