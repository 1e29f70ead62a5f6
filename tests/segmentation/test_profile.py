"""What segments are like in the columns that took no part, against pandas and scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from scipy.stats.contingency import association

import clienteling as cl
from clienteling.segmentation.effects import wilson


@pytest.fixture
def frame(blobs):
    rng = np.random.default_rng(0)
    return blobs(2).assign(
        age=rng.integers(18, 80, 80),
        rate=rng.uniform(0, 0.001, 80),
        plan=rng.choice(["free", "basic", "gold"], 80),
        sex=rng.choice(["f", "m"], 80, p=[0.4, 0.6]),
        city=[f"town {number}" for number in range(80)],
        same=["x"] * 80,
    )


def test_words_for_missing_are_no_level_of_a_profile(frame):
    plan = frame["plan"].where(np.arange(len(frame)) % 4 > 0, "unknown")
    found = cl.segment(frame.assign(plan=plan), ["x0", "x1"], k=2)
    levels = {each.level for each in found.segments[0].profile if each.column == "plan"}
    assert levels == {"free", "basic", "gold"}
    note = (
        'Column "plan": 20 values such as "unknown" count as missing (otherwise: --as-text plan).'
    )
    assert note in found.notes
    kept = cl.segment(cl.read(frame.assign(plan=plan), as_text="plan"), ["x0", "x1"], k=2)
    of_kept = {each.level for each in kept.segments[0].profile if each.column == "plan"}
    assert of_kept == {*levels, "unknown"}
    assert note not in kept.notes


def profiles(
    frame: pd.DataFrame,
) -> dict[tuple[int, str, str], cl.segmentation.model_segments.Figure]:
    model = cl.segment(frame, ["x0", "x1"], k=2)
    return {
        (each.id, figure.column, figure.level): figure
        for each in model.segments
        for figure in each.profile
    }


def test_which_columns_are_profiled(frame):
    found = profiles(frame)
    assert {key[1] for key in found} == {"age", "rate", "plan", "sex"}
    assert {key[2] for key in found if key[1] == "plan"} == {"free", "basic", "gold"}
    assert {key[2] for key in found if key[1] == "sex"} == {"m"}


def test_means_and_shares_against_pandas(frame):
    model = cl.segment(frame, ["x0", "x1"], k=2)
    segment = model.predict(frame)["segment_id"]
    z = norm.ppf(0.975)
    for (id, column, level), figure in profiles(frame).items():
        own = frame.loc[segment == id, column]
        if level:
            share, n = (own == level).mean(), len(own)
            assert figure.value == pytest.approx(share)
            assert figure.overall == pytest.approx((frame[column] == level).mean())
            # Wilson's bounds are where the share lies z deviations of the bound away.
            for bound in (figure.low, figure.high):
                assert abs(share - bound) == pytest.approx(z * np.sqrt(bound * (1 - bound) / n))
        else:
            half = z * own.std() / np.sqrt(len(own))
            assert (figure.low, figure.value, figure.high) == pytest.approx(
                (own.mean() - half, own.mean(), own.mean() + half)
            )
            assert figure.overall == pytest.approx(frame[column].mean())


def test_gaps_and_infinities_are_left_out_of_the_mean(frame):
    frame.loc[::3, "age"] = np.nan
    frame.loc[1, "rate"] = np.inf
    frame.loc[2, "rate"] = 1e200
    segment = cl.segment(frame, ["x0", "x1"], k=2).predict(frame)["segment_id"]
    for (id, column, level), figure in profiles(frame).items():
        if not level:
            own = frame.loc[(segment == id) & (frame[column] < 1e100), column]
            assert figure.value == pytest.approx(own.mean(), rel=1e-9)


@pytest.mark.parametrize("column", ["Segment", "segment_id", "customer_id"])
@pytest.mark.parametrize("words", [False, True])
def test_a_column_may_be_called_like_one_of_the_result(frame, column, words):
    own = frame["plan"] if words else frame["age"]
    found = profiles(frame[["x0", "x1"]].assign(**{column: own.to_numpy()}))
    plain = profiles(frame[["x0", "x1"]].assign(own=own.to_numpy()))
    expected = {} if column == "customer_id" else plain
    assert {(key[0], key[2]): figure.value for key, figure in found.items()} == {
        (key[0], key[2]): figure.value for key, figure in expected.items()
    }


def test_the_result_of_a_run_can_be_segmented_again(mall, mall_frame):
    again = cl.segment(cl.recommend(mall, mall_frame).df(), k=5)
    assert [(each.name, each.size) for each in again.segments] == [
        (each.name, each.size) for each in mall.segments
    ]


def test_the_words():
    figure = cl.segmentation.model_segments.Figure
    mean = figure(column="Age", value=1234.56, low=-0.034, high=3.0, overall=0.0)
    assert mean.words == "Age 1,234.6 on average (-0.034 to 3.0; all customers 0.0)"
    share = figure(column="Sex", level="f", value=0.126, low=0.1, high=0.2, overall=0.5)
    assert share.words == "Sex f 13% (10% to 20%; all customers 50%)"


def test_the_effects_are_against_the_other_customers(frame):
    model = cl.segment(frame, ["x0", "x1"], k=2)
    segment = model.predict(frame)["segment_id"]
    for (id, column, level), figure in profiles(frame).items():
        own, others = frame.loc[segment == id, column], frame.loc[segment != id, column]
        if level:
            assert figure.effect == pytest.approx((own == level).mean() - (others == level).mean())
            assert figure.effect_words.endswith(f"{100 * figure.effect_high:+.0f}")
        else:
            pooled = np.sqrt((own.var() * (len(own) - 1) + others.var() * (len(others) - 1)) / 78)
            plain = (own.mean() - others.mean()) / pooled
            assert figure.effect == pytest.approx(plain * (1 - 3 / (4 * 78 - 1)), rel=1e-6)
        assert figure.effect_low < figure.effect < figure.effect_high


def test_what_differs_most_comes_first_and_so_does_what_goes_with_the_segments(frame):
    plain = cl.segment(frame, ["x0", "x1"], k=2)
    own = plain.predict(frame)["segment_id"].to_numpy()
    frame = frame.assign(told=np.where(own == 0, "a", "b"), score=own * 10.0 + frame["age"] / 100)
    model = cl.segment(frame, ["x0", "x1"], k=2)
    assert [each.column for each in model.segments[0].profile[:2]] == ["score", "told"]
    found = {each.column: each for each in model.associations}
    assert (found["told"].measure, found["score"].measure) == ("Cramér's V", "eta squared")
    assert found["told"].value > 0.99
    assert found["score"].value > 0.99
    strengths = [each.strength for each in model.associations]
    assert strengths == sorted(strengths, reverse=True)
    assert {"told", "score"} == {each.column for each in model.associations[:2]}


def test_a_flag_of_0_and_1_is_a_share(frame):
    frame = frame.assign(mail=np.arange(80) % 3 // 2, app=np.arange(80) % 2 == 0)
    found = profiles(frame)
    model = cl.segment(frame, ["x0", "x1"], k=2)
    own = model.predict(frame)["segment_id"] == 0
    for column in ("mail", "app"):
        assert found[0, column, "yes"].value == pytest.approx(frame.loc[own, column].mean())
        assert found[0, column, "yes"].overall == pytest.approx(frame[column].mean())
    assert {each.measure for each in model.associations if each.column in ("mail", "app")} == {
        "Cramér's V"
    }


def test_one_segment_has_no_others_to_differ_from(frame):
    model = cl.segment(frame, ["x0", "x1"], k=1)
    assert model.associations == []
    assert [each.effect for each in model.segments[0].profile] == [None] * 6


def test_the_given_segments_of_the_automobile_customers(data_folder):
    """The given A to D go with ours about as strongly as pandas and scipy find."""
    path = data_folder / "automobile_customers.csv"
    model = cl.segment(path)
    frame = pd.read_csv(path).dropna(subset=model.feature_names)
    own = model.predict(frame)["segment_id"]
    table = pd.crosstab(own, frame["Segmentation"])
    found = {each.column: each for each in model.associations}["Segmentation"]
    assert found.value == pytest.approx(association(table, method="cramer"), abs=0.01)
    for each in model.segments:
        shares = {f.level: f for f in each.profile if f.column == "Segmentation"}
        assert set(shares) == set("ABCD")
        for level, figure in shares.items():
            assert figure.value == pytest.approx(table.loc[each.id, level] / each.size)


@pytest.mark.parametrize("n", [1, 5, 1000])
def test_wilsons_interval_stays_between_0_and_1(n):
    assert wilson(0.0, n)[0] == pytest.approx(0.0, abs=1e-15)
    assert wilson(1.0, n)[1] == pytest.approx(1.0, abs=1e-15)
    assert 0.0 < wilson(0.0, n)[1] <= 1.0
