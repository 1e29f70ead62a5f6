"""Lloyd passes over all customers: what they end in, checked against numpy on every row."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

import clienteling as cl
from clienteling.data.read import read
from clienteling.offers.recommend import count_segments
from clienteling.segmentation.kmeans import Fit
from clienteling.segmentation.nearest import Rule
from clienteling.segmentation.prepare import prepare
from clienteling.segmentation.refine import PASSES, _pass, refine

N = 60_000


def shapes(n: int, d: int) -> dict[str, np.ndarray]:
    """Return data sets of different shapes, each of shape (n, d)."""
    rng = np.random.default_rng(d)
    centres = rng.normal(0, 4, (5, d))
    noise = rng.normal(size=(n, d))
    mixed = centres[rng.integers(0, 5, n)] + noise
    outliers = mixed.copy()
    outliers[: n // 1000] = rng.normal(0, 60, (n // 1000, d))
    return {
        "overlapping": centres[rng.integers(0, 5, n)] * 0.6 + noise,
        "unequal sizes": centres[rng.choice(5, n, p=[0.6, 0.25, 0.1, 0.04, 0.01])] + noise,
        "skewed amounts": np.exp(mixed / 4),
        "outliers": outliers,
        "no groups": rng.uniform(size=(n, d)),
    }


def frame_of(rows: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[f"x{index}" for index in range(rows.shape[1])])
    frame.insert(0, "customer_id", np.arange(len(rows)))
    return frame


def segment(rows: np.ndarray, k: int = 5) -> cl.Model:
    frame = frame_of(rows)
    return cl.segment(frame, list(frame.columns[1:]), k=k)


def assigned(model: cl.Model, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the rows standardised, their nearest centre and their squared distance to it."""
    z = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    squares = np.stack([((z - each) ** 2).sum(axis=1) for each in model.centres], axis=1)
    return z, squares.argmin(axis=1), squares.min(axis=1)


@pytest.mark.parametrize("name", ["overlapping", "unequal sizes", "skewed amounts"])
def test_centres_are_a_fixed_point_over_all_customers(name):
    rows = shapes(N, 2)[name]
    model = segment(rows)
    z, ids, squares = assigned(model, rows)
    assert 1 <= model.method.passes <= PASSES
    means = np.array([z[ids == each].mean(axis=0) for each in range(model.k)])
    again = sum(((z[ids == each] - means[each]) ** 2).sum() for each in range(model.k))
    assert model.inertia == pytest.approx(squares.sum(), rel=1e-10)
    assert model.inertia - again < 1e-6 * model.inertia
    # A gain below 1e-6 of the inertia bounds how far the centres may still be from their means.
    shares = np.bincount(ids) / len(rows)
    moved = (shares * ((means - model.centres) ** 2).sum(axis=1)).sum()
    assert moved == pytest.approx((model.inertia - again) / len(rows), rel=1e-4, abs=1e-13)
    assert np.abs(means - model.centres).max() < 5e-3


def test_well_separated_groups_end_in_their_means():
    rng = np.random.default_rng(7)
    which = rng.integers(0, 4, N)
    rows = np.array([[0, 0], [0, 40], [40, 0], [40, 40]])[which] + rng.normal(size=(N, 2))
    model = segment(rows, 4)
    z, ids, _ = assigned(model, rows)
    means = np.array([z[ids == each].mean(axis=0) for each in range(4)])
    assert np.abs(means - model.centres).max() < 1e-5
    assert sorted(each.size for each in model.segments) == sorted(np.bincount(which))


@pytest.mark.parametrize("d", [1, 2, 6])
def test_sizes_are_what_scoring_counts(d):
    frame = frame_of(shapes(N, d)["overlapping"])
    model = cl.segment(frame, list(frame.columns[1:]), k=5)
    counts = count_segments(model.score(frame))
    assert counts == {each.name: each.size for each in model.segments}
    assert sum(counts.values()) == N
    assert [each.size for each in model.segments] == sorted(counts.values(), reverse=True)


def prepared(rows: np.ndarray):
    frame = frame_of(rows)
    return prepare(frame, list(frame.columns[1:]))


def start(made, centres: object) -> Fit:
    centres = np.array(centres, dtype=float)
    nothing = np.zeros(len(made.sketch.points), dtype=np.int64)
    return Fit(centres, nothing, 0.0, np.zeros(len(centres), dtype=np.int64))


def refined(made, centres: object) -> tuple[Fit, int]:
    names = [each.name for each in made.features]
    return refine(made.table, names, made.sketch, start(made, centres))[:2]


def test_an_empty_segment_starts_anew_where_it_costs_most():
    rng = np.random.default_rng(8)
    which = rng.integers(0, 3, N)
    rows = np.array([[0.0, 0.0], [0.0, 40.0], [40.0, 0.0]])[which] + rng.normal(size=(N, 2))
    made = prepared(rows)
    # The third centre is nobody's nearest: all customers are far closer to the others.
    fit, passes = refined(made, [[0.0, 0.0], [1.0, 1.0], [1e6, 1e6]])
    assert 1 <= passes <= PASSES
    assert sorted(fit.sizes.tolist()) == sorted(np.bincount(which).tolist())


def test_several_empty_segments():
    made = prepared(shapes(N, 2)["no groups"])
    fit, passes = refined(made, [[0.0, 0.0], [1e6, 0.0], [0.0, 1e6], [1e6, 1e6]])
    assert passes <= PASSES
    assert (fit.sizes > 0).all()
    assert fit.sizes.sum() == N
    assert np.abs(fit.centres).max() < 5


def test_ties_go_to_the_lowest_id():
    """Twice the same centre: the first takes all customers, the second is empty and moves."""
    rows = np.random.default_rng(9).normal(size=(N, 2))
    rows = np.vstack([rows, -rows])
    made = prepared(rows)
    fit, _ = refined(made, [[1.0, 0.0], [1.0, 0.0]])
    assert (fit.sizes > 0).all()
    whole = np.round(rows * 4)
    made = prepared(np.vstack([whole, whole * [-1, 1]]))
    axis = made.sketch.points[:, 0] == 0
    on_axis = int(made.sketch.weights[axis].sum())
    assert on_axis > 1_000
    left = int(made.sketch.weights[made.sketch.points[:, 0] < 0].sum())
    z = np.sqrt(2 / np.pi)
    for centres, first in ([[[-z, 0], [z, 0]], -1], [[[z, 0], [-z, 0]], 1]):
        rule = Rule(np.zeros(2), made.sketch.scale, np.array(centres))
        found = _pass(made.table, [each.name for each in made.features], rule)
        assert found.counts.tolist() == [left + on_axis, left], first


def test_never_more_than_ten_passes():
    rows = shapes(N, 2)["no groups"]
    made = prepared(rows)
    # All centres in one corner: Lloyd needs dozens of passes from there.
    corner = np.random.default_rng(0).uniform(-1.7, -1.6, (20, 2))
    shares: list[float] = []
    fit, passes, _ = refine(
        made.table,
        [each.name for each in made.features],
        made.sketch,
        start(made, corner),
        shares.append,
    )
    assert passes == PASSES == 10
    assert shares == [each / 10 for each in range(10)]
    z = (rows - made.sketch.mean) / made.sketch.scale
    squares = np.stack([((z - each) ** 2).sum(axis=1) for each in fit.centres], axis=1)
    assert np.bincount(squares.argmin(axis=1), minlength=20).tolist() == fit.sizes.tolist()
    assert fit.inertia == pytest.approx(squares.min(axis=1).sum(), rel=1e-9)


def test_an_exact_sketch_needs_no_pass(mall_csv):
    assert cl.segment(read(str(mall_csv))).method.passes == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", shapes(1_000, 2))
def test_two_features_against_scikit_learn_on_all_rows(name):
    rows = shapes(200_000, 2)[name]
    model = segment(rows)
    z = StandardScaler().fit_transform(rows)
    theirs = KMeans(5, n_init=10, random_state=0).fit(z)
    assert model.method.sketch == "grid"
    assert model.inertia <= theirs.inertia_ * (1 + 1e-6)
    # Where their best start goes on until nothing moves, a gain below 1e-6 a pass is still open.
    ended = KMeans(5, init=theirs.cluster_centers_, n_init=1, tol=0, max_iter=1000).fit(z)
    assert model.inertia <= ended.inertia_ * (1 + 5e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", shapes(1_000, 10))
def test_ten_features_against_scikit_learn_on_all_rows(name):
    rows = shapes(200_000, 10)[name]
    model = segment(rows)
    theirs = KMeans(5, n_init=10, random_state=0).fit(StandardScaler().fit_transform(rows))
    assert model.method.sketch == "coreset"
    assert model.inertia <= theirs.inertia_ * (1 + 1e-3)
