"""Real files of customers are read rightly; their figures were counted with pandas."""

import datetime

import pandas as pd
import pytest

import clienteling as cl


def missing(table):
    arrow = table.to_arrow()
    return {name: arrow.column(name).null_count for name in table.names}


def test_supermarket_customers(data_folder):
    path = data_folder / "ifood_customers.csv"
    table, frame = cl.read(path), pd.read_csv(path)
    assert len(table) == len(frame) == 2240
    kinds = {each.name: each.kind for each in table.columns}
    assert {name for name, kind in kinds.items() if kind == "text"} == {
        "Education",
        "Marital_Status",
    }
    assert {name for name, kind in kinds.items() if kind == "date"} == {"Dt_Customer"}
    assert {name: n for name, n in missing(table).items() if n} == {"Income": 24}
    assert table.notes == (
        'Column "Income": 666666 may mean "unknown": 1 of 2,216 values, while the others are 1730 '
        'to 162397; it is kept (otherwise: --drop "Income=666666").',
    )
    found = table.df()
    assert found["Dt_Customer"].iloc[0] == datetime.date(2012, 9, 4)
    for name, kind in kinds.items():
        if kind in ("integer", "number"):
            pd.testing.assert_series_equal(found[name], frame[name], check_dtype=False)


def test_supermarket_customers_as_a_german_spreadsheet_saves_them(data_folder, tmp_path):
    frame = pd.read_csv(data_folder / "ifood_customers.csv", parse_dates=["Dt_Customer"])
    frame["Income"] /= 7
    path = tmp_path / "kunden.csv"
    saved = frame.assign(
        Income=frame["Income"].map(
            lambda value: "" if pd.isna(value) else f"{value:,.2f} €".translate({44: 46, 46: 44})
        ),
        Marital_Status=frame["Marital_Status"].str.replace("Together", "Lebensgefährte"),
    )
    saved.to_csv(path, sep=";", index=False, encoding="cp1252", date_format="%d.%m.%Y")
    table = cl.read(path)
    found = table.df()
    assert found["Income"].fillna(0).to_numpy() == pytest.approx(
        frame["Income"].round(2).fillna(0).to_numpy(), abs=0.006
    )
    assert (pd.to_datetime(found["Dt_Customer"]) == frame["Dt_Customer"]).all()
    assert (found["Marital_Status"] == "Lebensgefährte").sum() == 580
    assert {each.option.partition(" ")[0] for each in table.assumptions} >= {
        "--encoding",
        "--decimal",
        "--dates",
    }


def test_automobile_customers(data_folder):
    path = data_folder / "automobile_customers.csv"
    table, frame = cl.read(path), pd.read_csv(path)
    assert len(table) == len(frame) == 8068
    kinds = {each.name: each.kind for each in table.columns}
    assert [name for name, kind in kinds.items() if kind != "text"] == [
        *("ID", "Age", "Work_Experience", "Family_Size")
    ]
    expected = frame.isna().sum().to_dict()
    assert missing(table) == expected
    assert expected["Work_Experience"] == 829
    assert table.notes == ()
    for name in ("Age", "Work_Experience", "Family_Size"):
        pd.testing.assert_series_equal(table.df()[name], frame[name], check_dtype=False)


def test_mall_customers_with_gaps(data_folder):
    path = data_folder / "mall_customers_missing.csv"
    table, frame = cl.read(path), pd.read_csv(path)
    assert missing(table) == frame.isna().sum().to_dict()
    assert sum(missing(table).values()) == 54
    assert [each.kind for each in table.columns] == ["integer", "text", *["integer"] * 3]
    assert table.notes == ()
