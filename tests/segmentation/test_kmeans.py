"""K-means on weighted points equals scikit-learn's on the customers themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from clienteling.segmentation.kmeans import _merged, fit_kmeans


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 3))
def test_inertia_is_that_of_the_repeated_rows(seed, k, features):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(20, features)).round(1)
    points = np.unique(points, axis=0)
    weights = rng.integers(1, 6, len(points)).astype(float)
    fit = fit_kmeans(points, weights, k, seed=0)
    rows = np.repeat(points, weights.astype(int), axis=0)
    best = KMeans(k, n_init=20, random_state=1).fit(rows)
    assert fit.inertia <= 1.05 * best.inertia_ + 1e-9
    assert fit.sizes.sum() == len(rows)
    labels = np.repeat(fit.labels, weights.astype(int))
    own = sum(((rows[labels == i] - fit.centres[i]) ** 2).sum() for i in range(k))
    assert fit.inertia == pytest.approx(own, abs=1e-9)
    for i in range(k):
        assert fit.centres[i] == pytest.approx(rows[labels == i].mean(axis=0), abs=1e-12)
        assert fit.sizes[i] == (labels == i).sum()


def test_every_point_is_with_its_nearest_centre():
    rng = np.random.default_rng(5)
    points, weights = rng.normal(size=(300, 2)), rng.integers(1, 9, 300).astype(float)
    fit = fit_kmeans(points, weights, 6, seed=0)
    distances = ((points[:, None] - fit.centres) ** 2).sum(axis=2)
    assert fit.labels.tolist() == distances.argmin(axis=1).tolist()


def test_segments_are_numbered_by_size_then_by_centre():
    points = np.array([[30.0], [0.0], [10.0], [20.0]])
    fit = fit_kmeans(points, np.array([2.0, 3.0, 2.0, 5.0]), 4, seed=0)
    assert fit.sizes.tolist() == [5, 3, 2, 2]
    assert fit.centres.ravel().tolist() == [20.0, 0.0, 10.0, 30.0]
    assert fit.labels.tolist() == [3, 1, 2, 0]


def test_a_segment_for_every_point():
    points = np.arange(6.0).reshape(-1, 1)
    fit = fit_kmeans(points, np.ones(6), 6, seed=0)
    assert fit.inertia == 0.0
    assert sorted(fit.labels.tolist()) == [0, 1, 2, 3, 4, 5]


def test_one_segment_is_the_mean():
    fit = fit_kmeans(np.array([[0.0], [4.0]]), np.array([3.0, 1.0]), 1, seed=0)
    assert (fit.centres.tolist(), fit.inertia) == ([[1.0]], 12.0)


def test_many_points_are_tried_on_blocks_and_fitted_as_they_are():
    rng = np.random.default_rng(3)
    points = rng.normal(size=(12_000, 2)) + rng.integers(0, 4, (12_000, 1)) * [6.0, -5.0]
    points, weights = points / points.std(axis=0), rng.integers(1, 50, 12_000).astype(float)
    coarse, merged = _merged(points, weights)
    assert 1_000 <= len(coarse) <= 6_000
    assert merged.sum() == weights.sum()
    assert merged @ coarse == pytest.approx(weights @ points)
    found = fit_kmeans(points, weights, 4, seed=0)
    best = KMeans(4, n_init=10, random_state=1, tol=0, max_iter=1000).fit(
        points, sample_weight=weights
    )
    assert found.inertia == pytest.approx(best.inertia_, rel=1e-9)


def test_points_with_many_features_are_tried_as_they_are():
    points = np.random.default_rng(0).normal(size=(10_001, 5))
    assert _merged(points, np.ones(10_001))[0] is points
