"""An unstable segment carries its warning everywhere that it is shown."""

import csv

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.segmentation.model_segments import UNSTABLE

START = "Unstable: when customers are drawn anew, other segments come out in its place"


@pytest.fixture(scope="module")
def unstable():
    """Return the mall in six segments: the sixth cuts one of five in two."""
    return cl.segment("sample", k=6)


def test_the_model_says_it(unstable, tmp_path):
    assert [each.is_unstable for each in unstable.segments] == [False] * 5 + [True]
    last = unstable.segments[-1]
    assert last.stability < UNSTABLE
    assert last.warning.startswith(f"{START} (overlap {last.stability:.2f} of 1; below 0.6, a ")
    unstable.save(tmp_path / "model.json")
    assert cl.Model.load(tmp_path / "model.json") == unstable


def test_what_it_means_is_said_once(cli, here):
    rng = np.random.default_rng(3)
    pd.DataFrame(rng.normal(50, 10, size=(300, 2)), columns=["a", "b"]).to_csv("cloud.csv")
    found = cli("run", "cloud.csv", "--features", "a,b", "--k", "9", "--json").document
    unstable = [each for each in found["segments"] if each["warning"].startswith("Unstable")]
    assert len(unstable) > 1
    shown = " ".join(cli("run", "cloud.csv", "--features", "a,b", "--k", "9").out.split())
    assert shown.count(START) == 1
    assert shown.count("Unstable, as said above (overlap 0.") == len(unstable) - 1


def test_a_model_of_before_has_no_figure_and_no_warning(unstable):
    content = unstable.model_dump(mode="json")
    for each in content["segments"]:
        del each["stability"], each["warning"]
    for row in content["choose_k"]:
        for key in ("stability", "stability_low", "stability_reference", "least_jaccard"):
            del row[key]
    old = cl.Model.model_validate(content)
    assert not any(each.is_unstable or each.warning for each in old.segments)


def test_run_segment_and_the_files_say_it(cli, here, unstable):
    shown = " ".join(cli("run", "sample", "--k", "6").out.split())
    assert "(unstable)" in shown
    assert START in shown
    assert "Of the 6 segments, 1 is unstable." in shown
    out = here / "clienteling-out"
    with (out / "segments.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["warning"].startswith(START) for row in rows] == [False] * 5 + [True]
    assert float(rows[-1]["stability"]) < UNSTABLE
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count(START) == 1
    assert page.count('<span class="tag">unstable</span>') >= 3  # legend, card, tables
    one = ("segment", str(out / "model.json"))
    customer = ("--set", "Annual Income (k$)=110", "--set", "Spending Score (1-100)=82")
    assert START in " ".join(cli(*one, *customer).out.split())
    assert cli(*one, *customer, "--json").document["segment_warning"].startswith(START)


def test_run_as_json_says_it(cli, here):
    document = cli("run", "sample", "--k", "6", "--json").document
    warned = [each["name"] for each in document["segments"] if each["warning"]]
    assert len(warned) == 1
    assert document["segments"][-1]["stability"] < UNSTABLE
    assert document["stability"]["resamples"] >= 100
    assert document["stability"]["size"] == 200


def test_choose_k_shows_which_numbers_hold(cli, here):
    shown = cli("choose-k", "sample").out
    warned = [line.split()[0] for line in shown.splitlines() if line.rstrip().endswith("unstable")]
    assert "6" in warned
    assert not {"→", "3", "4", "7", "8"} & set(warned)
    document = cli("choose-k", "sample", "--json").document
    by_k = {row["k"]: row for row in document["choose_k"]}
    assert by_k[6]["least_jaccard"] < UNSTABLE < by_k[5]["least_jaccard"]
    assert all(row["stability_reference"] is not None for row in by_k.values())


def test_the_least_stability_can_be_required(cli, here):
    done = cli("run", "sample", "--k", "6", "--require", "least-stability=0.6")
    assert done.code == 3
    assert "least-stability is 0.5" in done.err
    assert "it must be at least 0.6." in done.err
    assert not (here / "clienteling-out").exists()
    assert cli("run", "sample", "--require", "least-stability=0.6").code == 0
