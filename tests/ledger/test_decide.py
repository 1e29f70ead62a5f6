"""One customer, in real time: who may be contacted, what is open, what is left, and once only."""

import datetime as dt
import itertools
import math
from collections import Counter
from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clienteling.campaigns.decide import decide_for, decider
from clienteling.campaigns.delivery import deliver
from clienteling.campaigns.plan import plan_campaign
from clienteling.campaigns.recorded import known_in, limits_left
from clienteling.campaigns.replay import replay
from clienteling.data.read import read
from clienteling.errors import ColumnError, DataError, InputError, SourceError
from clienteling.ledger.consents import opt_in, opt_out, set_consent
from clienteling.ledger.counters import Count, Use, counts
from clienteling.ledger.decisions import contacts_since, decision, decisions_of
from clienteling.ledger.outcomes import Intake, Outcome, take_in
from clienteling.ledger.reservations import confirm, expire, release
from clienteling.ledger.store import Store, open_store
from clienteling.offers.limits import Limits
from clienteling.offers.policies.decision import decide
from clienteling.offers.policies.strategy import Strategy
from tests.ledger.conftest import DAY
from tests.ledger.shop import POOR, RICH, at, model, open_campaign, shop_catalogue

HELD = dt.timedelta(minutes=30)


def test_it_decides_as_the_policy_does(store: Store):
    catalogue = shop_catalogue()
    planned = open_campaign(store, catalogue, explore=0.6, holdout=0.3)
    by = decider(store, "spring")
    policy = Strategy(catalogue, model().segments, 0.6)
    segment = model().predict({each: RICH[each] for each in model().feature_names}).segment
    arms, offers = set(), set()
    for customer in range(40):
        wine = counts(store, "stock", "fine").get("wine")
        open = ["beer"] if wine is not None and not wine.left else ["wine", "beer"]
        expected = decide(policy, customer, segment.id, open, planned.salt)
        made = by.decide(customer, RICH, now=at())
        assert (made.offer, made.segment_id) == (expected.offer, segment.id)
        assert made.arm == (
            "nothing"
            if made.offer == "nothing"
            else "holdout"
            if by.holdout.holds(customer)
            else "offer"
        )
        sent = {each: 0.7 * p for each, p in policy.probabilities(segment.id, open).items()}
        silence = 1 - sum(p for each, p in sent.items() if each != "nothing")
        wanted = sent[made.offer] if made.arm == "offer" else silence
        assert made.propensity == pytest.approx(wanted, abs=1e-12)
        assert made.reason.startswith(expected.reason)
        assert made.state == ("reserved" if made.arm == "offer" else "")
        assert decision(store, made.id) == made
        arms.add(made.arm)
        offers.add(made.offer)
    assert arms == {"offer", "holdout", "nothing"}
    assert offers == {"wine", "beer", "nothing"}


def test_asked_twice_with_one_key_it_answers_the_same_and_takes_nothing_more(store: Store):
    open_campaign(store, shop_catalogue())
    made = [decide_for(store, "spring", 7, RICH, key="page-1", now=at()) for _ in range(2)]
    assert made[0] == made[1]
    assert counts(store, "stock", "fine")["wine"].reserved == 1
    again = decide_for(store, "spring", 7, RICH, key="page-2", now=at())
    assert again.id != made[0].id
    with pytest.raises(InputError) as refused:
        decide_for(store, "spring", 8, RICH, key="page-1", now=at())
    assert refused.value.message == (
        'The key "page-1" was used for another customer in this campaign.'
    )


def test_stock_runs_out_and_the_next_best_goes(store: Store):
    open_campaign(store, shop_catalogue())
    by = decider(store, "spring")
    made = [by.decide(customer, RICH, now=at()) for customer in range(12)]
    assert [each.offer for each in made] == ["wine"] * 10 + ["beer"] * 2
    assert made[-1].replay["sold_out"] == ["wine"]
    # What is given back, or not confirmed in time, is there for others.
    release(store, made[0].id)
    assert by.decide(50, RICH, now=at()).offer == "wine"
    assert by.decide(51, RICH, now=at()).offer == "beer"
    confirm(store, made[1].id)
    assert by.decide(52, RICH, now=at() + HELD).offer == "wine"
    counted = counts(store, "stock", "fine")["wine"]
    assert (counted.confirmed, counted.reserved) == (1, 1)


def test_the_budget_of_the_campaign_is_kept(store: Store):
    open_campaign(store, shop_catalogue(), budget=6.0)
    by = decider(store, "spring")
    made = [by.decide(customer, RICH, now=at()) for customer in range(4)]
    assert [each.arm for each in made] == ["offer", "offer", "nothing", "nothing"]
    assert counts(store, "budget", "spring")[""].left == 1.0


def test_contacts_and_channels_of_the_campaign_are_kept(store: Store):
    offers = [
        {"id": "wine", "title": "Wine", "channel": "letter"},
        {"id": "beer", "title": "Beer", "channel": "email", "priority": 2},
    ]
    limits = {
        Count("contacts", "spring"): Use(7, 10),  # the batch has taken seven
        Count("channel", "spring", "letter"): Use(7, 9),
    }
    open_campaign(store, shop_catalogue(offers=offers), limits=limits)
    made = [decide_for(store, "spring", customer, RICH, now=at()) for customer in range(5)]
    assert [each.offer for each in made] == ["wine", "wine", "beer", "nothing", "nothing"]
    too_many = {Count("channel", "winter", "letter"): Use(2, 1)}
    with pytest.raises(DataError) as refused:
        open_campaign(store, shop_catalogue(), id="winter", limits=too_many)
    assert refused.value.faults == (
        'the channel "letter" of the campaign "winter": 2 needed, 1 left.',
    )


def test_batch_and_real_time_share_one_count(store: Store):
    open_campaign(store, shop_catalogue(), stock={"wine": Use(8, 10)})
    open_campaign(store, shop_catalogue(), id="autumn", salt="autumn:")
    made = [
        decide_for(store, each, n, RICH, now=at())
        for n, each in enumerate(["spring", "autumn", "spring", "autumn"])
    ]
    assert [each.offer for each in made] == ["wine", "wine", "beer", "beer"]
    with pytest.raises(DataError, match=r'the stock of "wine".*1 needed, 0 left'):
        open_campaign(store, shop_catalogue(), id="winter", stock={"wine": Use(1, 10)})


def test_a_reservation_ends_once(store: Store):
    open_campaign(store, shop_catalogue())
    first, second, third = (decide_for(store, "spring", n, RICH, now=at()) for n in range(3))
    confirm(store, first.id)
    confirm(store, first.id)
    release(store, second.id)
    release(store, second.id)
    with pytest.raises(DataError, match="can't be released any more: it was confirmed"):
        release(store, first.id)
    with pytest.raises(DataError, match="can't be confirmed any more: it was released"):
        confirm(store, second.id)
    assert expire(store, now=at() + HELD - dt.timedelta(seconds=1)) == 0
    assert expire(store, now=at() + HELD) == 1
    assert expire(store, now=at() + HELD) == 0
    release(store, third.id)
    with pytest.raises(DataError) as refused:
        confirm(store, third.id)
    assert str(refused.value) == (
        f'The reservation "{third.id}" can\'t be confirmed any more: it has expired.\n'
        "Ask for a new decision before anything goes out."
    )
    with pytest.raises(DataError, match='There is no reservation "x"'):
        confirm(store, "x")
    states = [decision(store, each.id).state for each in (first, second, third)]
    assert states == ["confirmed", "released", "expired"]
    counted = counts(store, "stock", "fine")["wine"]
    assert (counted.confirmed, counted.reserved) == (1, 0)


CAPS = {
    "cap": {
        "offers": [{"id": "wine", "title": "Wine", "customer_cap": {"contacts": 1, "days": 9}}]
    },
    "policy": {"contact_policy": {"contacts": 1, "days": 9}},
    "group": {
        "offers": [
            {"id": "wine", "title": "Wine", "exclusive_group": "drinks"},
            {"id": "beer", "title": "Beer", "exclusive_group": "drinks"},
        ]
    },
}


@pytest.mark.parametrize(
    ("kind", "then"),
    [
        ("cap", ["wine", "nothing", "nothing", "wine"]),
        ("policy", ["wine", "nothing", "nothing", "wine"]),
        # Of a group a customer gets one offer only, as often as it goes.
        ("group", ["wine", "wine", "wine", "wine"]),
    ],
)
def test_caps_count_the_contacts_in_the_store(store: Store, kind, then):
    open_campaign(store, shop_catalogue(**CAPS[kind]))
    made = []
    for day in (0, 1, 8, 9):
        one = decide_for(store, "spring", "Zoë", RICH, now=at(day))
        if one.arm == "offer":
            confirm(store, one.id)
        made.append(one.offer)
    assert made == then
    contacted = contacts_since(store, DAY + dt.timedelta(days=1)).to_pylist()
    assert len(contacted) == then[1:].count("wine")


def test_a_contact_that_never_went_out_is_none(store: Store):
    open_campaign(store, shop_catalogue(**CAPS["policy"]))
    by = decider(store, "spring")
    first = by.decide(1, RICH, now=at())
    assert by.decide(1, RICH, now=at()).arm == "nothing"
    release(store, first.id)
    assert by.decide(1, RICH, now=at()).arm == "offer"
    assert by.decide(1, RICH, now=at() + HELD).arm == "offer"


def test_opt_outs_and_consents_come_first(store: Store):
    offers = [{"id": "wine", "title": "Wine", "consent": "email"}]
    open_campaign(store, shop_catalogue(offers=offers))
    by = decider(store, "spring")
    assert by.decide(1, RICH, now=at()).offer == "nothing"
    set_consent(store, 1, "email", True, at=at())
    assert by.decide(1, RICH, now=at()).offer == "wine"
    opt_out(store, 1, at=at())
    made = by.decide(1, RICH, now=at())
    assert (made.arm, made.offer, made.propensity) == ("nothing", "nothing", 1.0)
    assert made.reason == "The customer is not to be contacted: opted out."
    opt_in(store, 1, at=at(1))
    assert by.decide(1, RICH, now=at()).offer == "wine"
    set_consent(store, 1, "email", False, at=at(1))
    assert by.decide(1, RICH, now=at()).offer == "nothing"


def test_rules_and_days_decide_as_in_a_batch(store: Store):
    adults = {"column": "Age", "operator": ">=", "value": 18}
    until = (DAY + dt.timedelta(days=1)).isoformat()
    offers = [
        {"id": "wine", "title": "Wine", "eligibility": adults},
        {"id": "beer", "title": "Beer", "valid_until": until, "priority": 2},
    ]
    open_campaign(store, shop_catalogue(offers=offers))
    by = decider(store, "spring")
    assert by.decide(1, RICH, now=at()).offer == "wine"
    assert by.decide(2, {**RICH, "Age": 17}, now=at()).offer == "beer"
    assert by.decide(3, {**RICH, "Age": 17}, now=at(2)).offer == "nothing"
    assert by.decide(4, POOR, now=at()).offer == "nothing"
    missing = by.decide(5, {**RICH, "Annual Income (k$)": math.nan}, now=at())
    assert (missing.segment_id, missing.offer) == (None, "nothing")


def test_values_that_the_rules_cannot_compare_are_refused_not_passed_over(store: Store):
    never = {"column": "no_mail", "operator": "=", "value": True}
    adults = {"column": "Age", "operator": ">=", "value": 18}
    offers = [{"id": "wine", "title": "Wine", "eligibility": adults}]
    open_campaign(store, shop_catalogue(opt_outs=never, offers=offers))
    by = decider(store, "spring")
    with pytest.raises(DataError) as refused:
        by.decide(1, {**RICH, "no_mail": "true", "Age": "grown up"}, now=at())
    assert str(refused.value) == (
        'Values of the customer don\'t go with the rules of "fine".\n'
        '  - "no_mail" is "true"; the rule "no_mail = true" needs true or false.\n'
        '  - "Age" is "grown up"; the rule "Age >= 18" needs a number.\n'
        "Give numbers without quotes, true or false, days as 2026-03-31, and null for what isn't "
        "known."
    )
    with pytest.raises(DataError) as refused:
        by.decide(1, RICH, now=at())
    assert refused.value.faults == (
        '"no_mail" is not given, and by "no_mail = true" it tells who is never contacted.',
    )
    assert decisions_of(store, "spring").num_rows == 0
    assert by.decide(1, {**RICH, "no_mail": 1}, now=at()).offer == "nothing"
    assert by.decide(2, {**RICH, "no_mail": None}, now=at()).offer == "wine"
    # What a rule of an offer asks for may be left out; a missing value fulfils no comparison.
    grown = {each: RICH[each] for each in RICH if each != "Age"}
    assert by.decide(3, {**grown, "no_mail": False}, now=at()).offer == "nothing"


def batch_of(folder, rows):
    folder.mkdir()
    names = ["customer_id", "segment_id", "arm", "offer", "propensity", "reason"]
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    pq.write_table(pa.table({k: list(v) for k, v in columns.items()}), folder / "part-0.parquet")
    return str(folder)


def test_a_campaigns_own_stock_is_one_count_for_batch_and_real_time(store: Store, tmp_path):
    rows = [{"CustomerID": n, **(RICH if n < 12 else POOR)} for n in range(20)]
    offers = [
        {"id": "wine", "title": "Wine", "stock": 100},
        {"id": "beer", "title": "Beer", "priority": 2},
    ]
    catalogue = shop_catalogue(offers=offers)
    limits = Limits(stock={"wine": 15, "beer": 4})

    def plan(name, limits):
        known = known_in(store, read(pd.DataFrame(rows)), catalogue, name)
        return plan_campaign(
            model(), pd.DataFrame(rows), catalogue, name=name, day=DAY, holdout=0.0,
            limits=limits_left(limits, known.stock),
        )  # fmt: skip

    deliver(plan("spring", limits), tmp_path / "spring", store=store)
    assert not deliver(plan("other", Limits()), tmp_path / "other", store=store).repeated
    # What others took meanwhile makes it no other plan.
    assert deliver(plan("spring", limits), tmp_path / "spring", store=store).repeated
    by = decider(store, "spring")
    made = Counter(by.decide(n, RICH, now=at()).offer for n in range(100, 120))
    assert made == {"wine": 3, "beer": 4, "nothing": 13}
    assert counts(store, "own stock", "spring")["wine"].left == 0
    free = decider(store, "other").decide(1000, RICH, now=at())
    assert free.offer == "wine"  # of the shop's stock there is enough
    with pytest.raises(InputError, match='there is no offer "win"'):
        plan("third", Limits(stock={"win": 3}))


def test_who_is_in_the_batch_gets_what_the_batch_gave(store: Store, tmp_path):
    rows = [
        (1, 0, "offer", "beer", 0.4, "As planned."),
        (2, 0, "holdout", "beer", 0.6, "Held out."),
    ]
    folder = batch_of(tmp_path / "decisions", rows)
    open_campaign(store, shop_catalogue(), decisions=folder)
    by = decider(store, "spring")
    first, second, other = (by.decide(n, RICH, now=at()) for n in (1, 2, 3))
    assert (first.arm, first.offer, first.propensity) == ("offer", "beer", 0.4)
    assert (second.arm, second.offer, second.reason) == ("holdout", "beer", "Held out.")
    assert first.from_batch
    assert first.state == ""
    assert other.offer == "wine"
    assert decisions_of(store, "spring").column("customer_id").to_pylist() == ["3"]
    assert replay(store, first.id).same
    (tmp_path / "decisions").rename(tmp_path / "moved")
    with pytest.raises(SourceError):  # what the batch gave can't be told, so nothing goes out
        by.decide(4, RICH, now=at())
    assert len(decisions_of(store, "spring")) == 1


def test_contacts_of_other_batches_count(store: Store, tmp_path):
    folder = batch_of(
        tmp_path / "decisions",
        [(1, 0, "offer", "wine", 1.0, ""), (2, 0, "holdout", "wine", 1.0, "")],
    )
    open_campaign(store, shop_catalogue(**CAPS["policy"]), id="winter", decisions=folder)
    open_campaign(store, shop_catalogue(**CAPS["policy"]))
    by = decider(store, "spring")
    assert by.decide(1, RICH, now=at(3)).arm == "nothing"
    assert by.decide(2, RICH, now=at(3)).arm == "offer"
    assert by.decide(1, RICH, now=at(9)).arm == "offer"


def test_a_decision_is_made_again_after_a_restart(place):
    offers = [
        {"id": "wine", "title": "Wine", "stock": 4, "consent": "email"},
        {"id": "beer", "title": "Beer", "priority": 2, "customer_cap": {"contacts": 1, "days": 5}},
        {"id": "tea", "title": "Tea", "priority": 3},
    ]
    made = []
    with open_store(place, create=True) as store:
        open_campaign(store, shop_catalogue(offers=offers), explore=0.5, holdout=0.2)
        by = decider(store, "spring")
        for n, (customer, day) in enumerate(itertools.product([*range(14), "Zoë"], (0, 1))):
            if customer != 3:
                set_consent(store, customer, "email", True, at=at())
            if customer == 5:
                opt_out(store, customer, at=at())
            values = {**RICH, "since": dt.date(2024, 2, 29), "Age": math.inf if n % 5 else 33.125}
            made.append(by.decide(customer, values, now=at(day)))
        # What comes later doesn't change what was seen.
        set_consent(store, 0, "email", False, at=at(1))
        opt_out(store, 1, at=at())
    assert len({(each.arm, each.offer) for each in made}) > 4
    with open_store(place) as store:
        for each in made:
            found = replay(store, each.id)
            assert found.differs == ()
            assert found.logged.features == each.features


def test_a_replay_says_where_it_differs(store: Store):
    open_campaign(store, shop_catalogue())
    made = decide_for(store, "spring", 1, RICH, now=at())
    with store.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE clienteling_decisions SET propensity = 0.5, offer = 'tea'"
        )
    assert replay(store, made.id).differs == (
        'offer was "tea"; now it is "wine".',
        'propensity was "0.5"; now it is "1.0".',
    )
    with pytest.raises(DataError, match='there is no decision "x"'):
        replay(store, "x")


def test_outcomes_name_the_decision(store: Store):
    open_campaign(store, shop_catalogue())
    made = decide_for(store, "spring", 1, RICH, now=at())
    when = at() + dt.timedelta(hours=1)
    given = [
        Outcome("a", "response", 1, when, decision_id=made.id),
        Outcome("b", "spend", 12.5, when, campaign="spring", customer_id=1),
        Outcome("c", "spend", 12.5, when, decision_id=made.id, customer_id=2),
        Outcome("d", "spend", 12.5, when, decision_id=made.id, campaign="winter"),
    ]
    found = take_in(store, given, now=when)
    assert (found.new, [each.outcome_id for each in found.refused]) == (2, ["c", "d"])
    assert found.refused[0].fault == (
        f'the decision "{made.id}" is of another customer or campaign than it says.'
    )
    assert take_in(store, given[:2], now=when) == Intake(repeated=2)


def test_what_cant_be_decided(store: Store):
    open_campaign(store, shop_catalogue())
    with pytest.raises(ColumnError, match='"Spending Score \\(1-100\\)" is missing'):
        decide_for(store, "spring", 1, {"Annual Income (k$)": 3})
    with pytest.raises(DataError, match="which is not a number"):
        decide_for(store, "spring", 1, {**RICH, "Annual Income (k$)": "much"})
    with pytest.raises(DataError) as refused:
        decide_for(store, "spring", 1, {**RICH, "basket": [1, 2]})
    assert refused.value.faults == ('"basket" is [1, 2].',)
    with pytest.raises(DataError, match='there is no campaign "sprig"'):
        decide_for(store, "sprig", 1, RICH)
    assert len(decisions_of(store, "spring")) == 0
    assert counts(store, "stock", "fine") == {}


def test_a_campaign_that_is_over_decides_nothing_more(store: Store):
    open_campaign(store, shop_catalogue())
    by = decider(store, "spring")
    by.campaign = replace(by.campaign, plan={**by.campaign.plan, "last_day": DAY.isoformat()})
    first = by.decide(7, RICH, key="page", now=at(), day=DAY)
    late = DAY + dt.timedelta(days=1)
    with pytest.raises(InputError, match='campaign "spring" is over: its last day was'):
        by.decide(8, RICH, now=at(), day=late)
    assert by.decide(7, RICH, key="page", now=at(), day=late) == first
    assert decisions_of(store, "spring").num_rows == 1
