"""The sample under the headers that its many copies have: the same segments, and a word on it."""

import pandas as pd
import pytest

import clienteling as cl


def segments(frame: pd.DataFrame) -> list[tuple[str, int, str]]:
    model = cl.segment(frame, k=5)
    return [(each.name, each.size, each.explanation) for each in model.segments]


@pytest.fixture(scope="module")
def mall(mall_csv):
    return pd.read_csv(mall_csv)


@pytest.fixture(scope="module")
def expected(mall):
    return segments(mall)


@pytest.mark.parametrize(
    ("income", "spending"),
    [
        ("Income", "Score"),
        ("AnnualIncome", "SpendingScore"),
        ("annual_income", "spending_score"),
        ("ANNUAL INCOME (K$)", "SPENDING SCORE (1-100)"),
        (" Annual Income (k$) ", "Spending  Score(1-100)"),
        ("Salary", "score"),
        ("Yearly Income (€)", "Spending Score"),
    ],
)
def test_the_features_are_recognised_and_said(mall, expected, income, spending):
    names = dict(zip(mall.columns[3:], (income, spending), strict=True))
    model = cl.segment(mall.rename(columns=names), k=5)
    found = [(each.name, each.size) for each in model.segments]
    assert found == [each[:2] for each in expected]
    assert [each.label for each in model.features] == ["income", "spending"]
    assert model.feature_names == [income, spending]


@pytest.mark.parametrize(
    ("column", "note"),
    [
        ("income", 'Column "income" is read as income.'),
        ("AnnualIncome", 'Column "AnnualIncome" is read as income.'),
    ],
)
def test_a_short_name_is_said(mall, column, note):
    model = cl.segment(mall.rename(columns={"Annual Income (k$)": column}), k=5)
    assert (note in model.notes) == (column != "income")
    assert 'Column "CustomerID" is taken as the customer id.' in model.notes


@pytest.mark.parametrize("column", ["Genre", "genre ", "Gender", "GENDER"])
def test_gender_is_profiled_under_any_of_its_names(mall, column):
    model = cl.segment(mall.rename(columns={"Gender": column}), k=5)
    shares = [each for each in model.segments[0].profile if each.level]
    assert [(each.level, round(each.value, 3)) for each in shares] == [("Female", 0.593)]
    assert shares[0].column == column


def test_two_columns_that_could_be_meant_are_not_guessed(mall):
    frame = mall.rename(columns={"Annual Income (k$)": "Yearly Income", "Age": "Salary"})
    model = cl.segment(frame, k=5)
    assert model.feature_names == ["Salary", "Yearly Income", "Spending Score (1-100)"]
    assert [each.label for each in model.features] == ["salary", "yearly income", "spending"]
    assert any(each.startswith("No playbook knows these columns") for each in model.notes)


def test_a_model_scores_a_file_with_other_headers(mall):
    model = cl.segment(mall, k=5)
    other = mall.rename(columns={"Annual Income (k$)": "Income", "Spending Score (1-100)": "Score"})
    scored = model.score(other)
    assert scored.df()["segment_id"].tolist() == model.score(mall).df()["segment_id"].tolist()
    assert scored.names[1:3] == ["Annual Income (k$)", "Spending Score (1-100)"]
    assert 'Column "Income" is read as Annual Income (k$).' in scored.notes
    assert 'Column "Score" is read as Spending Score (1-100).' in scored.notes
