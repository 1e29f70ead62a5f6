"""Scores go to a file, a folder or a table: whole or not at all, and on from where it stopped."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import clienteling as cl
from clienteling.cli.main import main


@pytest.fixture(scope="module")
def model_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.json"
    cl.segment(cl.read("sample")).save(path)
    return path


@pytest.fixture
def parts(tmp_path) -> Path:
    """A folder of three Parquet files with the sample's customers."""
    folder = tmp_path / "customers"
    folder.mkdir()
    sample = cl.read("sample").df()
    for index in range(3):
        sample.iloc[index::3].to_parquet(folder / f"{index}.parquet")
    return folder


def score(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["score", *map(str, arguments)])
    return int(ended.value.code or 0)


def test_a_folder_gets_a_part_per_file(model_file, parts, tmp_path):
    assert score(model_file, parts, "--out", tmp_path / "scored") == 0
    names = sorted(each.name for each in (tmp_path / "scored").iterdir())
    assert names == [
        "_manifest.json",
        "part-00000.parquet",
        "part-00001.parquet",
        "part-00002.parquet",
    ]
    found = pd.read_parquet(tmp_path / "scored", columns=["customer_id", "segment"])
    counts = found.segment.value_counts().to_dict()
    assert counts["Average Customers"] == 81
    assert counts["Deal Seekers"] == 22
    assert sorted(found.customer_id) == list(range(1, 201))


def test_a_killed_run_goes_on_where_it_stopped(model_file, parts, tmp_path):
    out = tmp_path / "scored"
    script = (
        "import os, signal, sys\n"
        "import clienteling.data.destinations as destinations\n"
        "from clienteling.cli.main import main\n"
        "save, calls = destinations._save, []\n"
        "def killed(*arguments):\n"
        "    save(*arguments)\n"
        "    calls.append(1)\n"
        "    if len(calls) == 3:\n"  # the empty manifest, then two parts
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "destinations._save = killed\n"
        "main(sys.argv[1:])\n"
    )
    command = [sys.executable, "-c", script, "score", model_file, parts, "--out", out]
    ended = subprocess.run(command, capture_output=True, check=False)
    assert ended.returncode == -9
    assert not out.exists()
    staging = tmp_path / ".scored.partial"
    assert json.loads((staging / "_manifest.json").read_text())["done"] == [
        "part-00000.parquet",
        "part-00001.parquet",
    ]
    written = (staging / "part-00000.parquet").stat().st_mtime_ns
    assert score(model_file, parts, "--out", out) == 0
    assert (out / "part-00000.parquet").stat().st_mtime_ns == written
    assert not staging.exists()
    assert len(pd.read_parquet(out)) == 200


def test_repeated_ids_are_told(model_file, tmp_path, capsys):
    sample = cl.read("sample").df()
    twice = tmp_path / "twice.csv"
    pd.concat([sample, sample.head(10)]).to_csv(twice, index=False)
    assert score(model_file, twice, "--out", tmp_path / "out.csv", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["customers"] == 210
    words = '10 rows have an id that stands before in "CustomerID"; each row counts as a customer.'
    assert words in document["notes"]


def test_another_model_starts_anew(model_file, parts, tmp_path):
    staging = tmp_path / ".scored.partial"
    staging.mkdir()
    manifest = {"fingerprint": "of another model", "parts": [], "done": ["part-00000.parquet"]}
    (staging / "_manifest.json").write_text(json.dumps(manifest))
    assert score(model_file, parts, "--out", tmp_path / "scored") == 0
    assert len(pd.read_parquet(tmp_path / "scored")) == 200


def test_a_folder_with_files_of_ones_own_is_left_alone(model_file, parts, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    assert score(model_file, parts, "--out", tmp_path / "mine") == 2
    assert "letter.txt" in capsys.readouterr().err
    assert [each.name for each in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_a_table_of_a_duckdb_file(model_file, tmp_path):
    database = tmp_path / "shop.db"
    assert score(model_file, "sample", "--out", f"duckdb:///{database}?table=scored") == 0
    with duckdb.connect(str(database)) as connection:
        rows = connection.sql("SELECT count(*), count(DISTINCT segment) FROM scored").fetchall()
    assert rows == [(200, 5)]


def test_a_table_beside_the_customers_in_one_duckdb_file(model_file, tmp_path):
    database = tmp_path / "shop.db"
    with duckdb.connect(str(database)) as connection:
        connection.register("sample", cl.read("sample").to_arrow())
        connection.execute("CREATE TABLE customers AS FROM sample")
    address = f"duckdb:///{database}?table="
    assert score(model_file, f"{address}customers", "--out", f"{address}scored") == 0
    with duckdb.connect(str(database)) as connection:
        assert connection.sql("SELECT count(*) FROM scored").fetchall() == [(200,)]


def test_a_table_that_is_not_there_is_named_with_its_neighbours(model_file, tmp_path, capsys):
    database = tmp_path / "shop.db"
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE TABLE customers AS SELECT 1 AS id")
    out = tmp_path / "scored.parquet"
    assert score(model_file, f"duckdb:///{database}?table=custmers", "--out", out) == 2
    said = capsys.readouterr().err
    assert 'there is no table "custmers"' in said
    assert 'Did you mean "customers"?' in said
    assert not out.exists()


def test_a_column_whose_type_changes_between_files(model_file, parts, tmp_path, capsys):
    frame = pd.read_parquet(parts / "1.parquet")
    frame["Age"] = frame["Age"].astype(str)
    frame.to_parquet(parts / "1.parquet")
    assert score(model_file, parts, "--out", tmp_path / "scored") == 2
    said = capsys.readouterr().err
    assert 'column "Age" is' in said
    assert "1.parquet" in said
    assert not (tmp_path / "scored").exists()


def test_parquet_cut_in_half(model_file, parts, tmp_path, capsys):
    whole = (parts / "0.parquet").read_bytes()
    (tmp_path / "half.parquet").write_bytes(whole[: len(whole) // 2])
    assert score(model_file, tmp_path / "half.parquet", "--out", tmp_path / "scored.parquet") == 2
    assert "cut off; its end is missing" in capsys.readouterr().err


def test_an_unknown_engine(model_file, tmp_path, capsys):
    out = tmp_path / "a.csv"
    assert score(model_file, "sample", "--engine", "spork", "--out", out) == 2
    assert 'There is no engine "spork".' in capsys.readouterr().err


def test_no_password_in_any_message(model_file, tmp_path, capsys):
    address = "postgresql://ada:s3cret@127.0.0.1:1/shop?table=customers"
    assert score(model_file, address, "--out", tmp_path / "a.csv") == 2
    said = capsys.readouterr()
    assert "s3cret" not in said.err + said.out


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small file system, as Linux does")
def test_a_full_disk_leaves_nothing_half_written(model_file, tmp_path, capsys):
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs root, to mount a small file system that fills")
    try:
        rows = pd.concat([cl.read("sample").df()] * 500, ignore_index=True)
        rows["CustomerID"] = range(len(rows))
        rows["Annual Income (k$)"] += rows.index % 997 / 997
        rows.to_parquet(tmp_path / "many.parquet")
        assert score(model_file, tmp_path / "many.parquet", "--out", small / "scored.parquet") == 2
        assert "can't be written" in capsys.readouterr().err
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)
