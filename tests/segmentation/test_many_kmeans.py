"""Many fits at once find what scikit-learn finds one by one."""

import numpy as np
import pytest
from sklearn.cluster import KMeans

from clienteling.segmentation.many_kmeans import divide_each


def inertia(rows: np.ndarray, centres: np.ndarray) -> float:
    return float(((rows[:, None] - centres) ** 2).sum(axis=2).min(axis=1).sum())


@pytest.mark.parametrize(("k", "features"), [(2, 1), (5, 2), (6, 8)])
def test_separate_groups_are_found_in_every_table(k, features):
    rng = np.random.default_rng(k)
    places = 12.0 * rng.permutation(k * features).reshape(k, features)
    tables = places[rng.integers(0, k, (30, 200))] + rng.normal(size=(30, 200, features))
    found = divide_each(tables, k, rng)
    assert found.shape == (30, k, features)
    for rows, centres in zip(tables, found, strict=True):
        theirs = KMeans(k, n_init=10, random_state=0).fit(rows).inertia_
        assert inertia(rows, centres) == pytest.approx(theirs, rel=1e-5)


def test_on_a_cloud_the_inertia_is_nearly_that_of_many_starts():
    rng = np.random.default_rng(0)
    tables = rng.normal(size=(20, 300, 3))
    more = [
        inertia(rows, centres) / KMeans(6, n_init=20, random_state=0).fit(rows).inertia_
        for rows, centres in zip(tables, divide_each(tables, 6, rng), strict=True)
    ]
    assert np.mean(more) < 1.02
    assert max(more) < 1.1


def test_fewer_different_rows_than_centres():
    tables = np.array([[[0.0], [0.0], [5.0]], [[1.0], [1.0], [1.0]]])
    found = divide_each(tables, 3, np.random.default_rng(0))
    assert np.isfinite(found).all()
    assert set(found[0].ravel()) == {0.0, 5.0}
    assert set(found[1].ravel()) == {1.0}


def test_many_tables_are_done_in_parts():
    tables = np.random.default_rng(0).normal(size=(100, 1000, 2))
    assert divide_each(tables, 10, np.random.default_rng(1)).shape == (100, 10, 2)
