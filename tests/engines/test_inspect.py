"""The report on a table is the same on every engine; on Spark the quartiles nearly are."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import clienteling as cl
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
