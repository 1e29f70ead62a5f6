"""A plan whose process is killed: the same command once more goes on, and takes nothing twice."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from clienteling.campaigns.observed import record_observed
from clienteling.campaigns.places_aside import places_aside
from tests.cli.test_campaign_postgres import people
from tests.ledger.conftest import DAY, place, postgres_place, postgres_url, store  # noqa: F401

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 200 if os.environ.get("CLIENTELING_SWEEPS") == "full" else 4


@pytest.mark.slow
def test_killed_before_after_and_around_its_record(place: str, tmp_path: Path):  # noqa: F811
    killed_again_and_again(place, tmp_path)


@pytest.mark.slow
@pytest.mark.postgres
def test_killed_where_the_decisions_go_to_a_table(
    postgres_place: str,  # noqa: F811
    mall_csv: Path,
    tmp_path: Path,
):
    customers = people(postgres_place, pd.read_csv(mall_csv))
    killed_again_and_again(postgres_place, tmp_path, customers)


@pytest.mark.slow
def test_killed_where_the_decisions_go_to_the_customers_duckdb_file(mall_csv: Path, tmp_path: Path):
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute(f"CREATE TABLE people AS SELECT * FROM read_csv('{mall_csv}')")
    customers = f"duckdb:///{tmp_path}/shop.duckdb?table=people"
    killed_again_and_again(str(tmp_path / "store.db"), tmp_path, customers)


def killed_again_and_again(where: str, tmp_path: Path, *customers: str) -> None:
    folder = tmp_path / "plans"
    folder.mkdir()
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.campaigns.killed_plan"),
            *(where, str(folder), str(ROUNDS), *customers),
        ],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rounds, in_the_gap = map(int, done.stdout.split())
    assert rounds == ROUNDS
    assert in_the_gap >= 1  # recorded, and its folder was not at its place


def test_a_campaign_that_is_recorded_goes_on_too(store, tmp_path, monkeypatch):  # noqa: F811
    rows = pd.DataFrame({"customer_id": range(30), "got": [1, 0] * 15})
    given = {"campaign": "old", "contacted": "got", "day": DAY, "last_day": DAY}
    target = tmp_path / "old"

    class KilledError(BaseException):
        pass

    def kill(*given):
        raise KilledError

    with monkeypatch.context() as patch:
        # As where the process is killed: it moves nothing, and clears nothing away.
        patch.setattr(Path, "rename", kill)
        patch.setattr("tempfile.TemporaryDirectory.cleanup", lambda self: self._finalizer.detach())
        with pytest.raises(KilledError):
            record_observed(store, rows, target, **given)
    assert len(places_aside(target)) == 1
    target.mkdir()  # an empty folder is in nobody's way
    assert record_observed(store, rows, target, **given) == 15
    assert (target / "decisions" / "part-00000.parquet").is_file()
    assert places_aside(target) == []
    shutil.rmtree(target)
    # Where nothing lies aside any more, the same table makes the folder once more.
    assert record_observed(store, rows, target, **given) == 15
    assert target.is_dir()
