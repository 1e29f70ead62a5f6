"""Segments that are made for a measurement: of what was known before, and of nothing else."""

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.errors import ColumnError, InputError
from clienteling.measurement.evaluate import evaluate
from clienteling.measurement.known_before import known_before
from clienteling.measurement.made_segments import Forming, make_segments


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    """Return 2,000 customers of two kinds; the mail works for those who order often only."""
    rng = np.random.default_rng(5)
    n = 2_000
    often = rng.random(n) < 0.5
    mail = rng.choice(["mail", "none"], n)
    visit = (rng.random(n) < 0.1 + 0.2 * (often & (mail == "mail"))).astype(int)
    return pd.DataFrame(
        {
            "segment": mail,
            "orders": np.where(often, rng.normal(40, 3, n), rng.normal(10, 3, n)).round(1),
            "basket": np.where(often, rng.normal(20, 5, n), rng.normal(30, 5, n)).round(2),
            "town": rng.choice(["Aa", "Bb"], n),
            "visit": visit,
            "spend": np.round(visit * rng.gamma(2, 10, n), 2),
        }
    )


def judged(rows, **settings):
    given = {"offer": "segment", "control": "none", "outcomes": ["visit"], "segments": "auto"}
    return evaluate(rows, **{**given, **settings})


@pytest.fixture(scope="module")
def found(shop):
    return judged(shop)


def test_a_lift_that_differs_is_found_in_them(shop, found):
    assert found.made.model.columns == ["orders", "basket"]
    lifts = {each.segment: each for each in found.lift if each.by == "customer segment"}
    assert len(lifts) == found.made.model.k == 2
    often, seldom = sorted(lifts.values(), key=lambda each: -each.estimate)
    assert often.low < 0.2 < often.high
    assert seldom.low < 0.0 < seldom.high
    (difference,) = found.differences
    assert difference.clear
    assert difference.highest == often.segment
    assert sum(each.customers + each.control_customers for each in lifts.values()) == len(shop)


def test_which_columns_were_taken_is_said(shop, found):
    said = " ".join(found.made.sentences)
    assert '2 segments were made of "orders" and "basket", proposed' in said
    assert "so the intervals hold in these segments as over all" in said
    assert "--features" in said
    document = found.as_document()["made_segments"]
    assert (document["by"], document["features"]) == ("customer segment", ["orders", "basket"])
    assert document["left_out"] == ["spend"]
    assert sum(each["size"] for each in document["segments"]) == len(shop)
    named = judged(shop, features=["orders"], k=3)
    assert named.made.model.columns == ["orders"]
    assert named.made.model.k == 3
    assert 'of "orders", as it was asked for' in named.made.sentences[0]
    assert judged(shop, segments="town").as_document()["made_segments"] is None


@pytest.mark.parametrize("features", [None, ["orders", "basket"]])
def test_neither_offer_nor_outcome_moves_anybody(shop, features):
    """So a fair draw stays one inside of each segment, and the intervals are as right as over all.

    Here the offers are dealt anew and all that came of them is drawn anew.
    """
    rng = np.random.default_rng(9)
    anew = shop.assign(
        segment=rng.permutation(shop["segment"]), visit=rng.integers(0, 2, len(shop))
    ).assign(spend=lambda rows: rows["visit"] * 12.5)
    made = []
    for rows in (shop, anew):
        table, segments = make_segments(
            cl.read(rows),
            offer="segment",
            outcomes=["visit", "spend"],
            forming=Forming(features, k=2),
        )
        made.append((table.df()["customer segment"], segments.model.segments))
    pd.testing.assert_series_equal(made[0][0], made[1][0])
    assert made[0][1] == made[1][1]


def test_the_rows_stay_as_they_were(shop):
    """Whatever the columns are called, and the scoring's own among them."""
    rows = shop.rename(columns={"segment": "runner_up", "town": "margin"})
    rows = rows.assign(segment_id=1, note="x", **{"customer segment": "mine", "kept 0": 2.5})
    table, made = make_segments(
        cl.read(rows), offer="runner_up", outcomes=["visit", "spend"], forming=Forming(k=2)
    )
    assert made.by == "customer segment 2"
    pd.testing.assert_frame_equal(table.only(*rows.columns).df(), rows, check_dtype=False)
    assert table[made.by].kind == "text"
    sizes = table.df()[made.by].value_counts().to_dict()
    assert sizes == {each.name: each.size for each in made.model.segments}


def test_who_has_no_segment_is_a_group_of_its_own(shop):
    rows = shop.assign(orders=shop["orders"].where(shop.index >= 100))
    found = judged(rows, features=["orders", "basket"], k=2)
    lifts = {each.segment: each for each in found.lift if each.by}
    none = lifts["(no segment)"]
    assert none.customers + none.control_customers == 100
    assert any("100 of 2,000 customers have no segment" in each for each in found.notes)
    filled = judged(rows, features=["orders", "basket"], impute="median", k=2)
    assert "(no segment)" not in {each.segment for each in filled.lift}


def test_columns_that_came_of_the_offer_are_left_out(shop):
    # Whose visit is 0 spends nothing; and opened differs between the groups.
    rng = np.random.default_rng(2)
    opened = rng.normal(5 + 2 * (shop["segment"] == "mail"), 2.0).round(2)
    found = judged(shop.assign(opened=opened), k=2)
    assert found.made.model.columns == ["orders", "basket"]
    said = {each.about: each.sentence for each in found.made.left_out}
    assert set(said) == {"spend", "opened"}
    assert said["opened"] == (
        '"opened" was left out: it differs between the groups more than chance allows, as if the '
        "offer had changed it."
    )
    assert not any(each.alarm for each in found.checks)


def test_one_that_is_named_raises_an_alarm_instead(shop):
    found = judged(shop, features=["orders", "spend"], k=2)
    (check,) = [each for each in found.checks if each.alarm]
    assert (check.kind, check.about) == ("known_before", "spend")
    assert check.sentence.endswith("Segments must be known before the campaign.")
    assert "the intervals hold" not in found.made.sentences[0]
    # Over all, the alarm changes nothing.
    assert found.verdict == judged(shop, segments=()).verdict


@pytest.mark.parametrize(
    ("column", "sign"),
    [
        (lambda rows, rng: rows["visit"] * rng.gamma(2, 10, len(rows)), "0 for everyone whose"),
        (lambda rows, rng: rng.normal(rows["segment"] == "mail", 3.0), "differs between"),
        (
            lambda rows, rng: np.where((rows["segment"] == "mail") & (rng.random() < 2), 1.0, 1.0),
            "",
        ),
        (
            lambda rows, rng: np.where(
                (rows["segment"] == "mail") & (rng.random(len(rows)) < 0.1), np.nan, 7.0
            ),
            "differs between",
        ),
        (lambda rows, rng: rng.normal(0, 1, len(rows)), ""),
        (lambda rows, rng: (rows["segment"] == "mail").astype(float), "differs between"),
    ],
)
def test_signs_that_a_column_came_later(shop, column, sign):
    rng = np.random.default_rng(11)
    even = shop.assign(visit=rng.integers(0, 2, len(shop)))
    rows = even.assign(later=column(even, rng))
    (check,) = known_before(cl.read(rows), "segment", ["visit"], ["later"])
    assert check.alarm == bool(sign)
    assert (sign or "alike in all groups") in check.sentence


def test_levels_are_looked_at_too(shop):
    rows = shop.assign(badge=np.where(shop["segment"] == "mail", "a", "b"))
    town, badge = known_before(cl.read(rows), "segment", ["visit"], [], ["town", "badge"])
    assert (town.alarm, badge.alarm) == (False, True)


def test_fair_draws_are_seldom_called_unfair(shop):
    rng = np.random.default_rng(3)
    columns = {f"c{i}": rng.gamma(0.5, 10, len(shop)) for i in range(200)}
    found = known_before(
        cl.read(pd.concat([shop, pd.DataFrame(columns)], axis=1)),
        "segment",
        ["visit"],
        list(columns),
    )
    p = np.array([each.p for each in found])
    assert sum(each.alarm for each in found) <= 2
    assert 0.0 < np.mean(p < 0.1) < 0.2  # about a tenth


def test_all_that_is_wrong_with_the_features_is_said_together(shop):
    with pytest.raises(ColumnError) as refused:
        judged(shop, features=["visit", "ordres"], categorical=["segment"])
    assert str(refused.value).count("\n  - ") == 3
    assert 'there is no column "ordres". Did you mean "orders"?' in str(refused.value)
    assert '"visit" is an outcome' in str(refused.value)
    assert '"segment" is the offer' in str(refused.value)


def test_features_without_segments_to_make_are_refused(shop):
    with pytest.raises(InputError, match="Add --segments auto"):
        judged(shop, segments="town", features=["orders"])


def test_where_nothing_is_left_it_says_why(shop):
    with pytest.raises(ColumnError) as refused:
        judged(shop[["segment", "visit", "spend"]])
    assert "no column is left to form segments of" in str(refused.value)
    assert '"spend" was left out' in str(refused.value)


def test_a_column_that_is_called_auto_means_itself(shop):
    found = judged(shop.rename(columns={"town": "auto"}))
    assert found.made is None
    assert {each.segment for each in found.lift if each.by == "auto"} == {"Aa", "Bb"}


def test_hillstroms_customers_in_segments_of_their_own(data_folder):
    found = evaluate(
        data_folder / "hillstrom.csv.gz",
        offer="segment",
        control="No E-Mail",
        outcomes=["visit"],
        segments="auto",
    )
    assert found.made.model.columns == ["recency", "history"]
    assert [each.about for each in found.made.left_out] == ["spend"]
    assert not any(each.alarm for each in found.checks)
    assert found.verdict.code == "paid"
    (contrast,) = found.by_segment
    assert (contrast.one, contrast.answer) == ("Mens E-Mail", "one_offer")
    mens = [each for each in found.lift if each.by and each.offer == "Mens E-Mail"]
    assert sorted(round(each.estimate, 3) for each in mens) == [0.071, 0.078, 0.090]
    assert all(each.clear for each in mens)
    assert not any(each.clear for each in found.differences)
