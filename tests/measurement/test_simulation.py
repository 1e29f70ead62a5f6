"""Campaigns with a known truth; docs/lift.md has the table over a thousand of them."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def loaded(name):
    place = ROOT / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def simulation():
    return loaded("lift_simulation")


@pytest.mark.slow
def test_intervals_hold_the_truth_and_claims_are_rarely_false(simulation):
    rows = simulation.simulate(campaigns=300, seed=1)
    # 95 % of 300 campaigns, give or take three standard errors.
    covered = [(row.what, row.share) for row in rows if row.figure == "covered"]
    assert [each for each in covered if not 0.912 < each[1] < 0.988] == []
    assert 0.94 < sum(share for _, share in covered) / len(covered) < 0.96
    claimed = [(row.what, row.share) for row in rows if row.figure == "claimed"]
    assert [each for each in claimed if each[1] > 0.088] == []


def test_the_table_in_the_documentation_keeps_what_is_promised():
    text = (ROOT / "docs" / "lift.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| ([\d.]+) % \|  ?\|$", text, re.MULTILINE)
    assert len(rows) == 22
    assert [each for each in rows if not 93.0 <= float(each[1]) <= 97.0] == []
    claims = re.findall(r"^\| (.+?) \|  ?\| ([\d.]+) % \|$", text, re.MULTILINE)
    assert len(claims) == 8
    assert [each for each in claims if float(each[1]) > 5.0] == []


@pytest.mark.slow
def test_intervals_hold_the_truth_in_segments_made_of_the_same_customers():
    held, claimed, k = loaded("made_segments_simulation").simulate(first=2_000, campaigns=6)
    assert k.total() == 6
    counts = {(outcome, where) for outcome, where, _ in held}
    assert len(counts) == 8
    every = sum(held[(*each, "all")] for each in counts)
    hits = sum(held[(*each, "held")] for each in counts)
    # 4 outcomes × 2 offers × (4 segments and all) × 6 campaigns; three standard errors.
    assert every == 240
    assert 0.90 < hits / every < 1.0
    assert claimed["nothing bought", "either of these"] <= 2


@pytest.mark.slow
def test_intervals_hold_the_truth_where_offers_have_values_of_their_own():
    counted = loaded("own_values_simulation").simulate(campaigns=20, seed=1)
    held = sum(n for key, n in counted.items() if "held" in key)
    every = sum(n for key, n in counted.items() if key[1:] in (("over all",), ("by segment",)))
    # 2 × 20 campaigns, over all and in three segments; three standard errors.
    assert every == 160
    assert 0.89 < held / every <= 1.0
    assert counted[False, "paid"] <= 3
    assert counted[True, "paid"] > counted[False, "paid"]


def test_the_table_of_offers_with_values_of_their_own_keeps_what_is_promised():
    text = (ROOT / "docs" / "lift.md").read_text(encoding="utf-8")
    figure = r"([\d.]+)\s?%"
    pattern = rf"^\| (?:just|more than) its cost \| {figure} \| {figure} \| {figure} \|$"
    rows = [[float(each) for each in row] for row in re.findall(pattern, text, re.MULTILINE)]
    assert len(rows) == 2
    assert all(93.0 <= each <= 97.0 for row in rows for each in row[:2])
    assert rows[0][2] <= 5.0


def test_the_table_of_made_segments_keeps_what_is_promised():
    text = (ROOT / "docs" / "lift.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| [\d,]+ \| ([\d.]+) % \|$", text, re.MULTILINE)
    assert len(rows) == 4
    assert [each for each in rows if not 93.0 <= float(each[1]) <= 97.0] == []
    paid = re.search(r"^\| either of these \| ([\d.]+) % \| ([\d.]+) % \|$", text, re.MULTILINE)
    assert max(float(paid[1]), float(paid[2])) <= 5.0
