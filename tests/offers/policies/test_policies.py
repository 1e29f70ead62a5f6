"""Policies: probabilities, draws and reasons, and the same decision in Python and in the engine."""

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

import clienteling as cl
from clienteling.campaigns.policy_state import policy_of, policy_state
from clienteling.errors import DocumentError, InputError
from clienteling.offers.assignment import assign, shares_of
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.cells import count_cells, find_cells
from clienteling.offers.eligibility import why_not
from clienteling.offers.experience import Experience, belief, expected_profits
from clienteling.offers.offer import NOTHING, Offer
from clienteling.offers.policies.budget import Budget
from clienteling.offers.policies.decision import decide, divided
from clienteling.offers.policies.strategy import Strategy
from clienteling.offers.policies.thompson import Thompson
from clienteling.offers.rules import Rule

DAY = dt.date(2026, 3, 1)
PRICES = {"cost": 0.5, "value": 20.0, "response": 0.05}


def offer(id, *segments, **more):
    told = {"id": id, "title": id.upper(), "text": "x", "segments": segments, "reason": f"{id}."}
    return Offer.model_validate({**told, **PRICES, **more})


@pytest.fixture(scope="module")
def mall(mall_csv):
    return cl.segment(str(mall_csv), k=5)


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue(
        catalogue="mine",
        offers=(
            offer("a", "premium", "average", priority=2),
            offer("b", "premium", eligibility=Rule(column="Age", operator=">=", value=35)),
            offer("c", "average", eligibility=Rule(column="Gender", operator="=", value="Female")),
            offer("late", "premium", valid_from="2026-04-01"),
        ),
    )


def policies(catalogue, model):
    seen = {
        (0, "a"): Experience(500, 30, 600.0, 15_000.0),
        (0, "c"): Experience(500, 25, 500.0, 12_000.0),
        (0, NOTHING): Experience(500, 12, 240.0, 6_000.0),
    }
    return {
        "strategy": Strategy(catalogue, model.segments, explore=0.4),
        "thompson": Thompson(catalogue, model.segments, seen, floor=0.05, draws=2_000),
    }


@pytest.mark.parametrize("which", ["strategy", "thompson"])
def test_python_and_the_engine_decide_alike(which, catalogue, mall, mall_csv):
    table = cl.read(str(mall_csv))
    policy = policies(catalogue, mall)[which]
    cells = find_cells(mall, table, catalogue, day=DAY)
    counted = count_cells(cells)
    assert sum(each.customers for each in counted) == 200
    decided = assign(cells, shares_of(policy, counted), policy, "spring:").df()
    decided = decided.sort_values("customer_id")
    assert len(decided) == 200
    segments = mall.score(table).df().set_index("customer_id")["segment_id"]
    people = {each["CustomerID"]: each for each in table.to_arrow().to_pylist()}
    for row in decided.itertuples():
        customer = people[row.customer_id]
        segment = int(segments[row.customer_id])
        offers = catalogue.offers_for(mall.segments[segment])
        open_ = [e.id for e in offers if not why_not(e, catalogue, customer, DAY)]
        alone = decide(policy, int(row.customer_id), segment, open_, "spring:")
        assert (row.offer, row.propensity, row.reason) == (
            alone.offer, alone.propensity, alone.reason)  # fmt: skip
        assert row.offer in {*open_, NOTHING}
        assert row.offer != "late"
    assert {"a", "b", "c", NOTHING} == set(decided["offer"])


def test_decisions_hold_whatever_the_order_of_the_rows(catalogue, mall, mall_csv):
    table = cl.read(str(mall_csv)).to_arrow()
    policy = policies(catalogue, mall)["strategy"]
    found = []
    for rows in (table, table.take(np.random.default_rng(0).permutation(len(table)))):
        cells = find_cells(mall, rows, catalogue, day=DAY)
        made = assign(cells, shares_of(policy, count_cells(cells)), policy, "s:")
        found.append(made.df().sort_values("customer_id").reset_index(drop=True))
    assert found[0].equals(found[1])


def test_the_propensity_is_how_often_it_is_chosen(catalogue, mall):
    n = 20_000
    rows = pa.table(
        {
            "id": np.arange(n),
            "Annual Income (k$)": np.full(n, 87.0),
            "Spending Score (1-100)": np.full(n, 82.0),
            "Age": np.full(n, 50),
            "Gender": ["Male"] * n,
        }
    )
    policy = policies(catalogue, mall)["strategy"]
    cells = find_cells(mall, rows, catalogue, day=DAY)
    decided = assign(cells, shares_of(policy, count_cells(cells)), policy, "x:").df()
    for offer_id, own in decided.groupby("offer"):
        share = own["propensity"].iloc[0]
        assert own["propensity"].nunique() == 1
        assert stats.binomtest(len(own), n, share).pvalue > 1e-4, offer_id
    again = assign(cells, shares_of(policy, count_cells(cells)), policy, "y:").df()
    both = again.merge(decided, on="customer_id")
    assert 0.3 < (both["offer_x"] == both["offer_y"]).mean() < 0.8


def test_a_customer_without_a_segment_is_left_in_peace(catalogue, mall):
    rows = pa.table(
        {
            "id": ["x", "y", None],
            "Annual Income (k$)": [None, 87.0, 87.0],
            "Spending Score (1-100)": [1.0, 82.0, 82.0],
            "Age": [50, 50, 50],
            "Gender": ["Male"] * 3,
        }
    )
    policy = Strategy(catalogue, mall.segments)
    cells = find_cells(mall, rows, catalogue, day=DAY)
    made = assign(cells, shares_of(policy, count_cells(cells)), policy, "x:").to_arrow().to_pylist()
    assert [each["offer"] for each in made] == [NOTHING, "b", NOTHING]
    assert made[0]["reason"] == "The customer has no segment."
    assert decide(policy, "x", None, [], "x:").reason == made[0]["reason"]


def test_strategy_takes_the_best_open_offer_and_explores_the_rest(catalogue, mall):
    premium = next(each.id for each in mall.segments if each.key == "premium")
    fixed = Strategy(catalogue, mall.segments)
    assert fixed.probabilities(premium, ["a", "b"]) == {"b": 1.0, "a": 0.0, NOTHING: 0.0}
    assert fixed.probabilities(premium, []) == {NOTHING: 1.0}
    some = Strategy(catalogue, mall.segments, explore=0.3).probabilities(premium, ["a", "b"])
    assert some == pytest.approx({"b": 0.8, "a": 0.1, NOTHING: 0.1})
    with pytest.raises(InputError, match="must be from 0 to 1"):
        Strategy(catalogue, mall.segments, explore=1.5)


def test_without_a_floor_each_offer_gets_ten_more_in_as_many_contacts_again(mall):
    made = Catalogue(catalogue="m", offers=(offer("a", "s", cost=0), offer("b", "s", cost=0)))
    segments = [type("S", (), {"key": "s", "name": "S"})()]
    for contacts, least in ((300, 0.01), (500, 0.01), (2_000, 0.0025), (20_000, 0.00025)):
        seen = {
            (0, "a"): Experience(contacts, 0, 0.0, 0.0),
            (0, "b"): Experience(contacts, contacts // 2, 10.0 * contacts, 200.0 * contacts),
            (0, NOTHING): Experience(100_000, 0, 0.0, 0.0),
        }
        policy = Thompson(made, segments, seen)
        shares = policy.probabilities(0, ["a", "b"])
        assert min(shares.values()) == pytest.approx(least)
        kept = policy_of(json.loads(json.dumps(policy_state(policy))), mall, made)
        assert (kept.floor, kept.learned) == (None, seen)


def test_thompson_is_the_probability_of_being_the_best():
    # Two offers of the same value: the better rate wins, with a probability that has an integral.
    made = Catalogue(catalogue="m", offers=(offer("a", "s", cost=0), offer("b", "s", cost=0)))
    seen = {
        (0, "a"): Experience(2000, 100, 2000.0, 40_000.0 + 1e-9),
        (0, "b"): Experience(2000, 120, 2400.0, 48_000.0 + 1e-9),
    }
    segments = [type("S", (), {"key": "s", "name": "S"})()]
    policy = Thompson(made, segments, seen, floor=0.0, draws=40_000)
    found = policy.probabilities(0, ["a", "b"])
    rng = np.random.default_rng(9)
    drawn = {each: belief(o, seen[0, each]).draw(rng, 200_000)
             for each, o in zip("ab", made.offers, strict=True)}  # fmt: skip
    best = (drawn["b"] > drawn["a"]).mean()
    squared = best**2 / (best**2 + (1 - best) ** 2)
    assert found["b"] == pytest.approx(squared, abs=0.01)
    assert sum(found.values()) == pytest.approx(1)
    assert found == Thompson(made, segments, seen, floor=0.0, draws=40_000).probabilities(
        0, ["a", "b"]
    )
    floored = Thompson(made, segments, seen, floor=0.1).probabilities(0, ["a", "b"])
    assert min(floored.values()) >= 0.1
    assert sum(floored.values()) == pytest.approx(1)
    assert Thompson(made, segments, seen, floor=0.9).probabilities(0, ["a"]) == {
        "a": 0.5, NOTHING: 0.5}  # fmt: skip


def test_an_offer_that_was_never_tried_is_drawn_as_often_as_it_may_be_the_best():
    made = Catalogue(catalogue="m", offers=(offer("a", "s", cost=0), offer("b", "s", cost=0)))
    segments = [type("S", (), {"key": "s", "name": "S"})()]
    seen = {(0, "a"): Experience(2000, 100, 2000.0, 40_000.0 + 1e-9)}
    new = Thompson(made, segments, seen, floor=0.0, draws=40_000)
    rng = np.random.default_rng(9)
    known, unknown = made.offers
    drawn = belief(known, seen[0, "a"]).draw(rng, 200_000)
    best = (belief(unknown, Experience()).draw(rng, 200_000) > drawn).mean()
    assert 0.2 < best < 0.8
    assert new.probabilities(0, ["a", "b"])["b"] == pytest.approx(best, abs=0.01)


def test_thompson_needs_prices(mall):
    bare = Catalogue(catalogue="m", offers=(offer("a", "premium", value=None, response=None),))
    with pytest.raises(DocumentError) as caught:
        Thompson(bare, mall.segments)
    assert caught.value.faults == ("value and response are missing for a.",)
    with pytest.raises(InputError, match="from 0 to below 1"):
        Thompson(bare, mall.segments, floor=1.0)


def test_the_posterior_is_that_of_the_book():
    # Gelman et al., sections 2.4 and 3.3, computed from the single observations.
    rng = np.random.default_rng(1)
    values = rng.exponential(30, 40)
    seen = Experience(1000, 40, values.sum(), (values**2).sum())
    held = belief(offer("a", "s", response_weight=200), seen)
    assert (held.yes, held.no) == (10 + 40, 190 + 960)
    k0, m0, a0, b0 = 10.0, 20.0, 6.0, 5.0 * 400
    assert held.mean == pytest.approx((k0 * m0 + values.sum()) / (k0 + 40))
    assert held.shape == a0 + 20
    spread = ((values - values.mean()) ** 2).sum() / 2
    away = k0 * 40 * (values.mean() - m0) ** 2 / (2 * (k0 + 40))
    assert held.scale == pytest.approx(b0 + spread + away)
    drawn = held.draw(rng, 100_000, symmetric=True)
    assert drawn.mean() == pytest.approx(held.profit, abs=0.02)


def test_of_skewed_amounts_the_truth_is_as_often_among_the_drawn_as_it_should_be():
    # 25 responses each, of 500 offers whose true value is 20; all draws are of the same rate.
    rng, told = np.random.default_rng(12), offer("a", "s", response_weight=20)
    above, under = [], []
    for _ in range(500):
        values = rng.exponential(20.0, 25)
        seen = Experience(25, 25, values.sum(), (values**2).sum())
        held = replace(belief(told, seen), yes=1e9, no=1e-3, cost=0.0)
        drawn = held.draw(np.random.default_rng(1), 2_000)
        assert np.median(drawn) == pytest.approx(held.mean, rel=0.03)
        above.append((drawn > 20.0).mean())
        under.append((held.draw(np.random.default_rng(1), 2_000, symmetric=True) > 20.0).mean())
    # The truth lies above 99 % of the draws about once in a hundred times, not several times.
    assert 0.2 * 500 / 100 <= sum(each < 0.01 for each in above) <= 2.5 * 500 / 100
    assert sum(each < 0.01 for each in under) > 2 * sum(each < 0.01 for each in above)


def test_a_mean_that_is_not_above_0_is_drawn_as_a_normal_one():
    # What was brought may be negative: goods that came back.
    held = belief(offer("a", "s"), Experience(1000, 50, -500.0, 9_000.0))
    one, other = (held.draw(np.random.default_rng(4), 5_000, symmetric=s) for s in (True, False))
    assert held.mean < 0
    assert (one == other).all()
    assert one.mean() == pytest.approx(held.profit, abs=0.02)


def test_plans_that_were_kept_before_decide_as_they_did(mall):
    # The probabilities are those that such a plan logged.
    made = Catalogue(catalogue="m", offers=(offer("a", "premium"), offer("b", "premium")))
    premium = next(each.id for each in mall.segments if each.key == "premium")
    seen = {
        (premium, "a"): Experience(300, 15, 330.0, 15_000.0),
        (premium, "b"): Experience(300, 18, 420.0, 20_000.0),
    }
    policy = Thompson(made, mall.segments, seen, draws=2_000)
    state = policy_state(policy)
    kept = policy_of(json.loads(json.dumps(state)), mall, made)
    assert kept.probabilities(premium, ["a", "b"]) == policy.probabilities(premium, ["a", "b"])
    del state["symmetric"]
    before = policy_of(json.loads(json.dumps(state)), mall, made).probabilities(premium, ["a", "b"])
    assert before == pytest.approx(
        {"a": 0.2007556513654101, "b": 0.7892443486345899, NOTHING: 0.01}
    )
    assert before != policy.probabilities(premium, ["a", "b"])


def test_profits_are_those_beyond_doing_nothing(catalogue):
    seen = {(0, NOTHING): Experience(1000, 100, 1000.0, 12_000.0)}
    found = expected_profits(catalogue, [0, 1], seen)
    assert found[1, "a"] == pytest.approx(0.05 * 20 - 0.5)
    assert found[0, "a"] == pytest.approx(0.5 - 100.5 / 1001 * 10)
    told = expected_profits(catalogue, [0, 1], seen, base_rate=0.02)
    assert told[0, "a"] == told[1, "a"] == pytest.approx((0.05 - 0.02) * 20 - 0.5)


def test_thompson_takes_off_who_responds_anyway(mall, catalogue):
    """An offer to which no more respond than without one is as good as none before its cost."""
    seen = {(0, offer): Experience(20_000, 1000, 20_000.0, 420_000.0) for offer in ("a", "b")}
    held = {"learned": seen, "floor": 0.0, "draws": 2_000}
    without = Thompson(catalogue, mall.segments, **held).probabilities(0, ["a"])
    told = Thompson(catalogue, mall.segments, **held, base_rate=0.05)
    assert without["a"] > 0.99
    assert told.probabilities(0, ["a"])[NOTHING] > 0.99
    kept = policy_of(json.loads(json.dumps(policy_state(told))), mall, catalogue)
    assert kept.probabilities(0, ["a"]) == told.probabilities(0, ["a"])


def test_without_values_of_its_own_doing_nothing_counts_what_each_offer_brings(mall):
    """A dear offer's responses would make doing nothing look better than a cheap offer's lift."""
    premium = next(each.id for each in mall.segments if each.key == "premium")
    dear, cheap = (
        offer("dear", "premium", value=60.0, cost=2.5),
        offer("cheap", "premium", value=20.0, cost=0.05),
    )
    made = Catalogue(catalogue="c", offers=(dear, cheap))
    seen = {
        (premium, "dear"): Experience(20_000, 1800, 108_000.0, 6_480_000.0),
        (premium, "cheap"): Experience(20_000, 1300, 26_000.0, 520_000.0),
    }
    idle = Experience(20_000, 1000, valued=False)
    found = expected_profits(made, [premium], {**seen, (premium, NOTHING): idle})
    assert found[premium, "dear"] == pytest.approx(60 * (0.09 - 0.05) - 2.5, abs=0.02)
    assert found[premium, "cheap"] == pytest.approx(20 * (0.065 - 0.05) - 0.05, abs=0.02)

    policy = Thompson(made, mall.segments, {**seen, (premium, NOTHING): idle})
    shares = policy.probabilities(premium, ["dear", "cheap"])
    assert shares["cheap"] > 0.95
    # Both offers are compared with the same rate without one.
    rates = [policy._rate_without(premium, idle) for _ in range(2)]
    assert (rates[0] == rates[1]).all()
    assert rates[0].mean() == pytest.approx(0.05, abs=1e-3)

    # What was kept before has a value of doing nothing, and decides as it did.
    valued = {**seen, (premium, NOTHING): Experience(20_000, 1000, 40_000.0, 1_600_000.0)}
    before = Thompson(made, mall.segments, valued).probabilities(premium, ["dear", "cheap"])
    assert before["dear"] > 0.95
    state = policy_state(Thompson(made, mall.segments, valued))
    for each in state["learned"]:
        del each["valued"]
    kept = policy_of(json.loads(json.dumps(state)), mall, made)
    assert kept.probabilities(premium, ["dear", "cheap"]) == before
    again = policy_of(json.loads(json.dumps(policy_state(policy))), mall, made)
    assert again.probabilities(premium, ["dear", "cheap"]) == shares


def test_intervals_cover_all_hashes_without_gaps():
    found = divided({"a": 0.1, "b": 0.0, "c": 0.3, NOTHING: 0.6})
    assert [each.offer for each in found] == ["a", "c", NOTHING]
    assert found[0].low == ""
    assert found[-1].high == "g"
    assert [each.high for each in found[:-1]] == [each.low for each in found[1:]]


def test_prices_decide_where_nothing_was_planned():
    profits = {(0, "a"): 3.0, (0, "b"): 1.0}
    net = {(0, "a"): 0.4, (0, "b"): 0.0}
    policy = Budget({0: "VIPs"}, {0: ("a", "b")}, profits, net, {})
    assert decide(policy, 1, 0, ["a", "b"], "s").offer == "a"
    assert decide(policy, 1, 0, ["b"], "s").offer == NOTHING
    assert decide(policy, 1, 0, [], "s").propensity == 1.0
    assert "elsewhere" in policy.reason(0, NOTHING)
    assert policy.reason(0, "b").endswith("as much as the budget and stock it takes.")
