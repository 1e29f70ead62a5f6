"""Spark's tasks write the parts of a folder side by side, whole or not at all."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clienteling as cl
from clienteling.data.destinations import check_destination, write_to
from clienteling.data.engines.spark import Spark
from clienteling.errors import OutputError

pytestmark = pytest.mark.spark

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]
N = 4000


@pytest.fixture(scope="module")
def model() -> cl.Model:
    return cl.segment("sample")


@pytest.fixture(scope="module")
def source(spark_ready, tmp_path_factory) -> Path:
    """Return a folder of four files, which Spark reads by several tasks."""
    folder = tmp_path_factory.mktemp("customers")
    rng = np.random.default_rng(3)
    for index in range(4):
        ids = np.arange(N) + index * N
        columns = {each: rng.uniform(1, 100, N) for each in FEATURES}
        pq.write_table(pa.table({"CustomerID": ids, **columns}), folder / f"{index}.parquet")
    return folder


def write(model: cl.Model, source: Path, out: Path) -> list[Path]:
    return write_to(
        check_destination(str(out)), cl.read(source, engine="spark"), model.score, fingerprint="a"
    )


def test_a_folder_has_a_part_for_each_task(model, source, tmp_path):
    written = write(model, source, tmp_path / "scored")
    assert len(written) > 1
    assert written == [
        tmp_path / "scored" / f"part-{index:05d}.parquet" for index in range(len(written))
    ]
    assert {each.name for each in (tmp_path / "scored").iterdir()} == {
        "_manifest.json",
        *(each.name for each in written),
    }
    assert [each.name for each in tmp_path.iterdir()] == ["scored"]
    assert all(pq.read_metadata(each).num_rows for each in written)
    found = cl.read(tmp_path / "scored").to_arrow().sort_by("customer_id")
    assert found.to_pylist() == model.score(source).to_arrow().to_pylist()


def test_a_run_that_was_stopped_while_it_wrote_begins_anew(model, source, tmp_path, monkeypatch):
    out, staging = tmp_path / "scored", tmp_path / ".scored.partial"
    real = Spark.write_parts

    def killed(self, select, folder):
        # As if the process were killed: nothing of ours cleans up.
        (folder / ".scored.x").mkdir()
        (folder / ".scored.x" / "half.parquet").write_bytes(b"PAR1 half")
        (folder / "part-00099.parquet").write_bytes(b"PAR1 half")
        raise KeyboardInterrupt

    monkeypatch.setattr(Spark, "write_parts", killed)
    with pytest.raises(KeyboardInterrupt):
        write(model, source, out)
    assert json.loads((staging / "_manifest.json").read_text())["done"] == []
    monkeypatch.setattr(Spark, "write_parts", real)
    written = write(model, source, out)
    assert len(list(out.iterdir())) == len(written) + 1
    assert len(cl.read(out)) == 4 * N


def test_what_was_written_whole_is_not_written_again(model, source, tmp_path, monkeypatch):
    out, staging = tmp_path / "scored", tmp_path / ".scored.partial"
    first = write(model, source, out)
    out.rename(staging)  # as if it was stopped before the folder was moved to its place
    before = {each.name: each.stat().st_mtime_ns for each in staging.glob("part-*")}

    def never(*given):
        pytest.fail("written again")

    monkeypatch.setattr(Spark, "write_parts", never)
    assert write(model, source, out) == first
    assert {each.name: each.stat().st_mtime_ns for each in out.glob("part-*")} == before


@pytest.mark.parametrize("out", ["scored", "scored.parquet"])
def test_workers_that_write_elsewhere_are_said(model, source, tmp_path, monkeypatch, out):
    monkeypatch.setattr(Spark, "_run", lambda self, sql, action: None)
    table = cl.read(source)  # opened by DuckDB: Spark's queries do nothing here
    to = tmp_path if out == "scored" else tmp_path / out
    act = Spark().write_parts if out == "scored" else Spark().write_parquet
    with pytest.raises(OutputError, match="workers wrote is seen here") as caught:
        act(table.as_select(), to)
    assert "this machine and all workers see" in str(caught.value)
    assert list(tmp_path.iterdir()) == []
