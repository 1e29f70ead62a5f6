"""Whether two addresses are of one database, whoever signs in and however the way is secured."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

__all__ = ["same_database"]

#: Of an address's query, what changes who signs in or how, and not which tables are there.
_WAYS = {
    *("user", "password", "passfile", "require_auth", "channel_binding", "gssencmode"),
    *("sslmode", "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl"),
    *("application_name", "connect_timeout", "keepalives", "client_encoding"),
}
_PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mssql": 1433, "oracle": 1521}


def same_database(one: str, other: str) -> bool:
    """Return whether two addresses without their tables are of the same database.

    Host, port and name of the database decide, with what else names tables, such as a search path.

    Parameters
    ----------
    one, other : as :class:`~clienteling.data.urls.DatabaseAddress` has them

    Examples
    --------
    >>> same_database("postgresql://ada:s@db/shop", "postgresql+psycopg://eve:t@DB:5432/shop")
    True
    >>> same_database("postgresql://ada:s@db/shop", "postgresql://ada:s@db/other")
    False
    """
    return _place(one) == _place(other)


def _place(address: str) -> tuple[object, ...]:
    parts = urlsplit(address)
    backend, query = parts.scheme.partition("+")[0], dict(parse_qsl(parts.query))
    database = unquote(parts.path[1:])
    if backend in ("sqlite", "duckdb"):
        return (backend, Path(database).resolve())
    # PostgreSQL takes host, port and name in the query, too.
    host = query.pop("host", "") or parts.hostname or "localhost"
    port = query.pop("port", "") or parts.port or _PORTS.get(backend, "")
    user = query.get("user") or unquote(parts.username or "")
    database = query.pop("dbname", "") or database or user
    rest = sorted((key, value) for key, value in query.items() if key not in _WAYS)
    return (backend, host.lower(), str(port), database, tuple(rest))
