"""Open a store: a file of its own in SQLite, or a PostgreSQL database by its address.

SQLite is used as it must be where several processes write: a write begins with ``BEGIN
IMMEDIATE``, so that what was read still holds when it is written; others wait their turn; a commit
is on the disk before it is answered.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import quote

import sqlalchemy as sa

from clienteling.data.urls import is_url, without_password
from clienteling.errors import InputError, MissingExtra, OutputError, SourceError, near_names
from clienteling.ledger.faults import in_words
from clienteling.ledger.migrate import migrate

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Store", "driver_url", "near_stores", "open_store"]

#: Seconds that a writer waits for its turn.
_PATIENCE = 60.0
#: How a file of SQLite begins; how many of them are named.
_BEGINS, _NAMED = b"SQLite format 3\0", 5


class Store:
    """Campaigns, decisions, outcomes, counts, consents and opt-outs, in one database.

    :func:`open_store` opens one. It may be shared by threads; each process opens its own.

    Parameters
    ----------
    engine : SQLAlchemy's
    shown : what to call it in messages, without a password
    is_new : whether it was made when it was opened
    """

    def __init__(self, engine: sa.Engine, shown: str, *, is_new: bool = False) -> None:
        self.engine, self.shown, self.is_new = engine, shown, is_new

    def __repr__(self) -> str:
        return f"Store({self.shown!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of its own."""
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the store and changes nothing.

        Raises
        ------
        SourceError
            The database can't be reached, or went away.
        """
        with self._connection() as connection:
            connection.execution_options(clienteling_reads=True)
            with connection.begin():
                yield connection

    def arrow(self, query: sa.Select[Any], schema: pa.Schema) -> pa.Table:
        """Return the rows of a query as an Arrow table, part by part."""
        import pyarrow as pa

        with self.reading() as connection:
            parts = connection.execute(query).mappings().partitions(50_000)
            rows = [
                pa.RecordBatch.from_pylist([dict(row) for row in each], schema) for each in parts
            ]
        return pa.Table.from_batches(rows, schema)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection for one change of the store: all of it is kept, or nothing.

        Raises
        ------
        OutputError
            The disk is full, or others keep the store busy.
        SourceError
            The database can't be reached, or went away.
        """
        with self._connection() as connection, connection.begin():
            yield connection

    @contextmanager
    def plain(self) -> Iterator[sqlite3.Connection]:
        """Give SQLite's own connection, for what can't be part of a change.

        Raises
        ------
        OutputError
            The disk is full, or others keep the store busy.
        """
        raw = self.engine.raw_connection()
        try:
            yield cast(sqlite3.Connection, raw.driver_connection)
        except sqlite3.Error as error:
            raise in_words(sa.exc.DBAPIError("", None, error), self.shown) from None
        finally:
            raw.close()

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        try:
            with self.engine.connect() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            # Not chained: a driver's words may hold the address with its password.
            raise in_words(error, self.shown) from None


def open_store(place: str | Path, *, create: bool = False) -> Store:
    """Open a store, and bring one that an earlier version made up to date.

    Parameters
    ----------
    place : a file such as ``shop.db``, or ``postgresql://user:password@host/database``
    create : whether to make it where there is none

    Raises
    ------
    MissingExtra
        The driver of PostgreSQL is not installed.
    SourceError
        There is no such store, it can't be reached, or a newer version made it.
    OutputError
        It can't be made there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open_store(f"{folder}/shop.db", create=True) as store:
    ...         store.is_sqlite
    True
    """
    text = str(place)
    if is_url(text) and not text.startswith("sqlite://"):
        store = _postgres(text)
    else:
        store = _sqlite(Path(text.removeprefix("sqlite:///")), create)
    try:
        store.is_new = migrate(store.engine, store.shown, create=create)
    except sa.exc.SQLAlchemyError as error:
        store.close()
        raise in_words(error, store.shown) from None
    except BaseException:
        store.close()
        raise
    return store


def near_stores(path: Path) -> str:
    """Return a sentence that offers the stores in the folder of a file; empty without any.

    Those of a name that is near come alone; else the first few are named.
    """
    try:
        files = sorted(each for each in path.absolute().parent.iterdir() if _is_sqlite(each))
    except OSError:
        return ""
    names = [each.name for each in files if each.name != path.name]
    near = near_names(path.name, names)
    if near or not names:
        return near
    shown = ", ".join(f'"{each}"' for each in names[:_NAMED])
    more = f" and {len(names) - _NAMED:,} others" if len(names) > _NAMED else ""
    return f"In its folder there are: {shown}{more}."


def _is_sqlite(path: Path) -> bool:
    try:
        if not path.is_file():  # a pipe would be waited for
            return False
        with path.open("rb") as file:
            return file.read(len(_BEGINS)) == _BEGINS
    except OSError:
        return False


def _postgres(text: str) -> Store:
    shown = without_password(text)
    try:
        url = sa.make_url(text)
        _ = url.port
    except (sa.exc.ArgumentError, ValueError):
        url = sa.URL.create("")
    if not url.drivername or url.get_backend_name() != "postgresql":
        raise InputError(
            f"{shown}: is not the address of a store.",
            hint="A store is a file, such as shop.db, or a PostgreSQL database: "
            "postgresql://user:password@host:5432/database",
        )
    if importlib.util.find_spec("psycopg") is None:
        raise MissingExtra("PostgreSQL stores", "postgres")
    engine = sa.create_engine(
        driver_url(text),
        # A connection that the server has closed meanwhile is replaced before it is used.
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10},
    )
    return Store(engine, shown)


def driver_url(address: str) -> sa.URL:
    """Return an address with the driver that is used for PostgreSQL, psycopg 3."""
    url = sa.make_url(address)
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def _sqlite(path: Path, create: bool) -> Store:
    if path.is_dir():
        raise SourceError(f"{path}: is a folder, so it can't be the store.")
    if not path.exists():
        if not create:
            near = near_stores(path)
            raise SourceError(
                f"{path}: there is no such store." + (f" {near}" if near else ""),
                hint="clienteling campaign plan --store makes one.",
            )
        if not path.absolute().parent.is_dir():
            raise OutputError(
                f"{path}: there is no folder {path.absolute().parent}.", hint="Make it first."
            )
    where = f"file:{quote(str(path.absolute()))}?mode={'rwc' if create else 'rw'}"

    def connect() -> sqlite3.Connection:
        # Without a level of isolation the driver begins nothing by itself; see _begin.
        connection = sqlite3.connect(
            where, uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        # What is deleted is written over: see forget.
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.pool.NullPool)
    sa.event.listen(engine, "begin", _begin)
    store = Store(engine, str(path))
    try:
        _write_ahead(connect)
    except sqlite3.Error as error:
        wrapped = sa.exc.DBAPIError("", None, error)
        raise in_words(wrapped, store.shown) from None
    return store


def _begin(connection: sa.Connection) -> None:
    reads = connection.get_execution_options().get("clienteling_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _write_ahead(connect: Any) -> None:
    """Let readers and one writer work at the same time; the file remembers it."""
    until = time.monotonic() + _PATIENCE
    with contextlib.closing(connect()) as connection:
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                # Where another process changes it at this moment, SQLite doesn't wait by itself.
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(0.01)
