"""A real distributed run: a Spark master and two workers, each a process of its own."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clienteling as cl

pytestmark = [pytest.mark.spark, pytest.mark.slow]

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def cluster(spark_ready, tmp_path_factory) -> Iterator[str]:
    """Start a master and two workers on this machine, and end them all."""
    import pyspark

    folder = tmp_path_factory.mktemp("cluster")
    starter = Path(pyspark.__file__).parent / "bin" / "spark-class"
    port = free_port()
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1"}
    address = f"spark://127.0.0.1:{port}"
    master = ["Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"]
    worker = ["Worker", "--host", "127.0.0.1", "--webui-port", "0", "--cores", "1"]
    worker += ["--memory", "1g", address]
    roles = {"master": master, "worker-1": worker, "worker-2": worker}
    processes = []
    try:
        for name, (role, *arguments) in roles.items():
            log = folder / f"{name}.log"
            if name != "master":
                arguments = ["--work-dir", str(folder / name), *arguments]
            with log.open("wb") as output:
                processes.append(
                    subprocess.Popen(
                        [
                            "bash",
                            str(starter),
                            f"org.apache.spark.deploy.{role.lower()}.{role}",
                            *arguments,
                        ],
                        stdout=output,
                        stderr=subprocess.STDOUT,
                        env=environment,
                    )
                )
        wait_for(folder / "master.log", "Registering worker", 2)
        yield address
    finally:
        for each in reversed(processes):
            each.terminate()
        for each in processes:
            try:
                each.wait(20)
            except subprocess.TimeoutExpired:
                each.kill()
                each.wait()


def wait_for(log: Path, text: str, times: int, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while log.read_text(errors="replace").count(text) < times:
        assert time.monotonic() < end, log.read_text(errors="replace")[-3000:]
        time.sleep(0.2)


def command(*arguments: object) -> dict:
    ran = subprocess.run(
        [sys.executable, "-m", "clienteling", *map(str, arguments), "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr[-3000:] + ran.stdout[-2000:]
    return json.loads(ran.stdout)


def test_a_cluster_gives_the_model_that_duckdb_gives(cluster, tmp_path):
    rng = np.random.default_rng(4)
    n = 120_000
    centres = np.array([[20.0, 20.0], [20.0, 80.0], [90.0, 15.0], [95.0, 85.0], [55.0, 50.0]])
    groups = rng.choice(5, n, p=[0.3, 0.25, 0.2, 0.15, 0.1])
    values = centres[groups] + rng.normal(0, 6, (n, 2))
    values[:200, 0] = np.nan
    source = tmp_path / "customers"
    source.mkdir()
    for index, rows in enumerate(np.array_split(np.arange(n), 4)):
        columns = dict(zip(FEATURES, values[rows].T, strict=True))
        pq.write_table(pa.table({"CustomerID": rows, **columns}), source / f"{index}.parquet")
    found = command("run", source, "--engine", cluster, "--out", tmp_path / "spark")
    expected = cl.segment(source)
    model = cl.Model.load(tmp_path / "spark" / "model.json")

    assert model.method.sketch == expected.method.sketch == "grid"
    assert found["k"] == model.k == expected.k == 5
    for ours, theirs in zip(model.segments, expected.segments, strict=True):
        assert (ours.id, ours.name, ours.size) == (theirs.id, theirs.name, theirs.size)
    assert np.abs(model.centres - expected.centres).max() < 1e-9
    assert model.mean == pytest.approx(expected.mean, rel=1e-9)
    assert model.scale == pytest.approx(expected.scale, rel=1e-9)
    assert model.inertia == pytest.approx(expected.inertia, rel=1e-9)
    assert model.silhouette == pytest.approx(expected.silhouette, rel=1e-9)
    for ours, theirs in zip(model.choose_k, expected.choose_k, strict=True):
        assert ours.inertia == pytest.approx(theirs.inertia, rel=1e-9)

    out = tmp_path / "scored"
    said = command(
        *("score", tmp_path / "spark" / "model.json", source),
        *("--engine", cluster, "--out", out),
    )
    assert (said["customers"], said["scored"]) == (n, n - 200)
    scored = cl.read(out).to_arrow().sort_by("customer_id")
    wanted = cl.recommend(model, source).to_arrow().sort_by("customer_id")
    assert scored.column_names == wanted.column_names
    for each in wanted.column_names:
        ours, theirs = (one.column(each).to_pandas() for one in (scored, wanted))
        assert ours.equals(theirs), each
