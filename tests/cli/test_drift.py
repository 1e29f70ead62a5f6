"""``clienteling drift``, as people and as programs read it."""

import pandas as pd
import pytest


@pytest.fixture
def model(cli, here, mall_csv):
    assert cli("run", "sample", "--out", "own").code == 0
    frame = pd.read_csv(mall_csv)
    frame.assign(**{"Annual Income (k$)": frame["Annual Income (k$)"] + 30}).to_csv(
        "richer.csv", index=False
    )
    return "own/model.json"


def test_for_people(cli, model):
    kept = cli("drift", model, "sample")
    assert kept.code == 0
    assert kept.out.startswith("Keep: the customers are spread as at the fit, as far as chance")
    moved = cli("drift", model, "richer.csv")
    assert moved.code == 0
    assert moved.out.startswith("Refit: the spread of Annual Income (k$) has changed")
    assert "Deal Seekers" in moved.out


def test_a_table_of_other_columns_is_told_from_that_of_the_model(cli, here, model):
    (here / "shop.csv").write_text("orders,visits\n1,2\n3,4\n")
    for command in (("drift", model, "shop.csv"), ("score", model, "shop.csv", "--out", "s.csv")):
        said = cli(*command)
        assert said.code == 2
        assert said.err.startswith("Error: shop.csv: columns are missing.\n")
        assert said.err.endswith(
            'The columns are: "orders", "visits". The model was made from other columns, those of '
            'Mall_Customers.csv: "Annual Income (k$)", "Spending Score (1-100)".\n'
        )


def test_for_programs(cli, model):
    found = cli("drift", model, "richer.csv", "--json").document
    assert found["verdict"] == "refit"
    assert found["largest_drift"] == max(each["psi"] for each in found["features"])
    assert [each["verdict"] for each in found["features"]] == ["refit", "keep"]
    assert len(found["segments"]["now"]) == 5


def test_a_model_of_rules_is_refused(cli, here):
    (here / "t.csv").write_text("customer,date,amount\n1,2024-01-01,5\n2,2024-02-01,7\n")
    made = cli("rfm", "t.csv", "--out", "c.csv", "--model", "rules.json")
    assert made.code == 0, made.err
    said = cli("drift", "rules.json", "c.csv")
    assert said.code == 2
    assert "doesn't hold" in said.err


def test_customers_without_a_segment_are_seen(cli, model, mall_csv):
    """Blanks in a feature leave the rest as it was, and most customers without a segment."""
    frame = pd.concat([pd.read_csv(mall_csv)] * 20, ignore_index=True)
    frame["CustomerID"] = frame.index
    # Of each of the 200 there stay two of twenty, so the spread is what it was.
    frame["Annual Income (k$)"] = frame["Annual Income (k$)"].where(frame.index >= 3600)
    frame.to_csv("gaps.csv", index=False)
    said = cli("drift", model, "gaps.csv", "--json")
    assert said.code == 0, said.err
    assert said.document["verdict"] == "watch"
    assert (
        "90.0% of the customers lack a feature and have no segment (0.0% at the fit)"
        in (said.document["why"])
    )
