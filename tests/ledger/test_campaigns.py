"""Campaigns in the store, with the stock and the money that their batch takes."""

import dataclasses
import datetime as dt

import pytest

from clienteling.errors import DataError, InputError
from clienteling.ledger.campaigns import Campaign, campaign, campaigns, record_campaign
from clienteling.ledger.counters import Use, counts
from clienteling.ledger.documents import document, keep_document
from clienteling.ledger.store import Store, open_store
from tests.ledger.conftest import DAY, spring


def test_a_campaign_comes_back_as_it_was(place):
    with open_store(place, create=True) as store:
        assert record_campaign(store, spring())
    with open_store(place) as store:
        assert campaign(store, "spring") == spring()
        for each in dataclasses.fields(Campaign):
            kept = getattr(campaign(store, "spring"), each.name)
            assert type(kept) is type(getattr(spring(), each.name))


def test_the_same_word_for_word_takes_nothing_twice(store: Store):
    later = spring(created_at=dt.datetime(2026, 2, 21, tzinfo=dt.UTC))
    uses = {"stock": {"wine": Use(150, 200)}, "budget": Use(375.0, 400.0)}
    assert record_campaign(store, spring(), **uses)
    assert not record_campaign(store, later, **uses)
    assert campaign(store, "spring").created_at == spring().created_at
    assert counts(store, "stock", "general")["wine"].left == 50
    assert counts(store, "budget", "spring")[""].left == 25


def test_another_of_the_same_name_is_refused(store: Store):
    record_campaign(store, spring(), stock={"wine": Use(150, 200)})
    with pytest.raises(InputError) as refused:
        record_campaign(store, spring(holdout=0.2, day=DAY + dt.timedelta(days=1)))
    assert str(refused.value) == (
        'The campaign "spring" was planned already, on 2026-02-20 00:00 UTC, and differs: '
        "the day of the contacts and the share held out.\nGive this one another name."
    )
    assert campaign(store, "spring") == spring()


def test_a_batch_that_takes_more_than_there_is_leaves_nothing(store: Store):
    record_campaign(store, spring(), stock={"wine": Use(150, 200)})
    with pytest.raises(DataError) as refused:
        record_campaign(
            store,
            spring(id="summer"),
            stock={"wine": Use(51, 200), "beer": Use(10, 10)},
            budget=Use(10.5, 10.25),
        )
    assert str(refused.value) == (
        'The campaign "summer" takes more than there is; nothing of it was taken.\n'
        '  - the budget of the campaign "summer": 10.5 needed, 10.25 left.\n'
        '  - the stock of "wine" in the catalogue "general": 51 needed, 50 left.\n'
        "Plan with what is left, or raise the limit."
    )
    assert [each.id for each in campaigns(store)] == ["spring"]
    assert counts(store, "stock", "general").keys() == {"wine"}
    # As much as there is goes; and another catalogue has a stock of its own.
    record_campaign(store, spring(id="summer"), stock={"wine": Use(50, 200)})
    record_campaign(store, spring(id="winter", catalogue="fine"), stock={"wine": Use(5, 5)})
    assert counts(store, "stock", "general")["wine"].left == 0
    assert counts(store, "stock", "fine")["wine"].confirmed == 5


def test_money_adds_up_to_the_cent(store: Store):
    for round in range(10):
        record_campaign(store, spring(id=f"mail-{round}"), stock={"wine": Use(0.1, 1.0)})
    assert counts(store, "stock", "general")["wine"].left == 0.0
    with pytest.raises(DataError, match=r"1e-07 needed, 0 left"):
        record_campaign(store, spring(id="mail-10"), stock={"wine": Use(1e-7, 1.0)})


@pytest.mark.parametrize("amount", [-1.0, float("nan"), float("inf"), 1e13])
def test_amounts_that_cant_be_counted(store: Store, amount):
    with pytest.raises(InputError, match="can't be counted; amounts are from 0 to 4e"):
        record_campaign(store, spring(), budget=Use(amount, 10.0))
    assert campaigns(store) == []


def test_an_unknown_campaign(store: Store):
    with pytest.raises(DataError, match=r'there is no campaign "sprig"\.\nThe campaigns are: none'):
        campaign(store, "sprig")
    record_campaign(store, spring())
    with pytest.raises(DataError) as refused:
        campaign(store, "sprig")
    assert str(refused.value) == (
        f'{store.shown}: there is no campaign "sprig".\n'
        'Did you mean "spring"? The campaigns are: "spring".'
    )


def test_the_latest_comes_first(store: Store):
    for month in (1, 3, 2):
        created = dt.datetime(2026, month, 1, tzinfo=dt.UTC)
        record_campaign(store, spring(id=f"m{month}", created_at=created))
    assert [each.id for each in campaigns(store)] == ["m3", "m2", "m1"]


def test_documents_are_kept(store: Store):
    keep_document(store, "model", "5d41402a", '{"name": "Zoë"}')
    keep_document(store, "model", "5d41402a", '{"name":"Zoë"}')  # the same content, set otherwise
    assert document(store, "5d41402a") == '{"name": "Zoë"}'
    with pytest.raises(DataError) as refused:
        document(store, "5d41402b")
    assert refused.value.hint == 'Did you mean "5d41402a"?'
