"""What a response is worth is learned from other segments as far as they are alike."""

import numpy as np
import pytest

from clienteling.offers.experience import Experience, belief, elsewhere
from clienteling.offers.offer import Offer
from clienteling.offers.pooling import Responses, Worth, worth_elsewhere

ASSUMED = Worth(20.0, 2.0, 400.0)


def responses(values):
    return Responses(len(values), float(values.sum()), float((values**2).sum()))


def test_the_spread_between_segments_is_dersimonian_and_lairds():
    meta = pytest.importorskip("statsmodels.stats.meta_analysis", reason="pip install statsmodels")
    rng = np.random.default_rng(3)
    drawn = [rng.exponential(mean, n) for mean, n in ((18, 60), (25, 90), (40, 30), (22, 200))]
    own, *others = map(responses, drawn)
    found = worth_elsewhere(Worth(20.0, 1e-9, 400.0), own, others)
    within = sum(((each - each.mean()) ** 2).sum() for each in drawn)
    variance = within / (sum(map(len, drawn)) - len(drawn))
    assert found.variance == pytest.approx(variance)
    means = np.array([each.mean() for each in drawn])
    of_means = variance / np.array([len(each) for each in drawn])
    tau2 = meta.combine_effects(means, of_means, method_re="chi2").tau2
    assert tau2 > 0
    weights = 1 / (tau2 + of_means[1:])
    assert found.mean == pytest.approx((weights * means[1:]).sum() / weights.sum())
    assert found.strength == pytest.approx(variance / (tau2 + 1 / weights.sum()))


def test_alike_segments_count_in_full_and_unlike_ones_hardly():
    rng = np.random.default_rng(5)
    same = [responses(rng.exponential(30, 200)) for _ in range(5)]
    far = [responses(rng.exponential(mean, 200)) for mean in (5, 20, 45, 90, 160)]
    assert worth_elsewhere(ASSUMED, same[0], same[1:]).strength > 100
    assert worth_elsewhere(ASSUMED, far[0], far[1:]).strength < 4


@pytest.mark.parametrize("others", [[], [Responses(0, 0.0, 0.0)]])
def test_without_others_the_assumption_stands(others):
    assert worth_elsewhere(ASSUMED, Responses(9, 300.0, 12_000.0), others) is ASSUMED


def test_a_single_response_elsewhere_is_no_fault():
    found = worth_elsewhere(ASSUMED, Responses(1, 60.0, 3600.0), [Responses(1, 60.0, 3600.0)])
    assert found.mean == pytest.approx((2 * 20 + 60) / 3)
    assert found.strength == pytest.approx(3)


@pytest.mark.parametrize("spread", [0.0, 3.0, 15.0])
def test_beliefs_are_nearer_to_the_truth_than_without_the_others(spread):
    # Six segments with 15 responses each, whose true values have a known spread.
    rng = np.random.default_rng(8)
    offer = Offer(
        id="a", title="A", text="x", segments=["s"], reason="r.", value=20.0, response=0.05
    )
    alone, pooled = [], []
    for _ in range(300):
        truth = np.maximum(rng.normal(50, spread, 6), 5)
        drawn = [rng.exponential(each, 15) for each in truth]
        seen = [Experience(300, 15, float(v.sum()), float((v**2).sum())) for v in drawn]
        learned = {(segment, "a"): each for segment, each in enumerate(seen)}
        for segment, each in enumerate(seen):
            others = elsewhere(learned, segment, "a")
            alone.append((belief(offer, each).mean - truth[segment]) ** 2)
            pooled.append((belief(offer, each, others).mean - truth[segment]) ** 2)
    assert np.mean(pooled) < np.mean(alone) * (0.35 if spread == 0 else 0.9)


def test_the_order_of_what_was_learned_makes_no_difference():
    learned = {(s, "a"): Experience(100, 5 + s, 90.0 + 7 * s, 2500.0) for s in range(5)}
    turned = dict(reversed(learned.items()))
    assert elsewhere(learned, 2, "a") == elsewhere(turned, 2, "a")
    assert len(elsewhere(learned, 2, "a")) == 4
    assert elsewhere(learned, 2, "b") == []
