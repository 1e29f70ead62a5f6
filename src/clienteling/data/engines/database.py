"""Any database that SQLAlchemy reaches: PostgreSQL first, and its like through the same door."""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import math
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot.expressions as exp

from clienteling.data.dialects import render
from clienteling.data.engines.brought import HeldConnection, bring
from clienteling.data.same_database import same_database
from clienteling.data.sql import name
from clienteling.data.table import Column, Table
from clienteling.data.urls import DatabaseAddress, no_such_table
from clienteling.data.whole_files import write_batches_csv, write_batches_parquet
from clienteling.errors import EngineError, InputError, MissingExtra, OutputError, SourceError

if TYPE_CHECKING:
    import pyarrow as pa
    import sqlalchemy

__all__ = ["Database"]

#: SQLAlchemy's names of databases, as sqlglot calls their dialects.
_DIALECTS = {"postgresql": "postgres", "mssql": "tsql", "awsathena": "athena"}
#: Drivers that are installed under another name than they are imported by.
_PACKAGES = {"MySQLdb": "mysqlclient", "psycopg2": "psycopg2-binary"}
_BATCH = 50_000


class Database:
    """The database at an address. Nothing is copied out of it but what is asked for.

    Parameters
    ----------
    address : with the table

    Raises
    ------
    MissingExtra
        SQLAlchemy or the driver is not installed.
    SourceError
        The database can't be reached.
    """

    ordered = False
    try_cast = False

    def __init__(self, address: DatabaseAddress) -> None:
        if importlib.util.find_spec("sqlalchemy") is None:
            raise MissingExtra("Databases", "postgres")
        import sqlalchemy
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError

        self.shown, self._url = address.shown, address.url
        try:
            url = sqlalchemy.make_url(address.url)
            if url.drivername == "postgresql":
                url = url.set(drivername="postgresql+psycopg")
            # No pool: a connection is open while it is used, and never left behind.
            self._engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
        except (ArgumentError, NoSuchModuleError) as error:
            raise SourceError(
                f"{self.shown}: is not the address of a database that is known here.",
                hint="Write it as postgresql://user:password@host:5432/database?table=customers",
            ) from error
        except ModuleNotFoundError as error:
            if url.get_backend_name() == "postgresql":
                raise MissingExtra("PostgreSQL tables", "postgres") from error
            raise SourceError(
                f"{self.shown}: the driver {error.name} is not installed.",
                hint=f"Install it with: pip install {_PACKAGES.get(str(error.name), error.name)}",
            ) from error
        backend = self._engine.dialect.name
        self.dialect = _DIALECTS.get(backend, backend)
        if backend == "sqlite":
            sqlalchemy.event.listen(self._engine, "connect", _teach_sqlite)
        self._numbers = itertools.count(1)
        self._held: HeldConnection | None = None
        self._refuse_missing_file(url)
        with self._connect():
            pass

    def query(self, select: exp.Expr) -> pa.Table:
        """Run a query and return its rows as an Arrow table."""
        import pyarrow as pa

        batches = list(self._batches(select))
        return pa.concat_tables(batches, promote_options="permissive")

    def batches(self, select: exp.Expr, rows: int) -> Iterator[pa.Table]:
        """Run a query and give its rows part by part."""
        return self._batches(select, rows)

    def progress(self) -> float:
        """Return 0: it is not known how far a query is."""
        return 0.0

    def write_parquet(self, select: exp.Expr, path: Path) -> None:
        """Run a query and write its rows to one Parquet file, whole or not at all."""
        write_batches_parquet(self._batches(select), path)

    def write_csv(self, select: exp.Expr, path: Path) -> None:
        """Run a query and write its rows to one CSV file with a header, whole or not at all."""
        write_batches_csv(self._batches(select), path)

    def refuse_table(self, address: DatabaseAddress) -> None:
        """Raise where a table of that address can't be written: it is another database."""
        if not self.shares(address):
            raise OutputError(
                f"{address.shown}: is another database than the customers'.",
                hint="Name a table of the same database, or a file.",
            )

    def has_table(self, address: DatabaseAddress) -> bool:
        """Whether there is a table, or a view, of this database at an address."""
        import sqlalchemy

        schema, _, bare = address.table.rpartition(".")
        with self._connect() as connection, self._in_words("the names of the tables"):
            return sqlalchemy.inspect(connection).has_table(bare, schema or None)

    def drop_table(self, address: DatabaseAddress) -> None:
        """Take a table of this database away, where it is there."""
        if not self.has_table(address):
            return
        with self._connect() as connection, connection.begin():
            self._run(connection, f"DROP TABLE {_table(address.table).sql(self.dialect)}")

    def write_table(self, select: exp.Expr, address: DatabaseAddress) -> None:
        """Run a query and keep its rows as a table of the same database; an earlier one goes.

        In a database whose transactions hold for tables too, such as PostgreSQL, readers see the
        old table until the new one is whole.

        Raises
        ------
        OutputError
            It is another database, or the user of the customers' address may not write there,
            whoever the other address names.
        """
        self.refuse_table(address)
        target = _table(address.table)
        aside = _table(f"{address.table}_new_{next(self._numbers)}")
        bare = name(target.name).sql(self.dialect)
        statements = [
            render(exp.Create(this=aside, kind="TABLE", expression=select), self.dialect),
            f"DROP TABLE IF EXISTS {target.sql(self.dialect)}",
            f"ALTER TABLE {aside.sql(self.dialect)} RENAME TO {bare}",
        ]
        with self._connect() as connection, connection.begin():
            if self.dialect == "sqlite":
                connection.exec_driver_sql("BEGIN")  # its driver begins none before CREATE
            for statement in statements:
                try:
                    self._run(connection, statement)
                except EngineError as error:
                    if _is_forbidden(error):
                        raise OutputError(
                            f"{address.shown}: the user who reads the customers may not write it "
                            f"({_said(error.__cause__)}).",
                            hint="Let that user make tables there (in PostgreSQL: GRANT CREATE ON "
                            "SCHEMA … TO …), or read the customers by another user's address.",
                        ) from error
                    raise

    def shares(self, address: DatabaseAddress) -> bool:
        """Whether an address is of this database, whoever is to sign in there."""
        return same_database(address.url, self._url)

    def bring(self, other: Table) -> Table:
        """Bring the rows of another table here, for as long as a query refers to them.

        They become a temporary table, which no other connection sees. From then on all queries
        run on the connection that holds it.

        Raises
        ------
        InputError
            The database lets the user make no temporary table.
        """
        from sqlalchemy.exc import DBAPIError

        if self._held is None:
            with self._reached():
                self._held = HeldConnection(self._engine.connect(), self.shown)
        with self._held.use() as connection:
            try:
                called = bring(connection, other)
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise self._went_away(error) from error
                raise InputError(
                    f"{other.source}: its rows must be brought to {self.shown} as a temporary "
                    f"table, and the database refuses that ({_said(error)}).",
                    hint="Let the user make temporary tables (in PostgreSQL: GRANT TEMPORARY ON "
                    "DATABASE … TO …), or put the rows into a table of that database and give its "
                    "address.",
                ) from error
            brought = self._held.table(called)
        return Table(self, brought, other.columns, other.source, other.notes)

    def open_table(self, table: str) -> Table:
        """Open a table or view of the database.

        Raises
        ------
        SourceError
            There is no such table, it has no rows, or the user may not read it.
        """
        import sqlalchemy

        schema, _, bare = table.rpartition(".")
        with self._connect() as connection:
            inspector = sqlalchemy.inspect(connection)
            try:
                names = [
                    *inspector.get_table_names(schema or None),
                    *inspector.get_view_names(schema or None),
                ]
            except sqlalchemy.exc.SQLAlchemyError:
                names = []
            if bare not in names:
                raise no_such_table(self.shown, table, names)
            columns = tuple(
                Column(each["name"], _kind(each["type"]))
                for each in inspector.get_columns(bare, schema or None)
            )
        opened = Table(self, _table(table), columns, self.shown)
        first = exp.select(exp.Literal.number(1).as_("one")).from_(_table(table)).limit(1)
        try:
            rows = self.query(first).num_rows
        except EngineError as error:
            raise SourceError(
                f'{self.shown}: the table "{table}" can\'t be read ({_said(error.__cause__)}).',
                hint="Let the user of the address read it (GRANT SELECT ON … TO …).",
            ) from error
        if rows == 0:
            raise SourceError(f"{self.shown}: the table has columns but no rows.")
        return opened

    def _refuse_missing_file(self, url: sqlalchemy.URL) -> None:
        # SQLite would make an empty database where there is none.
        path = url.database
        if url.get_backend_name() == "sqlite" and path and not Path(path).exists():
            raise SourceError(f"{self.shown}: there is no such database file.")

    @contextmanager
    def _connect(self) -> Iterator[sqlalchemy.Connection]:
        if self._held is not None:
            with self._held.use() as connection:
                yield connection
            return
        with self._reached():
            connection = self._engine.connect()
        with connection:
            yield connection

    @contextmanager
    def _reached(self) -> Iterator[None]:
        from sqlalchemy.exc import DBAPIError

        try:
            yield
        except DBAPIError as error:
            raise SourceError(
                f"{self.shown}: the database can't be reached ({_said(error)}).",
                hint="Check that it runs, and the host, the port, the user and the password.",
            ) from error

    def _batches(self, select: exp.Expr, size: int | None = None) -> Iterator[pa.Table]:
        import pyarrow as pa

        sql, size = render(select, self.dialect), size or _BATCH
        with self._connect() as connection:
            # For this query alone: a held connection serves others after it.
            result = self._run(connection, sql, stream_results=True, max_row_buffer=size)
            names = list(result.keys())
            first = True
            while True:
                with self._in_words(sql):
                    rows = result.fetchmany(size)
                if not rows and not first:
                    break
                first = False
                columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
                arrays = [pa.array(_plain(values)) for values in columns]
                yield pa.table(arrays, names=names)

    def _run(self, connection: sqlalchemy.Connection, sql: str, **options: Any) -> Any:
        with self._in_words(sql):
            # As it is: a percent sign or a colon in a name is no parameter.
            plain = sql.replace("%", "%%") if self._percent else sql
            return connection.exec_driver_sql(plain, execution_options=options)

    @contextmanager
    def _in_words(self, sql: str) -> Iterator[None]:
        from sqlalchemy.exc import DBAPIError

        try:
            yield
        except DBAPIError as error:
            if error.connection_invalidated:
                raise self._went_away(error) from error
            raise EngineError(
                f"{self.shown}: the database refused a query: {_said(error)}", sql=sql
            ) from error

    def _went_away(self, error: Exception) -> SourceError:
        return SourceError(
            f"{self.shown}: the database went away in the middle ({_said(error)}).",
            hint="Do the same again once it is back.",
        )

    @property
    def _percent(self) -> bool:
        return self._engine.dialect.paramstyle in ("format", "pyformat")


def _is_forbidden(error: EngineError) -> bool:
    # PostgreSQL's insufficient_privilege; others don't tell it apart.
    return getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) == "42501"


def _said(error: Any) -> str:
    text = str(getattr(error, "orig", error)).strip()
    return text.splitlines()[0] if text else type(error).__name__


def _table(table: str) -> exp.Table:
    schema, _, bare = table.rpartition(".")
    return exp.table_(name(bare), db=name(schema) if schema else None)


def _plain(values: Any) -> list[Any]:
    return [float(each) if isinstance(each, Decimal) else each for each in values]


def _kind(sql_type: sqlalchemy.types.TypeEngine[Any]) -> str:
    import sqlalchemy.types as types

    # Numeric's Float before Integer, Boolean and Date before text: the first that fits.
    for kind, classes in (
        ("boolean", (types.Boolean,)),
        ("integer", (types.Integer,)),
        ("number", (types.Numeric, types.Float)),
        ("date", (types.Date, types.DateTime)),
        ("text", (types.String, types.Enum)),
    ):
        if isinstance(sql_type, classes):
            return kind
    return "other"


class _Deviation:
    """SQLite's missing STDDEV_SAMP (Welford 1962, doi:10.2307/1266577)."""

    def __init__(self) -> None:
        self.n, self.mean, self.squares = 0, 0.0, 0.0

    def step(self, value: float | None) -> None:
        if value is not None:
            self.n += 1
            difference = value - self.mean
            self.mean += difference / self.n
            self.squares += difference * (value - self.mean)

    def finalize(self) -> float | None:
        return math.sqrt(self.squares / (self.n - 1)) if self.n > 1 else None


def _teach_sqlite(connection: Any, _: Any) -> None:
    """Give SQLite the functions that it is built without."""
    connection.create_function(
        "md5", 1, lambda value: hashlib.md5(str(value).encode(), usedforsecurity=False).hexdigest()
    )
    connection.create_aggregate("stddev_samp", 1, _Deviation)
    connection.create_function("sqrt", 1, lambda value: None if value is None else math.sqrt(value))
    connection.create_function(
        "floor", 1, lambda value: None if value is None else float(math.floor(value))
    )
