"""Results are written whole or not at all: files, folders of Parquet, tables of databases."""

import json
import os
import sqlite3
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy

import clienteling as cl
from clienteling.data.destinations import _MANIFEST, check_destination, write_to
from clienteling.errors import OutputError
from tests.engines.conftest import postgres_url  # noqa: F401

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]


@pytest.fixture(scope="module")
def model() -> cl.Model:
    return cl.segment("sample", k=5)


def customers(n: int, start: int = 0, ids: object = None) -> pa.Table:
    rng = np.random.default_rng(start)
    numbers = (rng.uniform(15, 137, n), rng.uniform(1, 100, n))
    ids = pa.array(np.arange(start, start + n) if ids is None else ids)
    return pa.table({"CustomerID": ids, **dict(zip(FEATURES, numbers, strict=True))})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of three Parquet files, the second without rows, with an odd name."""
    folder = tmp_path / "shop [2024]"
    folder.mkdir()
    for index, n in enumerate((50, 0, 70)):
        pq.write_table(customers(n, 100 * index), folder / f"{index}.parquet")
    return folder


def scored(model: cl.Model, source: object, out: object, fingerprint: str = "a") -> list[Path]:
    return write_to(
        check_destination(str(out)), cl.read(source), model.score, fingerprint=fingerprint
    )


def test_a_folder_gets_a_part_for_each_file(model, folder, tmp_path):
    shares: list[float] = []
    out = tmp_path / "scored"
    written = write_to(
        check_destination(str(out)),
        cl.read(folder),
        model.score,
        fingerprint="a",
        progress=shares.append,
    )
    assert written == [out / f"part-{index:05d}.parquet" for index in range(3)]
    assert sorted(each.name for each in out.iterdir()) == [
        _MANIFEST,
        *(each.name for each in written),
    ]
    assert [pq.read_metadata(each).num_rows for each in written] == [50, 0, 70]
    whole = cl.read(folder)
    assert cl.read(out).to_arrow().equals(model.score(whole).to_arrow())
    assert shares == sorted(shares)
    assert all(0 <= each <= 1 for each in shares)
    assert not (tmp_path / ".scored.partial").exists()


class Stopped(BaseException):
    """As if the process were killed: nothing of ours catches it."""


def stop_after(model: cl.Model, parts: int):
    made = []

    def make(table: cl.Table) -> cl.Table:
        if len(made) == parts:
            raise Stopped
        made.append(table)
        return model.score(table)

    return make


def stopped(model: cl.Model, source: Path, out: Path, fingerprint: str = "a") -> dict[str, int]:
    """Write one part and stop; return what lies aside and when it was written."""
    with pytest.raises(Stopped):
        write_to(
            check_destination(str(out)),
            cl.read(source),
            stop_after(model, 1),
            fingerprint=fingerprint,
        )
    staging = out.with_name(f".{out.name}.partial")
    assert not out.exists()
    manifest = json.loads((staging / _MANIFEST).read_text())
    assert manifest["done"] == ["part-00000.parquet"]
    return {each.name: each.stat().st_mtime_ns for each in staging.glob("part-*")}


def test_a_stopped_run_goes_on(model, folder, tmp_path):
    out = tmp_path / "scored"
    before = stopped(model, folder, out)
    scored(model, folder, out)
    first = out / "part-00000.parquet"
    assert before == {first.name: first.stat().st_mtime_ns}
    scored(model, folder, tmp_path / "fresh")
    for each in out.glob("part-*"):
        assert each.read_bytes() == (tmp_path / "fresh" / each.name).read_bytes()


@pytest.mark.parametrize("change", ["fingerprint", "file", "one more file"])
def test_it_starts_anew_where_something_changed(model, folder, tmp_path, change):
    out = tmp_path / "scored"
    before = stopped(model, folder, out)
    if change == "file":
        pq.write_table(customers(51, 900), folder / "0.parquet")
    if change == "one more file":
        pq.write_table(customers(5, 900), folder / "3.parquet")
    scored(model, folder, out, "b" if change == "fingerprint" else "a")
    assert (out / "part-00000.parquet").stat().st_mtime_ns > before["part-00000.parquet"]
    assert cl.read(out).to_arrow().equals(model.score(folder).to_arrow())


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"fingerprint": "a"}', '"done"'])
def test_a_damaged_manifest_means_to_start_anew(model, folder, tmp_path, damage):
    out = tmp_path / "scored"
    stopped(model, folder, out)
    (tmp_path / ".scored.partial" / _MANIFEST).write_text(damage)
    scored(model, folder, out)
    assert len(cl.read(out)) == 120


def test_half_a_part_is_written_anew(model, folder, tmp_path):
    out = tmp_path / "scored"
    stopped(model, folder, out)
    (tmp_path / ".scored.partial" / "part-00001.parquet").write_bytes(b"PAR1 half")
    (tmp_path / ".scored.partial" / ".part-00002.parquet.partial").write_bytes(b"PAR1 half")
    scored(model, folder, out)
    assert cl.read(out).to_arrow().equals(model.score(folder).to_arrow())
    assert len(list(out.iterdir())) == 4


def test_an_earlier_result_is_replaced_whole(model, folder, tmp_path):
    out = tmp_path / "scored"
    scored(model, folder, out)
    (folder / "2.parquet").unlink()
    scored(model, folder, out)
    assert sorted(each.name for each in out.glob("part-*")) == [
        "part-00000.parquet",
        "part-00001.parquet",
    ]
    assert len(cl.read(out)) == 50
    assert sorted(each.name for each in tmp_path.iterdir()) == ["scored", folder.name]


def test_files_of_somebody_elses_are_not_touched(model, tmp_path):
    out = tmp_path / "scored"
    out.mkdir()
    (out / "thesis.doc").write_text("mine")
    (out / "part-00000.parquet").write_text("mine too")
    with pytest.raises(OutputError) as refused:
        check_destination(str(out))
    assert str(refused.value) == (
        f"{out}: holds files that are not of an earlier result (thesis.doc); the folder would be "
        "replaced whole, and they would be lost.\nName another folder with --out."
    )
    assert (out / "part-00000.parquet").read_text() == "mine too"


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (
            "scored.xlsx",
            "scored.xlsx: the result must be a .parquet or .csv file, a folder, or a database's "
            "table.\nName it as --out scored.parquet",
        ),
        ("nosuch/scored.csv", "nosuch/scored.csv: there is no folder {here}/nosuch.\n"),
        ("folder.csv", "folder.csv: is a folder, so it can't be the file."),
        ("file", "file: is a file, so it can't be the folder."),
    ],
)
def test_places_that_cant_be_written(out, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("folder.csv").mkdir()
    Path("file").write_text("mine")
    with pytest.raises(OutputError) as refused:
        check_destination(out)
    assert str(refused.value).startswith(message.format(here=tmp_path))


IDS = {
    "int": pa.array([3, -1, 2**31 - 1], pa.int32()),
    "bigint": pa.array([2**62, 1, 2**53 + 1], pa.int64()),
    "leading zeros": pa.array(["007", "0x1", "1e5"]),
    "uuid-like": pa.array(["6f1e2a9c-0000-4e2e-9a57-3d1f0c0ffee0", "-", "Zoë"]),
    "date": pa.array([19000, 1, -400], pa.date32()),
    "number": pa.array([0.5, 1e22, -0.0]),
    "null among them": pa.array([1, None, 3]),
    "twice the same": pa.array(["a", "a", "a"]),
}


@pytest.mark.parametrize("kind", IDS)
def test_ids_are_carried_through_untouched(model, tmp_path, kind):
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(customers(3, 0, IDS[kind]), source)
    scored(model, source, out)
    found = pq.read_table(out).column("customer_id").combine_chunks()
    assert found.type == IDS[kind].type
    assert found.to_pylist() == IDS[kind].to_pylist()


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_the_order_of_the_rows_is_kept(model, tmp_path, suffix):
    """More rows than one batch or one group of rows, in no order of their own."""
    ids = np.random.default_rng(0).permutation(300_000)
    pq.write_table(customers(len(ids), 0, ids), tmp_path / "in.parquet")
    out = tmp_path / f"out.{suffix}"
    scored(model, tmp_path / "in.parquet", out)
    assert cl.read(out).to_arrow().column("customer_id").to_pylist() == ids.tolist()


def test_a_table_of_the_same_duckdb_file(model, tmp_path):
    path = tmp_path / "shop.db"
    rows = customers(50)
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE customers AS SELECT * FROM rows")
        connection.execute("CREATE TABLE scored AS SELECT 'old' AS old")
    source, out = f"duckdb:///{path}?table=customers", f"duckdb:///{path}?table=scored"
    table = cl.read(source)
    write_to(check_destination(out), table, model.score, fingerprint="a")
    table.engine.connection.close()
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.sql("SELECT * FROM scored").to_arrow_table()
        assert connection.sql("SELECT count(*) FROM customers").fetchall() == [(50,)]
        assert [row[0] for row in connection.sql("SHOW TABLES").fetchall()] == [
            "customers",
            "scored",
        ]
    assert found.equals(model.score(rows).to_arrow())


@pytest.mark.parametrize("existing", [True, False])
def test_a_table_of_another_duckdb_file(model, tmp_path, existing):
    path = tmp_path / "results.db"
    if existing:
        with duckdb.connect(str(path)) as connection:
            connection.execute("CREATE TABLE mine AS SELECT 1 AS one")
    rows = customers(50)
    scored(model, rows, f"duckdb:///{path}?table=scored")
    with duckdb.connect(str(path), read_only=True) as connection:
        assert (
            connection.sql("SELECT * FROM scored")
            .to_arrow_table()
            .equals(model.score(rows).to_arrow())
        )
        if existing:
            assert connection.sql("SELECT one FROM mine").fetchall() == [(1,)]


def fill_sqlite(path: Path, table: pa.Table) -> str:
    connection = sqlite3.connect(path)
    columns = ", ".join(f'"{each}"' for each in table.column_names)
    kinds = 'CREATE TABLE customers ("CustomerID" INTEGER, "{}" REAL, "{}" REAL)'
    connection.execute(kinds.format(*FEATURES))
    rows = [tuple(row.values()) for row in table.to_pylist()]
    connection.executemany(f"INSERT INTO customers ({columns}) VALUES (?, ?, ?)", rows)
    connection.execute("CREATE TABLE scored AS SELECT 'old' AS old")
    connection.commit()
    connection.close()
    return f"sqlite:///{path}"


def fill_postgres(url: str, table: pa.Table) -> None:
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute(f"DROP TABLE IF EXISTS customers_d{os.getpid()}")
        connection.execute(f"DROP TABLE IF EXISTS scored_d{os.getpid()}")
        connection.execute(
            f'CREATE TABLE customers_d{os.getpid()} ("CustomerID" BIGINT, '
            f'"{FEATURES[0]}" FLOAT8, "{FEATURES[1]}" FLOAT8)'
        )
        connection.execute(f"CREATE TABLE scored_d{os.getpid()} AS SELECT 'old' AS old")
        with connection.cursor() as cursor:
            rows = [tuple(row.values()) for row in table.to_pylist()]
            cursor.executemany(f"INSERT INTO customers_d{os.getpid()} VALUES (%s, %s, %s)", rows)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request, tmp_path):
    """Return a database's address, its customers' table, and an old result's."""
    if request.param == "sqlite":
        yield fill_sqlite(tmp_path / "shop.db", customers(200)), "customers", "scored"
        return
    url = request.getfixturevalue("postgres_url")
    fill_postgres(url, customers(200))
    ours = f"customers_d{os.getpid()}", f"scored_d{os.getpid()}"
    yield url, *ours
    import psycopg

    with psycopg.connect(url) as connection:
        for each in ours:
            connection.execute(f"DROP TABLE IF EXISTS {each}")


def test_a_table_of_the_same_database(model, database):
    url, source, out = database
    scored(model, f"{url}?table={source}", f"{url}?table={out}")
    found = cl.read(f"{url}?table={out}").to_arrow().sort_by("customer_id")
    expected = model.score(customers(200)).to_arrow()
    assert found.column_names == expected.column_names
    for each in expected.column_names:
        assert found.column(each).to_pylist() == expected.column(each).to_pylist()


@pytest.mark.parametrize("at", ["CREATE", "DROP", "RENAME"])
def test_an_old_table_stays_whole_where_writing_fails(model, database, at):
    url, source, out = database
    table = cl.read(f"{url}?table={source}")

    def fail(connection, cursor, statement, *rest):
        if at in statement:
            raise Stopped

    sqlalchemy.event.listen(table.engine._engine, "after_cursor_execute", fail)
    with pytest.raises(Stopped):
        write_to(check_destination(f"{url}?table={out}"), table, model.score, fingerprint="a")
    old = cl.read(f"{url}?table={out}")
    assert old.to_arrow().to_pylist() == [{"old": "old"}]
    names = sqlalchemy.inspect(old.engine._engine).get_table_names()
    assert [each for each in names if each.startswith(f"{out}_new")] == []


def test_another_database_is_refused(model, tmp_path):
    url = fill_sqlite(tmp_path / "shop.db", customers(5))
    for source, out, message in (
        (
            f"{url}?table=customers",
            f"sqlite:///{tmp_path}/other.db?table=scored",
            "is another database than the customers'.\nName a table of the same database, or a "
            "file.",
        ),
        (
            customers(5),
            "postgresql://ada:geheim@db/shop?table=scored",
            "is another kind of database than the customers'.\n"
            "Name a table as duckdb:///shop.db?table=scored, or a file.",
        ),
    ):
        with pytest.raises(OutputError) as refused:
            scored(model, source, out)
        assert str(refused.value).endswith(message)
        assert "geheim" not in str(refused.value)
    assert [each.name for each in tmp_path.iterdir()] == ["shop.db"]
