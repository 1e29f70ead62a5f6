"""The coreset: the same customers as Python draws by the hash, and unbiased."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.preprocessing import StandardScaler

from clienteling.data.numbers import count_usable
from clienteling.data.portable_hash import hash_of, threshold
from clienteling.data.read import read
from clienteling.errors import ColumnError
from clienteling.segmentation.coreset import POINTS, coreset_sketch
from clienteling.segmentation.sketch import Sketch

N, D = 120_000, 6
FEATURES = [f"x{index}" for index in range(D)]


def customers(n: int = N, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 4, (5, D))
    rows = centres[rng.choice(5, n, p=[0.5, 0.3, 0.15, 0.04, 0.01])] + rng.normal(size=(n, D))
    rows[:, 0] = np.exp(rows[:, 0] / 3)
    return rows


def coreset_of(rows: np.ndarray, ids: object, **more: object) -> Sketch:
    columns = {"id": ids} if ids is not None else {}
    table = read(pa.table({**columns, **dict(zip(FEATURES, rows.T, strict=True)), **more}))
    counted = count_usable(table, FEATURES)
    return coreset_sketch(table, FEATURES, counted, "id" if ids is not None else None)


def drawn_in_python(rows: np.ndarray, ids: list) -> tuple[np.ndarray, np.ndarray]:
    """Return which customers are drawn, and with which probability, from the definition.

    The probability m(1/2n + |z|²/2Σ|z|²) is rounded up to the next quarter of a doubling of its
    least value, and Σ|z|² is n·d.
    """
    z = StandardScaler().fit_transform(rows)
    n = len(rows)
    base = POINTS / n / 2
    step = np.ceil(4 * np.log2(1 + (z**2).sum(axis=1) / D))
    probability = np.minimum(1.0, base * 2 ** (step / 4))
    limits = [threshold(each) for each in probability]
    drawn = [hash_of(each, "coreset:") < limit for each, limit in zip(ids, limits, strict=True)]
    return np.array(drawn), probability


@pytest.mark.parametrize("kind", ["integer", "text"])
def test_the_engine_draws_whom_python_draws(kind):
    rows = customers()
    ids = list(range(N)) if kind == "integer" else [f"{each:08d}" for each in range(N)]
    sketch = coreset_of(rows, pa.array(ids))
    drawn, probability = drawn_in_python(rows, ids)
    expected = rows[drawn]
    assert {tuple(each) for each in sketch.points} == {tuple(each) for each in expected}
    weights = 1 / probability[drawn]
    weights *= N / weights.sum()
    order = np.lexsort(expected.T[::-1])
    assert sketch.weights == pytest.approx(weights[order], rel=1e-12)
    assert (sketch.kind, sketch.customers) == ("coreset", N)
    assert sketch.weights.sum() == pytest.approx(N)


def test_mean_and_scale_are_those_of_all_customers():
    rows = customers()
    sketch = coreset_of(rows, np.arange(N))
    scaler = StandardScaler().fit(rows)
    assert sketch.mean == pytest.approx(scaler.mean_, rel=1e-12, abs=1e-12)
    assert sketch.scale == pytest.approx(scaler.scale_, rel=1e-12)


def test_the_inertia_of_any_centres_is_estimated_well():
    rows = customers(400_000)
    sketch = coreset_of(rows, np.arange(len(rows)))
    assert len(sketch.points) < 110_000
    z, points = (rows - sketch.mean) / sketch.scale, sketch.standardised()
    rng = np.random.default_rng(1)
    ratios = []
    for k in (1, 2, 3, 5, 8, 8, 12, 20):
        centres = z[rng.integers(0, len(z), k)]
        estimated = sketch.weights @ cost(points, centres)
        ratios.append(estimated / cost(z, centres).sum())
    assert np.abs(np.array(ratios) - 1).max() < 0.03
    assert np.mean(ratios) == pytest.approx(1, abs=0.005)


def cost(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return np.min([((points - each) ** 2).sum(axis=1) for each in centres], axis=0)


def test_the_order_of_the_rows_changes_no_draw():
    rows, ids = customers(), np.arange(N)
    order = np.random.default_rng(2).permutation(N)
    first, second = coreset_of(rows, ids), coreset_of(rows[order], ids[order])
    assert first.points.tobytes() == second.points.tobytes()
    assert second.weights == pytest.approx(first.weights, rel=1e-12)


def test_far_customers_are_not_missed():
    rows = customers()
    rows[-5:] = 1e4
    sketch = coreset_of(rows, np.arange(N))
    assert (sketch.points[:, 1] == 1e4).sum() == 5
    assert sketch.weights[sketch.points[:, 1] == 1e4] == pytest.approx(1, rel=0.02)


def test_customers_without_a_finite_number_take_no_part():
    rows = customers()
    rows[:50, 2], rows[50:80, 3] = np.nan, np.inf
    sketch = coreset_of(rows, np.arange(N))
    assert sketch.customers == N - 80
    assert np.isfinite(sketch.points).all()


def test_without_an_id_the_rows_are_numbered():
    rows = customers()
    found = coreset_of(rows, None)
    by_number = coreset_of(rows, np.arange(1, N + 1))
    assert found.points.tobytes() == by_number.points.tobytes()


@pytest.mark.parametrize(
    ("ids", "kind"),
    [
        (np.arange(N) + 0.5, "number"),
        (np.arange(N) % 2 == 0, "boolean"),
        (pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(N), unit="s"), "date"),
    ],
)
def test_other_ids_are_refused(ids, kind):
    with pytest.raises(ColumnError) as refused:
        coreset_of(customers(), pa.array(ids))
    assert str(refused.value) == (
        f'"id" can\'t be the customer id: it holds {kind} values, and only whole numbers and text '
        "read the same on every engine.\nName another column with --id."
    )


def test_no_id_and_no_order_is_refused(tmp_path):
    import sqlite3

    rows = customers()
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        columns = ", ".join(f"{each} REAL" for each in FEATURES)
        connection.execute(f"CREATE TABLE visits ({columns})")
        places = ", ".join("?" * D)
        connection.executemany(f"INSERT INTO visits VALUES ({places})", rows[:100].tolist())
    connection.close()
    table = read(f"sqlite:///{tmp_path}/shop.db?table=visits")
    with pytest.raises(ColumnError) as refused:
        coreset_sketch(table, FEATURES, count_usable(table, FEATURES), None)
    assert str(refused.value) == (
        f"sqlite:///{tmp_path}/shop.db?table=visits: no column was recognised as the customer id, "
        "and a table of this size with this many features is sampled by it.\n"
        "Name it with --id COLUMN."
    )
