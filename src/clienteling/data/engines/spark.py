"""Spark: the distributed engine, on this machine or on a cluster."""

from __future__ import annotations

import errno
import glob
import importlib.util
import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot.expressions as exp

from clienteling.data.csv_types import typed_table
from clienteling.data.dialects import render
from clienteling.data.encodings import find_encoding
from clienteling.data.engines import spark_tables
from clienteling.data.files import DataFile, rewritten
from clienteling.data.header import header_names
from clienteling.data.passing import Passing
from clienteling.data.table import Column, Table
from clienteling.data.urls import DatabaseAddress
from clienteling.data.whole_files import write_batches_csv
from clienteling.errors import EngineError, InputError, MissingExtra, OutputError, SourceError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

__all__ = ["Spark", "master_of"]

#: Seconds that a cluster has to answer.
_REACH = 10

_KINDS = {
    "tinyint": "integer",
    "smallint": "integer",
    "int": "integer",
    "bigint": "integer",
    "float": "number",
    "double": "number",
    "string": "text",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "date",
    "timestamp_ntz": "date",
}


class Spark:
    """A Spark session.

    Parameters
    ----------
    master : ``spark://host:port`` of a cluster; else Spark runs inside this machine
    memory : the most memory for the driver, such as ``2GB``
    threads : how many threads a local session may use; else one per core

    Raises
    ------
    MissingExtra
        pyspark is not installed.
    InputError
        There is no Java, or the cluster can't be reached.
    """

    dialect = "spark"
    ordered = False
    try_cast = True

    def __init__(
        self, master: str | None = None, memory: str | None = None, threads: int | None = None
    ) -> None:
        if importlib.util.find_spec("pyspark") is None:
            raise MissingExtra("Spark runs", "spark")
        if shutil.which("java") is None and not _java_home():
            raise InputError(
                "Spark needs Java 17 or newer, and there is none.",
                hint="Install it (on Debian: apt-get install openjdk-17-jre-headless) or set "
                "JAVA_HOME.",
            )
        if master is not None:
            _check_reachable(master)
        self.session = _session(master, memory, threads)
        self._master = master
        self._files_in_use: list[DataFile] = []  # what was unpacked for them stays as long
        self._numbers = itertools.count(1)
        self._passing = Passing()  # the views of frames

    def query(self, select: exp.Expr) -> pa.Table:
        """Run a query and return its rows as an Arrow table."""
        self._let_go()
        return self._run(render(select, self.dialect), lambda frame: frame.toArrow())

    def batches(self, select: exp.Expr, rows: int) -> Iterator[pa.Table]:
        """Run a query and give its rows part by part: Spark gives them all at once."""
        found = self.query(select)
        return (found.slice(start, rows) for start in range(0, found.num_rows, rows))

    def progress(self) -> float:
        """Return 0: it is not known how far a query is."""
        return 0.0

    def write_parquet(self, select: exp.Expr, path: Path) -> None:
        """Run a query and write its rows to one Parquet file, whole or not at all."""
        with self._written(select, path, path.parent, one=True) as (rows,):
            rows.replace(path)

    def write_parts(self, select: exp.Expr, folder: Path) -> list[Path]:
        """Run a query and write its rows to files of Parquet in a folder, side by side."""
        with self._written(select, folder, folder) as written:
            return [
                rows.replace(folder / f"part-{index:05d}.parquet")
                for index, rows in enumerate(written)
            ]

    @contextmanager
    def _written(
        self, select: exp.Expr, out: Path, parent: Path, *, one: bool = False
    ) -> Iterator[Sequence[Path]]:
        """Give the files of a query's rows, in their order, in a folder that goes at the end.

        Each task writes its own, so that all of them work; a single file is left to one task.
        """
        aside: Path | None = None
        try:
            aside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=parent))
            rows = aside / "rows"
            self._run(
                render(select, self.dialect),
                lambda frame: (frame.coalesce(1) if one else frame).write.parquet(
                    f"file://{rows.absolute()}"
                ),
            )
            written = sorted(rows.glob("part-*.parquet"))
            if not written:
                raise OutputError(
                    f"{out}: nothing of what Spark's workers wrote is seen here.",
                    hint="Name a place with --out that this machine and all workers see.",
                )
            yield written
        except OSError as error:
            raise _not_written(out, error.strerror) from error
        except EngineError as error:
            full = os.strerror(errno.ENOSPC)
            if full not in str(error.__cause__):
                raise
            raise _not_written(out, full) from error
        finally:
            if aside is not None:
                shutil.rmtree(aside, ignore_errors=True)

    def write_csv(self, select: exp.Expr, path: Path) -> None:
        """Run a query and write its rows to one CSV file with a header, whole or not at all."""
        write_batches_csv([self.query(select)], path)

    def refuse_table(self, address: DatabaseAddress) -> None:
        """Raise where a table of that address can't be written, or would not stay."""
        if not self.shares(address):
            raise OutputError(
                f"{address.shown}: is elsewhere than the customers, whom "
                f"{f'the cluster at {self._master}' if self._master else 'Spark here'} has.",
                hint="Name a table of Spark's catalogue, as "
                f"{self._master or 'spark:///'}?table=crm.spring, or a file.",
            )
        spark_tables.refuse(self.session, address)

    def shares(self, address: DatabaseAddress) -> bool:
        """Whether an address is of this Spark's catalogue."""
        return address.driver == "spark" and master_of(address) == self._master

    def has_table(self, address: DatabaseAddress) -> bool:
        """Whether there is a table, or a view, in the catalogue."""
        return spark_tables.exists(self.session, address.table)

    def drop_table(self, address: DatabaseAddress) -> None:
        """Take a table of the catalogue away."""
        spark_tables.drop(self.session, address)

    def delete_rows(self, address: DatabaseAddress, condition: exp.Expr) -> None:
        """Take rows out of a table of the catalogue, which is written anew without them."""
        spark_tables.delete_rows(self.session, address, condition)

    def write_table(self, select: exp.Expr, address: DatabaseAddress) -> None:
        """Run a query and keep its rows as a table of the catalogue; an earlier one goes."""
        self.refuse_table(address)
        spark_tables.write(self.session, select, address)

    def open_table(self, table: str, source: str | None = None) -> Table:
        """Open a table or view of the catalogue.

        Raises
        ------
        SourceError
            There is no such table; the nearest names are offered.
        """
        shown = source or f"{self._master or 'spark:///'}?table={table}"
        address = DatabaseAddress(self._master or "spark:///", table, shown)
        found = spark_tables.find(self.session, address)
        return self._table(found, shown, spark_tables.table_of(table))

    def open_file(self, file: DataFile) -> Table:
        """Open a file, or a folder of files, as a table. On a cluster all workers must see it."""
        if file.kind == "csv" and not file.rewritten:
            # Spark reads bytes that are no UTF-8 without a word.
            _, assumed = find_encoding(Path(file.path), file.name)
            file = rewritten(file) if assumed else file
        if file.scratch is not None and self._master is not None:
            raise SourceError(
                f"{file.name}: the workers of a cluster read only plain UTF-8 text and Parquet.",
                hint="Write the customers as Parquet to a place that all workers see.",
            )
        self._files_in_use.append(file)
        path = f"file://{Path(file.path).absolute()}"
        reader = self.session.read
        try:
            if file.kind == "csv":
                names, changed = header_names(file.header)
                kinds = ", ".join(f"`{each.replace('`', '``')}` STRING" for each in names)
                frame = (
                    reader.option("header", True)
                    .schema(kinds)
                    .option("enforceSchema", True)
                    .option("sep", file.delimiter)
                    .option("quote", '"')
                    .option("escape", '"')
                    .option("multiLine", True)
                    .option("mode", "FAILFAST")
                    .csv(path)
                )
                return typed_table(self, self._view(frame), names, file, changed)
            if file.kind == "parquet":
                path = path.replace("/**/*.parquet", "")
                frame = reader.option("recursiveFileLookup", True).parquet(path)
                files = tuple(sorted(glob.glob(file.path, recursive=True)))
                return replace(self._table(self._view(frame), file.name), files=files)
            else:
                frame = reader.json(path)
        except _spark_errors() as error:
            raise SourceError(f"{file.name}: can't be read as a table. {_said(error)}") from error
        return self._table(self._view(frame), file.name)

    def open_frame(self, frame: object, source: str) -> Table:
        """Open a pandas or Arrow table, or a Spark frame of this session."""
        from pyspark.sql import DataFrame

        self._let_go()
        made = frame if isinstance(frame, DataFrame) else self.session.createDataFrame(frame)
        view = self._view(made)
        return self._table(view, source, self._passing.table(view))

    def _let_go(self) -> None:
        """Drop the views of frames that no query refers to any more."""
        for view in self._passing.gone():
            self.session.catalog.dropTempView(view)

    def create_view(self, select: exp.Select) -> str:
        """Keep a query as a view and return its name."""
        sql = render(select, self.dialect)
        return str(self._run(sql, self._view))

    def _view(self, frame: Any) -> str:
        view = f"source_{next(self._numbers)}_{id(self)}"
        frame.createOrReplaceTempView(view)
        return view

    def _table(self, view: str, source: str, select: exp.Table | None = None) -> Table:
        frame = self.session.table(view)
        columns = tuple(
            Column(each, _KINDS.get(kind, "number" if kind.startswith("decimal") else "other"))
            for each, kind in frame.dtypes
        )
        table = Table(self, select or exp.to_table(view), columns, source)
        if not frame.take(1):
            raise SourceError(f"{source}: has columns but no rows.")
        return table

    def _run(self, sql: str, action: Any) -> Any:
        try:
            return action(self.session.sql(sql))
        except _spark_errors() as error:
            raise EngineError(f"Spark refused a query: {_said(error)}", sql=sql) from error


def master_of(address: DatabaseAddress) -> str | None:
    """Return the cluster that an address names; None where it is Spark on this machine."""
    master = address.url.rstrip("/")
    return master if master != "spark:" else None


def _not_written(out: Path, why: str | None) -> OutputError:
    hint = "Free some space or name another place with --out."
    full = why == os.strerror(errno.ENOSPC)
    return OutputError(f"{out}: can't be written ({why}).", hint=hint if full else "")


def _session(master: str | None, memory: str | None, threads: int | None) -> SparkSession:
    from pyspark.sql import SparkSession

    builder = (
        SparkSession.builder.appName("clienteling")
        .master(master or f"local[{threads or '*'}]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        # What goes wrong reaches us as an error; Spark's own log would say it in a hundred lines.
        .config("spark.log.level", "OFF")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1" if not master else _host())
    )
    if memory is not None:
        builder = builder.config("spark.driver.memory", memory.replace("B", "").replace("b", ""))
    try:
        with warnings.catch_warnings():
            # On its way pyspark looks whether its own tests could run with this pandas.
            warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
            session = builder.getOrCreate()
        # Two tasks for each core, as Spark's own guide has it; 200 would be mostly empty ones.
        tasks = max(4, 2 * session.sparkContext.defaultParallelism)
        session.conf.set("spark.sql.shuffle.partitions", str(tasks))
        if master:
            # A cluster that isn't there shows only at the first work.
            session.range(1).count()
        return session
    except Exception as error:
        where = f"the cluster at {master}" if master else "Spark on this machine"
        raise InputError(
            f"{where[0].upper()}{where[1:]} can't be reached: {_said(error)}",
            hint="Check the address (spark://host:7077) and that Java 17 or newer is installed.",
        ) from error


def _check_reachable(master: str) -> None:
    """Refuse a cluster that doesn't listen: Spark itself would try for minutes."""
    import socket

    said = "no address is given"
    for each in master.removeprefix("spark://").split(","):
        host, _, port = each.rpartition(":")
        try:
            socket.create_connection((host, int(port or 7077)), timeout=_REACH).close()
            return
        except (OSError, ValueError, OverflowError) as error:
            said = getattr(error, "strerror", None) or str(error)
    raise InputError(
        f"The cluster at {master} can't be reached: {said}.",
        hint="Check that its master runs, and the address (spark://host:7077).",
    )


def _host() -> str:
    import socket

    return socket.gethostbyname(socket.gethostname())


def _java_home() -> bool:
    home = os.environ.get("JAVA_HOME", "")
    return bool(home) and Path(home, "bin", "java").exists()


def _spark_errors() -> tuple[type[Exception], ...]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return (PySparkException, Py4JError)


def _said(error: Exception) -> str:
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    return lines[0][:400] if lines else type(error).__name__
