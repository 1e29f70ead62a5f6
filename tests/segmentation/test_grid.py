"""The grid keeps of all customers what counts: checked against numpy on every row."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

import clienteling as cl
from clienteling.data.numbers import count_usable
from clienteling.data.read import read
from clienteling.errors import DataError
from clienteling.segmentation.grid import grid_sketch
from clienteling.segmentation.sketch import Sketch

N = 60_000


def mixture(n: int, d: int, seed: int = 0) -> np.ndarray:
    """Return three round groups and some noise, of shape (n, d)."""
    rng = np.random.default_rng(seed)
    centres = np.array([[0.0] * d, [8.0] * d, [-8.0, 8.0, 0.0, 4.0][:d]])
    rows = centres[rng.integers(0, 3, n)] + rng.normal(size=(n, d))
    rows[: n // 50] = rng.uniform(-14, 14, (n // 50, d))
    return rows


def grid_of(rows: np.ndarray | pd.DataFrame | pa.Table) -> Sketch:
    if isinstance(rows, np.ndarray):
        rows = pd.DataFrame(rows, columns=[f"x{index}" for index in range(rows.shape[1])])
    table = read(rows)
    return grid_sketch(table, table.names, count_usable(table, table.names))


def assert_moments(sketch: Sketch, rows: np.ndarray, rel: float = 1e-12) -> None:
    scaler = StandardScaler().fit(rows)
    assert sketch.customers == len(rows) == sketch.weights.sum()
    assert sketch.mean == pytest.approx(scaler.mean_, rel=rel, abs=rel * scaler.scale_.max())
    assert sketch.scale == pytest.approx(scaler.scale_, rel=rel)
    totals = rows.sum(axis=0)
    assert sketch.weights @ sketch.points == pytest.approx(
        totals, rel=rel, abs=rel * np.abs(rows).sum(axis=0).max()
    )


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_moments_and_cells(d):
    rows = mixture(N, d)
    sketch = grid_of(rows)
    assert_moments(sketch, rows)
    assert sketch.kind == "grid"
    assert len(sketch.points) <= 50_000
    assert (sketch.weights >= 1).all()


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_never_more_than_fifty_thousand_cells(d):
    """Uniform customers fill every cell there is."""
    rows = np.random.default_rng(0).uniform(size=(400_000, d))
    assert 20_000 < len(grid_of(rows).points) <= 50_000


@pytest.mark.parametrize("d", [1, 2, 4])
def test_the_error_inside_the_cells_is_exact(d):
    """Total sum of squares = between the points + within: whatever the cells are."""
    rows = mixture(N, d)
    sketch = grid_of(rows)
    z = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    total = (z**2).sum()
    between = (sketch.weights[:, None] * sketch.standardised() ** 2).sum()
    # The difference of two large numbers: its last digits are lost, so the bound is absolute.
    assert sketch.within_inertia == pytest.approx(total - between, abs=1e-11 * total)
    assert sketch.error == pytest.approx(sketch.within_inertia / total, rel=1e-12)
    assert 0 < sketch.error < (0.01 if d < 4 else 0.05)


def test_inertia_from_the_sketch_is_that_of_the_rows_assigned_by_cell():
    rows = mixture(N, 2)
    sketch = grid_of(rows)
    z, points = (rows - sketch.mean) / sketch.scale, sketch.standardised()
    centres = np.random.default_rng(1).normal(size=(6, 2))
    # Each row's cell, found anew: the bounds are those of the data, 180 cells wide.
    low, high = rows.min(axis=0), rows.max(axis=0)
    cells = np.floor((rows - low) * (180 / (high - low))).astype(int)
    _, which, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    which = which.ravel()
    assert sorted(counts) == sorted(sketch.weights)
    means = np.column_stack([np.bincount(which, z[:, each]) / counts for each in range(2)])
    nearest = ((means[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    expected = ((z - centres[nearest[which]]) ** 2).sum()
    costs = ((points[:, None] - centres) ** 2).sum(axis=2).min(axis=1)
    found = sketch.weights @ costs + sketch.within_inertia
    assert found == pytest.approx(expected, rel=1e-9)
    best = ((z[:, None] - centres) ** 2).sum(axis=2).min(axis=1).sum()
    assert best <= found <= best * 1.001


OUTLIERS = {
    "a million": [1e6, -1e6],
    "a billion billion": [1e12, 1e18],
    "one of them": [1e12],
    "as a missing-value code": [-999_999_999.0] * 12,
}


@pytest.mark.parametrize("name", OUTLIERS)
def test_outliers_do_not_eat_the_resolution(name):
    bulk = mixture(N, 2)
    outliers = np.array(OUTLIERS[name])
    rows = np.vstack([bulk, np.column_stack([outliers, np.zeros(len(outliers))])])
    sketch = grid_of(rows)
    assert_moments(sketch, rows, rel=1e-11)
    assert len(sketch.points) <= 50_000
    near = np.abs(sketch.points).max(axis=1) < 100
    assert near.sum() > 3_000
    assert sketch.weights[near].sum() == N
    # What the cells of the bulk lose, against the bulk's own spread.
    between = (sketch.weights[near, None] * (sketch.points[near] - bulk.mean(axis=0)) ** 2).sum(0)
    total = ((bulk - bulk.mean(axis=0)) ** 2).sum(axis=0)
    assert ((total - between) / total).max() < 1e-3


@pytest.mark.parametrize("huge", [[1e300], [-1e300, 1e300], [1e150, -1e200]])
def test_values_whose_squares_no_float_can_hold_are_refused(huge):
    """A standard deviation can't be computed with them, so no model could be right."""
    rows = np.vstack([mixture(N, 2), np.column_stack([huge, np.zeros(len(huge))])])
    low, high = rows[:, 0].min(), rows[:, 0].max()
    with pytest.raises(DataError, match="lie too far apart") as refused:
        cl.segment(pd.DataFrame(rows, columns=["x0", "x1"]), ["x0", "x1"])
    assert refused.value.faults == (f'column "x0" goes from {low:g} to {high:g}.',)


def test_the_largest_outlier_that_is_taken():
    bulk = mixture(N, 2)
    sketch = grid_of(np.vstack([bulk, [[1e120, 0]]]))
    assert np.isfinite(sketch.scale).all()
    near = np.abs(sketch.points).max(axis=1) < 100
    assert (near.sum() > 3_000, sketch.weights[near].sum()) == (True, N)


def test_the_fit_with_outliers_is_scikit_learns():
    """A far customer is a segment of its own, for us as for scikit-learn; the bulk stays whole."""
    bulk = mixture(N, 2)
    rows = np.vstack([bulk, [[1e6, 1e6], [1.00001e6, 1e6], [1e6, 1.00001e6]]])
    model = cl.segment(pd.DataFrame(rows, columns=["a", "b"]), ["a", "b"], k=4)
    z = StandardScaler().fit_transform(rows)
    theirs = KMeans(4, n_init=5, random_state=0, tol=1e-12).fit(z)
    assert model.inertia <= theirs.inertia_ * (1 + 1e-6)
    assert sorted(each.size for each in model.segments)[0] == 3


def test_whole_numbers_lose_nothing():
    rng = np.random.default_rng(3)
    rows = np.column_stack([rng.integers(15, 138, N), rng.integers(1, 101, N)])
    sketch = grid_of(pd.DataFrame(rows, columns=["income", "score"]))
    points, counts = np.unique(rows, axis=0, return_counts=True)
    assert len(sketch.points) == len(points)
    assert sketch.points == pytest.approx(points.astype(float), rel=1e-14)
    assert (sketch.weights == counts).all()
    assert sketch.error < 1e-15


@pytest.mark.parametrize("d", [1, 2, 3])
def test_shuffled_rows_give_the_same_sketch(d):
    rows = mixture(N, d)
    shuffled = np.random.default_rng(5).permutation(rows)
    first, second = grid_of(rows), grid_of(shuffled)
    assert (first.weights == second.weights).all()
    # Sums in another order differ in their last bits, no more.
    assert second.points == pytest.approx(first.points, rel=1e-13, abs=1e-13)
    assert second.mean == pytest.approx(first.mean, rel=1e-13, abs=1e-13)
    assert second.scale == pytest.approx(first.scale, rel=1e-13)


def test_shuffled_rows_give_the_same_model():
    frame = pd.DataFrame(mixture(N, 2), columns=["a", "b"])
    first = cl.segment(frame, ["a", "b"])
    second = cl.segment(frame.sample(frac=1, random_state=1), ["a", "b"])
    assert [each.size for each in first.segments] == [each.size for each in second.segments]
    assert second.centres == pytest.approx(first.centres, rel=1e-9)
    assert second.inertia == pytest.approx(first.inertia, rel=1e-9)


def test_customers_without_a_finite_number_are_left_out_and_counted():
    rows = mixture(N, 2)
    dirty = rows.copy()
    dirty[:100, 0], dirty[100:150, 1], dirty[150:170, 0] = np.nan, np.inf, -np.inf
    missing = np.zeros(N, dtype=bool)
    missing[170:200] = True
    table = pa.table({"a": pa.array(dirty[:, 0], mask=missing), "b": pa.array(dirty[:, 1])})
    opened = read(table)
    counted = count_usable(opened, ["a", "b"])
    sketch = grid_sketch(opened, ["a", "b"], counted)
    assert_moments(sketch, rows[200:])
    assert (counted.rows, counted.usable) == (N, N - 200)
    assert counted.missing == {"a": 130, "b": 0}
    assert counted.infinite == {"a": 20, "b": 50}
    assert cl.segment(table, ["a", "b"], k=2).notes[-1] == (
        '200 of 60,000 customers have no segment: "a" is missing for 130; "a" is not finite for '
        '20; "b" is not finite for 50.'
    )


@pytest.mark.parametrize(("shift", "factor"), [(1e9, 1.0), (-1e6, 1e-3), (0.0, 1e12), (5.0, 1e-9)])
def test_far_origins_and_other_units(shift, factor):
    rows = mixture(N, 2) * factor + shift
    sketch = grid_of(rows)
    digits = 1e-12 + 4e-16 * abs(shift) / rows.std(axis=0).min()
    assert sketch.mean == pytest.approx(rows.mean(axis=0), rel=1e-12, abs=digits * factor)
    assert sketch.scale == pytest.approx(rows.std(axis=0), rel=max(1e-12, digits))
    assert sketch.error < 0.001


def test_one_value_for_nearly_all_and_a_few_others():
    """Nothing to narrow to: all but a few customers sit on one number."""
    values = np.zeros((N, 1))
    values[:10, 0] = np.arange(1, 11) * 1e6
    sketch = grid_of(values)
    assert_moments(sketch, values)
    assert sketch.weights.max() == N - 10
    assert len(sketch.points) == 11
    assert sketch.error < 1e-15


def test_two_neighbouring_numbers():
    values = np.where(np.arange(N) % 2, 1.0, np.nextafter(1.0, 2.0))[:, None]
    sketch = grid_of(values)
    assert sketch.customers == N
    assert np.isfinite(sketch.points).all()
