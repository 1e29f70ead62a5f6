"""A campaign's lift and lessons count its batch and its real time, each customer once."""

import datetime as dt

import numpy as np
import pytest
import sqlalchemy as sa

import clienteling as cl
from clienteling.campaigns.decide import decider
from clienteling.campaigns.delivery import deliver
from clienteling.campaigns.plan import plan_campaign
from clienteling.errors import DataError
from clienteling.ledger.campaigns import campaign
from clienteling.ledger.forget import forget
from clienteling.ledger.outcomes import Outcome, take_in
from clienteling.ledger.schema import outcomes
from clienteling.ledger.store import open_store
from clienteling.measurement.decided import decided_in
from clienteling.measurement.lessons import lessons_of
from clienteling.measurement.stored import measure_stored
from clienteling.offers.catalogue import load_catalogue
from clienteling.offers.offer import NOTHING

DAY = dt.date(2026, 3, 1)
RICH = {"Annual Income (k$)": 86, "Spending Score (1-100)": 82}


@pytest.fixture
def shop(tmp_path):
    """Return a store with a campaign of 200 in its batch and 60 in real time, 20 of them twice."""
    model = cl.segment("sample")
    catalogue = load_catalogue("income-spending")
    told = {"cost": 1.0, "value": 20.0, "response": 0.1}
    offers = tuple(each.model_copy(update=told) for each in catalogue.offers)
    catalogue = catalogue.model_copy(update={"offers": offers})
    plan = plan_campaign(model, "sample", catalogue, name="spring", day=DAY, days=7, holdout=0.4)
    with open_store(tmp_path / "shop.db", create=True) as store:
        deliver(plan, tmp_path / "spring", store=store)
        decides = decider(store, "spring")
        now = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
        for id in [*range(1000, 1060), *range(1000, 1020), 1, 2]:
            decides.decide(id, RICH, now=now)
        table = decided_in(store, campaign(store, "spring"))
        rows = table.df()
        came = [
            Outcome(f"o{id}", "response", 1.0, now, campaign="spring", customer_id=int(id))
            for id in rows["customer_id"][::3]
        ]
        assert not take_in(store, came).refused
        yield store, model, catalogue, rows


def test_each_customer_stands_in_it_once(shop):
    *_, rows = shop
    assert len(rows) == 260
    assert rows["customer_id"].is_unique
    live = rows[rows["customer_id"] >= 1000]
    assert set(live["segment"]) == {"Premium Customers"}
    assert (live["sent"] == live["offer"].where(live["arm"] == "offer", "nothing")).all()
    np.testing.assert_allclose(live["propensity"], np.where(live["arm"] == "offer", 0.6, 0.4))


def test_lift_and_lessons_count_both_also_after_some_are_forgotten(shop):
    store, model, catalogue, rows = shop
    people = rows["arm"].value_counts()
    first = measure_stored(store, "spring").found.lift[0]
    assert (first.customers, first.control_customers) == (people["offer"], people["holdout"])
    lessons = lessons_of(store, model, catalogue, before=dt.date(2026, 4, 1))
    (lesson,) = lessons.lessons
    assert lesson.contacts == people["offer"]
    responded = rows.iloc[::3]
    assert lesson.responses == (responded["arm"] == "offer").sum()
    # What a response is worth, the catalogue says of offers only.
    idle = [seen for (_, got), seen in lesson.learned.items() if got == NOTHING]
    assert sum(each.responses for each in idle) == (responded["arm"] == "holdout").sum() > 0
    assert {(each.valued, each.value) for each in idle} == {(False, 0.0)}
    assert all(seen.valued for (_, got), seen in lesson.learned.items() if got != NOTHING)
    for id in (1003, 1006, 7):
        forget(store, id)
    again = measure_stored(store, "spring").found.lift[0]
    assert again.estimate == pytest.approx(first.estimate)
    assert (again.customers, again.control_customers) == (first.customers, first.control_customers)
    after = lessons_of(store, model, catalogue, before=dt.date(2026, 4, 1))
    assert after.learned == lessons.learned


def test_where_nothing_came_in_its_days_the_campaign_and_the_store_are_named(shop):
    store, *_ = shop
    with store.writing() as connection:
        moment = dt.datetime(2026, 5, 4, tzinfo=dt.UTC)
        connection.execute(sa.update(outcomes).values(happened_at=moment))
    with pytest.raises(DataError) as caught:
        measure_stored(store, "spring")
    assert caught.value.message == (
        f'the outcomes of "spring" in {store.shown}: there is nothing to measure by.'
    )
    assert caught.value.faults == (
        "no outcome happened in the days that count, 2026-03-01 to 2026-03-07.",
        "there are 87, of other days: on 2026-05-04.",
    )
    with pytest.raises(DataError, match=r'^the outcomes of "spring" in .*: there is nothing'):
        measure_stored(store, "spring", names=["spend"])
