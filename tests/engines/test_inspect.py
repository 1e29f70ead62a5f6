"""The report on a table is the same on every engine; on Spark the quartiles nearly are."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import clienteling as cl
from clienteling.features import purchase_log
from clienteling.features.purchase_log import find_purchase_log
from tests.engines.conftest import ENGINES, hostile_rows


def rows() -> pa.Table:
    rng = np.random.default_rng(1)
    table = hostile_rows(3000, seed=1)
    orders = rng.poisson(5, 3000)
    orders[7] = 999
    words = rng.choice(["north", "south", "east"], 3000)
    for name, values in {
        "orders": pa.array(orders),
        "orders_twice": pa.array(orders * 2.0),
        "region": pa.array(words),
        "region_code": pa.array([each[0] for each in words]),
        "country": pa.array(["DE"] * 3000),
    }.items():
        table = table.append_column(name, values)
    return table


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_reports_the_same(engine, opener):
    expected = cl.inspect(opener("duckdb")(rows()))
    found = cl.inspect(opener(engine)(rows()))
    assert found.roles == expected.roles
    assert [(each.name, each.of) for each in found.copies] == [
        ("orders_twice", "orders"),
        ("region_code", "region"),
    ]
    assert found.repeated_rows == expected.repeated_rows == 0
    for ours, theirs in zip(found.columns, expected.columns, strict=True):
        for each in ("mean", "skewness"):
            one, other = getattr(ours, each), getattr(theirs, each)
            assert one == (other if other is None else pytest.approx(other, rel=1e-6, abs=1e-9))
        if engine != "spark":
            assert replace(ours, mean=0, skewness=0) == replace(theirs, mean=0, skewness=0)
    outlying = {each.name: each.examples for each in found.columns}
    assert outlying["orders"][0].value == 999.0


@pytest.mark.parametrize("large", [False, True], ids=["counted", "about"])
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_tells_a_log_of_purchases(engine, large, opener, monkeypatch):
    """Of a large one, the ids are counted about, where the engine can; dates may be words."""
    if large:
        monkeypatch.setattr(purchase_log, "EXACT", 20)
    log = pa.table(
        {
            "Customer ID": pa.array([None if n % 9 == 0 else n % 12 for n in range(60)]),
            "InvoiceDate": [f"2026-01-{n % 28 + 1:02}" for n in range(60)],
            "Amount": [n * 1.5 for n in range(60)],
        }
    )
    table = opener(engine)(log.append_column("Row", pa.array(range(60))))
    found = find_purchase_log(table)
    assert found is not None
    assert (found.rows, found.columns["date"], found.exact) == (53, "InvoiceDate", not large)
    assert found.customers == pytest.approx(12, abs=2)
    assert find_purchase_log(table, id="Row") is None
