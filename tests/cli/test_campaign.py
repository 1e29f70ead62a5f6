"""``clienteling campaign evaluate`` as people and programs meet it."""

import numpy as np
import pandas as pd
import pytest

from clienteling.measurement.digits import with_interval


@pytest.fixture
def sent(here):
    rng = np.random.default_rng(0)
    mail = rng.choice(["mail", "none"], 4_000)
    visit = (rng.random(4_000) < 0.1 + 0.1 * (mail == "mail")).astype(int)
    spend = visit * np.round(rng.gamma(2, 10, 4_000), 2)
    rows = pd.DataFrame({"group": mail, "kind": rng.choice(["a", "b"], 4_000)})
    rows.assign(visit=visit, spend=spend).to_csv("sent.csv", index=False)
    return ["campaign", "evaluate", "sent.csv", "--offer", "group", "--control", "none"]


def test_the_document(cli, sent):
    said = cli(*sent, "--outcome", "visit", "--outcome", "spend", "--segments", "kind", "--json")
    assert said.code == 0
    document = said.document
    # Nobody said what a contact costs, nor what a visit is worth.
    _, low, _ = with_interval(*(document["lift"][0][each] for each in ("estimate", "low", "high")))
    assert document["verdict"].startswith(
        f"Paid, if a contact cost less than what {low} visit is worth: mail brought +"
    )
    assert document["verdict"].endswith(" compared with none. No cost was given (--cost).")
    assert document["verdict_code"] == "paid"
    assert document["verdict_outcome"] == "visit"
    assert document["judged_by"].startswith("This is judged by visit, the first outcome. ")
    people = cli(*sent, "--outcome", "visit", "--outcome", "spend").out
    assert document["judged_by"] in " ".join(people.split())
    assert [(each["outcome"], each["segment"]) for each in document["lift"]] == [
        *(("visit", None), ("visit", "a"), ("visit", "b")),
        *(("spend", None), ("spend", "a"), ("spend", "b")),
    ]
    first = document["lift"][0]
    assert first["offer"] == "mail"
    assert first["low"] < first["estimate"] < first["high"]
    assert {"customers", "control_customers", "p", "p_adjusted"} <= first.keys()
    assert len(document["answer"]) == 2


def test_the_words(cli, sent):
    said = cli(
        *sent, "--outcome", "spend", "--segments", "kind", "--cost", "0.1", "--margin", "0.5"
    )
    assert said.code == 0
    for part in (
        "Paid: mail brought",
        "Lift on spend by kind",
        "Would one offer for all have done as well?",
        "Profit per customer that got the offer",
        "Up to which cost of a contact sending to all pays",
        "At no cost is it beyond chance that leaving out a segment pays better.",
        "What was assumed",
        "How these are computed",
        "Welch's t: compares two means",
        "Holm's method: of many comparisons",
    ):
        assert part in " ".join(said.out.split())
    assert "Newcombe" not in said.out


def test_segments_are_made_of_what_was_known(cli, sent):
    rows = pd.read_csv("sent.csv")
    rng = np.random.default_rng(1)
    rows.assign(age=rng.normal(40, 9, len(rows)), orders=rng.poisson(5, len(rows))).to_csv(
        "sent.csv", index=False
    )
    said = cli(*sent, "--outcome", "visit", "--segments", "auto", "--features", "age", "--k", "2")
    assert said.code == 0
    for part in (
        '2 segments were made of "age", as it was asked for',
        "Lift on visit by customer segment",
    ):
        assert part in " ".join(said.out.split())
    found = cli(*sent, "--outcome", "visit", "--segments", "auto", "--k", "2", "--json").document
    assert found["made_segments"]["features"] == ["age", "orders"]
    assert found["made_segments"]["left_out"] == ["spend"]
    refused = cli(*sent, "--outcome", "visit", "--k", "2")
    assert refused.code == 2
    assert "Add --segments auto" in refused.err


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        (("--cost", "mail=x", "--cost", "none=y"), ['"mail=x" has no number', '"none=y" has no']),
        (("--cost", "0.1", "--cost", "mail=0.2"), ["can't stand together"]),
        (("--value", "0.1"), ['"0.1" has no name']),
        (("--value", "visits=1", "--cost", "mai=1"), ['"visits" is not among', 'no offer "mai"']),
        (("--cost", "-1"), ["can't be below zero"]),
        (("--margin", "40"), ["the margin is 40", "such as 0.4 for 40 %"]),
        (("--shares", "mail=1"), ['"none" has no share']),
    ],
)
def test_settings_that_are_wrong_are_named_together(cli, sent, given, faults):
    said = cli(*sent, "--outcome", "visit", *given)
    assert said.code == 2
    assert [each for each in faults if each not in said.err] == []


def test_a_control_that_nobody_has(cli, sent):
    said = cli(*sent[:-1], "nobody", "--outcome", "visit", "--json")
    assert said.code == 2
    assert "there is no control group" in said.document["error"]["faults"][0]
    assert 'The values of "group" are: "mail", "none".' in said.document["error"]["hint"]


def test_without_statsmodels_the_pip_line_is_said(cli, sent, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "statsmodels.stats.proportion", None)
    said = cli(*sent, "--outcome", "visit")
    assert said.code == 2
    assert 'pip install "clienteling[campaigns]"' in said.err


def test_a_report_is_written(cli, sent, here):
    said = cli(*sent, "--outcome", "visit", "--out", "lift", "--json")
    assert said.code == 0
    assert said.document["out"] == "lift"
    assert (here / "lift" / "report.html").is_file()
    refused = cli(*sent, "--outcome", "visit", "--out", ".")
    assert refused.code == 2
    assert "holds files that are not of an earlier report" in refused.err
