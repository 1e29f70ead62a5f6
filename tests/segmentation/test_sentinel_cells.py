"""What the grid rules out is what a look at the customers would not have found."""

import numpy as np
import pandas as pd
import pytest

from clienteling.data.numbers import count_usable
from clienteling.data.read import read
from clienteling.data.sentinels import sentinels_among
from clienteling.segmentation.grid import grid_sketch
from clienteling.segmentation.prepare import prepare
from clienteling.segmentation.sentinel_cells import may_stand_out

N = 60_000
RNG = np.random.default_rng(0)
AGES = RNG.integers(18, 71, N).astype(float)
AMOUNTS = np.round(RNG.normal(20, 400, N), 1)
BLOBS = RNG.choice([20.0, 60.0, 95.0], N) + RNG.normal(0, 8, N)


def with_unknown(values: np.ndarray, sentinel: float, times: int) -> np.ndarray:
    return np.where(np.arange(len(values)) < times, sentinel, values)


STANDS_OUT = {
    "beyond": with_unknown(AGES, 999, 3),
    "far beyond": with_unknown(AGES, 9999999, 1),
    "below": with_unknown(AGES, -1, 1),
    "zero below": with_unknown(AGES, 0, 40),
    "near": with_unknown(AGES, 99, 1),
    "two": with_unknown(with_unknown(AGES, 999, 30), -1, 2),
    "peak": with_unknown(AMOUNTS, 0, N // 12),
    "peak in a crowd": with_unknown(BLOBS, 99, N // 12),
    "at the least share": with_unknown(np.round(BLOBS, 4), 9, N // 99),
}
AMONG = {
    "ages": AGES,
    "amounts": AMOUNTS,
    "blobs": BLOBS,
    "all about": RNG.normal(50, 300, N),
    "few at zero": with_unknown(AMOUNTS, 0, 200),
    "levels": RNG.integers(-3, 8, N).astype(float),
    "heavy tail": RNG.lognormal(3, 2, N),
}


def made_of(values: np.ndarray):
    table = read(pd.DataFrame({"x": values}))
    return table, grid_sketch(table, ["x"], count_usable(table, ["x"]))


@pytest.mark.parametrize("case", STANDS_OUT)
def test_what_stands_out_is_looked_for(case):
    table, made = made_of(STANDS_OUT[case])
    assert sentinels_among(table, ["x"])
    assert may_stand_out(made, 0)
    # With a second feature, the cells are wider.
    frame = pd.DataFrame({"x": STANDS_OUT[case], "y": RNG.normal(size=N)})
    assert set(sentinels_among(table, ["x"])) <= set(prepare(frame, ["x", "y"]).notes)


@pytest.mark.parametrize("case", AMONG)
def test_nothing_is_found_among_others(case):
    table, _ = made_of(AMONG[case])
    assert sentinels_among(table, ["x"]) == []


@pytest.mark.parametrize("case", ["blobs", "all about", "few at zero", "amounts"])
def test_what_can_not_stand_out_is_not_looked_for(case):
    assert not may_stand_out(made_of(AMONG[case])[1], 0)


def test_the_customers_are_not_asked_again(monkeypatch):
    frame = pd.DataFrame({"x": BLOBS - 40, "y": AMONG["all about"]})
    asked = []
    table = read(frame)
    ask = type(table.engine).query
    monkeypatch.setattr(
        type(table.engine), "query", lambda own, select: asked.append(1) or ask(own, select)
    )
    prepare(table, ["x", "y"])
    assert len(asked) == 2  # the ranges, and the grid


def test_without_a_grid_it_may_always_be():
    made = prepare(pd.DataFrame({"x": AGES[:300], "y": BLOBS[:300]}), ["x", "y"]).sketch
    assert may_stand_out(made, 0)
