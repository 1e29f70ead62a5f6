"""Transactions to customers, and models of rules: every engine gives the same, to the last bit."""

import datetime as dt
import sqlite3

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clienteling as cl
from clienteling.segmentation.rules import (
    Rule,
    RuleFeature,
    RuleSegment,
    RulesModel,
    RulesProvenance,
)
from tests.engines.conftest import ENGINES, hostile_rows

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]


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


def test_a_database_with_dates_gives_what_duckdb_gives(tmp_path):
    """SQLite adds in float64 and keeps days as text: the sums are equal but for rounding."""
    rng = np.random.default_rng(5)
    rows = [
        (
            f"{'C' if rng.random() < 0.1 else ''}{invoice}",
            int(rng.integers(0, 60)),
            str(dt.date(2024, 1, 1) + dt.timedelta(days=int(rng.integers(0, 300)))),
            float(rng.integers(1, 9)),
        )
        for invoice in range(1000)
    ]
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute(
            "CREATE TABLE lines (invoice TEXT, customer INT, date DATE, amount REAL)"
        )
        connection.executemany("INSERT INTO lines VALUES (?, ?, ?, ?)", rows)
    connection.close()
    names = ["invoice", "customer", "date", "amount"]
    expected = cl.rfm(pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))))
    found = cl.rfm(f"sqlite:///{tmp_path}/shop.db?table=lines")
    assert (found.as_of, found.counts) == (expected.as_of, expected.counts)
    assert found.thresholds == expected.thresholds
    pd.testing.assert_frame_equal(found.table.df(), expected.table.df(), check_dtype=False)
    sizes = [[(s.name, s.size) for s in cl.rfm_model(each).segments] for each in (found, expected)]
    assert sizes[0] == sizes[1]


@pytest.fixture(scope="module")
def model() -> RulesModel:
    return RulesModel(
        playbook="test",
        features=[
            RuleFeature(name=each, label=each, best=best, thresholds=[0.0, 30.0, 60.0, 61.5])
            for each, best in zip(FEATURES, ("low", "high"), strict=True)
        ],
        rules=[
            Rule(segment="a", scores={FEATURES[0]: [4, 5], FEATURES[1]: [2, 3]}),
            Rule(segment="b", scores={FEATURES[1]: [1, 1]}),
            Rule(segment="a", scores={FEATURES[0]: [1, 1]}),
            Rule(segment="c", scores={}),
        ],
        segments=[
            RuleSegment(
                id=place,
                name=f"The {key}'s",
                key=key,
                size=0,
                share=0.0,
                revenue=0.0,
                revenue_share=None,
                typical={},
                description="",
                strategy="",
                explanation="",
            )
            for place, key in enumerate("cab")
        ],
        provenance=RulesProvenance(
            source="x", rows=0, kept=0, customers=0, as_of="", date="", versions={}
        ),
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_segment_that_python_gives(engine, opener, model):
    rows = hostile_rows(20_000)
    scored = model.score(opener(engine)(rows)).to_arrow().sort_by("customer_id")
    assert scored.column("customer_id").to_pylist() == list(range(len(rows)))
    answers = model.predict(rows.select(FEATURES).to_pylist())
    names = [each.segment.name if each.segment else None for each in answers]
    ids = [each.segment.id if each.segment else None for each in answers]
    assert scored.column("segment").to_pylist() == names
    assert scored.column("segment_id").to_pylist() == ids
    noted = [note != "" for note in scored.column("note").to_pylist()]
    assert noted == [each.note != "" for each in answers]
    assert scored.column("margin").null_count == scored.column("runner_up").null_count == len(rows)
    assert {*names} == {"The a's", "The b's", "The c's", None}
