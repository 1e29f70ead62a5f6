"""Names: total and distinct for every k, by optimal assignment, and honest where they fit badly."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

import clienteling as cl
from clienteling.segmentation.kmeans import fit_kmeans
from clienteling.segmentation.naming import name_segments
from clienteling.segmentation.places import Places
from clienteling.segmentation.playbook import LEVELS, load_playbook
from clienteling.segmentation.words import FeatureWords

PLAYBOOK = load_playbook("income-spending")
CLASSIC = [each.name for each in PLAYBOOK.segments]
INCOME = FeatureWords("Annual Income (k$)", "income", "k$")
SPENDING = FeatureWords("Spending Score (1-100)", "spending")


def named(ranks, centres=None, playbook=PLAYBOOK, features=(INCOME, SPENDING)):
    """Name segments at these ranks; of normal features, so many deviations from the mean."""
    ranks = np.array(ranks, dtype=float)
    centres = ranks * 100 if centres is None else centres
    apart = norm.ppf(np.clip(ranks, 0.001, 0.999))
    return name_segments(playbook, features, Places(centres, apart, ranks, 1 - ranks, ranks))


def check_names(names: list[str]) -> None:
    assert len(set(names)) == len(names)
    assert all(name and name == name.strip() for name in names)
    assert not any("segment" in name.lower() for name in names)


@pytest.mark.parametrize("k", range(1, 21))
def test_every_k_on_the_mall(mall_prepared, mall_values, k):
    fit = fit_kmeans(mall_prepared.sketch.standardised(), mall_prepared.sketch.weights, k, 0)
    centres = fit.centres * mall_values.std(axis=0) + mall_values.mean(axis=0)
    places = (mall_values[:, None] < centres).mean(axis=0)
    segments = named(places, centres)
    assert len(segments) == k
    check_names([each.name for each in segments])
    assert sum(each.name in CLASSIC for each in segments) == min(k, 5)
    by_key = {each.key: each for each in PLAYBOOK.segments}
    for each in segments:
        assert each.strategy == by_key[each.key].strategy
        if each.name not in CLASSIC:
            assert each.description == (
                f"Closest to the {by_key[each.key].name}. {by_key[each.key].description}"
            )


@pytest.mark.parametrize("features", [1, 2, 3, 6])
def test_every_k_on_any_features(features):
    rng = np.random.default_rng(features)
    words = [FeatureWords(f"x{index}", f"x{index}") for index in range(features)]
    for k in range(1, 21):
        for playbook in ("general", "income-spending"):
            ranks = rng.uniform(size=(k, features))
            found = named(ranks, playbook=load_playbook(playbook), features=words)
            check_names([each.name for each in found])
            assert all(each.strategy and each.description and each.key for each in found)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=20))
def test_names_stay_distinct_where_centres_share_their_levels(places):
    ranks = np.array(places) / 4
    centres = np.arange(2.0 * len(places)).reshape(-1, 2) / 7
    check_names([each.name for each in named(ranks, centres)])


def test_centres_that_differ_in_the_last_digit_stay_distinct():
    centres = np.array([[1.0 + index * 2**-52, 5.0] for index in range(8)])
    check_names([each.name for each in named(np.full((8, 2), 0.5), centres)])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=6))
def test_the_assignment_is_the_cheapest_of_all(places):
    """Brute force over all ways to give archetypes to segments."""
    ranks = np.array(places)
    targets = np.array(
        [[LEVELS[level] for level in each.levels.values()] for each in PLAYBOOK.segments]
    )
    cost = ((ranks[:, None] - targets[None]) ** 2).sum(axis=2)
    k, archetypes = cost.shape
    if k <= archetypes:
        ways = permutations(range(archetypes), k)
        best = min(sum(cost[i, j] for i, j in enumerate(way)) for way in ways)
    else:
        ways = permutations(range(k), archetypes)
        best = min(sum(cost[i, j] for j, i in enumerate(way)) for way in ways)
    found = named(ranks)
    ours = sum(
        cost[i, CLASSIC.index(each.name)] for i, each in enumerate(found) if each.name in CLASSIC
    )
    assert ours == pytest.approx(best, abs=1e-12)


def test_the_nearest_place_alone_would_name_two_segments_alike():
    found = named([[0.85, 0.85], [0.7, 0.75], [0.85, 0.15]])
    assert [each.name for each in found] == [
        "Premium Customers",
        "Average Customers",
        "Potential Customers",
    ]


def test_beyond_the_playbook_names_say_what_sets_apart():
    places = [[0.5, 0.5], [0.85, 0.85], [0.85, 0.15], [0.15, 0.15], [0.15, 0.85], [0.5, 0.85]]
    last = named(places)[-1]
    assert last.name == "High spending"
    assert last.key in ("premium", "deal-seekers", "average")
    assert last.strategy in [each.strategy for each in PLAYBOOK.segments]
    assert last.fit == ""


def test_what_words_cannot_tell_apart_gets_figures():
    places = [*[[0.5, 0.5]] * 6, [0.55, 0.5]]
    centres = np.array([[50.0, 50.0]] * 5 + [[51.25, 48.0], [61.0, 48.0]])
    centres[:5, 0] += np.arange(5)
    names = [each.name for each in named(places, centres)]
    check_names(names)
    # The playbook has an "Average Customers" already, so those beyond it get a figure.
    general = [name for name in names if name not in CLASSIC]
    assert len(general) == 2
    assert all(name.startswith("Average customers, income about ") for name in general)


def test_a_name_that_fits_badly_says_so():
    (only,) = named([[0.95, 0.52]])
    assert only.name == "Premium Customers"
    assert only.fit == "The name fits loosely: its spending is moderate, not high."
    two = named([[0.5, 0.5], [0.5, 0.51]])
    assert two[0].fit == ""
    assert two[1].fit != ""


def test_a_name_that_fits_in_neither_feature_says_both():
    found = named([[0.5, 0.5], [0.85, 0.85], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]])
    loose = [each.fit for each in found if each.fit]
    assert len(loose) == 3
    assert all(
        fit.startswith("The name fits loosely: its income is moderate, not ")
        and " and its spending is moderate, not " in fit
        for fit in loose
    )


def test_on_the_mall_every_name_of_the_five_fits(mall):
    assert [each.fit for each in mall.segments] == [""] * 5


def test_names_dont_depend_on_units(mall, mall_frame):
    columns = {"Annual Income (k$)": "Income", "Spending Score (1-100)": "Score"}
    frame = mall_frame.rename(columns=columns).assign(
        Income=lambda frame: frame["Income"] * 1000 + 7, Score=lambda frame: frame["Score"] / 100
    )
    model = cl.segment(frame, k=5)
    assert [(each.name, each.size) for each in model.segments] == [
        (each.name, each.size) for each in mall.segments
    ]


def test_features_that_the_playbook_doesnt_know_get_general_names():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"visits": rng.poisson(3, 90), "basket": rng.normal(size=90)})
    model = cl.segment(frame, ["visits", "basket"], k=4)
    assert model.playbook == "general"
    assert {each.key for each in model.segments} == {"general"}
    check_names([each.name for each in model.segments])


def test_a_third_feature_beside_income_and_spending_keeps_the_classic_names(mall_frame):
    model = cl.segment(mall_frame, [*mall_frame.columns[3:], "Age"], k=6)
    assert model.playbook == "income-spending"
    assert set(CLASSIC) < {each.name for each in model.segments}
    check_names([each.name for each in model.segments])
