"""Transforms: one definition, in numpy, in the engine, and back again."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clienteling as cl
from clienteling.errors import InputError
from clienteling.features.proposals import propose
from clienteling.features.transforms import PLAIN, Transform, transformed_table
from clienteling.segmentation.nearest import nearest
from clienteling.segmentation.scoring import rule_of

ONES = np.ones(4000)
RNG = np.random.default_rng(5)
LOGNORMAL = np.exp(RNG.normal(4, 1.2, 4000))
NORMAL = RNG.normal(50, 10, 4000)
STEPS = [
    Transform(log=True),
    Transform(low=-2.0, high=40.0),
    Transform(high=10.0, log=True),
    Transform(low=1.0),
]


def two_crowds() -> pd.DataFrame:
    amounts = np.r_[np.exp(RNG.normal(2, 0.3, 500)), np.exp(RNG.normal(6, 0.3, 500))]
    incomes = np.r_[RNG.normal(50, 10, 999), 666_666.0]
    return pd.DataFrame({"id": range(1000), "amount": amounts, "income": incomes})


@pytest.mark.parametrize("steps", STEPS)
def test_the_engine_gives_what_numpy_gives(steps):
    values = np.r_[-1e12, -41.5, -2.0, -0.5, 0.0, 0.5, 1.0, 9.999, 10.0, 39.0, 1e6, 1e300]
    frame = pd.DataFrame({"x": [*values, np.nan, np.inf, -np.inf], "other": 1})
    found = transformed_table(cl.read(frame), {"x": steps}).df()
    np.testing.assert_allclose(found["x"][: len(values)], steps.apply(values), rtol=1e-15)
    assert found["x"][len(values) :].isna().all()
    assert found["other"].tolist() == [1] * len(frame)


@pytest.mark.parametrize("steps", STEPS)
@given(values=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
@settings(max_examples=50, deadline=None)
def test_the_order_stays_and_what_is_inside_comes_back(steps, values):
    values = np.sort(np.array(values))
    applied = steps.apply(values)
    assert (np.diff(applied) >= 0).all()
    limited = np.clip(values, steps.low, steps.high)
    np.testing.assert_allclose(steps.invert(applied), limited, rtol=1e-9, atol=1e-9)


def test_nothing_to_do_leaves_the_table_alone():
    table = cl.read("sample")
    assert transformed_table(table, {"Age": PLAIN}) is table


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (NORMAL, (False, False, False)),
        (LOGNORMAL, (False, False, True)),
        (np.r_[NORMAL[:-1], 666_666.0], (False, True, False)),
        (np.r_[NORMAL[:-1], -666_666.0], (True, False, False)),
        (np.repeat([1.0, 2.0, 3.0, 1000.0], 1000), (False, False, False)),
        (-LOGNORMAL, (False, False, False)),
    ],
    ids=["normal", "lognormal", "one far high", "one far low", "levels", "negative"],
)
def test_what_is_proposed(values, expected):
    found = propose("x", values, ONES)
    steps = found.transform
    assert (steps.low is not None, steps.high is not None, steps.log) == expected
    assert bool(found.reason) == any(expected)


def test_the_mall_is_taken_as_it_is():
    model = cl.segment("sample", transform="auto")
    assert model.transforms == ()
    assert model.inertia == pytest.approx(65.568, abs=0.001)
    assert all(each.steps is None for each in model.features)


def test_by_default_it_is_only_proposed():
    model = cl.segment(two_crowds(), ["amount", "income"], k=2)
    assert model.transforms == ()
    (said,) = (each for each in model.notes if "--transform auto" in each)
    assert said.startswith('Column "income": single values lie far out on the high side;')
    assert not [
        each
        for each in cl.segment(two_crowds(), ["amount", "income"], k=2, transform="none").notes
        if "transform" in each
    ]


def test_a_model_with_transforms_scores_the_same_everywhere(tmp_path):
    frame = two_crowds()
    wanted = {"amount": "log", "income": "winsorise"}
    model = cl.segment(frame, ["amount", "income"], k=2, transform=wanted)
    assert sorted(each.size for each in model.segments) == [500, 500]
    model.save(tmp_path / "model.json")
    model = cl.Model.load(tmp_path / "model.json")
    scored = model.score(frame).df()
    own = nearest(rule_of(model), frame[["amount", "income"]].to_numpy())
    assert (own.ids == scored["segment_id"]).all()
    np.testing.assert_allclose(own.margins, scored["margin"], atol=1e-9)
    assert scored["segment_id"].value_counts().to_dict() == {0: 500, 1: 500}
    row = frame.iloc[7]
    answer = model.predict({"amount": row["amount"], "income": row["income"]})
    assert answer.segment is not None
    assert answer.segment.id == scored["segment_id"][7]
    # The centres are said in the customers' own units: e² and e⁶, and incomes as people earn them.
    amounts = sorted(model.centre_of(each)["amount"] for each in model.segments)
    assert amounts == pytest.approx([np.exp(2), np.exp(6)], rel=0.1)
    assert all(40 < model.centre_of(each)["income"] < 60 for each in model.segments)


def test_a_large_table_is_sketched_after_the_transform():
    rng = np.random.default_rng(8)
    many = 60_000
    amounts = np.exp(np.r_[rng.normal(2, 0.3, many), rng.normal(6, 0.3, many)])
    frame = pd.DataFrame({"amount": amounts, "visits": rng.normal(10, 2, 2 * many)})
    model = cl.segment(frame, ["amount", "visits"], k=2, transform={"amount": "log"})
    assert model.method.sketch == "grid"
    assert sorted(each.size for each in model.segments) == [many, many]
    z = np.column_stack([np.log1p(frame["amount"]), frame["visits"]])
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    labels = model.predict(frame)["segment_id"].to_numpy()
    inertia = sum(((z[labels == k] - z[labels == k].mean(axis=0)) ** 2).sum() for k in (0, 1))
    assert model.inertia == pytest.approx(inertia, rel=1e-9)


def test_faults_are_named_together():
    with pytest.raises(InputError) as caught:
        cl.segment("sample", transform={"Incom": "log", "Spending Score (1-100)": "lgo"})
    assert len(caught.value.faults) == 2
    assert "winsorise+log" in caught.value.hint
    with pytest.raises(InputError, match='There is no transform "atuo"'):
        cl.segment("sample", transform="atuo")
