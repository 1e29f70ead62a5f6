"""A plan keeps to its limits, logs the probabilities that were drawn from, and holds out fairly."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.campaigns.decide import segment_of
from clienteling.campaigns.plan import plan_campaign
from clienteling.campaigns.policy_state import policy_of, policy_state
from clienteling.campaigns.stock import stock_salt
from clienteling.campaigns.words import plan_words
from clienteling.data.portable_hash import hash_of
from clienteling.errors import DataError, DocumentError, InputError
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.limits import Limits
from clienteling.offers.policies.decision import decide

SCORE = "Spending Score (1-100)"
KEYS = ["premium", "potential", "average", "deal-seekers", "low-value"]


def offer(id, **more):
    told = {"id": id, "title": id.upper(), "text": "x", "segments": KEYS, "reason": "r."}
    return {**told, "cost": 1.0, "value": 50.0, "response": 0.1, **more}


def catalogue_of(*offers, **more):
    return Catalogue.model_validate({"catalogue": "mine", "offers": list(offers), **more})


CATALOGUE = catalogue_of(
    offer("a", cost=2.0, stock=700),
    offer("b", eligibility={"column": SCORE, "operator": ">", "value": 50}, response=0.05),
    offer("c", response=0.03, channel="letter", priority=2),
)
POLICIES = {
    "strategy": {"policy": "strategy", "explore": 0.3},
    "thompson": {"policy": "thompson", "explore": 0.05},
    "budget": {"limits": Limits(budget=2500.0, channels={"letter": 300}, floors={0: 200})},
}
by_policy = pytest.mark.parametrize("kind", POLICIES)


@pytest.fixture(scope="module")
def model():
    return cl.segment(cl.read("sample"))


@pytest.fixture(scope="module")
def customers():
    rng = np.random.default_rng(3)
    sample = cl.read("sample").df().drop(columns="CustomerID")
    rows = sample.iloc[rng.integers(0, len(sample), 6000)].reset_index(drop=True)
    return rows.assign(CustomerID=np.arange(6000))


@by_policy
def test_one_by_one_in_python_the_same_is_decided(model, customers, kind):
    plan = plan_campaign(
        model, customers, CATALOGUE, name="spring", holdout=0.2, global_holdout=0.05,
        **POLICIES[kind],
    )  # fmt: skip
    kept = policy_of(policy_state(plan.policy), model, CATALOGUE)
    rows = plan.decisions().df()
    scores = customers.set_index("CustomerID")[SCORE]
    for row in rows.sample(800, random_state=1).itertuples():
        open_ones = [id for id in "abc" if id != "b" or scores[row.customer_id] > 50]
        turn = hash_of(row.customer_id, stock_salt("spring"))
        gone = {id for id, ration in plan.rations.items() if turn >= ration.below}
        left = [id for id in open_ones if id not in gone]
        would = decide(kept, row.customer_id, row.segment_id, left, plan.salt).offer
        assert bool(gone & set(open_ones)) == ("used up before" in row.reason)
        assert row.propensity == json.loads(row.chances)[row.sent]
        assert sum(json.loads(row.chances).values()) == pytest.approx(1.0)
        held = plan.holdout.holds(row.customer_id)
        arm = "nothing" if would == "nothing" else "holdout" if held else "offer"
        assert (row.offer, row.arm) == (would, arm)
        assert row.sent == (would if arm == "offer" else "nothing")
        assert row.reason.endswith("can be measured.") == (arm == "holdout")


@by_policy
def test_no_limit_is_exceeded_by_those_who_are_contacted(model, customers, kind):
    plan = plan_campaign(model, customers, CATALOGUE, name="spring", holdout=0.2, **POLICIES[kind])
    sent = plan.decisions().df()["sent"].value_counts()
    # Stock that all would get is taken whole, although a fifth is held out.
    assert sent["a"] == 700 if kind != "budget" else sent["a"] <= 700
    if kind == "budget":
        cost = 2 * sent["a"] + sent.get("b", 0) + sent.get("c", 0)
        assert 2490 <= cost <= 2500
        assert sent.get("c", 0) <= 300


@by_policy
def test_propensities_are_the_chances_with_which_things_go_out(model, customers, kind):
    """Weighted by 1/propensity, those who got an offer stand for all who could have got it."""
    totals: dict[str, list[float]] = {}
    for campaign in range(12):
        plan = plan_campaign(
            model, customers, CATALOGUE, name=f"c{campaign}", holdout=0.2, **POLICIES[kind]
        )
        rows = plan.decisions().df()
        assert rows["propensity"].between(0, 1, inclusive="right").all()
        for sent, weights in (1 / rows["propensity"]).groupby(rows["sent"]):
            totals.setdefault(sent, []).append(weights.sum())
    able = {"a": 6000, "b": int((customers[SCORE] > 50).sum()), "c": 6000, "nothing": 6000}
    for sent in able if kind != "budget" else ["nothing"]:
        mean, se = np.mean(totals[sent]), np.std(totals[sent]) / np.sqrt(12)
        assert mean == pytest.approx(able[sent], abs=max(4 * se, 1e-6 * able[sent])), sent


SHORT = catalogue_of(
    offer("a", stock=700),
    offer("b", eligibility={"column": SCORE, "operator": ">", "value": 50}, stock=1200),
    offer("c", eligibility={"column": SCORE, "operator": "<", "value": 60}, priority=2, stock=900),
    offer("gone", stock=0, priority=3),
)


def test_who_drew_no_place_gets_the_next_open_offer(model, customers, tmp_path):
    """Three offers are used up, one after another; the chances are those that really are."""
    scores = customers[SCORE].to_numpy()
    wants = [
        [o for o in "abc" if o == "a" or (o == "b" and s > 50) or (o == "c" and s < 60)]
        for s in scores
    ]
    totals = {"a": [], "b": [], "c": []}
    for campaign in range(8):
        name = f"c{campaign}"
        plan = plan_campaign(model, customers, SHORT, name=name, holdout=0.2)
        rows = plan.decisions().df().set_index("customer_id").sort_index()
        # One after another, in the order of their turns, each gets the first that is left.
        left, gets = {"a": 700, "b": 1200, "c": 900}, {}
        for who in sorted(range(6000), key=lambda each: hash_of(each, stock_salt(name))):
            gets[who] = next((each for each in wants[who] if left[each]), "nothing")
            if gets[who] != "nothing" and not plan.holdout.holds(who):
                left[gets[who]] -= 1
        # Who is held out, between the last who got one and the first who didn't, may have either.
        free = [each for each in range(6000) if not plan.holdout.holds(each)]
        assert rows["offer"][free].to_dict() == {each: gets[each] for each in free}
        assert (rows["offer"] != pd.Series(gets).sort_index()).sum() < 10
        assert left == {"a": 0, "b": 0, "c": 0}
        assert (rows["sent"].value_counts()[["a", "b", "c"]] == [700, 1200, 900]).all()
        for id, sums in totals.items():
            sums.append((1 / rows["propensity"][rows["sent"] == id]).sum())
    # The last "c" is gone before the last "b", so it never goes to those who would rather have "b".
    able = {"a": 6000, "b": (scores > 50).sum(), "c": (scores <= 50).sum()}
    for id, sums in totals.items():
        se = np.std(sums) / np.sqrt(8)
        assert np.mean(sums) == pytest.approx(able[id], abs=max(4 * se, 1e-6 * able[id])), id
    empty = (rows["offer"] == "nothing").sum()
    assert plan.left_empty == pytest.approx(empty, rel=0.05)
    said = " ".join(plan_words(plan, plan.write(tmp_path / "s").figures))
    assert f"About {plan.left_empty:,.0f} get nothing, since all that is open to them" in said
    reasons = set(rows["reason"][rows["offer"] == "nothing"])
    assert all(
        "no offer is open to this customer" in each and '"A" and ' in each for each in reasons
    )


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("strategy", "whatever it brings. With --policy budget"),
        ("thompson", "to learn what they bring (exploration)"),
        ("budget", "the floors ask for contacts that bring less"),
    ],
)
def test_a_plan_that_expects_a_loss_says_so_and_why(kind, why, model, customers, tmp_path):
    poor = catalogue_of(offer("a", response=0.001, response_weight=5000))
    limits = {"limits": Limits(floors={0: 200})} if kind == "budget" else {}
    plan = plan_campaign(model, customers, poor, name="c", policy=kind, **limits)
    (said,) = [e for e in plan_words(plan, plan.write(tmp_path / "p").figures) if "a loss" in e]
    assert said.startswith("So a loss is expected: ")
    assert why in said
    good = plan_campaign(model, customers, CATALOGUE, name="c", policy=kind, **limits)
    assert "a loss" not in " ".join(plan_words(good, good.write(tmp_path / "g").figures))


def test_the_held_out_are_a_share_of_each_offers_customers(model, customers):
    counts = []
    for campaign in range(8):
        plan = plan_campaign(
            model, customers, CATALOGUE, name=f"c{campaign}", holdout=0.2, **POLICIES["budget"]
        )
        rows = plan.decisions().df()
        counts.append(rows.groupby(["offer", "arm"]).size())
    found = pd.concat(counts, axis=1).fillna(0).sum(axis=1)
    for id in "ab":
        held, got = found[id, "holdout"], found[id, "offer"]
        assert held / (held + got) == pytest.approx(0.2, abs=0.03)
    assert ("nothing", "holdout") not in found.index


def test_a_history_of_contacts_opt_outs_and_consents(model, customers):
    day = dt.date(2026, 3, 31)
    contacts = pd.DataFrame(
        {"customer_id": range(100), "offer": "a", "day": [day - dt.timedelta(days=3)] * 100}
    )
    catalogue = catalogue_of(
        offer("a", customer_cap={"contacts": 1, "days": 4}, stock=5000),
        offer("b", consent="email", priority=2),
    )
    rows = plan_campaign(
        model, customers, catalogue, name="spring", holdout=0.0, day=day, contacts=[contacts],
        opted_out=pd.DataFrame({"customer_id": [5000, 5001]}),
        consents=pd.DataFrame({"customer_id": [7, 5000], "consent": "email"}),
        limits=Limits(contacts=5990),
    ).decisions().df().set_index("customer_id")["sent"]  # fmt: skip
    assert rows[list(range(100))].value_counts().to_dict() == {"nothing": 99, "b": 1}
    assert rows[7] == "b"
    assert set(rows[[5000, 5001]]) == {"nothing"}
    assert (rows != "nothing").sum() == 5001


def test_what_does_not_go_together_is_said_at_once(model, customers):
    with pytest.raises(InputError) as caught:
        plan_campaign(
            model, customers, CATALOGUE, name="spring", policy="strategy", explore=2.0,
            limits=Limits(budget=3.0),
        )  # fmt: skip
    assert len(caught.value.faults) == 2
    with pytest.raises(InputError, match="draws nothing by chance"):
        plan_campaign(model, customers, CATALOGUE, name="s", policy="budget", explore=0.1)
    with pytest.raises(InputError, match="can't be the name of a campaign"):
        plan_campaign(model, customers, CATALOGUE, name="../spring")


def test_nobody_is_planned_for_twice(model, customers):
    twice = pd.concat([customers, customers.head(3)])
    with pytest.raises(DataError, match="3 rows have an id"):
        plan_campaign(model, twice, CATALOGUE, name="spring")


def test_where_nobody_would_be_contacted_no_holdout_is_missing(model, customers, tmp_path):
    plan = plan_campaign(
        model, customers, CATALOGUE, name="s", policy="budget", limits=Limits(contacts=0)
    )
    said = plan_words(plan, plan.write(tmp_path / "s").figures)
    assert said[1] == "So nothing is spent, and there is nothing to measure."
    assert said[2].startswith("The number of contacts binds: one more would bring ")
    few = plan_campaign(model, customers.head(1), CATALOGUE, name="s", holdout=0.001)
    (lift,) = (e for e in plan_words(few, few.write(tmp_path / "f").figures) if "holdout" in e)
    assert lift == (
        "Chance held nobody out of so few, so it can't be measured what the campaign brings; "
        "raise --holdout."
    )


def test_offers_that_nobody_can_get(model, customers):
    never = {"column": SCORE, "operator": ">", "value": 1000}
    plan = plan_campaign(
        model, customers, catalogue_of(offer("a"), offer("b", eligibility=never)), name="s"
    )
    assert any("offers[2] (b): no customer is eligible" in each for each in plan.notes)
    with pytest.raises(DocumentError, match="no offer is open to any customer"):
        plan_campaign(model, customers, catalogue_of(offer("b", eligibility=never)), name="s")
    late = catalogue_of(offer("b", valid_until="2020-01-01"))
    with pytest.raises(DocumentError) as caught:
        plan_campaign(model, customers, late, name="s", day=dt.date(2026, 1, 1))
    assert caught.value.faults == ('"B" goes out until 2020-01-01.',)


def test_a_model_with_categories_plans_and_keeps_what_the_customers_said(customers):
    model = cl.segment(cl.read("sample"), categorical=["Gender"], k=4)
    plan = plan_campaign(model, customers, CATALOGUE, name="spring", holdout=0.2)
    rows = plan.decisions().df().set_index("customer_id").sort_index()
    assert rows["segment_id"].tolist() == cl.score(model, customers).df()["segment_id"].tolist()
    assert rows["Gender"].tolist() == customers["Gender"].tolist()
    assert set(rows["offer"]) <= {"a", "b", "c", "nothing"}
    one = customers.iloc[7].to_dict()
    assert segment_of(model, one).id == rows["segment_id"][7]
