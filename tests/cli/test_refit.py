"""``clienteling refit``, as people and as programs read it, and what it writes."""

import json

import pandas as pd
import pytest

import clienteling as cl

INCOME = "Annual Income (k$)"


@pytest.fixture
def richer(here, mall_csv) -> str:
    frame = pd.read_csv(mall_csv)
    frame.assign(**{INCOME: frame[INCOME] * 1.5}).to_csv("richer.csv", index=False)
    return "richer.csv"


def test_it_writes_a_whole_result_and_says_what_stays(cli, model, ran, here, contents):
    said = cli("refit", model, "sample", "--out", "next")
    assert said.code == 0, said.err
    assert "5 of 5 segments stay" in said.out
    assert "None is new, and none is gone." in said.out
    assert contents(here / "next").keys() == contents(ran.folder).keys()
    new, old = cl.load_model("next/model.json"), cl.load_model(model)
    assert [(s.id, s.name) for s in new.segments] == [(s.id, s.name) for s in old.segments]


def test_without_a_folder_nothing_is_replaced(cli, model, here, contents):
    """Neither by a refit, nor by the next run, which writes into its own folder."""
    assert cli("run", "sample", "--k", "3").code == 0
    before = contents(here / "clienteling-out")
    first = cli("refit", model, "sample")
    assert "Written to next-month: " in first.out
    refitted = contents(here / "next-month")
    assert cli("refit", "next-month/model.json", "sample", "--json").document["out"] == (
        "next-month-2"
    )
    assert contents(here / "clienteling-out") == before
    assert contents(here / "next-month") == refitted
    assert (here / "next-month-2" / "model.json").is_file()


def test_a_retired_id_leaves_a_gap_everywhere(cli, model, mall_csv, here):
    frame = pd.read_csv(mall_csv)
    scored = cl.load_model(model).predict(frame)
    frame[scored["segment_id"] != 2].to_csv("left.csv", index=False)
    document = cli("refit", model, "left.csv", "--out", "next", "--json").document
    assert [(each["kind"], each["id"]) for each in document["changes"]] == [("vanished", 2)]
    assert [each["id"] for each in document["segments"]] == [0, 1, 3, 4]
    assert sum(each["customers"] for each in document["moves"]) == 165
    written = pd.read_parquet("next/recommendations.parquet")
    assert set(written["segment_id"]) == {0, 1, 3, 4}
    assert pd.read_csv("next/segments.csv")["id"].tolist() == [0, 1, 3, 4]
    assert json.loads((here / "next/model.json").read_text())["retired"] == [
        {"id": 2, "name": "Potential Customers"}
    ]
    page = (here / "next/report.html").read_text(encoding="utf-8")
    assert 'class="card segment-4"' in page
    assert '<h2 id="changed">What has changed since the earlier model</h2>' in page
    assert "Potential Customers (id 2) has vanished" in page
    kept = cli("drift", "next/model.json", "left.csv", "--json").document
    assert kept["segments"]["psi"] == pytest.approx(0.0, abs=1e-9)
    one = cli("segment", "next/model.json", "--set", "income=15", "--set", "score=81", "--json")
    assert (one.document["segment_id"], one.document["segment"]) == (4, "Deal Seekers")


def test_limits_hold_for_a_refit_too(cli, model, richer, here):
    limits = ["--require", "largest-drift=0.25,smallest-share=0.01", "--out", "next", "--json"]
    said = cli("refit", model, richer, *limits)
    assert said.code == 3
    figure = cl.drift(cl.load_model(model), richer).largest
    (fault,) = said.document["error"]["faults"]
    assert fault == f"largest-drift is {figure:.4g} ({INCOME}); it must be at most 0.25."
    assert not (here / "next").exists()
    done = cli("refit", model, "sample", *limits)
    assert done.document["drift"] == {"verdict": "keep", "largest_drift": 0.0}


@pytest.mark.parametrize("k", ["few", "0", "-1", "2.5"])
def test_a_number_of_segments_that_is_none(cli, model, here, k):
    said = cli("refit", model, "sample", "--k", k)
    assert said.code == 2
    assert "--k" in said.err
    assert not (here / "next-month").exists()


def test_words_that_count_as_missing_are_said_again(cli, here):
    """A category's by the model, a profile's by how the table is read."""
    rows = pd.DataFrame(
        {
            "id": range(90),
            "orders": [n * 7 % 23 for n in range(90)],
            "plan": [["basic", "plus", "-"][n % 3] for n in range(90)],
            "town": [["Bonn", "Kiel", "unknown"][n % 7 % 3] for n in range(90)],
        }
    )
    rows.to_csv("shop.csv", index=False)
    options = ("--features", "orders", "--categorical", "plan", "--k", "2")
    first = cli("run", "shop.csv", *options, "--out", "first", "--json").document
    assert _missing(first) == [
        'Column "plan": 30 values such as "-" count as missing (otherwise: --as-text plan).',
        # Of the 60 customers who have a plan, and so a segment.
        'Column "town": 16 values such as "unknown" count as missing (otherwise: --as-text town).',
    ]
    again = 'Column "plan": 30 values such as "-" count as missing, as at the fit.'
    model = "first/model.json"
    assert _missing(cli("score", model, "shop.csv", "--out", "a.csv", "--json").document) == [again]
    assert _missing(cli("drift", model, "shop.csv", "--json").document) == [again]
    refitted = cli("refit", model, "shop.csv", "--out", "next", "--json").document
    assert sorted(_missing(refitted)) == [again, _missing(first)[1]]
    assert "count as missing" in (here / "next/report.html").read_text(encoding="utf-8")


def _missing(document):
    return [each for each in document["notes"] if "count as missing" in each]
