"""The other commands: choose-k, compare, segment, score, sql, playbook, offers write."""

import os
import subprocess
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

import clienteling as cl
from clienteling.offers.catalogue import catalogue_text
from clienteling.segmentation.playbook import playbook_text
from tests.conftest import ROOT

INCOME, SPENDING = "Annual Income (k$)", "Spending Score (1-100)"


def words(text: str) -> str:
    return " ".join(text.split())


def test_choose_k(cli, here, ran):
    said = cli("choose-k", "sample", "--json")
    assert said.code == 0
    document = said.document
    assert document["k"] == 5
    assert document["why_k"] == ran.document["why_k"]
    for every, few in zip(document["choose_k"], ran.document["choose_k"], strict=True):
        judged = {name: value for name, value in few.items() if value is not None}
        assert every.items() >= judged.items()
    assert all(row["stability"] is not None for row in document["choose_k"])
    assert document["structure"]["natural"] is True
    assert document["features"] == [INCOME, SPENDING]
    assert list(here.iterdir()) == []


def test_choose_k_for_people(cli, here):
    said = cli("choose-k", "sample", "--features", "Age")
    assert said.code == 0
    assert "Calinski-Harabasz (higher is better) and Davies-Bouldin (lower is better)" in words(
        said.out
    )
    assert words(said.out).count("→") == 1


def test_compare(cli, here, ran):
    said = cli("compare", "sample", "--k", "5", "--json")
    assert said.code == 0
    document = said.document
    assert document["dbscan"] == ran.document["dbscan"]
    assert document["kmeans"]["k"] == 5
    assert document["kmeans"]["sizes"] == [81, 39, 35, 23, 22]
    assert document["kmeans"]["inertia"] == pytest.approx(65.568, abs=0.001)
    assert list(here.iterdir()) == []


def test_compare_at_the_published_settings(cli, here):
    said = cli(*("compare", "sample", "--k", "5", "--eps", "0.3", "--min-samples", "5", "--json"))
    dbscan = said.document["dbscan"]
    assert (dbscan["eps"], dbscan["min_samples"]) == (0.3, 5)
    assert (dbscan["clusters"], dbscan["noise"]) == (7, 35)


def test_compare_for_people(cli, here):
    said = cli("compare", "sample", "--k", "1")
    assert said.code == 0
    assert "Silhouette not defined 0.463" in words(said.out)
    assert "125 of 200 customers: too coarse to act on." in words(said.out)
    assert "The offers come from K-means." in words(said.out)


def test_segment(cli, here, model):
    said = cli("segment", model, "--set", f"{INCOME}=15", "--set", f"{SPENDING}=81", "--json")
    assert said.code == 0
    document = said.document
    assert document["segment"] == "Deal Seekers"
    assert document["segment_id"] == 4
    assert document["runner_up"] == "Average Customers"
    assert document["margin"] == pytest.approx(1.5502, abs=1e-4)
    assert document["strategy"] == "Flash sales, coupons and bundle offers"
    assert [each["title"] for each in document["offers"]] == [
        *("48-hour flash sale", "Coupon booklet", "Three for two bundle"),
    ]
    assert all(each["reason"] for each in document["offers"])
    assert document["note"] == ""


def test_segment_by_short_names_for_people(cli, here, model):
    said = cli("segment", model, "--set", "Income=137", "--set", "Score=18")
    assert said.code == 0
    assert said.out.startswith("Potential Customers\n")
    assert "Clearly inside: the next segment, Premium Customers, is" in words(said.out)


@pytest.mark.parametrize(
    ("income", "note"),
    [
        ("", "Annual Income (k$) is missing."),
        ("NA", "Annual Income (k$) is missing."),
        ("inf", "Annual Income (k$) is not a finite number."),
    ],
)
def test_segment_without_a_usable_value(cli, here, model, income, note):
    arguments = ("segment", model, "--set", f"Income={income}", "--set", "Score=18")
    document = cli(*arguments, "--json").document
    assert document["segment"] is None
    assert document["offers"] == []
    assert document["note"] == note
    said = cli(*arguments)
    assert (said.code, said.out) == (0, f"No segment: {note}\n")


@pytest.mark.parametrize("name", ["scored.parquet", "scored.csv", "SCORED.CSV", "it's [1].parquet"])
def test_score(cli, here, model, ran, name):
    said = cli("score", model, "sample", "--out", name, "--json")
    assert said.code == 0, said.err
    assert said.document["customers"] == said.document["scored"] == 200
    assert said.document["segments"] == {
        each["name"]: each["size"] for each in ran.document["segments"]
    }
    assert [each.name for each in here.iterdir()] == [name]
    read = pd.read_parquet if name.endswith("parquet") else pd.read_csv
    found, expected = (
        read(name),
        read(ran.folder / f"recommendations.{name[-7:].split('.')[-1].lower()}"),
    )
    pd.testing.assert_frame_equal(found, expected)


def test_score_says_who_has_no_segment(cli, here, model):
    (here / "a.csv").write_text("id,Income,Score\na,15,81\nb,,81\nc,inf,1\n")
    said = cli("score", model, "a.csv", "--out", "b.csv")
    assert said.code == 0
    assert "2 of 3 have no segment; the column note says why." in words(said.out)
    assert 'Column "Income" is read as Annual Income (k$).' in words(said.out)
    found = pd.read_csv("b.csv", keep_default_na=False)
    assert found["customer_id"].tolist() == ["a", "b", "c"]
    assert found["segment"].tolist() == ["Deal Seekers", "", ""]
    assert found["note"].tolist() == [
        *("", "Annual Income (k$) is missing.", "Annual Income (k$) is not a finite number."),
    ]


def test_score_counts_names_that_a_csv_must_mark(cli, here):
    (here / "words.yaml").write_text(playbook_text("income-spending").replace("Deal S", "=Deal S"))
    assert cli("run", "sample", "--k", "5", "--playbook", "words.yaml", "--out", "o").code == 0
    said = cli("score", "o/model.json", "sample", "--out", "a.csv", "--json")
    assert said.document["segments"]["=Deal Seekers"] == 22


def test_score_replaces_its_own_earlier_file(cli, here, model):
    (here / "a.csv").write_text("id,Income,Score\n1,15,81\n")
    for _ in range(2):
        assert cli("score", model, "a.csv", "--out", "b.csv").code == 0
    assert pd.read_csv("b.csv")["segment"].tolist() == ["Deal Seekers"]


@pytest.mark.parametrize("out", ["a.csv", "./a.csv", "link.csv"])
def test_score_never_replaces_the_customers(cli, here, model, out):
    (here / "a.csv").write_text("id,Income,Score\n1,15,81\n")
    (here / "link.csv").symlink_to("a.csv")
    said = cli("score", model, "a.csv", "--out", out)
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"Error: {out}: is the source itself, and the result would replace the customers.\n"
        "Name another file with --out.\n"
    )
    assert (here / "a.csv").read_text() == "id,Income,Score\n1,15,81\n"


def test_score_with_offers_of_ones_own(cli, here, model):
    (here / "o.yaml").write_text(
        "catalogue: mine\noffers:\n- {id: a, title: Nur hier, text: t, reason: r, "
        "segments: [Deal Seekers]}\n"
    )
    assert cli("score", model, "sample", "--out", "a.parquet", "--offers", "o.yaml").code == 0
    found = pd.read_parquet("a.parquet")
    assert found["offer_1"].dropna().tolist() == ["Nur hier"] * 22


def test_segment_says_what_an_offer_asks_for(cli, here, model):
    """One customer's other columns are not known here."""
    (here / "o.yaml").write_text(
        "catalogue: mine\noffers:\n- {id: a, title: Wine, text: t, reason: r, consent: mail, "
        "segments: [Deal Seekers], eligibility: {column: Age, operator: '>=', value: 18}}\n"
    )
    wanted = ("segment", model, "--set", "income=15", "--set", "score=81", "--offers", "o.yaml")
    only = 'Age >= 18, with the consent "mail"'
    assert cli(*wanted, "--json").document["offers"][0]["only_for"] == only
    assert f"Only for: {only}." in cli(*wanted).out


def test_sql(cli, here, model, mall_csv):
    said = cli("sql", model, "--id", "CustomerID", "--table", "mall")
    assert said.code == 0
    mall = pd.read_csv(mall_csv)  # noqa: F841
    found = duckdb.sql(said.out).df()
    expected = cl.Model.load(model).score(str(mall_csv)).df()
    pd.testing.assert_frame_equal(found, expected)


def test_sql_of_another_dialect(cli, here, model):
    document = cli("sql", model, "--dialect", "bigquery", "--json").document
    assert document["dialect"] == "bigquery"
    assert "`Annual Income (k$)`" in document["sql"]
    said = cli("sql", model, "--dialect", "snoflake")
    assert said.code == 2
    assert 'There is no dialect "snoflake".\nDid you mean "snowflake"' in said.err


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (("playbook",), playbook_text("income-spending")),
        (("playbook", "general"), playbook_text("general")),
        (("offers", "write"), catalogue_text("income-spending")),
        (("offers", "write", "general"), catalogue_text("general")),
    ],
)
def test_built_in_words_to_start_from(cli, here, command, text):
    assert cli(*command).out == text
    assert yaml.safe_load(cli(*command, "--json").document["text"]) == yaml.safe_load(text)
    assert list(here.iterdir()) == []
    said = cli(*command, "--out", "own.yaml")
    assert (said.code, said.out) == (0, "Written to own.yaml\n")
    assert Path("own.yaml").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("command", [("playbook",), ("offers", "write")])
def test_ones_own_words_are_never_written_over(cli, here, command):
    (here / "own.yaml").write_text("mine")
    said = cli(*command, "--out", "own.yaml")
    assert said.code == 2
    assert said.err == (
        "Error: own.yaml: is there already.\nName another file, or move that one away.\n"
    )
    assert (here / "own.yaml").read_text() == "mine"
    assert cli(*command, "--out", "no/own.yaml").code == 2


def test_no_such_built_in_words(cli, here):
    assert cli("playbook", "generl").err == (
        'Error: There is no built-in playbook "generl".\n'
        'Did you mean "general"? The built-in ones are: general, income-spending.\n'
    )
    assert cli("offers", "write", "generl").code == 2


def test_version_and_help(cli, here):
    assert cli("--version").out == f"clienteling {cl.__version__}\n"
    said = cli("--help")
    assert said.code == 0
    for command in ("run", "choose-k", "compare", "segment", "score", "sql", "playbook", "app"):
        assert f" {command} " in said.out
        assert cli(command, "--help").code == 0


def test_without_a_command_the_help_is_shown(cli, here):
    assert "Usage: clienteling" in cli().out


def test_the_web_app_has_no_json(cli, here):
    said = cli("app", "--json")
    assert said.code == 2
    assert said.document["error"]["message"] == "The web app has no JSON document."


def test_the_app_limits_uploads_in_any_folder(cli, here, monkeypatch):
    started = []

    def start(*given, **named):
        environment = named.get("env") or given[-1]
        started.append(environment["STREAMLIT_SERVER_MAX_UPLOAD_SIZE"])
        return 0

    monkeypatch.setattr(os, "execve", start)
    monkeypatch.setattr(subprocess, "call", start)
    monkeypatch.delenv("STREAMLIT_SERVER_MAX_UPLOAD_SIZE", raising=False)
    cli("app", "--no-browser")
    monkeypatch.setenv("STREAMLIT_SERVER_MAX_UPLOAD_SIZE", "300")
    cli("app", "--no-browser")
    assert (started[0], started[-1]) == ("50", "300")
    config = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert f"maxUploadSize = {started[0]}\n" in config


def test_a_missing_part_is_named_with_its_pip_line(cli, here, monkeypatch):
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name, *rest: None if name == "streamlit" else found(name, *rest),
    )
    said = cli("app")
    assert said.code == 2
    assert said.err.endswith('Install it with: pip install "clienteling[app]"\n')
