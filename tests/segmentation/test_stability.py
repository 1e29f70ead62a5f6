"""Segments that are found again are stable, those that are not are said to be."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from clienteling.segmentation import stability
from clienteling.segmentation.kmeans import fit_kmeans
from clienteling.segmentation.prepare import prepare
from clienteling.segmentation.stability import (
    FIRM,
    RESAMPLES,
    SIZE,
    Stability,
    _adjusted_rand,
    _draw,
    _jaccard,
    _shared,
    judge_if_firm,
    judge_stability,
)


def judged(rows, k, **options):
    frame = pd.DataFrame(rows, columns=[f"x{index}" for index in range(rows.shape[1])])
    made = prepare(frame, list(frame.columns)).sketch
    return judge_stability(made, fit_kmeans(made.standardised(), made.weights, k, 0), **options)


def test_at_least_100_resamples_of_at_most_2000_customers():
    assert RESAMPLES >= 100
    assert SIZE <= 2000
    found = judged(np.random.default_rng(0).normal(size=(3000, 2)), 3, reference=False)
    assert (found.resamples, found.size, found.k) == (RESAMPLES, SIZE, 3)


@pytest.mark.parametrize("seed", range(5))
def test_the_agreement_is_that_of_scikit_learn_on_all_customers(seed):
    rng = np.random.default_rng(seed)
    weights = rng.integers(1, 9, 40)
    labels, again = rng.integers(0, 4, 40), rng.integers(0, 3, 40)
    shared = _shared(labels, again, weights.astype(float), 4)
    every = np.repeat(labels, weights), np.repeat(again, weights)
    assert _adjusted_rand(shared) == pytest.approx(adjusted_rand_score(*every))
    for segment, found in enumerate(_jaccard(shared)):
        own = set(np.flatnonzero(every[0] == segment))
        others = [set(np.flatnonzero(every[1] == other)) for other in range(4)]
        assert found == pytest.approx(max(len(own & each) / len(own | each) for each in others))


def test_a_draw_takes_each_point_by_its_weight():
    weights = np.array([0.5, 0.0, 3.5, 6.0])
    drawn = _draw(np.cumsum(weights), 100_000, np.random.default_rng(0))
    shares = np.bincount(drawn, minlength=4) / 100_000
    assert shares[1] == 0
    assert shares == pytest.approx(weights / 10, abs=0.005)


def test_separate_groups_are_found_again(blobs):
    found = judged(blobs(4, each=60).to_numpy(), 4)
    assert found.agreement == pytest.approx(1.0)
    assert found.low == pytest.approx(1.0)
    assert found.jaccard == pytest.approx((1.0,) * 4)
    assert found.holds
    assert found.reference < 0.9


def test_a_group_that_is_cut_in_three_is_unstable_and_the_other_is_not():
    rng = np.random.default_rng(0)
    wide, tight = rng.normal(size=(200, 4)), 6 + rng.normal(0, 0.1, (250, 4))
    found = judged(np.vstack([wide, tight]), 4, reference=False)
    assert found.jaccard[0] == pytest.approx(1.0, abs=0.01)  # the tight one is the largest
    assert max(found.jaccard[1:]) < 0.8
    assert found.least == min(found.jaccard)


def test_a_cloud_is_no_more_stable_than_tables_without_groups():
    found = judged(np.random.default_rng(1).normal(size=(400, 2)), 5)
    assert found.agreement < found.reference + 0.15
    assert not found.holds


def test_agreement_that_tables_without_groups_have_too_is_no_praise():
    found = Stability(2, 0.91, 0.8, (0.9, 0.9), 0.93, 100, 1000)
    assert found.words == (
        "When customers are drawn anew, 100 times, the same segments come out (agreement "
        "0.91 of 1, and no more so than in tables without groups, 0.93)."
    )


def test_the_figure_is_near_that_of_fits_with_many_starts():
    """A warm start at the judged centres would give 0.9 here."""
    rows = np.random.default_rng(3).normal(size=(300, 2))
    rows = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    labels = KMeans(5, n_init=50, random_state=0).fit(rows).labels_
    rng, agreements = np.random.default_rng(7), []
    for _ in range(40):
        again = KMeans(5, n_init=10, random_state=0).fit(rows[rng.integers(0, 300, 300)])
        agreements.append(adjusted_rand_score(labels, again.predict(rows)))
    found = judged(rows, 5, reference=False)
    assert found.agreement == pytest.approx(np.mean(agreements), abs=0.1)


def test_a_million_customers_look_no_more_stable_than_a_thousand():
    rows = np.random.default_rng(5).normal(size=(1000, 2))
    frame = pd.DataFrame(rows, columns=["a", "b"])
    made = prepare(frame, ["a", "b"]).sketch
    fit = fit_kmeans(made.standardised(), made.weights, 4, 0)
    thousand = judge_stability(made, fit, reference=False)
    large = replace(made, weights=made.weights * 1000, customers=1_000_000)
    found = judge_stability(large, fit, reference=False)
    assert found.agreement == pytest.approx(thousand.agreement, abs=0.01)
    assert found.jaccard == pytest.approx(thousand.jaccard)
    assert found.agreement < 0.8


def test_as_many_segments_as_customers():
    assert judged(np.arange(6.0)[:, None] ** 2, 6).k == 6


def test_the_same_seed_gives_the_same_answer(mall_prepared):
    made = mall_prepared.sketch
    fit = fit_kmeans(made.standardised(), made.weights, 5, 0)
    first = judge_stability(made, fit, 3)
    assert first == judge_stability(made, fit, 3)
    assert first.holds
    assert first.agreement > 0.9 > first.reference


@pytest.mark.parametrize("k", range(2, 9))
def test_a_partition_that_is_not_firm_is_found_out_before_the_last_draw(mall_prepared, k):
    made = mall_prepared.sketch
    fit = fit_kmeans(made.standardised(), made.weights, k, 0)
    whole = judge_stability(made, fit, reference=False)
    assert judge_if_firm(made, fit) == (whole if whole.least >= FIRM else None)


def test_the_rest_of_the_draws_is_not_made_where_they_can_t_help(mall_prepared, monkeypatch):
    made, asked = mall_prepared.sketch, []
    fit = fit_kmeans(made.standardised(), made.weights, 8, 0)
    shared = stability._shared
    monkeypatch.setattr(stability, "_shared", lambda *of: asked.append(1) or shared(*of))
    assert judge_if_firm(made, fit) is None
    assert 100 * (1 - FIRM) < len(asked) < RESAMPLES
