"""The policy that learns finds planted differences between segments, and regrets little.

The short form of benchmarks/bandits.py.
"""

import importlib.util
import sys

import numpy as np
import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def bandits():
    spec = importlib.util.spec_from_file_location("bandits", ROOT / "benchmarks" / "bandits.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["bandits"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["bandits"]


def test_thompson_brings_at_least_95_percent_of_the_best(bandits):
    played = {
        name: [bandits.play(name, seed) for seed in range(2)]
        for name in ("uniform", "greedy", "thompson")
    }
    regret = {name: np.mean([each["regret"][-1] for each in own]) for name, own in played.items()}
    assert all(each["share"] >= 0.95 for each in played["thompson"])
    assert all(each["last"] >= 0.98 for each in played["thompson"])
    assert regret["thompson"] < regret["greedy"] / 1.5 < regret["uniform"] / 3


def test_regret_grows_more_slowly_the_more_is_learned(bandits):
    regret = np.diff(bandits.play("thompson", 7)["regret"], prepend=0.0)
    assert regret[-5:].mean() < regret[:5].mean() / 10


def test_what_is_planted_differs_by_segment(bandits):
    assert len(set(bandits.PROFITS.argmax(axis=1))) == len(bandits.SEGMENTS)
