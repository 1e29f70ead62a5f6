"""The nearest centre: the numpy and the SQL path give the same bits, and scikit-learn's answer."""

import numpy as np
import pyarrow as pa
import pytest
import sqlglot.expressions as exp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

import clienteling as cl
from clienteling.data.sql import chain, column, double, name
from clienteling.segmentation.nearest import Nearest, Rule, nearest, nearest_steps

INF = float("inf")
ODD = [None, float("nan"), INF, -INF, 1e300, -1e300, 1.0000000000000002e300, 1e308, -1e308]
SMALL = [1e-300, -1e-300, 5e-324, 0.0, -0.0]
HALVES = [-2.5, -2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 2.5]
VALUES = st.one_of(
    st.sampled_from([*ODD, *SMALL, *HALVES]),
    st.floats(-100, 100),
    st.floats(allow_nan=False, allow_infinity=False),
)


def in_sql(rule: Rule, rows: list[list[float | None]]) -> Nearest:
    """Ask DuckDB, row by row in the given order."""
    features = range(rule.centres.shape[1])
    columns = {f"f{i}": pa.array([row[i] for row in rows], pa.float64()) for i in features}
    table = cl.read(pa.table({"row": list(range(len(rows))), **columns}))
    steps = nearest_steps(
        rule, [double(column(f"f{i}")) for i in features], [column("row").as_(name("row"))]
    )
    last = exp.select(
        *(column(each) for each in ("row", "cl_id", "cl_second", "cl_margin"))
    ).order_by(column("row"))
    found = table.engine.query(chain(table.subquery, *steps, ("last", last)))
    ids, seconds = (
        np.array([-1 if each is None else each for each in found.column(key).to_pylist()])
        for key in ("cl_id", "cl_second")
    )
    margins = np.array(
        [np.nan if each is None else each for each in found.column("cl_margin").to_pylist()]
    )
    return Nearest(ids, seconds, margins)


def in_numpy(rule: Rule, rows: list[list[float | None]]) -> Nearest:
    values = [[np.nan if value is None else value for value in row] for row in rows]
    return nearest(rule, np.array(values, dtype=float))


def check_equal(rule: Rule, rows: list[list[float | None]]) -> Nearest:
    ours, theirs = in_numpy(rule, rows), in_sql(rule, rows)
    assert ours.ids.tolist() == theirs.ids.tolist()
    assert ours.runner_ups.tolist() == theirs.runner_ups.tolist()
    assert ours.margins.tobytes() == theirs.margins.tobytes() or np.array_equal(
        ours.margins, theirs.margins, equal_nan=True
    )
    return ours


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 4), st.integers(1, 7))
def test_both_paths_give_the_same_bits(data, features, k):
    numbers = st.floats(-5, 5)
    rule = Rule(
        np.array(data.draw(st.lists(st.floats(-1e6, 1e6), min_size=features, max_size=features))),
        np.array(data.draw(st.lists(st.floats(1e-6, 1e6), min_size=features, max_size=features))),
        np.array(
            data.draw(
                st.lists(
                    st.lists(numbers, min_size=features, max_size=features), min_size=k, max_size=k
                )
            )
        ),
    )
    row = st.lists(VALUES, min_size=features, max_size=features)
    check_equal(rule, data.draw(st.lists(row, min_size=1, max_size=30)))


def test_both_paths_on_every_pair_of_odd_values():
    rule = Rule(
        np.array([0.1, -3.0]), np.array([0.7, 1e-3]), np.array([[0.0, 1.0], [1.0, 0.0], [0.3, 0.3]])
    )
    odd = [*ODD, *SMALL, *HALVES]
    check_equal(rule, [[a, b] for a in odd for b in odd])


@pytest.mark.parametrize(
    ("value", "usable"),
    [
        (None, False),
        (float("nan"), False),
        (INF, False),
        (-INF, False),
        (1e308, False),
        (1e300, True),
        (-1e300, True),
        (1e-300, True),
        (0.0, True),
    ],
)
def test_what_is_usable(value, usable):
    rule = Rule(np.zeros(2), np.ones(2), np.array([[0.0, 0.0], [10.0, 0.0]]))
    found = check_equal(rule, [[value, 1.0], [1.0, value]])
    assert (found.ids >= 0).tolist() == [usable, usable]
    assert np.isfinite(found.margins).tolist() == [usable, usable]


def test_ties_go_to_the_lowest_id():
    rule = Rule(np.zeros(1), np.ones(1), np.array([[1.0], [-1.0], [1.0], [3.0]]))
    rows = [[0.0], [1.0], [2.0], [-5.0], [2.5]]
    found = check_equal(rule, rows)
    assert found.ids.tolist() == [0, 0, 0, 1, 3]
    assert found.runner_ups.tolist() == [1, 2, 2, 0, 0]
    assert found.margins.tolist() == [0.0, 0.0, 0.0, 2.0, 1.0]


def test_halves_lie_exactly_on_the_border():
    rule = Rule(np.array([10.0]), np.array([4.0]), np.array([[-0.5], [0.5]]))
    found = check_equal(rule, [[10.0], [np.nextafter(10.0, 11.0)], [9.0], [11.0]])
    assert found.ids.tolist() == [0, 1, 0, 1]
    assert found.margins.tolist()[2:] == [0.5, 0.5]
    assert found.margins[0] == 0.0


def test_a_single_centre_has_no_runner_up():
    found = check_equal(Rule(np.zeros(1), np.ones(1), np.zeros((1, 1))), [[3.0], [None], [1e300]])
    assert found.ids.tolist() == [0, -1, 0]
    assert found.runner_ups.tolist() == [-1, -1, -1]
    assert np.isnan(found.margins).all()


@pytest.mark.parametrize("k", [2, 5, 20])
def test_as_scikit_learns_distances(k):
    rng = np.random.default_rng(k)
    values = rng.normal(50, 20, size=(2000, 3)) * [1, 1000, 0.001]
    scaler = StandardScaler().fit(values)
    z = scaler.transform(values)
    fitted = KMeans(k, n_init=1, random_state=0).fit(z)
    rule = Rule(scaler.mean_, scaler.scale_, fitted.cluster_centers_)
    distances = np.sort(fitted.transform(z), axis=1)
    found = check_equal(rule, values.tolist())
    assert found.margins == pytest.approx(distances[:, 1] - distances[:, 0], abs=1e-7)
    sure = distances[:, 1] - distances[:, 0] > 1e-9
    assert (found.ids == fitted.predict(z))[sure].all()
    order = np.argsort(fitted.transform(z), axis=1)
    assert (
        (found.runner_ups == order[:, 1])[distances[:, 2:3].ravel() - distances[:, 1] > 1e-9].all()
        if k > 2
        else True
    )


def test_far_away_the_direction_decides():
    rule = Rule(np.zeros(2), np.ones(2), np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    found = check_equal(rule, [[1e300, 0.0], [-1e300, 1.0], [0.0, 1e200], [1e150, 1e-150]])
    assert found.ids.tolist() == [1, 0, 2, 1]
    assert np.isfinite(found.margins).all()
    assert (found.margins >= 0).all()
