"""Many processes at once exceed nothing; one that is killed loses nothing that it answered."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ledger.workers import BUDGET, CAP, COST, EACH, PROCESSES, STOCK

ROOT = Path(__file__).parent.parent.parent
FULL = os.environ.get("CLIENTELING_SWEEPS") == "full"
#: Of customers in a batch that lies beside real time, and how often each process decides.
ROWS, ASKED = (200_000, 200) if FULL else (5_000, 20)
#: How often a process is killed, on each database; all 200 where that is asked for.
MOMENTS = 200 if FULL else 10


def run(*arguments: str) -> list[int]:
    """Run the workers and return the figures that they print."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    done = subprocess.run(
        [sys.executable, "-m", "tests.ledger.workers", *arguments],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [int(each) for each in done.stdout.split()]


def test_eight_processes_make_one_store(place: str):
    assert run("open", place) == [PROCESSES, 1]


def test_eight_processes_exceed_no_cap_stock_or_budget(place: str):
    logged, wine, contacts, most = run("decide", place)
    assert logged == PROCESSES * EACH + 200
    # As much as there is goes out, and never more: the counts themselves are looked at there.
    assert wine == STOCK
    assert contacts == BUDGET / COST
    assert most == CAP


def test_eight_processes_beside_batches_exceed_nothing_together(place: str, tmp_path: Path):
    folder = tmp_path / "batches"
    folder.mkdir()
    wine, live, most, most_live = run("beside", place, str(folder), str(ROWS), str(ASKED))
    # What the batches took counts with what goes out in real time: all of it, and never more.
    assert wine == STOCK
    assert live == BUDGET / COST
    assert most == most_live == CAP


def test_batches_and_real_time_together_contact_nobody_more_often_than_allowed(
    place: str, tmp_path: Path
):
    folder = tmp_path / "plans"
    folder.mkdir()
    most, live, late = run("meanwhile", place, str(folder), str(200_000 if FULL else 2_000))
    assert most == 2
    assert live > 0
    assert late > 0  # some were planned for, and contacted before the plan was recorded


@pytest.mark.slow
def test_killed_at_random_moments_it_loses_nothing_and_counts_nothing_twice(place: str):
    moments, done, cut = run("killed", place, str(MOMENTS))
    assert moments == MOMENTS
    assert done >= MOMENTS / 10  # it got on with its work between two deaths
    assert cut > 0  # and was killed in the middle of something
