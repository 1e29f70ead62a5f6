"""Campaign after campaign: the next one is planned by what came of those before it."""

import dataclasses
import datetime as dt
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import clienteling as cl
from clienteling.measurement.teaching import Taught
from clienteling.offers.catalogue import catalogue_text

KEYS = ["premium", "potential", "average", "deal-seekers", "low-value"]
#: The true response rates; nobody responds without an offer but one in fifty.
RATES = {"plain": 0.09, "better": 0.125, "nothing": 0.02}
DAYS = ["2026-01-05", "2026-02-05", "2026-03-05", "2026-04-05"]


def offer(id):
    told = {"id": id, "title": id.title(), "text": "x", "reason": "r.", "segments": KEYS}
    return {**told, "cost": 0.1, "value": 10.0, "response": 0.1, "response_weight": 20}


@pytest.fixture
def shop(here):
    """Return a folder with a model, 4,000 customers and two offers that are assumed to be alike."""
    cl.segment(cl.read("sample")).save(here / "model.json")
    sample = cl.read("sample").df().drop(columns="CustomerID")
    picked = np.random.default_rng(3).integers(0, len(sample), 4000)
    rows = sample.iloc[picked].reset_index(drop=True)
    rows.insert(0, "CustomerID", np.arange(4000))
    rows.to_csv(here / "customers.csv", index=False)
    content = yaml.safe_load(catalogue_text("income-spending"))
    content["offers"] = [offer("plain"), offer("better")]
    (here / "offers.yaml").write_text(yaml.safe_dump(content))
    return here


def plan(cli, name, day, *more, model="model.json"):
    said = cli(
        "campaign", "plan", model, "customers.csv", "--name", name, "--offers", "offers.yaml",
        "--day", day, "--days", "14", "--policy", "thompson", "--store", "shop.db", *more, "--json",
    )  # fmt: skip
    assert said.code == 0, said.err
    return said.document


def come(cli, folder, name, day, seed, later=3):
    rows = cl.read(folder / name / "decisions").df()
    rate = rows["sent"].map(RATES)
    who = rows[np.random.default_rng(seed).random(len(rows)) < rate]["customer_id"]
    when = dt.date.fromisoformat(day) + dt.timedelta(days=later)
    told = {"name": "response", "value": 1, "happened_at": when}
    came = pd.DataFrame({"customer_id": who, **told})
    came.to_csv("came.csv", index=False)
    assert cli("campaign", "import", name, "came.csv", "--store", "shop.db").code == 0
    return rows, who


def share(rows):
    sent = rows["sent"].value_counts()
    return sent["better"] / (sent["better"] + sent["plain"])


def test_the_better_offer_gets_more_with_every_round(cli, shop):
    shares, seen, responded = [], 0, 0
    for turn, day in enumerate(DAYS):
        made = plan(cli, f"round-{turn}", day)
        rows, who = come(cli, shop, f"round-{turn}", day, turn)
        shares.append(share(rows))
        (said,) = [each for each in made["notes"] if "earlier campaign" in each]
        if turn:
            assert said.startswith(f"Learned from {turn} earlier campaign")
            assert f"{seen:,} contacts, of whom {responded:,} responded" in said
            assert "were held out" in said
        else:
            assert said.startswith("There is no earlier campaign to learn from")
        contacted = rows[rows["arm"] == "offer"]["customer_id"]
        seen += len(contacted)
        responded += int(who.isin(contacted).sum())
        drawn = (shop / f"round-{turn}" / "images" / "learning.png").is_file()
        assert drawn == (turn >= 2)
        page = (shop / f"round-{turn}" / "report.html").read_text()
        assert ("What was learned so far" in page) == drawn
        assert sum(each["contacts"] for each in made["lessons_from"]) == seen - len(contacted)
    # Who draws by chance goes back a little now and then, as from the third to the fourth here.
    assert shares[0] == pytest.approx(0.5, abs=0.03)
    assert shares[0] + 0.1 < shares[1] < min(shares[2:]) - 0.1
    assert min(shares[2:]) > 0.8
    shown_by_lift(cli, shop)
    # Word for word the same once more is no fault, although later ones are planned by now.
    assert plan(cli, "round-1", DAYS[1])["repeated"]


def shown_by_lift(cli, shop):
    """Of a campaign that learned, the lift's report shows what all of them taught until a day."""
    by_store = ("campaign", "lift", "round-3", "--store", "shop.db", "--json")
    said = cli(*by_store, "--today", "2026-05-05", "--out", "lift")
    assert said.code == 0, said.err
    rows = said.document["lessons"]
    assert len(said.document["lessons_from"]) == len(DAYS)
    for each in rows:
        rounds = [
            one
            for taught in said.document["lessons_from"]
            for one in taught["by_offer"]
            if (one["segment_id"], one["offer"]) == (each["segment_id"], each["offer"])
        ]
        assert each["contacts"] == sum(one["contacts"] for one in rounds)
        assert each["responses"] == sum(one["responses"] for one in rounds)
        assert each["low"] < each["mean"] < each["high"]
    covered = [each["low"] < RATES[each["offer"]] < each["high"] for each in rows]
    assert np.mean(covered) > 0.8
    better = [each for each in rows if each["offer"] == "better"]
    assert min(each["share"] for each in better) > 0.4
    # What is assumed counts as 20 customers of whom a tenth responded.
    first = better[0]
    mean = (2 + first["responses"]) / (20 + first["contacts"])
    assert first["mean"] == pytest.approx(mean)
    written = json.loads((shop / "lift" / "evaluation.json").read_text())
    assert {**written, "out": "lift"} == said.document
    assert (shop / "lift" / "images" / "learning.png").is_file()
    page = (shop / "lift" / "report.html").read_text()
    assert page.count('aria-labelledby="learned-') == 2 * 5
    assert f"{first['contacts']:,}</td>" in page
    # Before the second one's time is over, there is one to learn from, and nothing to draw.
    second = ("campaign", "lift", "round-1", "--store", "shop.db", "--json")
    early = cli(*second, "--today", "2026-02-10", "--out", "lift")
    assert [each["campaign"] for each in early.document["lessons_from"]] == ["round-0"]
    assert "What was learned so far" not in (shop / "lift" / "report.html").read_text()
    assert not (shop / "lift" / "images" / "learning.png").exists()


def test_every_key_of_what_was_learned_is_described():
    words = Path(__file__).parents[2].joinpath("docs", "files.md").read_text(encoding="utf-8")
    keys = [each.name for each in dataclasses.fields(Taught)]
    keys += ["lessons", "lessons_from", "campaign", "day", "by_offer"]
    assert [
        each
        for each in keys
        if not re.search(rf"`\.?(lessons\[\]\.|lessons_from\[\]\.)?{each}`", words)
    ] == []


def test_only_what_came_in_its_days_and_of_its_segments_is_learned_from(cli, shop):
    plan(cli, "first", DAYS[0])
    come(cli, shop, "first", DAYS[0], 0, later=20)
    late = plan(cli, "second", DAYS[1])["notes"]
    assert '"first" is not learned from: there is no outcome "response" in its days.' in late
    come(cli, shop, "first", DAYS[0], 0)
    early = plan(cli, "third", "2026-01-10")["notes"]
    assert '"first" is not learned from: outcomes until 2026-01-18 count for it.' in early
    cl.segment(cl.read("sample"), k=3).save(shop / "other.json")
    other = plan(cli, "fourth", DAYS[1], model="other.json")["notes"]
    assert any("none of its segments is one of this model" in each for each in other)
    refitted = cl.refit(cl.load_model(shop / "model.json"), "sample", seed=4).model
    refitted.save(shop / "refitted.json")
    same = plan(cli, "fifth", DAYS[1], model="refitted.json")["notes"]
    assert any("5 of its 5 segments are taken for the same" in each for each in same)
    assert any(each.startswith('Learned from 1 earlier campaign ("first")') for each in same)


def test_with_a_worth_whoever_brought_anything_responded(cli, shop):
    plan(cli, "first", DAYS[0])
    rows = cl.read(shop / "first" / "decisions").df()
    got = rows[rows["sent"] == "better"]["customer_id"].head(300)
    twice = pd.concat([got, got.head(100)])
    came = pd.DataFrame({"customer_id": twice, "name": "spend", "happened_at": "2026-01-07"})
    came.assign(value=np.arange(len(came)) + 1.0).to_csv("came.csv", index=False)
    assert cli("campaign", "import", "first", "came.csv", "--store", "shop.db").code == 0
    plan(cli, "second", DAYS[1], "--value", "spend=0.5")
    from clienteling.ledger.campaigns import campaign
    from clienteling.ledger.store import open_store

    with open_store("shop.db") as store:
        learned = campaign(store, "second").plan["policy"]["learned"]
    better = [each for each in learned if each["offer"] == "better"]
    assert sum(each["responses"] for each in better) == 300
    assert sum(each["contacts"] for each in better) == (rows["sent"] == "better").sum()
    brought = 0.5 * came.assign(value=np.arange(400) + 1.0).groupby("customer_id")["value"].sum()
    assert sum(each["value"] for each in better) == pytest.approx(brought.sum())
    assert sum(each["squares"] for each in better) == pytest.approx((brought**2).sum())
    idle = [each for each in learned if each["offer"] == "nothing"]
    assert sum(each["contacts"] for each in idle) == (rows["arm"] == "holdout").sum()
    assert sum(each["responses"] for each in idle) == 0
    assert all(each["valued"] for each in learned)


def test_a_campaign_is_a_log_that_can_be_replayed(cli, shop):
    plan(cli, "first", DAYS[0], "--explore", "0.1")
    come(cli, shop, "first", DAYS[0], 0)
    by_store = ("campaign", "replay", "first", "--store", "shop.db")
    for always, rate in RATES.items():
        found = cli(*by_store, "--always", always, "--json").document
        assert found["decisions"] == found["customers"] == 4000
        (best,) = [each for each in found["estimates"] if each["method"] == "dr"]
        assert best["low"] < rate < best["high"]
    alone = ("campaign", "replay", "first", "--outcomes", "came.csv", "--reward", "response")
    assert cli(*alone, "--always", "nothing", "--json").document == found
    wrong = cli(*by_store, "--always", "nothing", "--action", "sent", "--outcomes", "came.csv")
    assert wrong.code == 2
    assert "--action is a campaign's own; leave it out." in wrong.err
    assert "give --store or --outcomes" in wrong.err
    bare = cli("campaign", "replay", "came.csv", "--always", "mail", "--reward", "value")
    assert bare.code == 2
    assert "--action is missing." in bare.err
    assert "--propensity is missing." in bare.err


def test_one_offer_for_all_is_judged_by_those_who_could_get_it(cli, shop):
    """A rule closes the better offer to half, and its stock is short: the truth is known."""
    content = yaml.safe_load((shop / "offers.yaml").read_text())
    plain, better = content["offers"]
    plain["priority"] = 2
    rule = {"column": "Annual Income (k$)", "operator": ">", "value": 60}
    better |= {"eligibility": rule, "stock": 500}
    (shop / "offers.yaml").write_text(yaml.safe_dump(content))
    plan(cli, "first", DAYS[0], "--policy", "strategy", "--holdout", "0.2")
    come(cli, shop, "first", DAYS[0], 1)
    customers = pd.read_csv(shop / "customers.csv")
    could = int((customers["Annual Income (k$)"] > 60).sum())
    by_store = ("campaign", "replay", "first", "--store", "shop.db", "--always")
    reached = {"better": could, "plain": 4000, "nothing": 4000}
    for always, rate in RATES.items():
        said = cli(*by_store, always, "--json")
        assert said.code == 0, said.err
        found = said.document
        assert (found["decisions"], found["customers"]) == (reached[always], 4000)
        (best,) = [each for each in found["estimates"] if each["method"] == "dr"]
        assert best["low"] < rate < best["high"]
        assert not any("drawn with" in each for each in found["warnings"])
        whom = f"Among the {could:,} of 4,000 customers who could have got it: the other policy "
        assert found["sentence"].startswith(whom if always == "better" else "The other policy ")
    # Decisions that were made before they said what else could have been sent: no answer at all.
    folder = shop / "first" / "decisions"
    for each in folder.glob("*.parquet"):
        pd.read_parquet(each).drop(columns="chances").to_parquet(each, index=False)
    refused = cli(*by_store, "better", "--json").document
    assert refused["answer"] == "refused"
    assert "of its decisions would be actions that" in refused["sentence"]  # whichever way it shows
    misspelt = cli(*by_store, "beter")
    assert misspelt.code == 2
    assert 'Did you mean "better"' in misspelt.err


def test_who_has_no_segment_is_no_part_of_a_replay(cli, shop):
    customers = pd.read_csv(shop / "customers.csv")
    feature = json.loads((shop / "model.json").read_text())["features"][0]["name"]
    customers.loc[0, feature] = None
    customers.to_csv(shop / "customers.csv", index=False)
    plan(cli, "first", DAYS[0], "--explore", "0.1")
    come(cli, shop, "first", DAYS[0], 0)
    found = cli("campaign", "replay", "first", "--store", "shop.db", "--always", "better", "--json")
    assert found.document["decisions"] == len(customers) - 1
    assert found.document["unseen"] == 0
    assert any("1 customer has no segment" in each for each in found.document["notes"])


def test_without_chance_nothing_is_replayed(cli, shop):
    said = cli(
        "campaign", "plan", "model.json", "customers.csv", "--name", "sure", "--holdout", "0",
        "--offers", "offers.yaml", "--day", DAYS[0], "--store", "shop.db",
    )  # fmt: skip
    assert said.code == 0, said.err
    come(cli, shop, "sure", DAYS[0], 0)
    refused = cli("campaign", "replay", "sure", "--store", "shop.db", "--always", "better")
    assert refused.code == 2
    assert "nothing was left to chance" in " ".join(refused.err.split())
