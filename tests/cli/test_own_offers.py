"""What a run shows of the offers is what it gives out."""

import csv

import pandas as pd
import pytest

OFFERS = """
catalogue: mine
offers:
- {id: tea, title: Tea dance, text: t, reason: r, segments: [premium, average],
   eligibility: {column: Age, operator: ">", value: 60}}
- {id: late, title: Christmas, text: t, reason: r, segments: [premium], valid_from: 2999-01-01}
- {id: ladies, title: Ladies night, text: t, reason: r, priority: 2, segments: [premium],
   eligibility: {column: Gender, operator: "=", value: Female}}
"""
NO_TEA = "none of them fulfils Age > 60"


@pytest.fixture
def said(cli, here):
    (here / "o.yaml").write_text(OFFERS)
    return cli("run", "sample", "--offers", "o.yaml", "--out", "out")


def test_on_screen(said):
    words = " ".join(said.out.split())
    assert "1. Ladies night. r (21 of the 39 get it)" in words
    assert f'Nobody of this segment gets "Tea dance": {NO_TEA}.' in words
    assert 'gets "Christmas": it goes out from 2999-01-01, so not on' in words
    assert "18 of the 39 get no offer at all." in words
    assert "Nobody of this segment gets an offer." in words


def test_in_the_files(said, here):
    given = pd.read_parquet("out/recommendations.parquet").groupby("segment")["offer_1"]
    premium = given.value_counts()["Premium Customers"].to_dict()
    assert premium == {"Ladies night": 21}
    with open("out/segments.csv", encoding="utf-8-sig") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    row = rows["Premium Customers"]
    assert (row["offer_1"], row["customers_1"], row["offer_2"]) == ("Ladies night", "21", "")
    assert row["closed_offers"].startswith(f"Tea dance: {NO_TEA}; Christmas: it goes out")
    assert row["without_offer"] == "18"
    page = (here / "out/report.html").read_text(encoding="utf-8")
    assert "21 of the 39 get it." in page
    assert "Nobody of this segment gets “Tea dance”: none of them fulfils Age &gt; 60." in page


def test_for_programs(cli, here):
    (here / "o.yaml").write_text(OFFERS)
    document = cli("run", "sample", "--offers", "o.yaml", "--out", "out", "--json").document
    premium = document["segments"][1]
    assert [(each["id"], each["customers"]) for each in premium["offers"]] == [("ladies", 21)]
    assert [each["id"] for each in premium["closed_offers"]] == ["tea", "late"]
    assert premium["closed_offers"][0]["why"] == NO_TEA
    assert premium["without_offer"] == 18
