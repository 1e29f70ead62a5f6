"""`score` and `sql` where the customers are: places, engines that fail, and a warehouse's text."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clienteling as cl
from tests.conftest import lacking

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]
PIP = 'Install it with: pip install "clienteling[{}]"'


def customers(n: int, start: int = 0) -> pa.Table:
    rng = np.random.default_rng(start)
    numbers = (rng.uniform(15, 137, n), rng.uniform(1, 100, n))
    return pa.table(
        {"CustomerID": np.arange(start, start + n), **dict(zip(FEATURES, numbers, strict=True))}
    )


def shop(path: Path, n: int = 50, text: bool = False) -> str:
    """Make a SQLite database with the tables `customers` and `visits`; return its address."""
    connection = sqlite3.connect(path)
    kind = "TEXT" if text else "REAL"
    names = f'"CustomerID" INTEGER, "{FEATURES[0]}" {kind}, "{FEATURES[1]}" REAL'
    connection.execute(f"CREATE TABLE customers ({names})")
    rows = [tuple(row.values()) for row in customers(n).to_pylist()]
    connection.executemany("INSERT INTO customers VALUES (?, ?, ?)", rows)
    connection.execute("CREATE TABLE visits (day TEXT)")
    connection.commit()
    connection.close()
    return f"sqlite:///{path}"


# --- places -------------------------------------------------------------------------------------


def test_a_folder_of_parquet_is_scored_into_a_folder(cli, model, here):
    (here / "in").mkdir()
    for index in range(3):
        pq.write_table(customers(20, 20 * index), here / "in" / f"{index}.parquet")
    said = cli("score", model, "in", "--out", "scored", "--json")
    assert (said.code, said.document["customers"], said.document["scored"]) == (0, 60, 60)
    found = cl.read("scored").to_arrow()
    assert found.column("customer_id").to_pylist() == list(range(60))
    expected = cl.recommend(cl.Model.load(model), "in").to_arrow()
    assert found.to_pylist() == expected.to_pylist()


def test_without_an_id_the_rows_are_numbered_through_all_files(cli, model, here):
    (here / "in").mkdir()
    for index in range(3):
        rows = customers(20, index).drop_columns(["CustomerID"])
        pq.write_table(rows, here / "in" / f"{index}.parquet")
    assert cli("score", model, "in", "--out", "scored").code == 0
    found = cl.read("scored").to_arrow().column("customer_id").to_pylist()
    assert found == list(range(1, 61))


def test_a_killed_run_goes_on(model, here):
    """Killed by the system, not stopped: nothing of ours runs at the end."""
    (here / "in").mkdir()
    for index in range(6):
        pq.write_table(customers(400_000, index), here / "in" / f"{index}.parquet")
    command = [sys.executable, "-m", "clienteling", "score", model, "in", "--out", "scored"]
    staging = here / ".scored.partial"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: (staging / "part-00000.parquet").exists(), 90)
        time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL
    assert not (here / "scored").exists()
    manifest = json.loads(next(staging.glob("*manifest.json")).read_text())
    before = {each: (staging / each).stat().st_mtime_ns for each in manifest["done"]}
    assert len(before) < 6
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    after = {each: (here / "scored" / each).stat().st_mtime_ns for each in before}
    assert after == before
    expected = cl.recommend(cl.Model.load(model), "in").to_arrow()
    assert cl.read("scored").to_arrow().equals(expected)
    assert sorted(each.name for each in here.iterdir()) == ["in", "scored"]


def wait_for(happened, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_table_of_the_same_duckdb_file(cli, model, here):
    import duckdb

    rows = customers(50)
    with duckdb.connect("shop.db") as connection:
        connection.register("rows", rows)
        connection.execute("CREATE TABLE customers AS SELECT * FROM rows")
    out = "duckdb:///shop.db?table=scored"
    said = cli("score", model, "duckdb:///shop.db?table=customers", "--out", out, "--json")
    assert said.code == 0, said.err
    assert said.document["customers"] == 50
    found = cl.read(out).to_arrow().to_pylist()
    assert found == cl.recommend(cl.Model.load(model), rows).to_arrow().to_pylist()


@pytest.mark.parametrize("source", ["sqlite:///shop.db", "sqlite:///./shop.db"])
@pytest.mark.parametrize("out", ["customers", "main.customers"])
def test_the_source_is_never_replaced(cli, model, here, out, source):
    url = shop(here / "shop.db")
    said = cli("score", model, f"{source}?table=customers", "--out", f"{url}?table={out}")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"Error: {url}?table={out}: is the source itself, and the result would replace the "
        "customers.\nName another table with --out.\n"
    )
    assert len(cl.read(f"{url}?table=customers").names) == 3


@pytest.fixture
def small_disk(here) -> Iterator[Path]:
    """Return a disk of one megabyte."""
    disk = here / "disk"
    disk.mkdir()
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("needs root: a small disk is mounted")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("needs root: a small disk can't be mounted here")
    try:
        yield disk
    finally:
        # Lazily: Spark goes on, and keeps the file open that it could not finish.
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.parametrize("out", ["scored.parquet", "scored.csv", "scored"])
def test_a_disk_that_fills(cli, model, here, small_disk, out):
    pq.write_table(customers(300_000), here / "in.parquet")
    said = cli("score", model, "in.parquet", "--out", str(small_disk / out))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"Error: {small_disk}/")
    assert "can't be written" in said.err
    assert "space" in said.err.lower()
    assert list(small_disk.iterdir()) == []


@pytest.mark.spark
@pytest.mark.parametrize("out", ["scored.parquet", "scored"])
def test_a_disk_that_fills_while_spark_writes(cli, spark_ready, model, here, small_disk, out):
    pq.write_table(customers(300_000), here / "in.parquet")
    said = cli("score", model, "in.parquet", "--engine", "spark", "--out", str(small_disk / out))
    assert (said.code, said.out) == (2, "")
    last = said.err[said.err.index("Error: ") :].splitlines()
    assert last[0].startswith(f"Error: {small_disk}/")
    assert last[0].endswith(": can't be written (No space left on device).")
    assert last[1:] == ["Free some space or name another place with --out."]
    assert list(small_disk.iterdir()) == []


# --- bad input ----------------------------------------------------------------------------------


def refused(said, here: Path, left: tuple[str, ...] = ()) -> str:
    """Return what was said, once it is sure that nothing else was done."""
    assert (said.code, said.out) == (2, ""), said.err
    assert sorted(each.name for each in here.iterdir()) == sorted(left)
    assert "Traceback" not in said.err
    return said.err


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_a_database_that_cant_be_reached(cli, here, closed_port):
    pytest.importorskip("psycopg")
    url = f"postgresql://ada:geheim@127.0.0.1:{closed_port}/shop?table=customers"
    for command in (("run", url), ("choose-k", url), ("run", url, "--json")):
        said = cli(*command)
        assert said.code == 2
        assert "geheim" not in said.err + said.out
    assert refused(cli("run", url), here) == (
        f"Error: {url.replace('geheim', '***')}: the database can't be reached (connection failed: "
        f'connection to server at "127.0.0.1", port {closed_port} failed: Connection refused).\n'
        "Check that it runs, and the host, the port, the user and the password.\n"
    )


def test_a_cluster_that_cant_be_reached(cli, here, closed_port):
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        lacking("spark", "install Java 17")
    start = time.monotonic()
    message = refused(cli("run", "sample", "--engine", f"spark://127.0.0.1:{closed_port}"), here)
    assert time.monotonic() - start < 20
    assert message == (
        f"Error: The cluster at spark://127.0.0.1:{closed_port} can't be reached: Connection "
        "refused.\nCheck that its master runs, and the address (spark://host:7077).\n"
    )


def test_java_is_missing(cli, here, monkeypatch):
    pytest.importorskip("pyspark")
    monkeypatch.setenv("PATH", str(here))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert refused(cli("run", "sample", "--engine", "spark"), here) == (
        "Error: Spark needs Java 17 or newer, and there is none.\nInstall it (on Debian: apt-get "
        "install openjdk-17-jre-headless) or set JAVA_HOME.\n"
    )


def test_pyspark_is_missing(cli, here, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    assert refused(cli("run", "sample", "--engine", "spark"), here) == (
        f"Error: Spark runs need an optional part that is not installed.\n{PIP.format('spark')}\n"
    )


def test_sqlalchemy_is_missing(cli, here, monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    url = "postgresql://ada:geheim@db/shop?table=customers"
    assert refused(cli("run", url), here) == (
        f"Error: Databases need an optional part that is not installed.\n{PIP.format('postgres')}\n"
    )


def test_the_driver_is_missing(cli, here, monkeypatch):
    pytest.importorskip("sqlalchemy")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    url = "postgresql://ada:geheim@db/shop?table=customers"
    assert refused(cli("run", url), here).endswith(f"{PIP.format('postgres')}\n")
    monkeypatch.setitem(sys.modules, "MySQLdb", None)
    assert refused(cli("run", "mysql://ada:geheim@db/shop?table=customers"), here) == (
        "Error: mysql://ada:***@db/shop?table=customers: the driver MySQLdb is not installed.\n"
        "Install it with: pip install mysqlclient\n"
    )


@pytest.mark.parametrize(
    ("source", "more", "message"),
    [
        (
            "foo://ada:geheim@db/shop?table=customers",
            (),
            "foo://ada:***@db/shop?table=customers: is not the address of a database that is "
            "known here.\nWrite it as postgresql://user:password@host:5432/database"
            "?table=customers",
        ),
        (
            "sqlite:///nosuch.db?table=customers",
            (),
            "sqlite:///nosuch.db?table=customers: there is no such database file.",
        ),
        (
            "duckdb:///nosuch.db?table=customers",
            (),
            "nosuch.db: there is no such database file.",
        ),
        (
            "sample",
            ("--engine", "dukdb"),
            'There is no engine "dukdb".\n'
            "The engines are: duckdb, spark, and spark://host:port for a cluster.",
        ),
        (
            "sqlite:///shop.db?table=customers",
            ("--engine", "spark"),
            "sqlite:///shop.db?table=customers: a database's table is worked on in the database "
            "itself.\nLeave --engine out.",
        ),
        (
            "duckdb:///shop.db?table=customers",
            ("--engine", "spark"),
            "A DuckDB database is worked on in DuckDB, not in spark.",
        ),
    ],
)
def test_sources_and_engines_that_dont_fit(cli, here, source, more, message):
    assert refused(cli("run", source, *more), here) == f"Error: {message}\n"


def test_a_table_that_is_not_there(cli, here):
    url = shop(here / "shop.db")
    assert refused(cli("run", f"{url}?table=custmers"), here, ("shop.db",)) == (
        f'Error: {url}?table=custmers: there is no table "custmers".\n'
        'Did you mean "customers"? The tables are: "customers", "visits".\n'
    )


def test_a_text_column_of_a_database_is_no_feature(cli, here):
    url = shop(here / "shop.db", text=True)
    message = refused(cli("run", f"{url}?table=customers"), here, ("shop.db",))
    assert message == (
        f'Error: {url}?table=customers: column "{FEATURES[0]}" is text, and features must be '
        "numbers.\nChoose other features with --features, or make a view that casts it.\n"
    )


@pytest.mark.parametrize("command", ["run", "score"])
def test_parquet_cut_in_half(cli, model, here, command):
    pq.write_table(customers(10_000), "whole.parquet")
    content = Path("whole.parquet").read_bytes()
    Path("cut.parquet").write_bytes(content[: len(content) // 2])
    Path("whole.parquet").unlink()
    given = ("run", "cut.parquet") if command == "run" else ("score", model, "cut.parquet")
    assert refused(cli(*given, "--out", "out"), here, ("cut.parquet",)) == (
        "Error: cut.parquet: the Parquet file is cut off; its end is missing.\n"
        "Copy or export the file again.\n"
    )


@pytest.mark.parametrize("command", ["run", "score"])
def test_parquet_damaged_in_the_middle(cli, model, here, command):
    pq.write_table(customers(10_000), "a.parquet")
    content = bytearray(Path("a.parquet").read_bytes())
    content[1_000 : len(content) * 3 // 4] = b"\xff" * (len(content) * 3 // 4 - 1_000)
    Path("a.parquet").write_bytes(content)
    given = ("run", "a.parquet") if command == "run" else ("score", model, "a.parquet")
    message = refused(cli(*given, "--out", "out"), here, ("a.parquet",))
    assert message.startswith("Error: a.parquet: ")
    assert "damaged" in message


def test_a_column_that_changes_its_type_between_files(cli, here):
    (here / "in").mkdir()
    rows = customers(20)
    pq.write_table(rows, "in/a.parquet")
    as_text = rows.set_column(1, FEATURES[0], rows.column(1).cast(pa.string()))
    pq.write_table(as_text, "in/b.parquet")
    message = refused(cli("run", "in"), here, ("in",))
    assert "in: a column changes its type from file to file.\n" in message.replace(
        "/**/*.parquet", ""
    )
    assert f'column "{FEATURES[0]}" is ' in message
    for each in ("numbers in a.parquet", "text in b.parquet"):
        assert each in message
    assert message.endswith("Write the files anew with one type per column.\n")


@pytest.mark.postgres
def test_no_password_in_anything_that_is_written(cli, here):
    """The address of the customers stays out of the model, the report and the answers."""
    psycopg = pytest.importorskip("psycopg")
    url = os.environ.get("CLIENTELING_POSTGRES")
    if not url:
        lacking("postgres", "set CLIENTELING_POSTGRES to a PostgreSQL server's address")
    password = urlsplit(url).password
    assert password
    table = f"customers_w{os.getpid()}"
    with psycopg.connect(url) as connection:
        names = f'"CustomerID" BIGINT, "{FEATURES[0]}" FLOAT8, "{FEATURES[1]}" FLOAT8'
        connection.execute(f"CREATE TABLE {table} ({names})")
        with connection.cursor() as cursor:
            rows = [tuple(row.values()) for row in customers(200).to_pylist()]
            cursor.executemany(f"INSERT INTO {table} VALUES (%s, %s, %s)", rows)
    try:
        said = cli("run", f"{url}?table={table}", "--k", "3", "--out", "out")
        assert said.code == 0, said.err
        wrong = cli("run", f"{url}?table={table}", "--features", "nosuch")
        assert wrong.code == 2
    finally:
        with psycopg.connect(url) as connection:
            connection.execute(f"DROP TABLE {table}")
    for each in (said, wrong):
        assert password not in each.out + each.err
    written = [each for each in here.rglob("*") if each.is_file()]
    assert len(written) > 5
    for each in written:
        assert password.encode() not in each.read_bytes(), each.name


# --- SQL for warehouses -------------------------------------------------------------------------

ODD = ['Annual "Income" (k$)', "100% `score`'s"]

#: Functions that each warehouse has under this name; see its reference of SQL functions.
COMMON = {"ABS", "LEAST", "SQRT", "TRIM", "CAST", "COALESCE"}
KNOWN = {
    "snowflake": COMMON,
    "bigquery": COMMON | {"CONCAT", "IS_NAN"},
    "databricks": COMMON | {"CONCAT", "ISNAN"},
    "trino": COMMON | {"CONCAT", "IS_NAN"},
    "redshift": COMMON | {"CONCAT"},
}
KEYWORDS = {
    "WITH",
    "AS",
    "AND",
    "OR",
    "WHEN",
    "THEN",
    "ELSE",
    "CASE",
    "FROM",
    "SELECT",
    "IN",
    "NOT",
}
QUOTES = {"bigquery": "`", "databricks": "`"}


@pytest.fixture(scope="session", params=[1, 5])
def models(request, tmp_path_factory, mall_csv) -> tuple[str, int]:
    path = tmp_path_factory.mktemp("sql") / "model.json"
    cl.segment(str(mall_csv), k=request.param).save(path)
    return str(path), request.param


def without_strings(text: str) -> str:
    return re.sub(r"'(?:[^'\\]|''|\\.)*'", "''", text)


@pytest.mark.parametrize("dialect", KNOWN)
def test_the_text_for_a_warehouse(cli, models, dialect):
    import sqlglot
    from sqlglot import exp

    model, k = models
    said = cli("sql", model, "--dialect", dialect, "--table", "customers", "--id", "CustomerID")
    assert (said.code, said.err) == (0, "")
    text = said.out
    quote = QUOTES.get(dialect, '"')
    for each in FEATURES:
        assert f"{quote}{each}{quote}" in text
    # The question is asked in a CASE, before anything is computed with the value.
    parsed = sqlglot.parse_one(text, dialect=dialect)
    asked = [each for each in parsed.find_all(exp.LTE) if isinstance(each.this, exp.Abs)]
    assert asked
    for each in asked:
        assert float(each.expression.sql()) == 1e300
        assert each.find_ancestor(exp.Case)
    flag = next(each for each in parsed.find_all(exp.Alias) if each.alias == "cl_ok")
    assert len(list(flag.find_all(exp.LTE))) == len(FEATURES)
    for each in FEATURES:
        assert f"'{each} is missing. '" in text
        assert f"'{each} is not a finite number. '" in text
    called = set(
        re.findall(r"\b([A-Z_0-9]+)\(", without_strings(re.sub(r'"[^"]*"|`[^`]*`', "x", text)))
    )
    assert called - KEYWORDS <= KNOWN[dialect]
    assert ("SQRT" in called) is (k > 1)
    assert parsed.named_selects == [
        *("customer_id", *FEATURES, "segment_id", "segment", "margin", "runner_up", "note")
    ]


@pytest.mark.parametrize("dialect", [*KNOWN, "duckdb", "sqlite", "postgres", "spark"])
def test_odd_names_are_quoted(cli, here, dialect):
    import sqlglot

    rows = customers(60).rename_columns(["id", *ODD])
    cl.segment(rows, ODD, k=3).save("odd.json")
    text = cli("sql", "odd.json", "--dialect", dialect, "--id", "id").out
    parsed = sqlglot.parse_one(text, dialect=dialect)
    assert parsed.named_selects[1:3] == ODD


def same(found: list[tuple], expected: pa.Table) -> None:
    """Compare row by row: numbers that are none are equal to each other."""
    wanted = expected.to_pylist()
    assert len(found) == len(wanted)
    for row, want in zip(found, wanted, strict=True):
        plain = [None if isinstance(each, float) and each != each else each for each in row]
        values = [None if isinstance(v, float) and v != v else v for v in want.values()]
        assert plain == values


HOSTILE = [
    *([each, 50.0] for each in (None, float("nan"), float("inf"), float("-inf"), 1e300, 1e301)),
    *([50.0, each] for each in (None, -1e300, 5e-324, 0.0, -0.0, 1e150)),
    [None, None],
    [float("nan"), float("inf")],
]


@pytest.fixture(params=["names as they are", "odd names"])
def hostile(request, here, mall_csv) -> tuple[str, pa.Table]:
    names = FEATURES if request.param == "names as they are" else ODD
    plain = customers(200).rename_columns(["id", *names])
    cl.segment(plain, names, k=4, id="id").save("hostile.json")
    values = [*HOSTILE, *(list(row.values())[1:] for row in plain.to_pylist())]
    columns = {each: [row[i] for row in values] for i, each in enumerate(names)}
    rows = pa.table({"id": list(range(len(values))), **columns})
    return str(here / "hostile.json"), rows


@pytest.mark.parametrize(
    "engine",
    [
        *("duckdb", "sqlite"),
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.slow]),
    ],
)
def test_the_text_run_on_an_engine_gives_what_score_gives(cli, hostile, here, engine, request):
    model, rows = hostile
    text = cli("sql", model, "--dialect", engine, "--table", "t_customers", "--id", "id").out
    found = run_on(engine, text, rows, here, request)
    expected = cl.Model.load(model).score(rows, id="id").to_arrow()
    if engine == "sqlite":  # it keeps no NaN: a NaN that is put in is null
        nulled = rows.to_pandas().astype(object).where(rows.to_pandas().notna(), None)
        expected = (
            cl.Model.load(model)
            .score(
                pa.table(
                    {
                        each: pa.array(nulled[each].tolist(), rows.schema.field(each).type)
                        for each in rows.column_names
                    }
                ),
                id="id",
            )
            .to_arrow()
        )
    same(sorted(found), expected)


def run_on(engine: str, text: str, rows: pa.Table, here: Path, request) -> list[tuple]:
    values = [tuple(row.values()) for row in rows.to_pylist()]
    names = [each.replace('"', '""') for each in rows.column_names]
    columns = f'"id" BIGINT, "{names[1]}" DOUBLE PRECISION, "{names[2]}" DOUBLE PRECISION'
    if engine == "duckdb":
        import duckdb

        with duckdb.connect() as connection:
            connection.register("t_customers", rows)
            return connection.sql(text).fetchall()
    if engine == "sqlite":
        connection = sqlite3.connect(":memory:")
        connection.execute(f"CREATE TABLE t_customers ({columns})")
        connection.executemany("INSERT INTO t_customers VALUES (?, ?, ?)", values)
        found = connection.execute(text).fetchall()
        connection.close()
        return found
    if engine == "postgres":
        psycopg = pytest.importorskip("psycopg")
        url = os.environ.get("CLIENTELING_POSTGRES")
        if not url:
            lacking("postgres", "set CLIENTELING_POSTGRES to a PostgreSQL server's address")
        with psycopg.connect(url) as connection:
            connection.execute(f"CREATE TEMPORARY TABLE t_customers ({columns}) ON COMMIT DROP")
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO t_customers VALUES (%s, %s, %s)", values)
            return connection.execute(text).fetchall()
    return run_on_spark(text, rows, here)


def run_on_spark(text: str, rows: pa.Table, here: Path) -> list[tuple]:
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        lacking("spark", "install Java 17 (Debian: apt-get install openjdk-17-jre-headless)")
    pq.write_table(rows, here / "t.parquet")
    table = cl.read(str(here / "t.parquet"), engine="spark")
    table.engine.session.table(table.select.name).createOrReplaceTempView("t_customers")
    return [tuple(row) for row in table.engine.session.sql(text).collect()]
