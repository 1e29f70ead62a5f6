"""Natural groups are said to be there where they are, and only there."""

import os
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.segmentation.structure import DRAWS, Structure, judge_structure

#: The long form of the sweep takes minutes: CLIENTELING_SWEEPS=full.
SEEDS = 100 if os.environ.get("CLIENTELING_SWEEPS") == "full" else 25

Table = Callable[[np.random.Generator], np.ndarray]

STRUCTURELESS: dict[str, Table] = {
    "uniform": lambda rng: rng.uniform(size=(150, 2)),
    "one blob": lambda rng: rng.normal(size=(150, 2)),
    "one stretched blob": lambda rng: rng.normal(size=(150, 2)) @ np.array([[5, 1], [0, 1]]),
    "one blob of six features": lambda rng: rng.normal(size=(150, 6)),
    "one feature, uniform": lambda rng: rng.uniform(size=(150, 1)),
    "whole numbers": lambda rng: rng.integers(1, 100, (150, 2)).astype(float),
    "counts": lambda rng: rng.poisson(4, (150, 2)).astype(float),
}


def judge(table: np.ndarray, seed: int = 0, most: int = 6) -> Structure:
    z = (table - table.mean(axis=0)) / table.std(axis=0)
    return judge_structure(z, range(2, most + 1), seed)


def test_at_least_100_reference_draws_of_each_kind():
    assert DRAWS >= 100
    assert judge(np.random.default_rng(0).normal(size=(50, 2))).draws == 2 * DRAWS


@pytest.mark.parametrize("kind", STRUCTURELESS)
def test_no_natural_grouping(kind):
    found = judge(STRUCTURELESS[kind](np.random.default_rng(11)))
    assert not found.natural
    assert found.beaten_by > 0
    assert found.words == (
        f"No natural grouping: {found.beaten_by} of {found.draws} random tables of the same size "
        "and spread, but without groups, fall apart at least as clearly."
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["uniform", "one blob", "one stretched blob"])
def test_at_most_5_percent_false_alarms(kind):
    alarms = sum(
        judge(STRUCTURELESS[kind](np.random.default_rng(seed)), seed, 10).natural
        for seed in range(SEEDS)
    )
    assert alarms <= max(2, SEEDS // 20)


@pytest.mark.parametrize("groups", [2, 5])
def test_separate_groups_are_natural(blobs, groups):
    found = judge(blobs(groups, each=200 // groups, seed=groups).to_numpy())
    assert found.natural
    assert found.beaten_by == 0
    assert found.words == (
        "Clearer than chance: none of 200 random tables of the same size and spread, but without "
        "groups, falls apart as clearly."
    )


def test_separate_groups_of_one_feature_and_of_six(blobs):
    assert judge(blobs(3, features=1).to_numpy()).natural
    assert judge(blobs(4, features=6).to_numpy()).natural


def test_a_mixture_that_overlaps_is_natural_still():
    rng = np.random.default_rng(2)
    places = np.array([[0.0, 0.0], [4.0, 0.0], [2.0, 4.0]])
    assert judge(places[rng.integers(0, 3, 300)] + rng.normal(size=(300, 2))).natural


def test_the_mall_is_natural_for_another_seed(mall_values):
    assert judge(mall_values, 1).natural


def test_the_same_seed_gives_the_same_verdict(mall_values):
    table = np.random.default_rng(4).normal(size=(40, 2))
    assert judge(table, 7) == judge(table, 7)


def test_without_structure_k_is_a_convenience_and_said_to_be():
    rng = np.random.default_rng(1)
    model = cl.segment(pd.DataFrame(rng.uniform(size=(150, 2)), columns=["a", "b"]), ["a", "b"])
    assert not model.structure.natural
    assert model.k == model.silhouette_k
    assert model.why_k.startswith(
        f"No natural grouping: {model.structure.beaten_by} of 200 random tables of the same size "
        f"and spread, but without groups, fall apart at least as clearly. k = {model.k} is "
        "proposed as a convenience only: "
    )
