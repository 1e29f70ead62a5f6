"""A year of a real online shop: its known figures, and every customer against pandas."""

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from tests.features.reference import reference, segment_of

SCORES = ["r_score", "f_score", "m_score"]


@pytest.fixture(scope="module")
def lines(data_folder) -> pd.DataFrame:
    """The transactions as pandas reads them, in the words of the reference."""
    rows = pd.read_parquet(data_folder / "online_retail_2009_2010.parquet")
    return pd.DataFrame(
        {
            "customer": rows["Customer ID"],
            "date": pd.to_datetime(rows["InvoiceDate"]),
            "amount": rows["Quantity"] * rows["Price"],
            "returned": rows["Invoice"].str.startswith("C") | (rows["Quantity"] < 0),
            "invoice": rows["Invoice"],
        }
    )


@pytest.fixture(scope="module", params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def made(request, data_folder):
    if request.param == "spark":
        request.getfixturevalue("spark_ready")
    return cl.rfm(cl.read(data_folder / "online_retail_2009_2010.parquet", engine=request.param))


def test_the_known_figures(made):
    counts = made.counts
    assert counts.rows == 525_461
    assert counts.without_customer == 107_927
    assert counts.cancelled == 10_206
    assert counts.negative_quantities == 12_326
    assert counts.duplicates == 6_865
    assert counts.kept == 525_461 - 107_927
    # One cancellation has a positive quantity, three corrections of bad debt a negative price.
    assert counts.returns == 12_326 + 1 + 3
    assert (counts.unusable_dates, counts.unusable_amounts, counts.after) == (0, 0, 0)
    assert (made.first.isoformat(), made.last.isoformat()) == ("2009-12-01", "2010-12-09")
    assert made.as_of.isoformat() == "2010-12-10"
    assert (made.customers, made.only_returns) == (4383, 69)


def test_every_customer_is_as_pandas_has_them(made, lines):
    expected = reference(lines, pd.Timestamp(made.as_of))
    found = made.table.df().sort_values("customer_id", ignore_index=True)
    assert len(found) == 4383
    assert found["customer_id"].dtype == np.int64
    assert (found["customer_id"] == expected["customer_id"]).all()
    for each in ("recency", "frequency", "tenure", *SCORES):
        assert found[each].equals(expected[each].astype(found[each].dtype)), each
    for each in ("monetary", "mean_basket", "returns_share"):
        assert np.allclose(found[each], expected[each], rtol=1e-9, atol=1e-6, equal_nan=True), each
    words = expected[SCORES].dropna().astype(int).astype(str).agg("".join, axis=1)
    assert found["rfm"].dropna().tolist() == words.tolist()


def test_the_segments_with_their_shares_of_customers_and_revenue(made, lines):
    expected = reference(lines, pd.Timestamp(made.as_of)).dropna(subset=["recency"])
    names = [segment_of(*scores) for scores in expected[SCORES].to_numpy(dtype=int)]
    by_name = expected.assign(name=names).groupby("name")["monetary"]
    model = cl.rfm_model(made)
    assert {each.name: each.size for each in model.segments} == by_name.size().to_dict()
    for each in model.segments:
        assert each.share == pytest.approx(by_name.size()[each.name] / 4314, abs=1e-12)
        assert each.revenue == pytest.approx(by_name.sum()[each.name], abs=1e-6)
        revenue_share = by_name.sum()[each.name] / expected["monetary"].sum()
        assert each.revenue_share == pytest.approx(revenue_share, abs=1e-12)
    shown = [(s.name, f"{s.share:.1%}", f"{s.revenue_share:.1%}") for s in model.segments]
    assert shown == [
        ("Champions", "21.3%", "65.5%"),
        ("Lost", "16.4%", "2.1%"),
        ("Hibernating", "11.4%", "2.7%"),
        ("About To Sleep", "9.4%", "1.8%"),
        ("Loyal Customers", "8.7%", "8.7%"),
        ("Potential Loyalists", "8.3%", "4.2%"),
        ("At Risk", "7.3%", "3.8%"),
        ("Promising", "6.6%", "1.1%"),
        ("Can't Lose Them", "4.5%", "6.8%"),
        ("Need Attention", "4.2%", "2.9%"),
        ("New Customers", "2.1%", "0.4%"),
    ]


def test_equal_values_have_equal_scores(made):
    found = made.table.df().dropna(subset=["recency"])
    for measure, score in zip(made.thresholds, SCORES, strict=True):
        assert (found.groupby(measure)[score].nunique() == 1).all()
        shares = found[score].value_counts(normalize=True)
        assert sorted(shares.index) == [1, 2, 3, 4, 5]
        assert shares.min() > 0.1


def test_the_thresholds_are_values_that_occur(made):
    found = made.table.df().dropna(subset=["recency"])
    assert made.thresholds["recency"] == (15, 36, 71, 176)
    assert made.thresholds["frequency"] == (1, 2, 3, 6)
    for measure, cuts in made.thresholds.items():
        expected = np.quantile(found[measure], [0.2, 0.4, 0.6, 0.8], method="inverted_cdf")
        assert cuts == pytest.approx(tuple(expected), abs=1e-9)


def test_without_the_repeated_rows(data_folder, lines):
    rows = pd.read_parquet(data_folder / "online_retail_2009_2010.parquet")
    made = cl.rfm(rows, duplicates="drop")
    once = lines[~rows.duplicated()]
    assert made.counts.duplicates == 6_865
    assert made.counts.rows == 525_461
    assert made.counts.kept == once["customer"].notna().sum()
    expected = reference(once, pd.Timestamp(made.as_of))
    found = made.table.df().sort_values("customer_id", ignore_index=True)
    assert np.allclose(found["monetary"], expected["monetary"], rtol=1e-9, atol=1e-6)
