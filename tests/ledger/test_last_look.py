"""A plan that is recorded counts the contacts once more: nobody gets more than is allowed."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.campaigns.decide import decider
from clienteling.campaigns.delivery import deliver
from clienteling.campaigns.digest import digest_of
from clienteling.campaigns.plan import CampaignPlan, plan_campaign
from clienteling.errors import DataError
from clienteling.ledger.campaigns import campaign, campaigns
from clienteling.ledger.consents import opt_out
from clienteling.ledger.counters import counts
from clienteling.ledger.forget import forget
from clienteling.ledger.reservations import release
from clienteling.ledger.store import Store, open_store
from clienteling.measurement.plan_in_store import plan_in_store
from clienteling.offers.catalogue import Catalogue
from tests.ledger.conftest import DAY
from tests.ledger.shop import RICH, at, model, open_campaign, shop_catalogue

ONCE = {"contacts": 1, "days": 30}


def catalogue_of(**more: object) -> Catalogue:
    """Return a catalogue of one offer that is enough for all."""
    return shop_catalogue(offers=[{"id": "wine", "title": "Wine"}], **more)


def people(n: int = 40) -> pd.DataFrame:
    return pd.DataFrame([{"CustomerID": each, **RICH} for each in range(n)])


def planned(store: Store, catalogue: Catalogue, name: str = "mail", **more) -> CampaignPlan:
    settings = {"holdout": 0.25, **more}
    customers = cl.read(settings.pop("customers", people()))
    return plan_in_store(store, model(), customers, catalogue, name=name, day=DAY, **settings)[0]


def rows_of(folder) -> pd.DataFrame:
    return cl.read(folder / "decisions").df().set_index("customer_id")


def test_who_is_contacted_meanwhile_is_taken_out(store: Store, tmp_path):
    catalogue = catalogue_of(contact_policy=ONCE)
    open_campaign(store, catalogue)
    plan = planned(store, catalogue)
    before = plan.decisions().df().set_index("customer_id")
    assert set(before["arm"]) == {"offer", "holdout"}
    by = decider(store, "spring")
    wanted = [
        *before.index[before["arm"] == "offer"][:3],
        *before.index[before["arm"] == "holdout"],
    ]
    made = {each: by.decide(each, RICH, now=at()) for each in wanted}
    assert {each.arm for each in made.values()} == {"offer"}
    release(store, made[wanted[0]].id)  # it didn't go out
    opt_out(store, 39, source="by letter")
    assert before["arm"][39] == "offer"

    done = deliver(plan, tmp_path / "mail", store=store)

    after = rows_of(tmp_path / "mail")
    late = [*wanted[1:], 39]
    assert set(after.index[after["arm"] == "nothing"]) == set(late)
    assert (after.loc[late, "offer"] == "nothing").all()
    assert (after.loc[late, "sent"] == "nothing").all()
    assert (after.loc[late, "propensity"] == 1.0).all()
    pd.testing.assert_frame_equal(after.drop(late), before.drop(late), check_like=True)
    assert after["reason"][39] == "By the time the plan was recorded, the customer had opted out."
    assert set(after.loc[wanted[1:], "reason"]) == {
        "By the time the plan was recorded, the customer had been contacted as often as is allowed."
    }
    # All that is said of it is of those who are left.
    sent = (after["arm"] == "offer").sum()
    mails = pd.concat(pd.read_csv(each) for each in (tmp_path / "mail" / "mail").glob("*.csv"))
    assert sorted(mails["customer_id"]) == sorted(after.index[after["arm"] == "offer"])
    kept = campaign(store, "mail")
    assert sum(kept.counts["offer"].values()) == sent == done.figures.contacted
    assert kept.cost == done.figures.cost == 2.5 * sent
    assert kept.digest == digest_of(cl.read(tmp_path / "mail" / "decisions"))
    document = json.loads((tmp_path / "mail" / "plan.json").read_text())
    assert document["arms"] == {
        "offer": sent, "holdout": (after["arm"] == "holdout").sum(), "nothing": len(late)
    }  # fmt: skip
    said = [each for each in done.notes if "by the time" in each]
    assert said == [each for each in document["notes"] if "by the time" in each]
    assert said == [
        f"{len(late) - 1} customers had been contacted as often as is allowed by the time the plan "
        "was recorded, and get nothing.",
        "1 customer had opted out by the time the plan was recorded, and gets nothing.",
    ]
    # From then on real time counts what the batch gave.
    assert {by.decide(each, RICH, now=at()).arm for each in after.index} == {"nothing"}


def test_the_same_command_goes_on_where_it_was_stopped(store: Store, tmp_path, monkeypatch):
    catalogue = catalogue_of(contact_policy=ONCE)
    open_campaign(store, catalogue)
    plan = planned(store, catalogue)
    decider(store, "spring").decide(7, RICH, now=at())

    class KilledError(BaseException):
        pass

    def kill(*given):
        raise KilledError

    with monkeypatch.context() as patch:
        # As where the process is killed: it moves nothing, and clears nothing away.
        patch.setattr(Path, "rename", kill_last(kill))
        patch.setattr("tempfile.TemporaryDirectory.cleanup", lambda self: self._finalizer.detach())
        with pytest.raises(KilledError):
            deliver(plan, tmp_path / "mail", store=store)
    assert [each.id for each in campaigns(store)] == ["mail", "spring"]
    # It is planned anew, with the contact known from the start: the same comes out.
    assert deliver(planned(store, catalogue), tmp_path / "mail", store=store).repeated
    assert rows_of(tmp_path / "mail")["arm"][7] == "nothing"


def kill_last(kill):
    """Return a way to move what is called like the folder that is made aside, and nothing else."""
    plain = Path.rename
    return lambda path, target: kill() if path.name == "made" else plain(path, target)


def test_what_is_planned_side_by_side_counts_for_each_other(store: Store, tmp_path):
    cap = [{"id": "wine", "title": "Wine", "customer_cap": ONCE, "stock": 100}]
    catalogue = shop_catalogue(offers=cap)
    plans = [planned(store, catalogue, name) for name in ("first", "second")]
    for each in plans:
        deliver(each, tmp_path / each.name, store=store)
    first, second = (rows_of(tmp_path / each.name) for each in plans)
    assert not set(first.index[first["arm"] == "offer"]) & set(
        second.index[second["arm"] == "offer"]
    )
    assert set(second["arm"]) >= {"offer", "nothing"}  # who was held out there is free here
    sent = sum((each["arm"] == "offer").sum() for each in (first, second))
    assert counts(store, "stock", "fine")["wine"].confirmed == sent


def test_the_propensity_is_that_of_the_offers_that_are_left(store: Store, tmp_path):
    offers = [
        {"id": "wine", "title": "Wine", "customer_cap": ONCE},
        {"id": "beer", "title": "Beer"},
    ]
    catalogue = shop_catalogue(offers=offers)
    open_campaign(store, catalogue, id="real")
    plan = planned(store, catalogue, explore=0.5, holdout=0.2)
    before = plan.decisions().df().set_index("customer_id")
    by = decider(store, "real")
    wine = before.index[before["offer"] == "wine"][:6]
    assert {by.decide(each, RICH, now=at()).offer for each in wine} == {"wine"}
    deliver(plan, tmp_path / "mail", store=store)
    after = rows_of(tmp_path / "mail")
    assert set(after.index[after["reason"].str.startswith("By the time")]) == set(wine)
    beer = before.loc[before["sent"] == "beer", "propensity"].iloc[0]
    assert 0.0 < beer < 1.0
    np.testing.assert_allclose(after.loc[wine, "propensity"], 1.0 - beer)


def test_contacts_that_were_given_count_with_the_stores_own(store: Store, tmp_path):
    catalogue = catalogue_of(contact_policy={"contacts": 2, "days": 30})
    open_campaign(store, catalogue)
    given = pd.DataFrame({"customer_id": [1], "offer": ["x"], "day": [DAY]})
    plan = planned(store, catalogue, contacts=[given], holdout=0.0)
    for each in (1, 2):
        assert decider(store, "spring").decide(each, RICH, now=at()).arm == "offer"
    deliver(plan, tmp_path / "mail", store=store)
    assert list(rows_of(tmp_path / "mail").query("arm == 'nothing'").index) == [1]


def test_a_plan_that_knew_nothing_of_the_store_keeps_to_it(store: Store, tmp_path):
    catalogue = catalogue_of(contact_policy=ONCE)
    open_campaign(store, catalogue)
    decider(store, "spring").decide(7, RICH, now=at())
    plan = plan_campaign(model(), people(), catalogue, name="mail", day=DAY, holdout=0.0)
    deliver(plan, tmp_path / "mail", store=store)
    assert list(rows_of(tmp_path / "mail").query("arm == 'nothing'").index) == [7]


def test_what_may_have_gone_out_already_is_not_changed(store: Store, tmp_path):
    catalogue = catalogue_of(contact_policy=ONCE)
    open_campaign(store, catalogue)
    plan = planned(store, catalogue, holdout=0.0)
    deliver(plan, tmp_path / "mail")  # without the store
    decider(store, "spring").decide(7, RICH, now=at())
    with pytest.raises(DataError, match="may have gone out") as raised:
        deliver(plan, tmp_path / "mail", store=store)
    assert "1 customer had been contacted as often as is allowed" in str(raised.value)
    assert [each.id for each in campaigns(store)] == ["spring"]
    assert (rows_of(tmp_path / "mail")["arm"] == "offer").all()


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_decisions_in_a_table_are_mended_there(tmp_path, kind):
    import sqlite3

    customers = people()
    if kind == "sqlite":
        with sqlite3.connect(tmp_path / "shop.sqlite") as connection:
            people().to_sql("people", connection, index=False)
        connection.close()
        customers = f"sqlite:///{tmp_path}/shop.sqlite?table=people"
    place = f"{kind}:///{tmp_path}/shop.{kind}?table=mail"
    catalogue = catalogue_of(contact_policy=ONCE)
    with open_store(tmp_path / "store.db", create=True) as store:
        open_campaign(store, catalogue)
        plan = planned(store, catalogue, customers=customers, holdout=0.0)
        for each in (3, 5):
            decider(store, "spring").decide(each, RICH, now=at())
        made = deliver(plan, tmp_path / "mail", store=store, decisions=place)
        rows = cl.read(place).df().set_index("customer_id")
        assert sorted(rows.query("arm == 'nothing'").index) == [3, 5]
        assert made.document["digest"] == digest_of(cl.read(place))
        assert decider(store, "mail").decide(3, RICH, now=at()).offer == "nothing"


def test_a_plan_says_how_many_must_not_be_contacted(store: Store):
    opt_out(store, 3, source="by letter")
    forget(store, 5)
    opt_out(store, 777, source="of no customer here")
    notes = planned(store, catalogue_of()).notes
    assert "2 customers opted out or were forgotten, and get nothing." in notes
