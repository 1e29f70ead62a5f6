"""Columns are found by their name, by a short form of it, or by a known other name."""

import pandas as pd
import pytest

import clienteling as cl
from clienteling.data.columns import find_column, find_id, label_and_unit, normalise
from clienteling.errors import ColumnError

INCOME, SPENDING = "Annual Income (k$)", "Spending Score (1-100)"


def table(*columns: str) -> cl.Table:
    return cl.read(pd.DataFrame({each: [1, 2] for each in columns}))


@pytest.mark.parametrize(
    ("wanted", "available", "expected"),
    [
        (INCOME, [INCOME, "annual income"], INCOME),
        (INCOME, ["annual income (K$)"], "annual income (K$)"),
        (INCOME, ["  AnnualIncome "], "  AnnualIncome "),
        (INCOME, ["annual_income"], "annual_income"),
        (INCOME, ["Annual Income"], "Annual Income"),
        (INCOME, ["Income"], None),
        (INCOME, ["annual income", "annual_income"], None),
        ("€", ["€"], "€"),
        ("(k$)", ["( K$ )"], "( K$ )"),
        ("(a)", ["(b)"], None),
    ],
)
def test_find_column(wanted, available, expected):
    found = find_column(wanted, available)
    assert (found.name if found else None) == expected


def test_the_own_name_comes_before_other_names():
    assert find_column("Gender", ["Genre", "gender"], ["Genre"]).name == "gender"


def test_among_several_other_names_nothing_is_guessed():
    assert find_column("income", ["Salary", "Yearly Income"], ["Salary", "Yearly Income"]) is None


def test_what_was_assumed_is_said_and_an_exact_name_is_not():
    assert find_column(INCOME, [INCOME]).note == ""
    assert find_column(INCOME, ["income "], ["Income"]).note == (
        'Column "income " is read as Annual Income (k$).'
    )


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("Annual Income (k$)", ("annual income", "k$")),
        ("Spending Score (1-100)", ("spending score", "")),
        ("annualIncome", ("annual income", "")),
        ("annual_income", ("annual income", "")),
        ("Weight (kg) ", ("weight", "kg")),
        ("Rating (1 – 5)", ("rating", "")),
        ("TOTAL_ORDERS", ("total orders", "")),
        ("Categories", ("categories", "")),
        ("Anzahl Bestellungen", ("Anzahl Bestellungen", "")),
        ("Umsatz (€)", ("Umsatz", "€")),
        ("VIP orders", ("VIP orders", "")),
        ("NumVIPOrders", ("num VIP orders", "")),
        ("PLZ", ("PLZ", "")),
        ("(k$)", ("(k$)", "k$")),
        ("()", ("()", "")),
    ],
)
def test_label_and_unit(column, expected):
    assert label_and_unit(column) == expected


def test_normalise_never_empties_a_name():
    assert normalise("(k$)") == "(k$)"
    assert normalise("***") == "***"


@pytest.mark.parametrize(
    "column",
    ["CustomerID", "customer_id", "Customer ID", "CUSTOMERID", "ID", "id", "ClientID", "User Id",
     "member_id", "Customer No", "Customer Number", "CustID"],
)  # fmt: skip
def test_the_customer_id_is_recognised_and_said(column):
    found = find_id(table("Age", column))
    assert found.name == column
    assert found.note == f'Column "{column}" is taken as the customer id.'


def test_the_more_telling_name_is_the_id():
    assert find_id(table("id", "customer_id")).name == "customer_id"


@pytest.mark.parametrize("columns", [("Age", "Idle"), ("Identity",), ("order_id",)])
def test_other_columns_are_not_the_id(columns):
    assert find_id(table(*columns)) is None


def test_a_named_id_must_be_there():
    with pytest.raises(ColumnError) as caught:
        find_id(table("Age", "Kunde"), "Kunden")
    assert str(caught.value).splitlines()[1:] == [
        '  - there is no column "Kunden". Did you mean "Kunde"?',
        'The columns are: "Age", "Kunde".',
    ]


def test_all_missing_features_are_said_at_once():
    with pytest.raises(ColumnError) as caught:
        cl.segment(table("Age", "Incme"), ["Income", "Spend", "Age"])
    assert str(caught.value) == (
        "the DataFrame: columns are missing.\n"
        '  - there is no column "Income". Did you mean "Incme"?\n'
        '  - there is no column "Spend".\n'
        'The columns are: "Age", "Incme".'
    )


def test_a_feature_that_is_named_twice_is_refused():
    with pytest.raises(ColumnError, match='"Age" is named more than once among the features'):
        cl.segment(table("Age", "b"), ["Age", "age"])
