"""``clienteling campaign plan``: a folder, whole or not at all, and never another in its place."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

import clienteling as cl
from clienteling.offers.catalogue import catalogue_text, load_catalogue


@pytest.fixture
def shop(here, mall_csv):
    """Return a folder with a model, customers and a catalogue that says what offers bring."""
    cl.segment(cl.read("sample")).save(here / "model.json")
    (here / "customers.csv").write_bytes(mall_csv.read_bytes())
    content = yaml.safe_load(catalogue_text("income-spending"))
    for each in content["offers"]:
        each |= {"cost": 2.0, "value": 40.0, "response": 0.1, "response_weight": 200}
    content["offers"][0]["title"] = "=cmd()"
    (here / "offers.yaml").write_text(yaml.safe_dump(content))
    return here


FILES = Path(__file__).parents[2] / "docs" / "files.md"
PLAN = ("campaign", "plan", "model.json", "customers.csv", "--name", "spring")
PLAN += ("--offers", "offers.yaml", "--day", "2026-03-01")


def test_a_plan_without_a_store_needs_no_database_library(shop):
    without = "import sys; sys.modules |= dict.fromkeys(['sqlalchemy', 'alembic', 'statsmodels'])"
    run = f"{without}; from clienteling.cli import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", run, *PLAN], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (shop / "spring" / "plan.json").exists()
    stored = [sys.executable, "-c", run, *PLAN, "--store", "shop.db", "--out", "again"]
    done = subprocess.run(stored, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert 'pip install "clienteling[campaigns]"' in done.stderr


def test_a_plan_is_written(cli, shop):
    said = cli(*PLAN, "--budget", "200", "--floor", "Average Customers=10", "--json")
    assert said.code == 0, said.err
    document = json.loads((shop / "spring" / "plan.json").read_text())
    shown = said.document
    assert {key: document[key] for key in shown if key in document} == {
        key: shown[key] for key in shown if key in document
    }
    rows = cl.read(shop / "spring" / "decisions").df()
    assert rows["arm"].value_counts().to_dict() == {k: n for k, n in shown["arms"].items() if n}
    assert (rows["sent"] != "nothing").sum() * 2.0 == shown["cost"] <= 200
    assert shown["expected_profit"]["estimate"] == pytest.approx(2.0 * shown["arms"]["offer"])
    mail = pd.concat([pd.read_csv(each) for each in (shop / "spring" / "mail").glob("*.csv")])
    assert sorted(mail["customer_id"]) == sorted(rows.loc[rows["arm"] == "offer", "customer_id"])
    titles = {each.id: each.title for each in load_catalogue(shop / "spring/catalogue.yaml").offers}
    assert set(mail["title"]) <= {*titles.values(), "'=cmd()"} - {"=cmd()"}
    page = (shop / "spring" / "report.html").read_text()
    assert "Of 200 customers" in page
    assert page.count("<img") == 1
    (table,) = re.findall(r'aria-labelledby="ladder-caption">\n<thead>.*?</table>', page, re.DOTALL)
    assert 2 <= table.count('<th scope="row" data-label="Budget">') <= 5 < len(document["ladder"])
    assert '<th scope="row" data-label="Budget">200.00</th>' in table
    assert "=cmd()" in page
    assert (shop / "spring" / "images" / "profit_by_budget.png").is_file()
    assert load_catalogue(shop / "offers.yaml").fingerprint == document["catalogue"]
    assert load_catalogue(shop / "spring/catalogue.yaml").fingerprint == document["catalogue"]


def test_the_same_plan_twice_is_no_fault_and_another_is_refused(cli, shop):
    assert cli(*PLAN).code == 0
    before = (shop / "spring" / "plan.json").read_bytes()
    again = cli(*PLAN, "--json")
    assert again.code == 0
    assert again.document["repeated"]
    other = cli(*PLAN, "--holdout", "0.3")
    assert other.code == 2
    assert 'the campaign "spring" is planned there already' in other.err
    assert "differs: the share held out." in other.err
    assert (shop / "spring" / "plan.json").read_bytes() == before
    assert sorted(each.name for each in shop.iterdir()) == [
        "customers.csv", "model.json", "offers.yaml", "spring",
    ]  # fmt: skip


def test_what_is_said_on_screen(cli, shop):
    said = cli(*PLAN, "--budget", "100", "--base-rate", "0.02")
    assert said.code == 0
    text = " ".join(said.out.split())
    for words in (
        "Of 200 customers",
        "are held out by chance, to measure by",
        # 50 contacts: (0.10 with the offer less 0.02 without one) x 40 - 2.
        "The contacts cost 100.00 and are expected to bring 60.00 after that",
        "That is beyond doing nothing: what 2.0 % would bring without an offer is taken off.",
        "of the response rate, where it is 2.0 % without an offer",
        "1.00 more of budget brings 0.60.",
    ):
        assert words in text


def test_before_anybody_was_held_out_all_responses_count_and_that_is_said(cli, shop):
    text = " ".join(cli(*PLAN, "--budget", "100").out.split())
    for words in (
        "The contacts cost 100.00 and are expected to bring 100.00 after that",
        "All responses count, of customers who would have responded without an offer, too",
        "give --base-rate and they are taken off.",
        "if it is as high without an offer as is assumed with one, 10.0 %, to be on the safe side",
    ):
        assert words in text
    document = json.loads((shop / "spring" / "plan.json").read_text())
    assert (document["base_rate"], document["base_rate_from"]) == (
        pytest.approx(0.1),
        "assumed",
    )


def test_where_as_many_respond_without_an_offer_nobody_gets_one(cli, shop):
    said = cli(*PLAN, "--budget", "100", "--base-rate", "0.1", "--json")
    assert said.document["arms"] == {"offer": 0, "holdout": 0, "nothing": 200}
    assert said.document["base_rate_from"] == "given"
    assert (
        "No offer is expected to bring more than its cost, so nobody gets one."
        in (said.document["notes"])
    )


def test_a_campaign_of_too_few_says_so_and_how_many_it_takes(cli, shop):
    text = " ".join(cli(*PLAN, "--base-rate", "0.05").out.split())
    assert "most likely nothing can be concluded from so few. About " in text
    assert " customers, divided in the same way, could show 2.5 percentage points." in text
    enough = " ".join(cli(*PLAN, "--name", "half", "--base-rate", "0.5").out.split())
    assert "The smallest lift that this size can show is" in enough
    assert "nothing can be concluded" not in enough


def test_what_is_wrong_is_said_together(cli, shop):
    names = [each.name for each in cl.load_model(shop / "model.json").segments]
    said = cli(*PLAN, "--channel", "email", "--floor", "Averag Customers=3", "--json")
    assert said.code == 2
    assert said.document["error"]["faults"] == [
        '--channel "email" must be a name, "=" and a whole number.',
        '--floor: there is no segment "Averag Customers". Did you mean "Average Customers"? '
        "The segments are: " + ", ".join(f'"{each}"' for each in names) + ".",
    ]
    said = cli(*PLAN, "--channel", "fax=5", "--json")
    assert (said.code, said.document["error"]["faults"]) == (
        2,
        ['there is no channel "fax". The channels are: app, email, in store, letter, phone, push.'],
    )
    said = cli(*PLAN[:-1], "soon")
    assert said.code == 2
    assert '--day is "soon", which is no day' in said.err
    (shop / "other").mkdir()
    (shop / "other" / "mine.txt").write_text("x")
    said = cli(*PLAN, "--out", "other")
    assert said.code == 2
    assert "holds something else than a campaign" in said.err


def test_faults_of_the_catalogue_are_those_that_offers_check_names(cli, shop):
    content = yaml.safe_load((shop / "offers.yaml").read_text())
    content["offers"][0]["cost"] = -1
    content["offers"][1]["eligibility"] = {
        "all": [
            {"column": "Age", "operator": ">", "value": 60},
            {"column": "Age", "operator": "<", "value": 20},
        ]
    }
    (shop / "offers.yaml").write_text(yaml.safe_dump(content))
    checked = cli("offers", "check", "offers.yaml", "customers.csv", "--json")
    said = cli(*PLAN, "--json")
    assert said.code == checked.code == 2
    assert said.document["error"]["faults"] == checked.document["error"]["faults"]
    assert len(said.document["error"]["faults"]) == 2
    content["offers"][0]["cost"] = 1
    content["offers"][1]["eligibility"] = {"column": "Aeg", "operator": ">", "value": 60}
    (shop / "offers.yaml").write_text(yaml.safe_dump(content))
    said = cli(*PLAN, "--json")
    assert said.code == 2
    assert 'there is no column "Aeg". Did you mean "Age"?' in said.document["error"]["faults"][0]


def test_contacts_so_far_count(cli, shop):
    rows = pd.DataFrame({"customer_id": range(1, 201), "offer": "x", "day": "2026-02-27"})
    rows.to_csv(shop / "contacts.csv", index=False)
    content = yaml.safe_load((shop / "offers.yaml").read_text())
    content["contact_policy"] = {"contacts": 1, "days": 7}
    (shop / "offers.yaml").write_text(yaml.safe_dump(content))
    said = cli(*PLAN, "--contacts-so-far", "contacts.csv")
    assert said.code == 2
    assert "no offer is open to any customer" in said.err
    rows.assign(day="2026-02-22").to_csv(shop / "contacts.csv", index=False)
    assert cli(*PLAN, "--contacts-so-far", "contacts.csv").code == 0


def test_every_key_of_the_plan_is_described(cli, shop):
    assert cli(*PLAN, "--budget", "100", "--floor", "Average Customers=3").code == 0
    document = json.loads((shop / "spring" / "plan.json").read_text())
    _, _, text = FILES.read_text(encoding="utf-8").partition("## A campaign's plan.json")
    words = set(re.findall(r"`(\w+)`", text.partition("\n## ")[0]))
    inner = [document["arms"], document["limits"], document["expected_profit"], document["state"]]
    inner += [*document["parts"], *document["counts"], *document["prices"]]
    inner += document["limits"]["floors"]
    keys = {key for each in (document, *inner) for key in each}
    assert keys - words == set()


def test_columns_for_mail_tools(cli, shop):
    said = cli(*PLAN, "--carry", "gendr")
    assert said.code == 2
    assert 'there is no column "gendr". Did you mean "Gender"?' in said.err
    assert not (shop / "spring").exists()
    assert cli(*PLAN, "--carry", "gender", "--carry", "Age", "--id", "CustomerID").code == 0
    mail = pd.concat([pd.read_csv(each) for each in (shop / "spring" / "mail").glob("*.csv")])
    source = pd.read_csv(next(each for each in PLAN if each.endswith(".csv"))).set_index(
        "CustomerID"
    )
    for each in ("Gender", "Age"):
        assert [*mail[each]] == [*source.loc[mail["customer_id"], each]]


def test_a_cost_that_nobody_told_is_not_known(cli, shop):
    content = yaml.safe_load((shop / "offers.yaml").read_text())
    for each in content["offers"]:
        del each["cost"]
    (shop / "offers.yaml").write_text(yaml.safe_dump(content))
    said = cli(*PLAN)
    text = " ".join(said.out.split())
    for words in (
        "What the contacts cost isn't known, since the catalogue says it of no offer; they are",
        "before that (95 % interval",
        "not known",
    ):
        assert words in text
    assert " 0.00" not in text
    page = (shop / "spring" / "report.html").read_text()
    assert '<td data-label="Cost">not known</td>' in page
    (shop / "offers.yaml").write_text(catalogue_text("income-spending"))
    assert cli(*PLAN, "--out", "bare").code == 0
    # A browser would break an option after its hyphens.
    page = (shop / "bare" / "report.html").read_text()
    assert 'without an offer; give <span class="option">--base-rate</span>.' in page
    for each in content["offers"]:
        each["cost"] = 0
    (shop / "offers.yaml").write_text(yaml.safe_dump(content))
    text = " ".join(cli(*PLAN, "--out", "free").out.split())
    assert "The contacts cost 0.00 and are expected to bring" in text
    assert "not known" not in text


def test_a_share_may_be_written_in_percent(cli, shop):
    said = cli(*PLAN, "--holdout", "20%", "--json")
    assert said.code == 0, said.err
    assert json.loads((shop / "spring" / "plan.json").read_text())["holdout"] == 0.2
    wrong = cli(*PLAN, "--out", "other", "--holdout", "a fifth")
    assert wrong.code == 2
    assert '"a fifth" is no share. Write a fifth as 0.2 or 20%.' in " ".join(wrong.err.split())
    many = cli(*PLAN, "--out", "other", "--holdout", "20")
    assert many.code == 2
    assert "--holdout 0.1 or 10%" in " ".join(many.err.split())


def test_a_day_in_the_past_is_said_and_the_plan_stays_the_same(cli, shop):
    said = cli(*PLAN)
    assert "The day of the contacts, 2026-03-01, is in the past" in " ".join(said.out.split())
    assert "in the past" not in (shop / "spring" / "plan.json").read_text()
    ahead = list(PLAN)
    ahead[ahead.index("2026-03-01")] = "2199-03-01"
    said = cli(*ahead, "--out", "later")
    assert said.code == 0, said.err
    assert "in the past" not in " ".join(said.out.split())
