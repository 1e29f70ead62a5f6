"""``--impute median`` on the commands: asked for, counted and marked; else nothing changes."""

import pandas as pd
import pytest

import clienteling as cl

INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"


@pytest.fixture
def gaps(here, mall_csv) -> str:
    frame = pd.read_csv(mall_csv)
    frame[SCORE] = frame[SCORE].astype(float)
    frame.loc[[1, 50, 51], SCORE] = None
    frame.to_csv("gaps.csv", index=False)
    return "gaps.csv"


def test_a_run_marks_them_and_counts_them(cli, gaps, here):
    plain = cli("run", gaps, "--json").document
    assert plain["scored"] == 197
    done = cli("run", gaps, "--impute", "median", "--json").document
    assert done["scored"] == 200
    (said,) = [each for each in done["notes"] if "median" in each]
    assert said == (
        '3 customers have the median in the place of a missing value ("Spending Score (1-100)" 50 '
        "for 3); the column note marks them."
    )
    written = pd.read_csv("clienteling-out/recommendations.csv", keep_default_na=False)
    marked = written[written["note"] != ""]
    assert marked["customer_id"].tolist() == [2, 51, 52]
    assert set(marked["note"]) == {f"{SCORE} was missing: median 50 used."}
    page = (here / "clienteling-out/report.html").read_text(encoding="utf-8")
    assert "3 customers have the median" in page.partition('id="summary"')[2].partition("</p>")[0]


def test_a_saved_model_goes_on_with_it(cli, gaps, here):
    assert cli("run", gaps, "--impute", "median", "--out", "own").code == 0
    scored = cli("score", "own/model.json", gaps, "--out", "scored.parquet", "--json").document
    assert (scored["scored"], scored["imputed"]) == (200, 3)
    said = cli("score", "own/model.json", gaps, "--out", "scored.csv")
    assert "3 have the median of a feature that is missing; the column note marks" in said.out
    one = cli("segment", "own/model.json", "--set", "income=15", "--set", "score=")
    assert f"{SCORE} was missing: median 50 used." in one.out
    again = cli("refit", "own/model.json", gaps, "--out", "next", "--json")
    assert again.document["scored"] == 200
    assert cl.load_model("next/model.json").medians == cl.load_model("own/model.json").medians


@pytest.mark.parametrize("command", ["choose-k", "compare"])
def test_the_looks_before_a_run_take_it_too(cli, gaps, command):
    assert "median" in " ".join(
        cli(command, gaps, "--impute", "median", "--json").document["notes"]
    )


def test_another_way_to_fill_in_is_refused(cli, gaps, here):
    said = cli("run", gaps, "--impute", "mean")
    assert said.code == 2
    assert 'can\'t be filled with "mean"' in said.err
    assert not (here / "clienteling-out").exists()


def test_the_public_table_with_gaps(cli, data_folder, here):
    """27 of its customers lack income or spending score: 14 the one, 13 the other."""
    path = data_folder / "mall_customers_missing.csv"
    frame = pd.read_csv(path)
    plain = cli("run", str(path), "--json").document
    done = cli("run", str(path), "--impute", "median", "--json").document
    assert (plain["scored"], done["scored"]) == (173, 200)
    written = pd.read_parquet("clienteling-out/recommendations.parquet")
    lacks = frame[[INCOME, SCORE]].isna()
    assert ((written["note"] != "") == lacks.any(axis=1)).all()
    assert (
        written.loc[lacks[INCOME], "note"].tolist()
        == [f"{INCOME} was missing: median {frame[INCOME].median():g} used."] * 14
    )
