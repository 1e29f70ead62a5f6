"""DuckDB, embedded: the default engine."""

from __future__ import annotations

import codecs
import contextlib
import itertools
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import sqlglot.expressions as exp

from clienteling.data.csv_types import typed_table
from clienteling.data.dialects import render
from clienteling.data.encodings import check_last_line
from clienteling.data.engines.duckdb_words import damaged, first_line, not_opened, unreadable
from clienteling.data.engines.few_words import with_codes
from clienteling.data.engines.same_types import check_same_types
from clienteling.data.files import DataFile, rewritten
from clienteling.data.header import header_names
from clienteling.data.passing import Passing
from clienteling.data.same_database import same_database
from clienteling.data.sql import column, name, text
from clienteling.data.table import Column, Table
from clienteling.data.urls import DatabaseAddress, no_such_table
from clienteling.errors import EngineError, InputError, OutputError, SourceError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DuckDB"]

#: The memory for writing a file, where the user sets none.
_WRITING = "2GB"
#: A column of more different values than this is written as they are. To look for a dictionary of
#: numbers that hardly repeat costs DuckDB a tenth of the writing.
_WORDS = 1000
#: What has a database file open to read: DuckDB lets nobody write it meanwhile.
_READERS: weakref.WeakSet[DuckDB] = weakref.WeakSet()

_KINDS = {
    "BOOLEAN": "boolean",
    "DOUBLE": "number",
    "FLOAT": "number",
    "VARCHAR": "text",
    "ENUM": "text",
    "DATE": "date",
    "TIMESTAMP": "date",
    "TIMESTAMP_S": "date",
    "TIMESTAMP_MS": "date",
    "TIMESTAMP_NS": "date",
}


class DuckDB:
    """An in-memory DuckDB that reads files where they lie and spills to disk.

    Parameters
    ----------
    memory : the most memory that it may use, such as ``2GB``; else DuckDB's own default
    threads : how many threads it may use; else one per core
    database : a database file; else the engine holds nothing of its own
    read_only : whether the database file stays as it is

    Examples
    --------
    >>> from clienteling.data.files import inspect_path
    >>> table = DuckDB().open_file(inspect_path("sample"))
    >>> len(table), table.names[0]
    (200, 'CustomerID')
    """

    dialect = "duckdb"
    ordered = True
    try_cast = True

    def __init__(
        self,
        memory: str | None = None,
        threads: int | None = None,
        *,
        database: str = ":memory:",
        read_only: bool = False,
    ) -> None:
        # Extensions are never downloaded: a run must not depend on a network.
        config: dict[str, Any] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "temp_directory": str(Path(tempfile.gettempdir()) / "clienteling-spill"),
        }
        if threads is not None:
            config["threads"] = threads
        if memory is not None:
            config["memory_limit"] = memory
        self.database, self._config, self._read_only = database, config, read_only
        if read_only and not Path(database).is_file():
            raise SourceError(f"{database}: there is no such database file.")
        try:
            self.connection = duckdb.connect(database, read_only=read_only, config=config)
        except duckdb.IOException as error:
            raise SourceError(
                f"{database}: can't be opened as a DuckDB database. {first_line(error)}"
            ) from error
        except duckdb.ConnectionException as error:
            raise SourceError(
                f"{database}: is open in this program already, and otherwise than it is asked for "
                f"now (memory {memory}, threads {threads}).",
                hint="Let go of the table of it that is open, or give memory and threads as there.",
            ) from error
        except duckdb.Error as error:
            raise InputError(
                f"The engine refuses its settings (memory {memory}, threads {threads}): "
                f"{first_line(error)}",
                hint='Memory is a size such as "2GB", threads a whole number from 1.',
            ) from error
        if read_only:
            _READERS.add(self)
        self._settle()
        self._numbers = itertools.count(1)
        self._parquet: list[str] = []  # what was opened
        self._frames: dict[str, object] = {}
        self._passing = Passing()  # the names of the frames
        self._files_in_use: list[DataFile] = []  # what was unpacked for them stays as long

    def _settle(self) -> None:
        """Give a connection that was just opened the settings of every one."""
        # The engine keeps count of how far a query is; it is shown by those who ask for it. In a
        # notebook without ipywidgets DuckDB refuses; then there is no progress to show.
        with contextlib.suppress(duckdb.Error):
            self.connection.execute("SET enable_progress_bar = true")
            self.connection.execute("SET enable_progress_bar_print = false")
        # As Spark has it: the day of a moment must not hang on where the machine stands.
        with contextlib.suppress(duckdb.Error):
            self.connection.execute("SET TimeZone = 'UTC'")

    def query(self, select: exp.Expr) -> pa.Table:
        """Run a query and return its rows as an Arrow table."""
        self._let_go()
        sql = render(select, self.dialect)
        try:
            return self.connection.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise self._refused(error, sql) from error

    def batches(self, select: exp.Expr, rows: int) -> Iterator[pa.Table]:
        """Run a query and give its rows part by part; nothing else is asked until the end."""
        import pyarrow as pa

        sql = render(select, self.dialect)
        try:
            for each in self.connection.sql(sql).to_arrow_reader(rows):
                yield pa.Table.from_batches([each])
        except (duckdb.Error, pa.ArrowException) as error:
            raise self._refused(error, sql) from error

    def progress(self) -> float:
        """Return how far the running query is, from 0 to 1."""
        try:
            return max(0.0, self.connection.query_progress() / 100)
        except duckdb.Error:  # between two connections, see write_table
            return 0.0

    def write_parquet(self, select: exp.Expr, path: Path) -> None:
        """Run a query and write its rows to one Parquet file, whole or not at all."""
        with self.lean():
            self._copy(with_codes(select), path, f"FORMAT parquet, DICTIONARY_SIZE_LIMIT {_WORDS}")

    @contextlib.contextmanager
    def lean(self) -> Iterator[None]:
        """Bound what is kept in memory: rows that wait to be written in order, groups of rows.

        Without a limit DuckDB keeps as many as memory allows: 4 GB of 100 million customers that
        are written, where 1 GB is as quick. What is more goes to the disk.
        """
        if self._config.get("memory_limit") is not None:
            yield
            return
        self.connection.execute(f"SET memory_limit = '{_WRITING}'")
        try:
            yield
        finally:
            # Not by what it said before: that is rounded down, each time a little more.
            self.connection.execute("RESET memory_limit")

    def write_csv(self, select: exp.Expr, path: Path) -> None:
        """Run a query and write its rows to one CSV file with a header, whole or not at all."""
        bare = path.with_name(f".{path.name}.bare")
        marked = path.with_name(f".{path.name}.partial")
        try:
            self._copy(select, bare, "FORMAT csv, HEADER true", shown=path)
            # The mark tells a spreadsheet that the text is UTF-8; DuckDB writes none.
            with bare.open("rb") as source, marked.open("wb") as target:
                target.write(codecs.BOM_UTF8)
                shutil.copyfileobj(source, target, 1 << 20)
            marked.replace(path)
        except OSError as error:
            raise OutputError(f"{path}: can't be written ({first_line(error)}).") from error
        finally:
            bare.unlink(missing_ok=True)
            marked.unlink(missing_ok=True)

    def open_file(self, file: DataFile) -> Table:
        """Open a file, or a folder of files, as a table."""
        try:
            if file.kind == "csv":
                return self._open_text(file)
            if file.kind == "parquet":
                self._parquet.append(file.path)
                check_same_types(self.connection, file.path)
            reader = {"parquet": "read_parquet", "json": "read_json"}[file.kind]
            view = self.create_view(
                exp.select("*").from_(exp.Anonymous(this=reader, expressions=[text(file.path)]))
            )
            if file.kind == "json":
                view = self._plain_json(view)
            table = self._table(view, file.name)
            self._files_in_use.append(file)
            return replace(table, files=self._files(file))
        except EngineError as error:
            raise unreadable(file.name, error) from error

    def open_table(self, table: str, source: str | None = None) -> Table:
        """Open a table or view of the database.

        Raises
        ------
        SourceError
            There is no such table; the nearest names are offered.
        """
        source = source or f"duckdb:///{self.database}?table={table}"
        names = self._names(self.connection)
        if table not in names:
            raise no_such_table(source, table, names)
        return self._table(table, source)

    def shares(self, address: DatabaseAddress) -> bool:
        """Whether an address is of the database file that this engine has open."""
        own = self.database != ":memory:"
        return own and same_database(address.url, f"duckdb:///{self.database}")

    def refuse_table(self, address: DatabaseAddress) -> None:
        """Raise where a table of that address can't be written."""
        _refuse_another_kind(address)
        path = Path(_path(address))
        if self.shares(address):
            with self._to_write():  # so that it is known now, and not after the work
                pass
        elif path.exists():
            with self._other(address):
                pass
        elif not path.absolute().parent.is_dir():
            raise OutputError(
                f"{address.shown}: there is no folder {path.absolute().parent}.",
                hint="Make it first.",
            )

    def has_table(self, address: DatabaseAddress) -> bool:
        """Whether there is a table, or a view, at an address."""
        if self.shares(address):
            return address.table in self._names(self.connection)
        if not Path(_path(address)).exists():
            return False
        with self._other(address, read_only=True) as other:
            return address.table in self._names(other)

    def drop_table(self, address: DatabaseAddress) -> None:
        """Take a table away, where it is there."""
        if not self.has_table(address):
            return
        drop = f"DROP TABLE {name(address.table).sql(self.dialect)}"
        if self.shares(address):
            with self._to_write():
                self.connection.execute(drop)
            return
        with self._other(address) as other:
            other.execute(drop)

    @contextlib.contextmanager
    def _other(
        self, address: DatabaseAddress, read_only: bool = False
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            with duckdb.connect(_path(address), read_only=read_only, config=self._config) as other:
                yield other
        except duckdb.Error as error:
            raise not_opened(_path(address), error) from error

    @staticmethod
    def _names(connection: duckdb.DuckDBPyConnection) -> list[str]:
        return [row[0] for row in connection.sql("SHOW TABLES").fetchall()]

    def write_table(self, select: exp.Expr, address: DatabaseAddress) -> None:
        """Run a query and keep its rows as a table of a DuckDB file; an earlier one goes.

        One statement makes it, so that it is whole or as it was before, however the process ends.
        Where it lies in the file that the rows are read from, nobody else may have that open.
        """
        _refuse_another_kind(address)
        own = exp.Create(
            this=exp.table_(name(address.table)), kind="TABLE", replace=True, expression=select
        )
        if self.shares(address):
            with self._to_write():
                self._execute(own)
            return
        self._attach(_path(address))
        try:
            own.this.set("db", name("destination"))
            self._execute(own)
        finally:
            self.connection.execute("DETACH destination")

    def delete_rows(self, address: DatabaseAddress, condition: exp.Expr) -> None:
        """Take rows out of a table of the database file that is open."""
        rows = exp.delete(exp.table_(name(address.table)), where=condition)
        with self._to_write():
            self._execute(rows)

    @contextlib.contextmanager
    def _to_write(self) -> Iterator[None]:
        """Hold the database file alone, where it was opened to read."""
        if not self._read_only:
            yield
            return
        # Other tables of this file that the process has open make way for the moment, too.
        own = Path(self.database).resolve()
        others = [each for each in _READERS if Path(each.database).resolve() == own]
        others.remove(self)
        for each in others:
            each.connection.close()
        try:
            self._open_again(read_only=False)
            try:
                yield
            finally:
                self._open_again(read_only=True)  # so that others can read it, too
        finally:
            for each in others:
                each._open_again(read_only=True)

    def _open_again(self, *, read_only: bool) -> None:
        # A file that was opened to read alone holds no view of ours but the frames beside it.
        self.connection.close()
        try:
            self._connect(read_only)
        except duckdb.Error as error:
            refused = not_opened(self.database, error)
            if read_only:
                raise refused from error
            try:
                self._connect(read_only=True)
            except duckdb.Error:
                raise refused from error
            raise refused from error

    def _connect(self, read_only: bool) -> None:
        self.connection = duckdb.connect(self.database, read_only=read_only, config=self._config)
        self._settle()
        for view, frame in self._frames.items():
            self.connection.register(view, frame)

    def _attach(self, path: str) -> None:
        try:
            self.connection.execute(f"ATTACH {text(path).sql(self.dialect)} AS destination")
        except duckdb.Error as error:
            raise not_opened(path, error) from error

    def open_frame(self, frame: object, source: str) -> Table:
        """Open a pandas, Polars or Arrow table, or a DuckDB relation of this connection."""
        if type(frame).__module__.split(".")[0] == "numpy":
            raise SourceError(
                f"A {type(frame).__name__} can't be read as a table: its columns have no names.",
                hint="Give a pandas frame with the names: pandas.DataFrame(rows, columns=[…]).",
            )
        self._let_go()
        view = f"frame_{next(self._numbers)}"
        try:
            self._frames[view] = _registrable(frame)
            self.connection.register(view, self._frames[view])
        except (duckdb.Error, TypeError) as error:
            self._frames.pop(view, None)
            raise SourceError(
                f"A {type(frame).__name__} can't be read as a table.",
                hint="Give a path, or a pandas, Polars or Arrow table.",
            ) from error
        return replace(self._table(view, source), select=self._passing.table(view))

    def close_frame(self, table: Table) -> None:
        """Let go of a table that was opened by :meth:`open_frame`, at once."""
        self.connection.unregister(table.select.name)
        self._frames.pop(table.select.name, None)

    def _let_go(self) -> None:
        """Let go of the frames that no query refers to any more."""
        for view in self._passing.gone():
            if self._frames.pop(view, None) is not None:
                self.connection.unregister(view)

    def _files(self, file: DataFile) -> tuple[str, ...]:
        if file.kind != "parquet":
            return ()
        rows = self.connection.execute("SELECT file FROM glob(?) ORDER BY file", [file.path])
        return tuple(row[0] for row in rows.fetchall())

    def _open_text(self, file: DataFile) -> Table:
        check_last_line(Path(file.path), file.name)
        try:
            return self._open_csv(file)
        except EngineError as error:
            # Bytes that are no UTF-8, or line ends of several kinds, far below the header.
            if file.rewritten or not re.search("unicode|invalid state", str(error)):
                raise
            return self._open_csv(rewritten(file))

    def _open_csv(self, file: DataFile) -> Table:
        names, changed = header_names(file.header)
        # Nothing is left to DuckDB's guesses, which take a data row for the header where that fits
        # better: a row that doesn't fit the header is a fault to be named.
        columns = [
            exp.PropertyEQ(this=exp.to_identifier(each, quoted=True), expression=text("VARCHAR"))
            for each in names
        ]
        options = {
            "delim": text(file.delimiter),
            "quote": text('"'),
            "escape": text('"'),
            "header": exp.true(),
            "auto_detect": exp.false(),
            "columns": exp.Struct(expressions=columns),
        }
        arguments: list[exp.Expr] = [text(file.path)]
        arguments += [exp.EQ(this=exp.column(key), expression=v) for key, v in options.items()]
        raw = self.create_view(
            exp.select("*").from_(exp.Anonymous(this="read_csv", expressions=arguments))
        )
        self._files_in_use.append(file)
        return typed_table(self, raw, names, file, changed)

    def create_view(self, select: exp.Select) -> str:
        """Keep a query as a view and return its name."""
        view = f"source_{next(self._numbers)}"
        self._execute(exp.Create(this=exp.to_table(view), kind="VIEW", expression=select))
        return view

    def _plain_json(self, view: str) -> str:
        """Make text of values that differ in kind, so that a word among numbers can be named."""
        described = self._execute(exp.select("*").from_(exp.to_table(view)).limit(0)).description
        columns = [
            exp.func("JSON_EXTRACT_STRING", column(each[0]), text("$"), dialect="duckdb").as_(
                name(each[0])
            )
            if str(each[1]) == "JSON"
            else column(each[0])
            for each in described
        ]
        return self.create_view(exp.select(*columns).from_(exp.to_table(view)))

    def _table(self, view: str, source: str) -> Table:
        table = Table(self, exp.to_table(view), self._columns(view), source)
        if not table.columns:
            raise SourceError(f"{source}: has no columns.")
        if len(table) == 0:
            raise SourceError(f"{source}: has columns but no rows.")
        return table

    def _columns(self, view: str) -> tuple[Column, ...]:
        empty = self._execute(exp.select("*").from_(exp.to_table(view)).limit(0))
        return tuple(Column(each[0], _kind(str(each[1]))) for each in empty.description)

    def _execute(self, statement: exp.Expr) -> Any:
        sql = statement.sql(self.dialect)
        try:
            return self.connection.execute(sql)
        except duckdb.Error as error:
            raise EngineError(f"DuckDB refused a query: {error}", sql=sql) from error

    def _copy(self, select: exp.Expr, path: Path, options: str, shown: Path | None = None) -> None:
        # Written aside and moved at the end: a reader never sees half a file.
        aside = path.with_name(f".{path.name}.partial")
        sql = (
            f"COPY ({render(select, self.dialect)}) "
            f"TO {text(str(aside)).sql(self.dialect)} ({options})"
        )
        try:
            self.connection.execute(sql)
            aside.replace(path)
        except (duckdb.IOException, OSError) as error:
            raise OutputError(
                f"{shown or path}: can't be written ({first_line(error)})."
            ) from error
        except duckdb.Error as error:
            raise self._refused(error, sql) from error
        finally:
            aside.unlink(missing_ok=True)

    def _refused(self, error: Exception, sql: str) -> EngineError | SourceError:
        """Tell a damaged Parquet file, which shows only when it is read, from a wrong query."""
        broken = damaged(error, self._parquet[-1]) if self._parquet else None
        return broken or EngineError(f"DuckDB refused a query: {error}", sql=sql)


def _registrable(frame: object) -> object:
    """Give DuckDB what it can register: it knows pandas and Arrow, the rest speaks Arrow."""
    if type(frame).__module__.split(".")[0] == "polars":
        return frame.to_arrow()  # type: ignore[attr-defined]
    return frame


def _kind(sql_type: str) -> str:
    base = re.split(r"[ (]", sql_type)[0]
    if base.endswith("INT") or base in ("INTEGER", "UINTEGER"):
        return "integer"
    if base == "DECIMAL":
        return "number"
    return _KINDS.get(base, "other")


def _refuse_another_kind(address: DatabaseAddress) -> None:
    if address.driver != "duckdb":
        raise OutputError(
            f"{address.shown}: is another kind of database than the customers'.",
            hint="Name a table as duckdb:///shop.db?table=scored, or a file.",
        )


def _path(address: DatabaseAddress) -> str:
    return address.url.removeprefix("duckdb:///")
