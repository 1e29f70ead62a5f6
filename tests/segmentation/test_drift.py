"""A model held against new customers: the figures are numpy's, the verdict follows from them."""

import json

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.errors import InputError
from clienteling.segmentation.drift import stability_index

INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"
RNG = np.random.default_rng(11)


def crowd(n: int, shift: float = 0.0, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    centres = np.array([[20.0, 20.0], [20.0, 80.0], [80.0, 50.0]])
    rows = centres[rng.integers(0, 3, n)] + rng.normal(0, 5, (n, 2)) + [shift, 0.0]
    return pd.DataFrame(rows, columns=["visits", "amount"])


@pytest.fixture(scope="module")
def model():
    return cl.segment(crowd(3000), ["visits", "amount"], k=3)


def by_hand(then: np.ndarray, now: np.ndarray, edges: list[float]) -> float:
    p, q = (
        np.bincount(np.searchsorted(edges, each), minlength=len(edges) + 1) / len(each)
        for each in (then, now)
    )
    p, q = np.maximum(p, 0.5 / len(then)), np.maximum(q, 0.5 / len(now))
    return float(((q - p) * np.log(q / p)).sum())


@pytest.mark.parametrize("shift", [0.0, 3.0, 40.0])
def test_the_figures_are_those_of_numpy(model, shift):
    then, now = crowd(3000), crowd(2000, shift, seed=2)
    found = cl.drift(model, now)
    for each, feature in zip(found.features, model.features, strict=True):
        expected = by_hand(then[each.what], now[each.what], feature.bins.edges)
        assert each.psi == pytest.approx(expected, rel=1e-9)
    labels = model.predict(now)["segment_id"].to_numpy()
    z = (now.to_numpy() - model.mean) / model.scale
    error = ((z - model.centres[labels]) ** 2).sum(axis=1).mean()
    assert found.error_now == pytest.approx(error, rel=1e-9)
    assert found.error_then == pytest.approx(model.inertia / 3000)
    assert found.segments.now == tuple(np.bincount(labels, minlength=3) / 2000)
    assert found.largest == max(each.psi for each in found.features)


def test_the_same_customers_have_not_changed(model):
    found = cl.drift(model, crowd(3000))
    assert found.verdict == "keep"
    assert found.largest == pytest.approx(0.0, abs=1e-12)
    assert found.error_now == pytest.approx(found.error_then)


def test_a_shift_is_named_with_its_feature(model):
    found = cl.drift(model, crowd(2000, 40.0, seed=3))
    assert found.verdict == "refit"
    assert found.why.startswith("Refit: the spread of visits has changed (population stability")
    assert "amount" not in found.why
    assert {each.what: each.verdict for each in found.features} == {
        "visits": "refit",
        "amount": "keep",
    }


def test_more_than_chance_but_too_little_to_matter_is_said_so(model):
    found = cl.drift(model, crowd(20_000, 1.5, seed=4))
    assert found.verdict == "keep"
    assert found.largest < 0.1
    assert found.why.startswith(
        "Keep: the spread has changed more than by chance, but too little to matter (below 0.1); "
    )


def test_a_single_customer_far_from_all_does_not_decide(model):
    now = crowd(3000, seed=5)
    now.loc[0, "amount"] = 5000.0
    found = cl.drift(model, now)
    assert found.error_now > 2 * found.error_then
    assert (found.verdict, found.far) == ("keep", 1)
    assert found.error_near == pytest.approx(found.error_then, rel=0.1)
    assert "1 customer lies very far from every segment; with that one, the squared" in found.why


def test_a_tenth_of_the_customers_far_from_all_decides(model):
    now = crowd(3000, seed=5)
    now.loc[:299, "amount"] = 500.0
    found = cl.drift(model, now)
    assert (found.verdict, found.far) == ("refit", 300)
    assert "squared distance from their centres" in found.why


def test_chance_alone_is_no_drift(model):
    """Thirty customers of the same kind have a large index for want of numbers."""
    verdicts = [cl.drift(model, crowd(30, seed=seed)).verdict for seed in range(100, 140)]
    assert verdicts.count("refit") <= 4


def test_a_value_that_most_customers_share():
    frame = crowd(1000)
    frame["visits"] = np.where(RNG.random(1000) < 0.9, 0.0, RNG.integers(1, 9, 1000))
    model = cl.segment(frame, ["visits", "amount"], k=2)
    assert model.features[0].bins.edges == [0.0]
    assert cl.drift(model, frame).largest == pytest.approx(0.0, abs=1e-12)


def test_transforms_take_part():
    frame = crowd(1000)
    model = cl.segment(frame, ["visits", "amount"], k=3, transform={"amount": "log"})
    found = cl.drift(model, frame)
    assert (found.verdict, found.error_now) == ("keep", pytest.approx(found.error_then))


def test_customers_without_a_segment_are_left_out(model):
    frame = pd.concat([crowd(3000), pd.DataFrame({"visits": [np.nan], "amount": [1.0]})])
    found = cl.drift(model, frame)
    assert (found.customers, found.usable) == (3001, 3000)
    assert found.largest == pytest.approx(0.0, abs=1e-12)


def test_a_model_without_the_spread_is_refused(model):
    older = json.loads(model.to_json())
    for each in older["features"]:
        del each["bins"]
    with pytest.raises(InputError, match="doesn't hold"):
        cl.drift(cl.Model.model_validate_json(json.dumps(older)), crowd(10))


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [([0.5, 0.5], [1, 1], 0.0), ([0.2, 0.8], [80, 20], 2 * 0.6 * np.log(4))],
)
def test_the_index_by_hand(then, now, expected):
    assert stability_index(then, 100, now) == pytest.approx(expected)
