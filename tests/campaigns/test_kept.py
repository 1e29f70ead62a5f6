"""A campaign that was planned without a store, kept later from its folder."""

import datetime as dt
import json
from pathlib import Path

import pytest

import clienteling as cl
from clienteling.campaigns.delivery import deliver
from clienteling.campaigns.kept import keep_folder
from clienteling.campaigns.plan import plan_campaign
from clienteling.errors import DataError, InputError
from clienteling.ledger.campaigns import campaign
from clienteling.ledger.store import open_store

DAY = dt.date(2026, 3, 1)


@pytest.fixture(scope="module")
def plan():
    customers = cl.read("sample")
    return plan_campaign(cl.segment(customers), customers, name="spring", holdout=0.25, day=DAY)


@pytest.fixture
def folder(plan, tmp_path) -> Path:
    return deliver(plan, tmp_path / "spring").out


def test_it_is_the_campaign_that_a_store_would_have_recorded(plan, folder, tmp_path) -> None:
    with open_store(tmp_path / "one.db", create=True) as store:
        deliver(plan, folder, store=store)
        recorded = campaign(store, "spring")
    with open_store(tmp_path / "other.db", create=True) as store:
        kept = keep_folder(store, folder)
        assert kept.content == recorded.content
        assert campaign(store, "spring").content == recorded.content
        assert keep_folder(store, folder).content == recorded.content


@pytest.mark.parametrize("key", ["counts", "day", "state", "planned"])
def test_a_plan_that_was_cut_is_refused(folder, tmp_path, key) -> None:
    document = json.loads((folder / "plan.json").read_text())
    del document[key]
    (folder / "plan.json").write_text(json.dumps(document))
    with (
        open_store(tmp_path / "shop.db", create=True) as store,
        pytest.raises(DataError, match="is not as a plan writes it"),
    ):
        keep_folder(store, folder)


def test_decisions_of_another_plan_are_refused(plan, folder, tmp_path) -> None:
    other = plan_campaign(plan.model, "sample", name="spring", holdout=0.5, day=DAY)
    made = deliver(other, tmp_path / "other").out
    for each in (made / "decisions").iterdir():
        (folder / "decisions" / each.name).write_bytes(each.read_bytes())
    with (
        open_store(tmp_path / "shop.db", create=True) as store,
        pytest.raises(DataError, match="is not as it was") as caught,
    ):
        keep_folder(store, folder)
    assert caught.value.faults == ("decisions is another one.",)


def test_a_folder_of_something_else_is_refused(tmp_path) -> None:
    with (
        open_store(tmp_path / "shop.db", create=True) as store,
        pytest.raises(InputError, match="is no campaign's folder"),
    ):
        keep_folder(store, tmp_path / "nowhere")
