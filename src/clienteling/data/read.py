"""Open any source of customers as a lazy table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from clienteling.data.dropped import without_dropped
from clienteling.data.files import inspect_path
from clienteling.data.missing_words import kept_as_written
from clienteling.data.read_options import ReadOptions
from clienteling.data.table import Table
from clienteling.data.urls import DatabaseAddress, is_url, parse_url
from clienteling.errors import InputError

if TYPE_CHECKING:
    from clienteling.data.engines.duckdb import DuckDB
    from clienteling.data.engines.spark import Spark

__all__ = ["Source", "read"]

#: A path or an address, or a pandas, Polars or Arrow table, or a table that is open already.
Source = object


def read(
    source: Source,
    *,
    engine: str | None = None,
    memory: str | None = None,
    threads: int | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    dates: str | None = None,
    missing: Sequence[str] = (),
    sheet: str | int | None = None,
    drop: Mapping[str, Sequence[float]] | None = None,
    as_text: Sequence[str] = (),
) -> Table:
    """Open a source of customers; nothing is loaded before it is asked for.

    Parameters
    ----------
    source : a path of CSV, TSV, an Excel workbook, JSON lines or Parquet, compressed or not, a
        folder or a glob of Parquet files, the word ``sample`` for the Mall Customers that come
        with the package, a database's address with the table (``postgresql://user:password@host/shop?table=customers``,
        ``duckdb:///shop.db?table=customers``; ``spark:///?table=crm.customers`` for one of Spark's
        catalogue, ``spark://host:7077?table=…`` on a cluster), or a pandas, Polars or Arrow table.
        A :class:`~clienteling.data.table.Table` is returned as it is.
    engine : ``duckdb`` (the default), ``spark``, or ``spark://host:port`` for a cluster; a
        database's table is worked on in that database
    memory : the most memory that the engine may use, such as ``2GB``
    threads : how many threads the engine may use
    delimiter, encoding : of a text file, such as ``";"`` and ``"cp1252"``
    decimal, thousands : the signs in numbers that are text, such as ``","`` and ``"."``
    dates : the order in dates of three numbers: ``"dmy"``, ``"mdy"`` or ``"ymd"``;
        ``"none"`` leaves dates as text
    missing : more words that mean "no value", such as ``("-9", "n.k.")``
    sheet : the sheet of a workbook, by its name or its place from 1
    drop : per column, values that count as missing, such as ``{"Age": [118]}``
    as_text : columns that are kept as they are written, such as ``["Article number"]``; in them
        words such as "unknown" and "NA" are values, which elsewhere mean that there is none

    What is left out is found out from all rows, and said in the table's ``assumptions``.

    Returns
    -------
    Table
        A row per customer, in the engine.

    Raises
    ------
    SourceError
        The source doesn't exist or is not a table.
    InputError
        There is no such engine, or it can't be reached.

    Examples
    --------
    >>> import clienteling as cl
    >>> customers = cl.read("sample")
    >>> len(customers)
    200
    >>> customers.head(1).iloc[0].to_dict()["Gender"]
    'Male'
    """
    options = ReadOptions(
        delimiter,
        encoding,
        decimal,
        thousands,
        dates,
        tuple(missing),
        sheet,
        {each: tuple(values) for each, values in (drop or {}).items()},
        (as_text,) if isinstance(as_text, str) else tuple(as_text),
    )
    if isinstance(source, str | Path) and not is_url(str(source)):
        opened = _engine(engine or "duckdb", memory, threads)
        file = inspect_path(str(source), options)
        table = opened.open_file(file)
        # In text, values are dropped with their types.
        return table if file.kind == "csv" else _as_asked(table, options)
    known = ("drop", "as_text")
    if isinstance(source, Table):
        options.refuse_others(source.source, "a table that is open already", *known)
        return _as_asked(source, options)
    if isinstance(source, str):
        options.refuse_others(parse_url(source).shown, "a database's table", *known)
        return _as_asked(_open_address(source, engine, memory, threads), options)
    opened = _engine(engine or "duckdb", memory, threads)
    called = f"the {type(source).__name__}"
    options.refuse_others(called, "a frame", *known)
    return _as_asked(opened.open_frame(source, called), options)


def _as_asked(table: Table, options: ReadOptions) -> Table:
    return kept_as_written(without_dropped(table, options.drop), options.as_text)


def _open_address(
    source: str, engine: str | None, memory: str | None, threads: int | None
) -> Table:
    address = parse_url(source)
    if address.driver == "duckdb":
        if engine not in (None, "duckdb"):
            raise InputError(f"A DuckDB database is worked on in DuckDB, not in {engine}.")
        from clienteling.data.engines.duckdb import DuckDB

        path = address.url.removeprefix("duckdb:///")
        opened = DuckDB(memory, threads, database=path, read_only=True)
        return opened.open_table(address.table, address.shown)
    if address.driver == "spark":
        return _open_in_spark(address, engine, memory, threads)
    if engine is not None:
        raise InputError(
            f"{address.shown}: a database's table is worked on in the database itself.",
            hint="Leave --engine out.",
        )
    from clienteling.data.engines.database import Database

    return Database(address).open_table(address.table)


def _open_in_spark(
    address: DatabaseAddress, engine: str | None, memory: str | None, threads: int | None
) -> Table:
    from clienteling.data.engines.spark import Spark, master_of

    master = master_of(address)
    if engine not in (None, "spark", master):
        raise InputError(
            f"{address.shown}: a table of Spark's catalogue is worked on there, not in {engine}.",
            hint="Leave --engine out.",
        )
    return Spark(master, memory, threads).open_table(address.table, address.shown)


def _engine(engine: str, memory: str | None, threads: int | None) -> DuckDB | Spark:
    if engine == "duckdb":
        from clienteling.data.engines.duckdb import DuckDB

        return DuckDB(memory=memory, threads=threads)
    if engine == "spark" or engine.startswith("spark://"):
        from clienteling.data.engines.spark import Spark

        return Spark(engine if engine != "spark" else None, memory, threads)
    raise InputError(
        f'There is no engine "{engine}".',
        hint="The engines are: duckdb, spark, and spark://host:port for a cluster.",
    )
