"""The pages of campaigns with a store: who may be contacted, what is recorded, what came of it."""

import contextlib
import datetime as dt
import os
from pathlib import Path

import pandas as pd
import pytest

from clienteling.app.kept_store import look_inside
from clienteling.app.paid import Paid, Seen, measure_recorded
from clienteling.app.plain import plain
from clienteling.app.planning import Wishes, plan, priced
from clienteling.app.uploads import Upload
from clienteling.data.read import read
from clienteling.errors import ClientelingError, InputError
from clienteling.ledger.campaigns import campaign, campaigns
from clienteling.ledger.consents import opt_out
from clienteling.ledger.outcomes import outcomes_of
from clienteling.ledger.store import open_store
from clienteling.ledger.store_place import CAMPAIGNS, STORE, StorePlace, store_place
from tests.app.test_campaign_pages import button, planned, uploader
from tests.app.test_pages import opened, ran, said
from tests.ledger.conftest import postgres_place, postgres_url  # noqa: F401

pytest.importorskip("statsmodels", reason='pip install "clienteling[campaigns]"')

DAY = dt.date(2026, 3, 1)


@pytest.fixture
def place(tmp_path, monkeypatch) -> StorePlace:
    monkeypatch.setenv(STORE, str(tmp_path / "shop.db"))
    monkeypatch.delenv(CAMPAIGNS, raising=False)
    found = store_place()
    assert found is not None
    return found


def decided_in(place: StorePlace, name: str) -> pd.DataFrame:
    return read(str(place.campaigns / name / "decisions")).df()


def answers(decided: pd.DataFrame, day: str = "2026-03-10") -> bytes:
    hits = decided.query("arm == 'offer'")[["customer_id"]][::2]
    return hits.assign(happened_at=day).to_csv(index=False).encode()


def test_where_the_store_and_its_campaigns_are(monkeypatch) -> None:
    monkeypatch.delenv(STORE, raising=False)
    monkeypatch.delenv(CAMPAIGNS, raising=False)
    assert store_place() is None
    monkeypatch.setenv(STORE, "there/shop.db")
    assert store_place() == StorePlace("there/shop.db", Path("there/campaigns"))
    monkeypatch.setenv(STORE, "postgresql://shop@localhost/shop")
    assert store_place().campaigns == Path("campaigns")
    monkeypatch.setenv(CAMPAIGNS, "/srv/plans")
    assert store_place().campaigns == Path("/srv/plans")


def test_without_a_store_a_line_says_what_it_would_add(sample, monkeypatch) -> None:
    monkeypatch.delenv(STORE, raising=False)
    for page in ("campaigns", "did_it_pay"):
        words = said(opened(page))
        assert words.count("The app was started without a store.") == 1
        assert "opt-outs" in words
        assert "A campaign of the store" not in words


def test_a_draft_is_planned_by_the_store_and_then_recorded(sample, place) -> None:
    with open_store(place.address, create=True) as store:
        for customer in range(1, 11):
            opt_out(store, customer, source="by letter")
    app = opened("campaigns")
    assert "Store: shop.db, with 0 campaigns and 10 customers who opted out." in said(app)
    words = said(planned(app, Name="spring"))
    figures = {each.label: each.value for each in app.metric}
    assert int(figures["Contacted"]) + int(figures["Held out"]) == 190
    assert "This is a draft." in words
    # Nothing to send by, and nothing counted, before it is recorded.
    assert [each.proto.label for each in app.get("download_button")] == [
        "Download these offers (YAML)"
    ]
    assert look_inside(place).campaigns == ()
    assert not place.campaigns.exists()
    button(app, "Record it in the store").click()
    words = said(ran(app))
    assert "spring is recorded in the store." in words
    labels = [each.proto.label.replace("\\", "") for each in app.get("download_button")]
    assert "All decisions (CSV)" in labels
    (kept,) = look_inside(place).campaigns
    assert kept.id == "spring"
    decided = decided_in(place, "spring").set_index("customer_id")
    assert set(decided.loc[range(1, 11), "arm"]) == {"nothing"}
    assert Path(kept.decisions) == (place.campaigns / "spring" / "decisions").absolute()
    # The same once more is no fault; another under its name is not recorded.
    assert "is recorded in the store" in said(planned(opened("campaigns"), Name="spring"))
    other = planned(opened("campaigns"), Name="spring", **{"Held_out,_in_%": 20.0})
    assert "Another campaign is recorded under the name spring." in said(other)
    assert "Record it in the store" not in [each.label for each in other.button]


def test_contacts_of_an_earlier_campaign_count_for_the_caps(sample, place) -> None:
    capped = sample.catalogue.model_dump() | {"contact_policy": {"contacts": 1, "days": 30}}
    offers = type(sample.catalogue).model_validate(capped)
    made = [
        plan(sample.model, sample.opens, offers, Wishes(name, day), place, record=True)
        for name, day in (("one", DAY), ("two", DAY + dt.timedelta(5)))
    ]
    contacted = [set(decided_in(place, each.wishes.name).query("arm == 'offer'")["customer_id"])
                 for each in made]  # fmt: skip
    assert contacted[0]
    assert not contacted[0] & contacted[1]
    assert made[1].figures.contacted == len(contacted[1]) < 30


def test_outcomes_are_taken_in_once_and_measured(sample, place) -> None:
    wishes = Wishes("spring", DAY, holdout=0.3)
    plan(sample.model, sample.opens, sample.catalogue, wishes, place, record=True)
    data = answers(decided_in(place, "spring"))
    app = opened("did_it_pay")
    assert app.radio[0].value == "A campaign of the store"
    assert app.selectbox[0].options == ["spring, of 1 March 2026"]
    button(app, "Did it pay?").click()
    assert 'there are no outcomes of the campaign "spring" yet' in said(ran(app))
    upload = "What came of it, where it is not in the store yet"
    uploader(app, upload).upload("came.csv", data, "text/csv")
    ran(app)
    for taken in ("outcomes were taken in.", "were there already"):
        button(app, "Did it pay?").click()
        words = said(ran(app))
        assert taken in words
        assert app.success[0].value.startswith("**Paid")
    with open_store(place.address) as store:
        assert outcomes_of(store, "spring").num_rows == data.count(b"\n") - 1
    assert "--" not in words
    # Another visitor asks by what is there.
    by_store = opened("did_it_pay")
    button(by_store, "Did it pay?").click()
    assert ran(by_store).success[0].value == app.success[0].value


def test_of_a_campaign_without_a_holdout_it_is_told_what_can_not_be_said(sample, place) -> None:
    wishes = Wishes("all", DAY, holdout=0.0)
    plan(sample.model, sample.opens, sample.catalogue, wishes, place, record=True)
    app = opened("did_it_pay")
    data = answers(decided_in(place, "all"))
    upload = "What came of it, where it is not in the store yet"
    uploader(app, upload).upload("came.csv", data, "text/csv")
    ran(app)
    button(app, "Did it pay?").click()
    words = said(ran(app))
    assert "What can't be concluded" in words
    assert not app.success
    labels = [each.proto.label.replace("\\", "") for each in app.get("download_button")]
    assert "The report (HTML)" in labels


def test_what_was_learned_is_planned_with_and_shown(sample, place) -> None:
    told = {"cost": 0.5, "value": 12.0, "response": 0.1}
    offers = priced(sample.catalogue, [told] * len(sample.catalogue.offers))
    for name, day in (("one", DAY), ("two", DAY + dt.timedelta(40))):
        wishes = Wishes(name, day, policy="thompson", holdout=0.3)
        plan(sample.model, sample.opens, offers, wishes, place, record=True)
        came = answers(decided_in(place, name), str(day + dt.timedelta(3)))
        found = measure_recorded(place, name, Upload("came.csv", came))
    assert isinstance(found, Paid)
    assert found.teaching is not None
    assert [each.campaign for each in found.teaching.lessons.lessons] == ["one", "two"]
    assert "images/learning.png" in found.files
    made = plan(sample.model, sample.opens, offers,
                Wishes("three", DAY + dt.timedelta(90), policy="thompson"), place)  # fmt: skip
    assert any("one" in each and "two" in each for each in made.notes)
    app = opened("did_it_pay")
    button(app, "Did it pay?").click()
    words = said(ran(app))
    assert "What was learned so far" in words
    assert "Held out" in [row for each in app.table for row in each.value.index]


def test_limits_by_channel_and_segment_are_kept_to(sample, place) -> None:
    told = {"cost": 1.0, "value": 12.0, "response": 0.1}
    offers = priced(sample.catalogue, [told] * len(sample.catalogue.offers))
    wishes = Wishes("spring", DAY, policy="budget", contacts=60, channels=(("email", 20),),
                    floors=((3, 5),))  # fmt: skip
    made = plan(sample.model, sample.opens, offers, wishes, place, record=True)
    decided = decided_in(place, "spring").query("arm == 'offer'")
    by_channel = decided["offer"].map({each.id: each.channel for each in offers.offers})
    assert len(decided) == made.figures.contacted <= 60
    assert (by_channel == "email").sum() <= 20
    assert (decided["segment_id"] == 3).sum() >= 4  # five, of whom some are held out
    with open_store(place.address) as store:
        assert campaign(store, "spring").plan["limits"]["channels"] == {"email": 20}


def test_limits_are_asked_for_with_a_budget_only(sample, place) -> None:
    app = opened("campaigns")
    assert "email" not in [each.label for each in app.number_input]
    next(each for each in app.radio if each.label == "Who gets which offer").set_value("budget")
    ran(app)
    labels = [each.label for each in app.number_input]
    assert {"Contacts in all, at most", "email", "push", "letter"} <= set(labels)
    assert {plain(each.name) for each in sample.model.segments} <= set(labels)


def test_a_store_that_can_not_be_opened_is_said(sample, tmp_path, monkeypatch) -> None:
    (tmp_path / "shop.db").write_bytes(b"no database, but long enough to be looked at" * 40)
    monkeypatch.setenv(STORE, str(tmp_path / "shop.db"))
    for page in ("campaigns", "did_it_pay"):
        app = opened(page)
        assert len(app.error) == 1
        assert "Plan it" not in [each.label for each in app.button]


@pytest.mark.postgres
def test_a_database_is_a_store_too(sample, tmp_path, postgres_place) -> None:  # noqa: F811
    place = StorePlace(postgres_place, tmp_path / "plans")
    made = plan(sample.model, sample.opens, sample.catalogue, Wishes("spring", DAY, holdout=0.3),
                place, record=True)  # fmt: skip
    assert made.recorded == "yes"
    assert "shop-example" not in look_inside(place).sentence
    came = Upload("came.csv", answers(decided_in(place, "spring")))
    found = measure_recorded(place, "spring", came)
    assert isinstance(found, Paid)
    assert found.found.verdict.code == "paid"


def test_the_command_hands_the_store_to_the_server(cli_started, tmp_path) -> None:
    place = tmp_path / "shop.db"
    environment = cli_started("--store", str(place), "--campaigns", str(tmp_path / "plans"))
    assert environment[STORE] == str(place)
    assert environment[CAMPAIGNS] == str(tmp_path / "plans")
    assert place.exists()
    assert STORE not in cli_started()


@pytest.fixture
def cli_started(monkeypatch):
    """Return a way to give the command ``app`` options, and to see what the server would get."""
    import typer

    from clienteling.cli.main import build

    def started(*options: str) -> dict[str, str]:
        seen: dict[str, str] = {}

        class ReplacedError(BaseException):
            """The command's process is the server's from here on."""

        def replaced(_: str, command: list[str], env: dict[str, str]) -> None:
            assert all("shop" not in each for each in command[4:])  # no address in the arguments
            seen.update(env)
            raise ReplacedError

        monkeypatch.delenv(STORE, raising=False)
        monkeypatch.setattr(os, "execve", replaced)
        with contextlib.suppress(ReplacedError):
            typer.main.get_command(build()).main(["app", *options], standalone_mode=False)
        return seen

    return started


def test_campaigns_without_a_store_and_a_bad_store_are_refused(cli_started, tmp_path) -> None:
    with pytest.raises(InputError, match="Add --store"):
        cli_started("--campaigns", str(tmp_path))
    (tmp_path / "bad.db").write_bytes(b"no database, but long enough to be looked at" * 40)
    with pytest.raises(ClientelingError, match=r"bad\.db"):
        cli_started("--store", str(tmp_path / "bad.db"))


def test_a_name_that_is_taken_leaves_nothing_behind(sample, place) -> None:
    plan(sample.model, sample.opens, sample.catalogue, Wishes("spring", DAY), place, record=True)
    before = sorted(place.campaigns.rglob("*"))
    with pytest.raises(InputError):
        plan(
            sample.model,
            sample.opens,
            sample.catalogue,
            Wishes("spring", DAY, holdout=0.3),
            place,
            record=True,
        )
    assert sorted(place.campaigns.rglob("*")) == before
    with open_store(place.address) as store:
        assert [each.holdout for each in campaigns(store)] == [0.1]


def test_what_was_seen_has_its_report(sample, place) -> None:
    plan(sample.model, sample.opens, sample.catalogue, Wishes("all", DAY, holdout=0.0), place,
         record=True)  # fmt: skip
    found = measure_recorded(place, "all", Upload("came.csv", answers(decided_in(place, "all"))))
    assert isinstance(found, Seen)
    assert "report.html" in found.files
    assert found.source == "all"
