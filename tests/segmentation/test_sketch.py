"""The sketch stands for all customers: counts, means and spreads are those of the full table."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

import clienteling as cl
from clienteling.data.numbers import count_usable
from clienteling.errors import DataError
from clienteling.segmentation.prepare import prepare
from clienteling.segmentation.sketch import counted_sketch

SHARES = st.integers(-20, 20).map(lambda value: value / 4)


def sketch_of(frame: pd.DataFrame):
    return prepare(frame, list(frame.columns)).sketch


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(SHARES, SHARES), min_size=2, max_size=40))
def test_weights_mean_and_scale_are_those_of_the_rows(rows):
    table = np.array(rows)
    if (table == table[0]).all(axis=0).any():
        return
    sketch = sketch_of(pd.DataFrame(table, columns=["a", "b"]))
    points, counts = np.unique(table + 0.0, axis=0, return_counts=True)
    assert sketch.points.tolist() == points.tolist()
    assert sketch.weights.tolist() == counts.tolist()
    assert sketch.customers == len(table)
    scaler = StandardScaler().fit(table)
    assert sketch.mean == pytest.approx(scaler.mean_, rel=1e-12, abs=1e-12)
    assert sketch.scale == pytest.approx(scaler.scale_, rel=1e-12)


def test_the_mall(mall_prepared, mall_values):
    sketch = mall_prepared.sketch
    scaler = StandardScaler().fit(mall_values)
    assert sketch.mean == pytest.approx(scaler.mean_, rel=1e-14)
    assert sketch.scale == pytest.approx(scaler.scale_, rel=1e-14)
    assert (sketch.kind, sketch.error, sketch.customers) == ("exact", 0.0, 200)
    assert len(sketch.points) == len(np.unique(mall_values, axis=0))


def test_the_order_of_the_rows_changes_no_bit(mall_prepared, mall_frame):
    shuffled = prepare(mall_frame.sample(frac=1, random_state=8)).sketch
    assert shuffled.points.tobytes() == mall_prepared.sketch.points.tobytes()
    assert shuffled.weights.tobytes() == mall_prepared.sketch.weights.tobytes()
    assert shuffled.mean.tobytes() == mall_prepared.sketch.mean.tobytes()
    assert shuffled.scale.tobytes() == mall_prepared.sketch.scale.tobytes()


def test_shares_below_and_above(mall_prepared, mall_values):
    values = np.array([54.0, 50.0])
    sketch = mall_prepared.sketch
    assert sketch.below(values) == pytest.approx((mall_values < values).mean(axis=0))
    assert sketch.above(values) == pytest.approx((mall_values > values).mean(axis=0))


def test_rows_repeats_each_point_by_its_weight(mall_prepared):
    sketch = mall_prepared.sketch
    rows = sketch.rows(200)
    assert np.bincount(rows).tolist() == sketch.weights.tolist()


@pytest.mark.parametrize("limit", [199, 50, 7])
def test_a_sample_gives_each_point_its_due_share(mall_prepared, limit):
    sketch = mall_prepared.sketch
    rows = sketch.rows(limit)
    assert len(rows) == limit
    taken = np.bincount(rows, minlength=len(sketch.points))
    assert (abs(taken - sketch.weights * limit / 200) < 1).all()


def test_customers_without_a_finite_number_take_no_part():
    table = pa.table(
        {
            "a": pa.array([1.0, 2.0, None, float("nan"), float("inf"), -float("inf"), 3.0]),
            "b": pa.array([1.0, 2.0, 1.0, 1.0, 1.0, 1.0, None]),
        }
    )
    prepared = prepare(table, ["a", "b"])
    assert prepared.sketch.points.tolist() == [[1.0, 1.0], [2.0, 2.0]]
    assert (prepared.usable.rows, prepared.usable.usable) == (7, 2)


def test_minus_zero_is_zero():
    sketch = sketch_of(pd.DataFrame({"a": [0.0, -0.0, 1.0], "b": [1.0, 1.0, 2.0]}))
    assert sketch.weights.tolist() == [2.0, 1.0]


@pytest.mark.parametrize("factor", [1e-140, 1e-9, 1e9, 1e140])
def test_units_change_nothing(blobs, factor):
    frame = blobs(2)
    model = cl.segment(frame, ["x0", "x1"], k=2)
    scaled = cl.segment(frame * factor, ["x0", "x1"], k=2)
    assert scaled.inertia == pytest.approx(model.inertia, rel=1e-9)
    assert [each.size for each in scaled.segments] == [40, 40]


@pytest.mark.parametrize("factor", [1e-200, 1e-300, 1e160, 1e298])
def test_values_whose_spread_no_float_can_hold_are_refused(blobs, factor):
    with pytest.raises(DataError, match="lie too far apart, or too close"):
        cl.segment(blobs(2) * factor, ["x0", "x1"], k=2)


def test_one_absurd_value_is_refused(blobs):
    frame = blobs(2)
    frame.loc[3, "x0"] = 1e299
    with pytest.raises(DataError) as caught:
        cl.segment(frame, ["x0", "x1"], k=2)
    (fault,) = caught.value.faults
    assert fault.startswith('column "x0" goes from ')
    assert fault.endswith(" to 1e+299.")


def test_a_far_origin_keeps_the_groups(blobs):
    model = cl.segment(blobs(2) + 1e12, ["x0", "x1"], k=2)
    assert [each.size for each in model.segments] == [40, 40]
    assert model.inertia == pytest.approx(cl.segment(blobs(2), ["x0", "x1"], k=2).inertia, rel=1e-3)


def customers_of(folder, x):
    rows = {"customer_id": np.arange(len(x)), "x": x, "y": np.arange(len(x)) % 97.0}
    pq.write_table(pa.table(rows), folder / "a.parquet", row_group_size=20_000)
    return cl.read(folder / "a.parquet")


def test_the_statistics_of_parquet_spare_the_count(tmp_path, monkeypatch):
    table = customers_of(tmp_path, np.random.default_rng(0).normal(size=60_000))
    counted = count_usable(table, ["x", "y"])
    monkeypatch.setattr("clienteling.segmentation.sketch.count_usable", None)
    told, made = counted_sketch(table, ["x", "y"])
    assert told == counted
    assert made.customers == 60_000


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, 1e301, None])
def test_where_they_can_t_be_trusted_customers_are_counted(tmp_path, odd):
    values = np.random.default_rng(0).normal(size=60_000).tolist()
    values[7:9] = odd, odd
    table = customers_of(tmp_path, pa.array(values, pa.float64()))
    told, made = counted_sketch(table, ["x", "y"])
    assert told == count_usable(table, ["x", "y"])
    assert (told.rows, told.usable, made.customers) == (60_000, 59_998, 59_998)
