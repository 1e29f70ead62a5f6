"""Engines that a test body runs on: DuckDB always, the others where they are installed."""

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clienteling as cl
from tests.conftest import lacking

ENGINES = [
    "duckdb",
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("spark", marks=pytest.mark.spark),
]

Opener = Callable[[pa.Table], cl.Table]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    url = os.environ.get("CLIENTELING_POSTGRES")
    if not url or importlib.util.find_spec("psycopg") is None:
        lacking(
            "postgres",
            "start a PostgreSQL server, set CLIENTELING_POSTGRES to its address "
            "(postgresql://user:password@localhost/database) and pip install "
            '"clienteling[postgres]"',
        )
    yield str(url)
    _drop(str(url))


@pytest.fixture
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Opener]:
    """Return, for an engine's name, what opens an Arrow table in it."""

    def of(engine: str) -> Opener:
        if engine == "postgres":
            request.getfixturevalue("postgres_url")
        if engine == "spark":
            request.getfixturevalue("spark_ready")

        def open_in(rows: pa.Table) -> cl.Table:
            if engine == "sqlite":
                return cl.read(f"sqlite:///{_sqlite(rows, tmp_path)}?table=customers")
            if engine == "postgres":
                return cl.read(_postgres(rows, request.getfixturevalue("postgres_url")))
            path = tmp_path / "customers.parquet"
            pq.write_table(rows, path)
            return cl.read(path, engine=engine)

        return open_in

    return of


def _columns(rows: pa.Table) -> str:
    kinds = {"int64": "BIGINT", "double": "DOUBLE PRECISION", "string": "TEXT"}
    return ", ".join(f'"{each.name}" {kinds[str(each.type)]}' for each in rows.schema)


def _sqlite(rows: pa.Table, folder: Path) -> Path:
    import sqlite3

    path = folder / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE customers ({_columns(rows)})")
        places = ", ".join("?" * rows.num_columns)
        values = zip(*(rows.column(each).to_pylist() for each in rows.column_names), strict=True)
        connection.executemany(f"INSERT INTO customers VALUES ({places})", values)
    connection.close()
    return path


def _own_table() -> str:
    """Name a table of this process, so that tests side by side are not in each other's way."""
    return f"customers_{os.getpid()}"


def _drop(url: str) -> None:
    import psycopg

    with psycopg.connect(url) as connection:
        # A connection that a test left open says so here, instead of holding the run up.
        connection.execute("SET lock_timeout = '10s'")
        connection.execute(f"DROP TABLE IF EXISTS {_own_table()}")


def _postgres(rows: pa.Table, url: str) -> str:
    import psycopg

    table = _own_table()
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(f"CREATE TABLE {table} ({_columns(rows)})")
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            columns = (rows.column(each).to_pylist() for each in rows.column_names)
            for row in zip(*columns, strict=True):
                copy.write_row(row)
    assert urlsplit(url).query == ""
    return f"{url}?table={table}"


def hostile_rows(n: int, seed: int = 0) -> pa.Table:
    """Return customers with nulls, NaN, infinities, exact ties, huge and tiny values."""
    rng = np.random.default_rng(seed)
    columns = {}
    for name in ("Annual Income (k$)", "Spending Score (1-100)"):
        values = rng.normal(60, 30, n)
        kinds = rng.integers(0, 40, n)
        values = np.where(kinds == 0, np.nan, values)
        values = np.where(kinds == 1, np.inf, values)
        values = np.where(kinds == 2, -np.inf, values)
        values = np.where(kinds == 3, rng.choice([1e300, -1e300, 1e301, 1e150, 1e200], n), values)
        values = np.where(kinds == 4, rng.choice([1e-300, -1e-300, 0.0, -0.0, 5e-324], n), values)
        values = np.where((kinds > 4) & (kinds < 12), np.round(values), values)
        columns[name] = pa.array(values, mask=kinds == 12)
    return pa.table({"CustomerID": pa.array(np.arange(n)), **columns})
