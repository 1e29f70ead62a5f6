"""Lift against scipy, statsmodels and plain pandas on the single customers."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

import clienteling as cl
from clienteling.measurement.cells import Moments
from clienteling.measurement.evaluate import evaluate
from clienteling.measurement.experiment import read_experiment
from clienteling.measurement.lift import adjust, compare, lifts_of


@pytest.fixture(scope="module")
def lifts(mailing):
    found = read_experiment(
        cl.read(mailing),
        offer="mail",
        control="none",
        outcomes=["visit", "spend"],
        segments=["regular"],
    )
    return {(each.offer, each.outcome, each.segment): each for each in lifts_of(found)}


@pytest.mark.parametrize("segment", [None, "yes"])
def test_responses_have_newcombes_interval(lifts, mailing, segment):
    rows = mailing if segment is None else mailing[mailing["regular"] == segment]
    here, there = (rows.loc[rows["mail"] == each, "visit"] for each in ("red", "none"))
    lift = lifts["red", "visit", segment]
    assert lift.estimate == pytest.approx(here.mean() - there.mean(), abs=1e-12)
    low, high = confint_proportions_2indep(
        here.sum(), len(here), there.sum(), len(there), method="newcomb"
    )
    assert (lift.low, lift.high) == (pytest.approx(low), pytest.approx(high))
    assert (lift.customers, lift.control_customers) == (len(here), len(there))


@pytest.mark.parametrize("segment", [None, "no"])
def test_values_are_compared_by_welch(lifts, mailing, segment):
    rows = mailing if segment is None else mailing[mailing["regular"] == segment]
    here, there = (rows.loc[rows["mail"] == each, "spend"] for each in ("blue", "none"))
    tested = stats.ttest_ind(here, there, equal_var=False)
    low, high = tested.confidence_interval()
    lift = lifts["blue", "spend", segment]
    assert lift.p == pytest.approx(tested.pvalue, rel=1e-9)
    assert (lift.low, lift.high) == (pytest.approx(low, rel=1e-9), pytest.approx(high, rel=1e-9))


def test_an_earlier_value_sharpens_like_a_regression(mailing, lifts):
    found = read_experiment(
        cl.read(mailing[mailing["mail"] != "red"]),
        offer="mail",
        control="none",
        outcomes=["spend"],
        before={"spend": "earlier"},
    )
    (lift,) = lifts_of(found)
    rows = mailing[mailing["mail"] != "red"]
    design = sm.add_constant(
        np.column_stack([(rows["mail"] == "blue").astype(float), rows["earlier"]])
    )
    fitted = sm.OLS(rows["spend"].to_numpy(), design).fit(cov_type="HC1")
    assert lift.method == "cuped"
    assert lift.estimate == pytest.approx(fitted.params[1], rel=1e-9)
    assert lift.se == pytest.approx(fitted.bse[1], rel=0.01)
    plain = lifts["blue", "spend", None]
    assert lift.se < 0.75 * plain.se
    assert lift.variance_kept == pytest.approx((lift.se / plain.se) ** 2, rel=1e-6)


def test_segments_are_adjusted_together(lifts):
    inside = [lifts[offer, "visit", each] for offer in ("red", "blue") for each in ("yes", "no")]
    ordered = sorted(inside, key=lambda each: each.p)
    steps = [min(1.0, each.p * (4 - place)) for place, each in enumerate(ordered)]
    expected = np.maximum.accumulate(steps)
    assert [each.p_adjusted for each in ordered] == pytest.approx(list(expected), rel=1e-9)
    assert adjust([]) == []
    assert adjust([None]) == [None]


@pytest.mark.parametrize("seed", range(5))
def test_p_values_are_adjusted_as_in_statsmodels(seed):
    p = np.random.default_rng(seed).beta(0.3, 3, 12).round(2)  # some are alike
    found = adjust([*p[:5], None, *p[5:]])
    assert found.pop(5) is None
    assert found == multipletests(p, method="holm")[1].tolist()


def test_large_values_keep_their_digits(mailing):
    far = mailing.assign(spend=mailing["spend"] + 1e9)
    one, other = (
        lifts_of(read_experiment(cl.read(rows), offer="mail", control="none", outcomes=["spend"]))
        for rows in (mailing, far)
    )
    for ours, theirs in zip(one, other, strict=True):
        assert theirs.estimate == pytest.approx(ours.estimate, abs=1e-5)
        assert theirs.se == pytest.approx(ours.se, rel=1e-5)


def test_too_few_give_no_interval():
    few, many = Moments(29, 0.5, 0.25, 15), Moments(1000, 0.5, 0.25, 500)
    assert not compare(few, many, binary=True).enough
    rare = Moments(1000, 0.1, 50.0, 4)
    assert not compare(rare, rare, binary=False).enough
    nobody = Moments(1000, 0.0, 0.0, 0)
    silent = compare(nobody, nobody, binary=True)
    assert silent.enough
    assert silent.p == 1.0
    assert silent.low < 0 < silent.high


def test_the_published_lift_of_hillstrom(data_folder):
    found = evaluate(
        data_folder / "hillstrom.csv.gz",
        offer="segment",
        control="No E-Mail",
        outcomes=["spend", "visit"],
        segments=["womens", "history_segment"],
    )
    lifts = {(each.offer, each.outcome, each.by, each.segment): each for each in found.lift}
    mens = lifts["Mens E-Mail", "spend", None, None]
    assert mens.estimate == pytest.approx(0.770, abs=0.005)
    assert (mens.low, mens.high) == (
        pytest.approx(0.485, abs=0.005),
        pytest.approx(1.055, abs=0.005),
    )
    assert found.verdict.code == "paid"
    assert "Mens E-Mail brought +0.770 spend per customer" in found.verdict.sentence
    alone = evaluate(
        data_folder / "hillstrom.csv.gz", offer="segment", control="No E-Mail", outcomes=["visit"]
    )
    assert "Mens E-Mail brought +7.66 visit per 100 customers" in alone.verdict.sentence
    assert not any(each.alarm for each in found.checks)
    # On visits, offers by segment don't beat the men's mail for all.
    for each in found.by_segment:
        if each.outcome == "visit":
            assert (each.one, each.answer) == ("Mens E-Mail", "one_offer")
    # The women's mail works where women's clothes were bought before.
    womens = {(each.offer, each.by): each for each in found.differences if each.outcome == "visit"}[
        "Womens E-Mail", "womens"
    ]
    assert womens.clear
    assert womens.highest == "1"
    assert womens.p_adjusted < 1e-10
    assert lifts["Womens E-Mail", "visit", "womens", "1"].estimate > 0.07
    assert lifts["Womens E-Mail", "visit", "womens", "0"].estimate < 0.02


def test_from_which_cost_on_fewer_pays(data_folder):
    found = evaluate(
        data_folder / "hillstrom.csv.gz",
        offer="segment",
        control="No E-Mail",
        outcomes=["visit"],
        segments=["womens"],
        costs={"Womens E-Mail": 0.03},
        worths={"visit": 1.0},
    )
    even = {each.offer: each for each in found.break_even}["Womens E-Mail"]
    assert even.first_out == "0"
    assert even.all_to == pytest.approx(0.0452, abs=1e-4)
    assert even.fewer_from == pytest.approx(0.0111, abs=1e-4)
    assert even.fewer_to == pytest.approx(0.0731, abs=1e-4)
    # Beyond chance it begins later, and stops earlier.
    assert even.fewer_from < even.shown_from < 0.03 < even.shown_to < even.fewer_to
    assert "from a cost of 0.01108 per customer on" in even.sentence
    assert "pays: first without womens = 0" in even.sentence
    profit = {each.offer: each for each in found.profit if each.by is None}["Womens E-Mail"]
    assert profit.estimate == pytest.approx(0.0452 - 0.03, abs=1e-4)


def test_costs_that_only_chance_shows_are_no_advice(data_folder):
    """And a control that is written otherwise is said to be taken for one."""
    found = evaluate(
        data_folder / "hillstrom.csv.gz",
        offer="segment",
        control="No Email",
        outcomes=["spend"],
        segments=["history_segment"],
        costs=0.1,
        margin=0.3,
    )
    even = {each.offer: each for each in found.break_even}["Mens E-Mail"]
    assert even.shown_from is None
    assert even.sentence == (
        "By spend, sending Mens E-Mail to all pays up to a cost of 0.231 per customer (95 % "
        "interval 0.146 to 0.316); from there on, sending to none does. At no cost is it beyond "
        "chance that leaving out a segment by history_segment pays better."
    )
    assert '"No Email", the control, is taken to be "No E-Mail" in column "segment".' in found.notes
