"""Why a customer gets nothing: what is true of them, in a batch and in real time alike."""

import json

import pandas as pd
import pytest
import sqlalchemy as sa

from clienteling.campaigns.decide import decider
from clienteling.campaigns.plan import plan_campaign
from clienteling.campaigns.policy_state import policy_state
from clienteling.campaigns.replay import replay
from clienteling.campaigns.seen import Seen
from clienteling.ledger.campaigns import record_campaign
from clienteling.ledger.documents import keep_document
from clienteling.ledger.schema import decisions
from clienteling.ledger.store import open_store
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.contacts import Contact
from clienteling.offers.limits import Limits
from tests.ledger.conftest import DAY, spring
from tests.ledger.shop import POOR, RICH, at, model, shop_catalogue

RICH_ONES = {**RICH, "no_mail": False}
#: By id: what each of them is, and how the reason of those who get nothing ends.
CUSTOMERS = {
    "fits": RICH_ONES,
    "old": {**RICH_ONES, "Age": 80},
    "ruled out": {**RICH_ONES, "no_mail": True},
    "opted out": RICH_ONES,
    "capped": RICH_ONES,
    "no consent": RICH_ONES,
    "too young": {**RICH_ONES, "Age": 17},
    "poor": {**POOR, "no_mail": False},
    "none": {**RICH_ONES, "Annual Income (k$)": None},
}
NO_OFFER = ": no offer is open to this customer."
REASONS = {
    "ruled out": "The customer is not to be contacted: no_mail = true.",
    "opted out": "The customer is not to be contacted: opted out.",
    "capped": NO_OFFER,
    "no consent": NO_OFFER,
    "too young": NO_OFFER,
    "poor": NO_OFFER,
    "none": "The customer has no segment.",
}
#: Real values, so that thompson and budget plan; beer brings less than it costs.
WORTH = {"value": 40.0, "response": 0.1}
POLICIES = {
    "strategy": {"policy": "strategy", "explore": 0.4},
    "thompson": {"policy": "thompson"},
    "budget": {"limits": Limits(budget=100.0)},
    # Above the number of cells, customers keep the best of the useful offers alone.
    "merged": {"limits": Limits(budget=100.0)},
}
by_policy = pytest.mark.parametrize("kind", POLICIES)


def catalogue_of(**beer) -> Catalogue:
    adults = {"column": "Age", "operator": ">=", "value": 18}
    told = {"consent": "email", "eligibility": adults, **WORTH}
    return shop_catalogue(
        opt_outs={"column": "no_mail", "operator": "=", "value": True},
        contact_policy={"contacts": 1, "days": 30},
        offers=[
            {"id": "wine", "title": "Wine", **told},
            {"id": "beer", "title": "Beer", "priority": 2, **told, **beer},
        ],
    )


def planned(kind, catalogue, monkeypatch):
    if kind == "merged":
        monkeypatch.setattr("clienteling.offers.budget.MOST_CELLS", 1)
        monkeypatch.setattr("clienteling.offers.budget._KEPT", (1,))
    rows = pd.DataFrame([{"CustomerID": id, **each} for id, each in CUSTOMERS.items()])
    gave = [each for each in CUSTOMERS if each != "no consent"]
    return plan_campaign(
        model(),
        rows,
        catalogue,
        name="spring",
        day=DAY,
        holdout=0.0,
        contacts=[pd.DataFrame({"customer_id": ["capped"], "offer": ["x"], "day": [DAY]})],
        opted_out=pd.DataFrame({"customer_id": ["opted out"]}),
        consents=pd.DataFrame({"customer_id": gave, "consent": "email"}),
        **POLICIES[kind],
    )


def seen_of(id) -> Seen:
    return Seen(
        out=id == "opted out",
        consents=frozenset() if id == "no consent" else frozenset({"email"}),
        contacts=(Contact("x", DAY),) if id == "capped" else (),
        sold_out=frozenset(),
    )


def kept(store, plan):
    """Keep a plan's policy as a campaign of its own, without a batch."""
    fingerprint = plan.catalogue.fingerprint
    campaign = spring(
        plan={"policy": json.loads(json.dumps(policy_state(plan.policy))), "shop": "tests"},
        salt=plan.salt,
        holdout=0.0,
        global_holdout=0.0,
        catalogue=plan.catalogue.catalogue,
        catalogue_fingerprint=fingerprint,
        model_fingerprint="model-1",
    )
    keep_document(store, "model", "model-1", model().to_json())
    keep_document(store, "catalogue", fingerprint, plan.catalogue.model_dump_json())
    record_campaign(store, campaign)
    return decider(store, "spring")


@by_policy
def test_the_batch_and_real_time_say_what_is_true_of_who_gets_nothing(kind, tmp_path, monkeypatch):
    plan = planned(kind, catalogue_of(), monkeypatch)
    rows = plan.decisions().df().set_index("customer_id")
    with open_store(tmp_path / "shop.db", create=True) as store:
        by = kept(store, plan)
        for id, customer in CUSTOMERS.items():
            segment = by.model.predict({each: customer[each] for each in model().columns}).segment
            alone = by.answer(id, customer, segment, DAY, seen_of(id))
            row = rows.loc[id]
            assert (alone.offer, alone.propensity, alone.reason) == (
                row["offer"], row["propensity"], row["reason"])  # fmt: skip
            if id in ("fits", "old"):
                assert "open to this customer" not in row["reason"]
                assert "not to be contacted" not in row["reason"]
            else:
                assert (row["arm"], row["propensity"]) == ("nothing", 1.0)
                assert row["reason"].endswith(REASONS[id])
                assert row["reason"].startswith(("The customer", by.model.segments[0].name)) or (
                    segment is not None and row["reason"].startswith(segment.name)
                )


def test_what_is_open_but_brings_too_little_is_said_otherwise_than_what_is_closed(monkeypatch):
    # Only the useful offers are in a budget's cells: who lacks them all may have others open.
    grown = {"column": "Age", "operator": ">=", "value": 70}
    catalogue = catalogue_of(response=0.001)
    wine, beer = catalogue.offers
    rare = wine.model_copy(update={"eligibility": wine.eligibility.model_validate(grown)})
    catalogue = catalogue.model_copy(update={"offers": (rare, beer)})
    for kind in ("budget", "merged"):
        rows = planned(kind, catalogue, monkeypatch).decisions().df().set_index("customer_id")
        assert list(rows.index[rows["offer"] == "wine"]) == ["old"]
        assert set(rows["offer"].drop("old")) == {"nothing"}
        assert "no open offer brings more than its cost" in rows.loc["fits", "reason"]
        assert rows.loc["too young", "reason"].endswith(NO_OFFER)


def test_who_is_left_in_peace_by_chance_is_said_so(monkeypatch):
    customers = pd.DataFrame([{"CustomerID": n, **RICH_ONES} for n in range(300)])
    plan = plan_campaign(
        model(), customers, shop_catalogue(), name="spring", day=DAY, explore=0.6, holdout=0.0
    )
    rows = plan.decisions().df()
    # Wine is there for ten; the others draw among nothing and beer, after their turn.
    nothing = rows[rows["offer"] == "nothing"]
    said = f"{rows['segment'].iloc[0]}: left in peace by chance, to learn."
    assert 50 < len(nothing) < 250
    assert nothing["reason"].str.startswith(said).all()
    assert not rows[rows["offer"] != "nothing"]["reason"].str.startswith(said).any()


#: What decisions said of those to whom nothing was open before they said so.
BEFORE = {
    "strategy": ": no offer is open to this customer, or the customer was left in peace by chance, "
    "to learn.",
    "thompson": ": to see what customers do without an offer, or none is worth its cost.",
    "budget": ": no open offer brings more than its cost and what the budget and stock that it "
    "takes bring elsewhere.",
}


@pytest.mark.parametrize("kind", BEFORE)
def test_decisions_of_before_are_replayed_in_their_own_words(kind, tmp_path, monkeypatch):
    with open_store(tmp_path / "shop.db", create=True) as store:
        by = kept(store, planned(kind, catalogue_of(), monkeypatch))
        young = by.decide(1, {**RICH_ONES, "Age": 17}, now=at())
        never = by.decide(2, {**RICH_ONES, "no_mail": True}, now=at())
        name = by.model.segments[young.segment_id].name
        assert [young.reason, never.reason] == [name + NO_OFFER, REASONS["ruled out"]]
        assert replay(store, young.id).same
        assert replay(store, never.id).same
        # As they were kept before.
        for made in (young, never):
            later = ("told", "chances")
            saw = {key: each for key, each in made.replay.items() if key not in later}
            assert set(saw) == {"out", "consents", "contacts", "sold_out"}
            with store.writing() as connection:
                own = sa.update(decisions).where(decisions.c.id == made.id)
                was = {"replay": json.dumps(saw), "reason": name + BEFORE[kind]}
                connection.execute(own.values(**was))
            assert replay(store, made.id).same
        with store.writing() as connection:
            connection.execute(sa.update(decisions).values(reason=name + NO_OFFER))
        assert not replay(store, young.id).same
