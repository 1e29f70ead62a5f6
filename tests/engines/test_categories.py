"""Levels on every engine: the same rows get the same answers as in numpy, to the last bit."""

import re

import numpy as np
import pyarrow as pa
import pytest
import sqlglot

import clienteling as cl
from clienteling.segmentation.nearest import nearest
from clienteling.segmentation.scoring import rule_of
from tests.engines.conftest import ENGINES
from tests.engines.test_equal import _select
from tests.engines.test_sql_text import FUNCTIONS, QUOTED

CITIES = [
    *("Berlin", " Bonn ", "Kiel", "Sankt Augustin", "O'Fallon", "", "  ", None, "bonn"),
    *(" n/a", "Unknown"),
]
SHARES = [0.4, 0.25, 0.1, 0.01, 0.06, 0.02, 0.03, 0.03, 0.04, 0.03, 0.03]


def customers(n: int, seed: int = 0) -> pa.Table:
    rng = np.random.default_rng(seed)
    city = rng.choice(len(CITIES), n, p=SHARES)
    spend = rng.normal(60, 30, n)
    return pa.table(
        {
            "CustomerID": np.arange(n),
            "spend": pa.array(np.where(rng.random(n) < 0.02, np.inf, spend)),
            "Home city": pa.array([CITIES[each] for each in city]),
            "plan": pa.array(rng.integers(1, 4, n), mask=rng.random(n) < 0.05),
        }
    )


@pytest.fixture(scope="module")
def model() -> cl.Model:
    return cl.segment(cl.read(customers(3000)), ["spend"], categorical=["Home city", "plan"], k=4)


def values_by_hand(model: cl.Model, rows: pa.Table) -> np.ndarray:
    city, plan = model.categories
    return np.array(
        [
            [spend, *city.row(home), *plan.row(floor)]
            for spend, home, floor in zip(
                *(rows.column(each).to_pylist() for each in ("spend", "Home city", "plan")),
                strict=True,
            )
        ]
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_what_numpy_gives(engine, opener, model):
    rows = customers(50_000, seed=1)
    scored = model.score(opener(engine)(rows))
    wanted = ["customer_id", "Home city", "segment_id", "margin", "note"]
    found = scored.engine.query(_select(scored, wanted)).sort_by("customer_id")
    expected = nearest(rule_of(model), values_by_hand(model, rows))
    ids = found.column("segment_id").to_pandas().fillna(-1).to_numpy().astype(int)
    assert (ids == expected.ids).all()
    margins = found.column("margin").to_pandas().to_numpy(dtype=float)
    assert np.array_equal(margins, expected.margins, equal_nan=True)
    assert found.column("Home city").to_pylist() == rows.column("Home city").to_pylist()
    notes = set(found.column("note").to_pylist())
    gaps = {"spend is not a finite number.", "Home city is missing.", "plan is missing."}
    assert {""} | gaps < notes
    assert ((np.array(found.column("note").to_pylist()) != "") == (expected.ids < 0)).all()


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_fits_the_same_model(engine, opener, model):
    found = cl.segment(
        opener(engine)(customers(3000)), ["spend"], categorical=["Home city", "plan"], k=4
    )
    assert found.feature_names == model.feature_names
    assert [each.name for each in found.segments] == [each.name for each in model.segments]
    assert [each.size for each in found.segments] == [each.size for each in model.segments]
    assert np.abs(found.centres - model.centres).max() < 1e-9


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_counts_the_same_in_a_refit_and_drift(engine, opener, model):
    table = opener(engine)(customers(3000))
    found = cl.refit(model, table, k="same")
    assert found.staying == 1
    assert len(found.kept) == model.k
    assert cl.drift(model, table).largest == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("dialect", QUOTED)
def test_a_warehouse_gets_every_level_as_text(dialect, model):
    sql = model.sql(dialect)
    sqlglot.parse_one(sql, dialect=dialect)
    called = set(re.findall(r"\b([A-Z_]+)\(", sql)) - {"THEN", "WHEN", "AND", "OR", "AS", "NOT"}
    assert called <= FUNCTIONS | {"LOWER"}, called - FUNCTIONS
    assert QUOTED[dialect].replace("Annual Income (k$)", "Home city") in sql
    for level in ("'Berlin'", "'Bonn'", "'Kiel'"):
        assert level in sql
    assert "O\\'Fallon" in sql or "O''Fallon" in sql


def test_the_text_is_what_runs(model):
    rows = customers(2000, seed=2)
    table = cl.read(rows)
    connection = table.engine.connection
    connection.register("customers", rows)
    text = connection.sql(model.sql("duckdb")).to_arrow_table()
    assert text.equals(model.score(table).to_arrow())
