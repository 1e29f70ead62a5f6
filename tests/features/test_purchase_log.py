"""A log of purchases is told from a table of customers, and nothing else is taken for one."""

import datetime as dt

import pandas as pd
import pytest

import clienteling as cl
from clienteling.errors import DataError
from clienteling.features import purchase_log
from clienteling.features.purchase_log import find_purchase_log

DAY = dt.date(2026, 1, 1)


def log(rows=60, customers=12, **other):
    """Return purchases of some customers, a row each."""
    return pd.DataFrame(
        {
            "Invoice": [f"R{n // 2}" for n in range(rows)],
            "Customer ID": [n % customers for n in range(rows)],
            "InvoiceDate": [DAY + dt.timedelta(days=n) for n in range(rows)],
            "Quantity": [1 + n % 5 for n in range(rows)],
            "Price": [0.5 * (1 + n % 7) for n in range(rows)],
            **other,
        }
    )


def found(frame, **given):
    return find_purchase_log(cl.read(frame), **given)


def test_the_parts_are_found_and_counted():
    seen = found(log())
    assert (seen.rows, seen.customers, seen.repeated, seen.exact) == (60, 12, 48, True)
    assert list(seen.columns) == ["customer", "date", "quantity", "price", "invoice"]
    assert seen.command == (
        'clienteling rfm TRANSACTIONS --customer "Customer ID" --date InvoiceDate '
        "--quantity Quantity --price Price --invoice Invoice --out customers.csv"
    )
    assert seen.sentence == (
        "This looks like a log of purchases, not like a table of customers: 48 of 60 rows have an "
        'id that stands before in "Customer ID", and what stands in "InvoiceDate" and "Quantity" '
        "differs between the rows of one customer."
    )


def test_rows_without_a_customer_are_not_counted():
    frame = log()
    frame["Customer ID"] = frame["Customer ID"].where(frame.index % 3 > 0)
    assert (found(frame).rows, found(frame).customers) == (40, 8)


def test_an_amount_goes_before_quantity_and_price():
    seen = found(log(Amount=[float(n) for n in range(60)]))
    assert list(seen.columns) == ["customer", "date", "amount", "invoice"]


def test_amounts_that_nothing_names_are_listed():
    frame = log().drop(columns=["Quantity", "Price"])
    frame["Kosten"], frame["Umsatz"] = range(60), range(60)
    seen = found(frame)
    assert seen.amounts == ("Kosten", "Umsatz")
    assert "--amount AMOUNT " in seen.command
    assert 'with the column of the amounts for AMOUNT: "Kosten" and "Umsatz".' in seen.next_step
    assert found(frame.drop(columns="Kosten")).columns["amount"] == "Umsatz"


def test_dates_with_names_of_their_own():
    seen = found(log().rename(columns={"InvoiceDate": "Rechnungstag", "Customer ID": "Kunde"}))
    assert (seen.columns["customer"], seen.columns["date"]) == ("Kunde", "Rechnungstag")


def test_the_column_that_is_named_is_the_customer():
    frame = log().rename(columns={"Customer ID": "Card"})
    assert found(frame) is None
    assert found(frame, id="Card").columns["customer"] == "Card"


@pytest.mark.parametrize(
    "frame",
    [
        log(customers=60),
        log(customers=31),
        log().drop(columns="InvoiceDate"),
        log().drop(columns=["Quantity", "Price"]),
        log(InvoiceDate=[DAY] * 60, Quantity=[1] * 60, Price=[2.0] * 60),
        log().rename(columns={"InvoiceDate": "Birth Date"}),
        log().rename(columns={"InvoiceDate": "Registered"}),
    ],
    ids=["once", "fewer than half", "no date", "no amount", "copies", "births", "registered"],
)
def test_tables_of_customers_are_none(frame):
    assert found(frame) is None


def test_a_few_repeated_customers_still_run():
    frame = log(rows=80, customers=70)
    model = cl.segment(frame, ["Quantity", "Price"], k=2)
    assert model.provenance.rows == 80


def test_a_fit_refuses_it_unless_rows_are_customers(tmp_path):
    path = tmp_path / "log.csv"
    log().to_csv(path, index=False)
    with pytest.raises(DataError) as caught:
        cl.segment(path, ["Quantity", "Price"])
    assert caught.value.message.startswith(f"{path}: this looks like a log of purchases")
    assert f"clienteling rfm {path} --customer" in caught.value.hint
    assert "(in Python rows_are_customers=True)" in caught.value.hint
    model = cl.segment(path, ["Quantity", "Price"], k=3, rows_are_customers=True)
    assert cl.refit(model, path).model.k == 3


def test_large_logs_are_judged_by_approximations(monkeypatch):
    """The paths for more than a million rows, taken here from twenty on."""
    monkeypatch.setattr(purchase_log, "EXACT", 20)
    seen = found(log())
    assert not seen.exact
    assert seen.customers == pytest.approx(12, abs=2)
    assert ": about 80 % of 60 rows have" in seen.sentence
    assert found(log(customers=60)) is None
