"""A short form of the study of how many segments: the groups are known, ours are held against them.

It uses the half of the data sets that the rule was tuned on; the other half is for the report only.
"""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "simulation.py"


@pytest.fixture(scope="module")
def simulation():
    spec = importlib.util.spec_from_file_location("simulation", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules["simulation"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["simulation"]


def test_the_data_sets_are_what_they_say(simulation):
    made = [simulation.data_set("tune", index) for index in range(60)]
    assert {each.kind for each in made} == set(simulation.KINDS)
    assert all(300 <= len(each.rows) <= 2000 for each in made)
    assert {each.rows.shape[1] for each in made} <= set(simulation.FEATURES)
    for each in made:
        assert each.k == 1 if each.kind == "no groups" else 2 <= each.k <= 8
        assert (-1 in each.truth) == (each.kind == "with noise")


def test_the_halves_share_no_seed(simulation):
    first, second = sorted(simulation.HALVES.values())
    assert first + 1000 < second
    one, other = (simulation.data_set(half, 0).rows for half in simulation.HALVES)
    assert one.shape != other.shape or not np.array_equal(one, other)


def test_the_places_are_as_far_apart_as_they_should_be(simulation):
    found = simulation.places(np.random.default_rng(0), 6, 3, 8.0)
    distances = np.linalg.norm(found[:, None] - found, axis=2)[np.triu_indices(6, 1)]
    assert distances.min() == pytest.approx(8.0)


def test_one_group_for_one_cloud_is_full_agreement(simulation):
    cloud = simulation.data_set("tune", 5)
    assert simulation.judge(cloud, np.zeros(len(cloud.rows))) == {"found": 1, "agreement": 1.0}
    assert simulation.judge(cloud, np.arange(len(cloud.rows)) % 2)["agreement"] == 0.0


def test_noise_has_no_right_answer(simulation):
    made = simulation.DataSet("with noise", np.zeros((5, 1)), np.array([0, 0, 1, 1, -1]))
    for of_noise in (0, 1, 7):
        found = simulation.judge(made, np.array([3, 3, 4, 4, of_noise]))
        assert found["agreement"] == 1.0


@pytest.mark.parametrize("index", [0, 5, 18, 29])
def test_well_separated_groups_are_counted_and_clouds_are_none(simulation, index):
    made = simulation.data_set("tune", index)
    assert made.kind in ("well separated", "no groups")
    found = simulation.judge(made, simulation.ours(made.rows))
    assert found["found"] == made.k
    assert found["agreement"] > 0.99


@pytest.mark.slow
def test_ours_agree_best_with_the_truth(simulation):
    rows = simulation.study("tune", 16, 1)
    mean = {
        name: np.mean([row["agreement"] for row in rows if row["method"] == name])
        for name in simulation.METHODS
    }
    assert max(mean, key=mean.get) == "clienteling"
    assert "| all | 16 |" in simulation.summary(rows)
