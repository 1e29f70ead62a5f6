"""Tables of Spark's catalogue, each whole or not there, however a process ends.

Spark's tables of files know no transaction over several statements. So the rows go into a table
beside the wanted one, which gets its name once it is whole. Where a table is replaced, the earlier
one is kept under another name until the new one has its own; a process that was killed between the
two left no table of the name, and whoever opens it next gives the earlier one its name back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlglot.expressions as exp

from clienteling.data.dialects import render
from clienteling.data.sql import name
from clienteling.data.urls import DatabaseAddress, no_such_table
from clienteling.errors import EngineError, OutputError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["delete_rows", "drop", "exists", "find", "refuse", "table_of", "write"]

#: What follows the name of a table that is being written, and of one that is being replaced.
_UNFINISHED, _BEFORE = "_unfinished", "_before"
_OWN = "spark_catalog"


def table_of(called: str) -> exp.Table:
    """Return a table by its name, with a schema and a catalogue before it, each with a point.

    Examples
    --------
    >>> table_of("lake.crm.spring").sql("spark")
    '`lake`.`crm`.`spring`'
    """
    *before, bare = called.split(".")
    db = name(before[-1]) if before else None
    catalog = name(".".join(before[:-1])) if len(before) > 1 else None
    return exp.table_(name(bare), db=db, catalog=catalog)


def _sql(called: str) -> str:
    return table_of(called).sql("spark")


def refuse(session: SparkSession, address: DatabaseAddress) -> None:
    """Raise where a table of that address can't be written, or would not stay.

    Raises
    ------
    OutputError
        Spark keeps its catalogue in memory, or there is no such schema.
    """
    *before, _ = address.table.split(".")
    catalog = before[0] if len(before) > 1 else session.catalog.currentCatalog()
    if catalog == _OWN and not is_kept(session):
        raise OutputError(
            f"{address.shown}: Spark keeps its catalogue in memory here, so nobody would find the "
            "table any more when this program has ended.",
            hint="Name a table of a catalogue that stays (spark.sql.catalogImplementation hive in "
            "the spark-defaults.conf of the folder that SPARK_CONF_DIR names), or a file.",
        )
    schema = ".".join(before)
    if schema and not session.catalog.databaseExists(schema):
        raise OutputError(
            f'{address.shown}: Spark\'s catalogue has no schema "{schema}".',
            hint=f"Make it first (CREATE SCHEMA {schema}), or name another one.",
        )


def is_kept(session: SparkSession) -> bool:
    """Whether Spark's own catalogue outlives the session."""
    return bool(session.conf.get("spark.sql.catalogImplementation") != "in-memory")


def exists(session: SparkSession, called: str) -> bool:
    """Whether there is a table, or a view, of a name."""
    return bool(session.catalog.tableExists(_sql(called)))


def find(session: SparkSession, address: DatabaseAddress) -> str:
    """Return the name of a table that is there, as SQL; what was left half replaced is put right.

    Raises
    ------
    SourceError
        There is no such table; the nearest names are offered.
    """
    _put_right(session, address.table)
    if not exists(session, address.table):
        schema = ".".join(address.table.split(".")[:-1])
        there = not schema or session.catalog.databaseExists(schema)
        listed = session.catalog.listTables(schema or None) if there else []
        before = f"{schema}." if schema else ""
        names = [f"{before}{each.name}" for each in listed if not each.isTemporary]
        raise no_such_table(address.shown, address.table, names)
    return _sql(address.table)


def write(
    session: SparkSession, select: exp.Expr, address: DatabaseAddress, rows: int | None = None
) -> None:
    """Keep a query's rows as a table; an earlier one of the name goes, which it may read.

    Parameters
    ----------
    session : of Spark
    select : the query
    address : of the table
    rows : how many there must be; else it is not asked

    Raises
    ------
    OutputError
        It can't be written, or another process is at it; the earlier one is whole.
    """
    called, new = address.table, f"{address.table}{_UNFINISHED}"
    _put_right(session, called)
    if exists(session, new):
        raise OutputError(
            f'{address.shown}: there is a table "{new}": another process is writing it, or was '
            "killed when it did.",
            hint=f"Wait for the other one; where there is none: DROP TABLE {_sql(new)}.",
        )
    query = render(select, "spark")
    try:
        # There from the start, so that whatever becomes of it can be dropped by its name. Where
        # another process is quicker, this is refused, and the other's is left alone.
        session.sql(f"CREATE TABLE {_sql(new)} AS SELECT * FROM ({query}) LIMIT 0")
    except _errors() as error:
        raise _not_written(address, query, error) from error
    try:
        session.sql(f"INSERT INTO {_sql(new)} {query}")
        if rows is not None and session.table(_sql(new)).count() != rows:
            raise OutputError(
                f"{address.shown}: another process has changed it meanwhile.",
                hint="Do the same again.",
            )
        if exists(session, called):
            _rename(session, called, f"{called}{_BEFORE}")
        _rename(session, new, called)
        _drop(session, f"{called}{_BEFORE}")
    except _errors() as error:
        raise _not_written(address, query, error) from error
    finally:
        if exists(session, new):
            _drop(session, new)
        _put_right(session, called)


def delete_rows(session: SparkSession, address: DatabaseAddress, condition: exp.Expr) -> None:
    """Take rows out of a table: it is written anew without them.

    Parameters
    ----------
    session : of Spark
    address : of the table
    condition : that the rows fulfil

    Raises
    ------
    OutputError
        It can't be written; the earlier one is whole.
    """
    _put_right(session, address.table)
    # What a killed process left holds the rows, too.
    for ending in (_UNFINISHED, _BEFORE):
        _drop(session, f"{address.table}{ending}")
    table = table_of(address.table)
    out = exp.Coalesce(this=condition.copy(), expressions=[exp.false()])
    rest = exp.select("*").from_(table).where(exp.not_(out))
    counted = exp.select(exp.Count(this=exp.Star()).as_("n"))
    whole, left = (
        int(session.sql(render(each, "spark")).collect()[0]["n"])
        for each in (counted.from_(table), counted.from_(table).where(exp.not_(out)))
    )
    if left < whole:
        write(session, rest, address, left)


def drop(session: SparkSession, address: DatabaseAddress) -> None:
    """Take a table away, with what a process that was killed left of it."""
    for ending in ("", _UNFINISHED, _BEFORE):
        _drop(session, f"{address.table}{ending}")


def _put_right(session: SparkSession, called: str) -> None:
    """Give a table its name back that was about to be replaced when a process was killed."""
    if not exists(session, called) and exists(session, f"{called}{_BEFORE}"):
        _rename(session, f"{called}{_BEFORE}", called)


def _rename(session: SparkSession, called: str, new: str) -> None:
    # The new name is of the same catalogue, which is not said again.
    target = ".".join(new.split(".")[-2:])
    session.sql(f"ALTER TABLE {_sql(called)} RENAME TO {_sql(target)}")


def _drop(session: SparkSession, called: str) -> None:
    # For good: what was decided for people is kept in no bin.
    session.sql(f"DROP TABLE IF EXISTS {_sql(called)} PURGE")


def _errors() -> tuple[type[Exception], ...]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return (PySparkException, Py4JError)


def _not_written(address: DatabaseAddress, query: str, error: Any) -> OutputError | EngineError:
    said = str(error).strip().splitlines()[0][:400]
    if "ermission" in said or "denied" in said or "PRIVILEGE" in said.upper():
        return OutputError(
            f"{address.shown}: Spark may not write it ({said}).",
            hint="Let the user whom Spark runs as make tables in that schema.",
        )
    return EngineError(f"{address.shown}: Spark could not write it: {said}", sql=query)
