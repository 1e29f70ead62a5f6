"""From the plan to the verdict by the command line, with a store and without."""

import datetime as dt
import html
import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml

import clienteling as cl
from clienteling.campaigns.decide import decider
from clienteling.ledger.store import open_store
from clienteling.offers.catalogue import catalogue_text

NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)

PLAN = ("campaign", "plan", "model.json", "customers.csv", "--name", "spring")
PLAN += ("--offers", "offers.yaml", "--day", "2026-03-01", "--holdout", "0.3")


@pytest.fixture
def shop(here):
    """Return a folder with a model, 4,000 customers and an offer for all of them, with a stock."""
    cl.segment(cl.read("sample")).save(here / "model.json")
    sample = cl.read("sample").df().drop(columns="CustomerID")
    picked = np.random.default_rng(3).integers(0, len(sample), 4000)
    rows = sample.iloc[picked].reset_index(drop=True)
    rows.insert(0, "CustomerID", np.arange(4000))
    rows.to_csv(here / "customers.csv", index=False)
    content = yaml.safe_load(catalogue_text("income-spending"))
    keys = ["premium", "potential", "average", "deal-seekers", "low-value"]
    told = {"cost": 0.5, "value": 20.0, "response": 0.1, "stock": 5000, "segments": keys}
    content["offers"] = [{**content["offers"][0], **told}]
    (here / "offers.yaml").write_text(yaml.safe_dump(content))
    return here


def responses(decisions):
    rows = cl.read(decisions).df().sort_values("customer_id")
    rate = np.where(rows["arm"] == "offer", 0.25, 0.1)
    who = rows[np.random.default_rng(5).random(len(rows)) < rate]["customer_id"]
    return pd.DataFrame(
        {"customer_id": who, "name": "response", "value": 1, "happened_at": "2026-03-09"}
    )


def test_from_the_plan_to_the_verdict(cli, shop):
    said = cli(*PLAN, "--store", "shop.db")
    assert said.code == 0, said.err
    assert said.err == f"A new store was made: {shop / 'shop.db'}\n"
    misspelt = cli("campaign", "lift", "spring", "--store", "shpo.db")
    assert misspelt.code == 2
    assert 'Did you mean "shop.db"?' in misspelt.err
    none = cli("campaign", "lift", "spring", "--store", "shop.db")
    assert none.code == 2
    assert "there are no outcomes" in none.err
    responses(shop / "spring" / "decisions").to_csv(shop / "outcomes.csv", index=False)
    said = cli("campaign", "import", "spring", "outcomes.csv", "--store", "shop.db", "--json")
    assert said.code == 0, said.err
    assert said.document["new"] == said.document["rows"] > 500
    lift = cli("campaign", "lift", "spring", "--store", "shop.db", "--out", "lift", "--json")
    assert lift.code == 0, lift.err
    assert lift.document["verdict_code"] == "paid"
    page = (shop / "lift" / "report.html").read_text()
    assert page.count("held out from it") == 1
    assert "<title>What the campaign brought: spring</title>" in page
    # Without a store, the folder and the file say the same.
    alone = cli("campaign", "lift", "spring", "--outcomes", "outcomes.csv", "--json")
    assert alone.document["lift"] == lift.document["lift"]
    early = cli("campaign", "lift", "spring", "--store", "shop.db", "--today", "2026-03-10")
    assert "still collecting" in early.out
    neither = cli("campaign", "lift", "spring")
    assert neither.code == 2
    assert "give --store or --outcomes" in neither.err


def test_where_nobody_was_held_out_the_report_says_what_cannot_be_concluded(cli, shop):
    plan = [*PLAN]
    plan[plan.index("0.3")] = "0"
    assert cli(*plan, "--store", "shop.db").code == 0
    responses(shop / "spring" / "decisions").to_csv(shop / "outcomes.csv", index=False)
    assert cli("campaign", "import", "spring", "outcomes.csv", "--store", "shop.db").code == 0
    said = cli("campaign", "lift", "spring", "--store", "shop.db", "--out", "lift", "--json")
    assert said.code == 0, said.err
    assert (said.document["verdict_code"], said.document["out"]) == ("cant_tell", "lift")
    written = json.loads((shop / "lift" / "evaluation.json").read_text())
    assert {**written, "out": "lift"} == said.document
    page = (shop / "lift" / "report.html").read_text()
    for each in (said.document["verdict"], *written["can"], *written["cannot"]):
        assert html.escape(each, quote=True).replace("&#x27;", "&#39;") in page
    assert page.count("data:image/png") == 1
    # The folder and the file say the same, and the folder is replaced.
    alone = cli("campaign", "lift", "spring", "--outcomes", "outcomes.csv", "--out", "lift")
    assert alone.code == 0, alone.err
    assert "What can't be concluded" in alone.out
    assert json.loads((shop / "lift" / "evaluation.json").read_text()) == written


def test_a_folder_that_was_planned_without_a_store_goes_into_one(cli, shop):
    assert cli(*PLAN).code == 0
    responses(shop / "spring" / "decisions").to_csv(shop / "outcomes.csv", index=False)
    into = ("campaign", "import", "spring", "outcomes.csv", "--store", "shop.db", "--json")
    said = cli(*into)
    assert said.code == 0, said.err
    assert said.err == f"A new store was made: {shop / 'shop.db'}\n"
    assert said.document["new"] == said.document["rows"] > 500
    again = cli(*into)
    assert (again.document["new"], again.err) == (0, "")
    # By its name nothing is made: the store is misspelt.
    misspelt = cli("campaign", "import", "other", "outcomes.csv", "--store", "shp.db")
    assert misspelt.code == 2
    assert 'shp.db: there is no such store. Did you mean "shop.db"?' in misspelt.err
    assert not (shop / "shp.db").exists()
    lift = cli("campaign", "lift", "spring", "--store", "shop.db", "--json")
    assert lift.document["verdict_code"] == "paid", lift.err
    # Another plan of that name is not taken for it.
    shutil.rmtree(shop / "spring")
    assert cli(*PLAN[:-1], "0.4").code == 0
    other = cli(*into)
    assert other.code == 2
    assert 'another campaign is kept under the name "spring"' in other.err


def test_faults_of_a_file_are_named_and_the_rest_is_taken_in(cli, shop):
    assert cli(*PLAN, "--store", "shop.db").code == 0
    (shop / "outcomes.csv").write_text(
        "customer_id,value,happened_at\n1,1,2026-03-04\n99999,1,2026-03-04\n2,x,2026-03-04\n"
    )
    said = cli("campaign", "import", "spring", "outcomes.csv", "--store", "shop.db", "--json")
    assert said.code == 2
    assert said.document["new"] == 1
    assert said.document["error"]["faults"] == list(said.document["faults"])
    assert "row 2" in said.err
    assert "row 3" in said.err
    unknown = cli("campaign", "import", "sprin", "outcomes.csv", "--store", "shop.db")
    assert unknown.code == 2
    assert 'Did you mean "spring"?' in unknown.err


def test_a_store_counts_stock_contacts_and_opt_outs(cli, shop):
    content = yaml.safe_load((shop / "offers.yaml").read_text())
    content["contact_policy"] = {"contacts": 1, "days": 30}
    content["offers"][0]["stock"] = 3000
    (shop / "offers.yaml").write_text(yaml.safe_dump(content))
    from clienteling.ledger.consents import opt_out
    from clienteling.ledger.store import open_store

    with open_store(shop / "shop.db", create=True) as store:
        opt_out(store, 17)
    first = cli(*PLAN, "--store", "shop.db", "--json")
    assert first.code == 0, first.err
    again = cli(*PLAN, "--store", "shop.db", "--json")
    assert again.document["repeated"]
    assert again.document["digest"] == first.document["digest"]
    rows = cl.read(shop / "spring" / "decisions").df().set_index("customer_id")
    assert rows.loc[17, "arm"] == "nothing"
    sent = set(rows.index[rows["arm"] == "offer"])
    later = [*PLAN]
    later[later.index("spring")] = "later"
    later[later.index("2026-03-01")] = "2026-03-20"
    second = cli(*later, "--store", "shop.db", "--json")
    assert second.code == 0, second.err
    next_rows = cl.read(shop / "later" / "decisions").df().set_index("customer_id")
    next_sent = set(next_rows.index[next_rows["arm"] == "offer"])
    assert not sent & next_sent
    assert 0 < len(next_sent) <= 3000 - len(sent)
    other = cli(*PLAN, "--store", "shop.db", "--out", "elsewhere", "--explore", "0.5")
    assert other.code == 2
    assert "was planned already" in other.err
    assert not (shop / "elsewhere").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small file system, as Linux does")
def test_a_full_disk_leaves_no_plan_and_takes_no_stock(cli, shop):
    small = shop / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=60k", "tmpfs", str(small)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs root, to mount a small file system that fills")
    try:
        said = cli(*PLAN, "--store", "shop.db", "--out", "small/spring")
        assert said.code == 2
        assert f"{small}/spring/" in said.err
        assert "can't be written" in said.err
        assert ".spring." not in said.err
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)
    # Nothing was recorded, so that the name and the stock are free.
    assert cli(*PLAN, "--store", "shop.db").code == 0


def test_a_rule_with_a_day_serves_until_the_next_plan(cli, shop):
    content = yaml.safe_load((shop / "offers.yaml").read_text())
    content["offers"][0]["eligibility"] = {
        "column": "seen", "operator": ">", "value": dt.date(2026, 1, 15)
    }  # fmt: skip
    (shop / "offers.yaml").write_text(yaml.safe_dump(content))
    rows = pd.read_csv(shop / "customers.csv")
    rows["seen"] = np.where(rows["CustomerID"] % 2, "2026-02-01", "2026-01-15")
    rows.to_csv(shop / "customers.csv", index=False)
    assert cli(*PLAN, "--store", "shop.db").code == 0
    decisions = cl.read(shop / "spring" / "decisions").df()
    open_to = decisions["customer_id"].astype(int) % 2 == 1
    assert (open_to == (decisions["arm"] != "nothing")).all()
    assert cli("offers", "check", "spring/catalogue.yaml", "customers.csv").code == 0
    responses(shop / "spring" / "decisions").to_csv(shop / "outcomes.csv", index=False)
    assert cli("campaign", "import", "spring", "outcomes.csv", "--store", "shop.db").code == 0
    said = cli("campaign", "lift", "spring", "--store", "shop.db", "--json")
    assert said.code == 0, said.err
    plan = [*PLAN, "--policy", "thompson", "--store", "shop.db"]
    plan[plan.index("spring")] = "summer"
    plan[plan.index("2026-03-01")] = "2026-06-01"
    said = cli(*plan)
    assert said.code == 0, said.err
    with open_store("shop.db") as store:
        by = decider(store, "spring")
        income = {"Annual Income (k$)": 40, "Spending Score (1-100)": 50}
        made = by.decide("new", {**income, "seen": "2026-01-15"}, now=NOW)
        assert made.arm == "nothing"
        made = by.decide("newer", {**income, "seen": dt.date(2026, 2, 1)}, now=NOW)
        assert made.arm != "nothing"
