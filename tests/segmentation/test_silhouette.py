"""The weighted silhouette equals scikit-learn's on the repeated rows."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.metrics import silhouette_score

from clienteling.segmentation.silhouette import silhouette


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(1, 4), st.integers(0, 3)),
        min_size=3,
        max_size=15,
    )
)
def test_as_scikit_learn_on_repeated_rows(points):
    table = np.array(points, dtype=float)
    rows, weights, labels = table[:, :2], table[:, 2], table[:, 3].astype(int)
    repeated = np.repeat(np.arange(len(rows)), weights.astype(int))
    assume(2 <= len(np.unique(labels)) < len(repeated))
    found = silhouette(cdist(rows, rows), weights, labels)
    assert found == pytest.approx(silhouette_score(rows[repeated], labels[repeated]), abs=1e-12)


def test_two_far_places_are_nearly_1_and_one_place_is_0():
    far = np.array([[0.0, 1e9], [1e9, 0.0]])
    assert silhouette(far, np.array([2.0, 2.0]), np.array([0, 1])) == 1.0
    assert silhouette(np.zeros((2, 2)), np.array([2.0, 2.0]), np.array([0, 1])) == 0.0


def test_a_customer_alone_in_a_segment_counts_0():
    distances = cdist([[0.0], [0.0], [5.0]], [[0.0], [0.0], [5.0]])
    assert silhouette(distances, np.ones(3), np.array([0, 0, 1])) == pytest.approx(2 / 3)
