"""Effect sizes and associations, against scipy, statsmodels and plain formulas."""

import numpy as np
import pytest
from scipy import stats
from scipy.stats.contingency import association
from statsmodels.stats.proportion import confint_proportions_2indep

from clienteling.segmentation.effects import (
    Moments,
    cramers_v,
    difference_of_shares,
    eta_squared,
    hedges_g,
    together,
)


def moments(values) -> Moments:
    return Moments(len(values), float(np.mean(values)), float(np.std(values, ddof=1)))


def test_moments_of_several_groups_are_those_of_their_values():
    rng = np.random.default_rng(0)
    groups = [rng.normal(mean, 2, n) for mean, n in ((0, 5), (3, 50), (100, 7))]
    whole, values = together([moments(each) for each in groups]), np.concatenate(groups)
    assert (whole.n, whole.mean) == (62, pytest.approx(values.mean()))
    assert whole.deviation == pytest.approx(values.std(ddof=1))
    assert together([]) == Moments(0, 0.0, 0.0)


def test_hedges_g_follows_from_the_t_statistic():
    rng = np.random.default_rng(1)
    a, b = rng.normal(1, 2, 30), rng.normal(0, 2, 45)
    t = stats.ttest_ind(a, b).statistic
    effect = hedges_g(moments(a), moments(b))
    assert effect.value == pytest.approx(t * np.sqrt(1 / 30 + 1 / 45) * (1 - 3 / (4 * 73 - 1)))
    assert effect.low < effect.value < effect.high
    assert effect.strength == abs(effect.value)


def test_the_interval_of_hedges_g_covers_the_truth():
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(1000):
        effect = hedges_g(moments(rng.normal(0.5, 1, 40)), moments(rng.normal(0, 1, 60)))
        held += effect.low <= 0.5 <= effect.high
    assert 930 <= held <= 970


def test_no_effect_without_spread_or_others():
    assert hedges_g(Moments(5, 1.0, 0.0), Moments(5, 2.0, 0.0)) is None
    assert hedges_g(Moments(5, 1.0, 1.0), Moments(0, 0.0, 0.0)) is None


@pytest.mark.parametrize("counts", [(56, 70, 48, 80), (9, 10, 3, 10), (0, 10, 0, 20), (5, 5, 0, 9)])
def test_differences_of_shares_are_those_of_statsmodels(counts):
    a, n, b, m = counts
    effect = difference_of_shares((a, n), (b, m))
    low, high = confint_proportions_2indep(a, n, b, m, compare="diff", method="newcomb")
    assert (effect.low, effect.high) == pytest.approx((low, high), abs=1e-9)
    assert effect.value == pytest.approx(a / n - b / m)


def test_eta_squared_follows_from_the_f_statistic():
    rng = np.random.default_rng(3)
    groups = [rng.normal(mean, 1, 40) for mean in (0, 0.5, 1)]
    f = stats.f_oneway(*groups).statistic
    plain = 2 * f / (2 * f + 117)
    assert eta_squared([moments(each) for each in groups]) == pytest.approx(
        1 - (1 - plain) * 119 / 117
    )
    assert eta_squared([Moments(9, 1.0, 0.0), Moments(9, 1.0, 0.0)]) == 0.0
    assert eta_squared([Moments(9, 1.0, 0.0), Moments(9, 2.0, 0.0)]) == 1.0


def test_cramers_v_tends_to_scipys_and_is_corrected_for_chance():
    table = np.array([[30, 10, 5], [10, 30, 8]])
    assert cramers_v(table * 1000) == pytest.approx(association(table, method="cramer"), abs=1e-3)
    rng = np.random.default_rng(4)
    chance = [
        np.histogram2d(rng.integers(0, 5, 100), rng.integers(0, 5, 100), bins=5)[0]
        for _ in range(200)
    ]
    ours = np.mean([cramers_v(each.astype(int)) ** 2 for each in chance])
    theirs = np.mean([association(each.astype(int), method="cramer") ** 2 for each in chance])
    assert ours < theirs / 4
    assert cramers_v([[3, 0], [0, 4]]) > 0.9
    assert cramers_v([[3, 4], [0, 0]]) == 0.0
