"""What goes out by segment is counted as it is given out, and what doesn't says why."""

import datetime as dt

import pandas as pd
import pytest

import clienteling as cl
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.offer import Offer
from clienteling.offers.reach import reach
from clienteling.offers.rules import Rule

DAY = dt.date(2026, 3, 1)
ADULTS = Rule(column="Age", operator=">=", value=30)
KEYS = ("average", "premium", "potential", "low-value", "deal-seekers")


@pytest.fixture(scope="module")
def mall():
    return cl.segment("sample", k=5)


def offer(id: str, priority: int = 1, segments=KEYS, **more) -> Offer:
    return Offer(
        id=id,
        title=id.upper(),
        text="x",
        segments=segments,
        reason="So.",
        priority=priority,
        **more,
    )


def catalogue(*offers: Offer, **more) -> Catalogue:
    return Catalogue(catalogue="mine", offers=offers, **more)


def given_out(mall, offers) -> pd.DataFrame:
    rows = cl.recommend(mall, "sample", offers=offers, day=DAY).df()
    return rows.melt("segment_id", ["offer_1", "offer_2", "offer_3"], "rank", "title").dropna()


RULED = catalogue(
    offer("women", eligibility=Rule(column="Gender", operator="=", value="Female")),
    offer("adults", 2, eligibility=ADULTS),
    offer("old", 3, eligibility=Rule(column="Age", operator=">", value=55)),
    offer("all", 4),
    offer("rich", 5, eligibility=Rule(column="Annual Income (k$)", operator=">", value=80)),
    opt_outs=Rule(column="CustomerID", operator="in", value=(1, 2, 3, 4)),
)
GROUPED = catalogue(
    offer("a", exclusive_group="x"), offer("b", 2, exclusive_group="x"), offer("c", 3)
)
FIVE = catalogue(*(offer(each, place) for place, each in enumerate("abcde", 1)))


@pytest.mark.parametrize("offers", [RULED, GROUPED, FIVE], ids=["ruled", "grouped", "five"])
def test_the_counts_are_those_of_the_recommendations(mall, offers):
    out = given_out(mall, offers)
    found = reach(mall, "sample", offers=offers, day=DAY)
    for segment in mall.segments:
        own = out[out["segment_id"] == segment.id]
        got = own["title"].value_counts().to_dict()
        first = own[own["rank"] == "offer_1"]["title"].value_counts().to_dict()
        each = found[segment.id]
        assert {sent.offer.title: sent.customers for sent in each.sent} == got
        assert {sent.offer.title: sent.first for sent in each.sent if sent.first} == first
        assert each.customers == segment.size
        assert each.without == segment.size - sum(first.values())
        shut = {closed.offer.title for closed in each.closed}
        assert shut == {one.title for one in offers.offers} - got.keys()


def test_one_of_an_exclusive_group_also_where_no_rule_decides(mall):
    titles = cl.recommend(mall, "sample", offers=GROUPED).df().iloc[0]
    assert titles[["offer_1", "offer_2"]].tolist() == ["A", "C"]
    assert pd.isna(titles["offer_3"])


def test_why_nobody_gets_an_offer(mall):
    early = Rule(column="Age", operator="<", value=30)
    poor = Rule(column="Annual Income (k$)", operator="<", value=10)
    offers = catalogue(
        offer("poor", eligibility=poor),
        offer("later", valid_from="2026-04-01"),
        offer("phone", 2, consent="phone"),
        offer("mail", 2, consent="mail"),
        offer("young", 2, eligibility=early, consent="adults"),
        offer("a", 3),
        offer("b", 4),
        offer("c", 5, exclusive_group="x"),
        offer("d", 6, exclusive_group="x"),
        offer("e", 7),
        consents={"adults": ADULTS, "mail": poor},
    )
    found = reach(mall, "sample", offers=offers, day=DAY)[1]
    assert {each.offer.id: each.why for each in found.closed} == {
        "poor": "none of them fulfils Annual Income (k$) < 10",
        "later": "it goes out from 2026-04-01, so not on 2026-03-01",
        "phone": 'none of them is known to have given the consent "phone"',
        "mail": 'none of them is known to have given the consent "mail"',
        "young": "none of them fulfils all of its conditions",
        "d": 'a better offer goes first, of the group "x" or of all',
        "e": "they all get 3 better ones",
    }
    assert [each.offer.id for each in found.sent] == ["a", "b", "c"]


def test_opted_out_as_a_whole(mall):
    offers = catalogue(offer("a"), opt_outs=Rule(column="Age", operator=">", value=0))
    found = reach(mall, "sample", offers=offers, day=DAY)[0]
    assert found.closed[0].why == "none of them is to be contacted: Age > 0"
    assert found.without_words == "Nobody of this segment gets an offer."
    assert found.most_first is None


def test_in_words(mall):
    found = reach(mall, "sample", offers=catalogue(offer("a", eligibility=ADULTS)), day=DAY)[0]
    (sent,) = found.sent
    assert found.how_many(sent) == f"{sent.customers} of the 81 get it"
    assert found.without_words == f"{81 - sent.customers} of the 81 get no offer at all."
