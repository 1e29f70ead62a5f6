"""Transactions to customers: every engine that reads files gives the same, to the last bit."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clienteling as cl


def transactions(n: int) -> pa.Table:
    """Return lines with nulls, NaN, infinities, ties, returns and repeated rows."""
    rng = np.random.default_rng(4)
    amount = np.round(rng.lognormal(3, 1.5, n), 2) * rng.choice([1, 1, 1, 1, 1, 1, 1, -1], n)
    kinds = rng.integers(0, 100, n)
    for kind, value in enumerate((np.nan, np.inf, -np.inf, 1e301, 1e15, 0.0, -0.0, 5e-324)):
        amount = np.where(kinds == kind, value, amount)
    first = dt.datetime(2024, 1, 1, 13, 59, 59)
    days = [
        "31.12.2024" if kind == 9 else str(first + dt.timedelta(days=int(day)))
        for kind, day in zip(kinds, rng.integers(0, 400, n), strict=True)
    ]
    invoices = [f"{'C' if kind > 95 else ''}{i // 3}" for i, kind in enumerate(kinds)]
    table = pa.table(
        {
            "Invoice": pa.array(invoices, mask=kinds == 10),
            "Customer ID": pa.array(rng.integers(0, n // 9, n).astype(float), mask=kinds == 11),
            "InvoiceDate": pa.array(days, mask=kinds == 12),
            "Amount": pa.array(amount, mask=kinds == 13),
        }
    )
    return pa.concat_tables([table, table.slice(0, n // 50)])


@pytest.mark.spark
def test_spark_gives_what_duckdb_gives(tmp_path, spark_ready):
    path = tmp_path / "lines.parquet"
    pq.write_table(transactions(20_000), path)
    expected, found = (cl.rfm(cl.read(path, engine=each)) for each in ("duckdb", "spark"))
    assert found.counts == expected.counts
    assert expected.counts.unusable_amounts > 0
    assert expected.counts.unusable_dates > 0
    assert expected.counts.duplicates == 400
    assert found.thresholds == expected.thresholds
    assert (found.customers, found.only_returns) == (expected.customers, expected.only_returns)
    assert found.notes == expected.notes
    tables = [each.table.to_arrow().sort_by("customer_id") for each in (expected, found)]
    assert tables[0].column_names == tables[1].column_names
    for name in tables[0].column_names:
        assert tables[1].column(name).to_pylist() == tables[0].column(name).to_pylist(), name
