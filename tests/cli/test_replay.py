"""``clienteling campaign replay`` as people and programs meet it."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def logs(here):
    rng = np.random.default_rng(0)
    action = rng.choice(["mail", "call"], 4_000)
    click = rng.random(4_000) < np.where(action == "mail", 0.3, 0.1)
    rows = pd.DataFrame({"action": action, "click": click.astype(int), "p": 0.5})
    rows.to_csv("log.csv", index=False)
    other = rng.choice(["mail", "call"], 1_000, p=[0.9, 0.1])
    pd.DataFrame({"action": other, "click": 0}).to_csv("other.csv", index=False)
    columns = ["--action", "action", "--reward", "click", "--propensity", "p"]
    return ["campaign", "replay", "log.csv", *columns]


def test_the_document(cli, logs):
    said = cli(*logs, "--target", "other.csv", "--json")
    assert said.code == 0
    document = said.document
    assert document["answer"] == "better"
    assert [each["method"] for each in document["estimates"]] == ["ips", "snipw", "dr"]
    for each in document["estimates"]:
        assert each["low"] < 0.28 < each["high"]
    assert 0 < document["effective"] < document["decisions"] == 4_000
    assert document["target_logged"] == 0.0
    assert document["target_decisions"] == 1_000


def test_the_words(cli, logs):
    said = cli(*logs, "--always", "mail")
    assert said.code == 0
    for part in (
        "The other policy would have earned 0.",
        "the other, doubly robust",
        "effective sample size",
        "How these are computed",
        "Doubly robust: predicts the reward from other decisions",
    ):
        assert part in said.out


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ((), "The other policy must be named"),
        (("--always", "mail", "--target", "other.csv"), "not both"),
        (("--always", "mial"), 'Did you mean "mail"'),
        (("--target", "other.csv", "--context", "place"), 'there is no column "place"'),
    ],
)
def test_what_is_wrong_is_said(cli, logs, given, part):
    said = cli(*logs, *given)
    assert said.code == 2
    assert part in said.err


def test_a_context_that_the_other_log_never_met_is_said(cli, logs):
    rows = pd.read_csv("log.csv")
    rows.assign(place=["top", "foot"] * 2_000).to_csv("log.csv", index=False)
    pd.DataFrame({"action": ["mail"] * 9, "place": "top"}).to_csv("other.csv", index=False)
    said = cli(*logs, "--target", "other.csv", "--context", "place")
    assert said.code == 2
    assert "has no decision where place is foot" in said.err
