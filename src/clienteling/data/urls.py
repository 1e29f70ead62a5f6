"""Database addresses: a URL with the table in its query, and no password in any message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from clienteling.errors import SourceError, near_names

__all__ = ["DatabaseAddress", "is_url", "no_such_table", "parse_url", "without_password"]

#: What is secret in an address's query.
_SECRET = r"(?i:[^=&]*(?:password|token|secret|key)[^=&]*)"
#: Addresses that people try, and that name no database.
_NO_DATABASES = {"http", "https", "ftp", "file", "s3", "s3a", "gs", "gcs", "abfs", "abfss", "hdfs"}


@dataclass(frozen=True)
class DatabaseAddress:
    """Where a table is.

    Parameters
    ----------
    url : for the driver, with the password and without the table
    table : its name, with the schema before a point where it has one
    shown : for messages and files: the password is left out
    """

    url: str
    table: str
    shown: str

    @property
    def driver(self) -> str:
        """What the address begins with, such as ``duckdb`` or ``postgresql``."""
        return self.url.split(":", 1)[0]

    @property
    def without_password(self) -> str:
        """The address of the database for the driver, with the user and without any secret."""
        bare = re.sub(r"(://[^/@:]*):.*@", r"\1@", self.url)
        start, _, query = bare.partition("?")
        rest = [each for each in query.split("&") if each and not re.match(_SECRET, each)]
        return "?".join([start, "&".join(rest)]) if rest else start

    def __repr__(self) -> str:
        return f"DatabaseAddress({self.shown!r})"


def is_url(source: str) -> bool:
    """Return whether a source is a database's address rather than a path.

    Examples
    --------
    >>> is_url("duckdb:///shop.db?table=customers"), is_url("C:/shop.csv"), is_url("shop.csv")
    (True, False, False)
    """
    return re.match(r"[A-Za-z][\w+.-]+://", source) is not None


def without_password(url: str) -> str:
    """Return an address as it may be shown.

    Examples
    --------
    >>> without_password("postgresql://ada:secret@db/shop")
    'postgresql://ada:***@db/shop'
    """
    # Up to the last @: a password may hold any sign, and too much hidden does no harm.
    shown = re.sub(r"(://[^/@:]*):.*@", r"\1:***@", url)
    return re.sub(rf"([?&]{_SECRET}=)[^&]*", r"\1***", shown)


def parse_url(source: str) -> DatabaseAddress:
    """Take a database's address apart.

    Raises
    ------
    SourceError
        The address names no table or is not one.

    Examples
    --------
    >>> address = parse_url("postgresql://ada:secret@db/shop?table=customers")
    >>> address.table, address.shown
    ('customers', 'postgresql://ada:***@db/shop?table=customers')
    """
    shown = without_password(source)
    try:
        parts = urlsplit(source)
        query = parse_qsl(parts.query, keep_blank_values=True)
        _ = parts.port
    except ValueError:
        raise SourceError(
            f"{shown}: is not a database's address; a sign in it stands in the wrong place.",
            hint="Write it as postgresql://user:password@host:5432/database?table=customers, and "
            "signs such as / @ : ? in a password as %2F %40 %3A %3F.",
        ) from None
    if parts.scheme.lower() in _NO_DATABASES:
        raise SourceError(
            f"{shown}: is an address of files, and only databases are read by their address.",
            hint="Copy the file to this machine and give its path.",
        )
    tables = [value for key, value in query if key == "table" and value]
    bare = re.sub(r"[?&]table=[^&]*", "", shown)
    example = f"{bare}{'&' if '?' in bare else '?'}table=customers"
    if not tables:
        raise SourceError(f"{shown}: names no table.", hint=f"Add it to the address: {example}")
    if len(tables) > 1:
        raise SourceError(f"{shown}: names more than one table.", hint=f"Name one: {example}")
    rest = urlencode([(key, value) for key, value in query if key != "table"])
    # urlunsplit drops the empty host of duckdb:///shop.db, so it is put together by hand.
    url = f"{parts.scheme}://{parts.netloc}{parts.path}" + (f"?{rest}" if rest else "")
    return DatabaseAddress(url, tables[0], shown)


def no_such_table(source: str, table: str, names: Sequence[str]) -> SourceError:
    """Return the error for a table that isn't there, with the nearest names."""
    there = ", ".join(f'"{each}"' for each in sorted(names)[:20]) or "none"
    hint = near_names(table, names)
    return SourceError(
        f'{source}: there is no table "{table}".',
        hint=f"{hint} The tables are: {there}.".strip(),
    )
