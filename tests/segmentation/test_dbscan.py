"""DBSCAN beside K-means: scikit-learn's own figures, and what is said of them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import DBSCAN
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.neighbors import NearestNeighbors

from clienteling.errors import InputError
from clienteling.segmentation.choose_k import choose_k
from clienteling.segmentation.dbscan import SweepRow, _sampled, _verdict, compare_dbscan
from clienteling.segmentation.prepare import prepare


@pytest.fixture(scope="module")
def fit(mall_prepared):
    return choose_k(mall_prepared.sketch, 5).fit


@pytest.fixture(scope="module")
def found(mall_prepared, fit):
    return compare_dbscan(mall_prepared.sketch, fit)


def same_groups(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Say whether two partitions are equal but for the numbers; noise is -1 in both."""
    pairs = set(zip(ours.tolist(), theirs.tolist(), strict=True))
    return len(pairs) == len(set(ours.tolist())) == len(set(theirs.tolist())) and all(
        (a == -1) == (b == -1) for a, b in pairs
    )


def test_that_not_all_customers_were_compared_is_said():
    assert _sampled(4000, 6969) == (" It ran on 4,000 customers, drawn evenly from the 6,969.")
    assert _sampled(200, 200) == ""


def test_the_published_settings(mall_prepared, fit):
    found = compare_dbscan(mall_prepared.sketch, fit, eps=0.3, min_samples=5)
    assert (found.eps, found.min_samples) == (0.3, 5)
    assert (found.clusters, found.noise, found.customers) == (7, 35, 200)
    assert sum(found.sizes) == 165
    assert list(found.sizes) == sorted(found.sizes, reverse=True)
    theirs = DBSCAN(eps=0.3, min_samples=5).fit_predict(found.points)
    assert same_groups(found.labels, theirs)
    kept = theirs >= 0
    assert found.silhouette == pytest.approx(silhouette_score(found.points[kept], theirs[kept]))
    assert found.agreement == pytest.approx(adjusted_rand_score(found.kmeans_labels, theirs))


def test_the_radius_at_the_knee(found):
    assert found.eps == pytest.approx(0.3677, abs=0.0001)
    assert found.min_samples == 4
    assert (found.clusters, found.noise, found.sizes) == (3, 15, (125, 33, 27))
    assert found.silhouette == pytest.approx(0.463, abs=0.0005)
    assert found.agreement == pytest.approx(0.500, abs=0.0005)


def test_the_points_are_all_customers(found, mall_values):
    z = (mall_values - mall_values.mean(axis=0)) / mall_values.std(axis=0)
    assert found.points == pytest.approx(np.array(sorted(z.tolist())), abs=1e-12)
    assert np.bincount(found.kmeans_labels).tolist() == [81, 39, 35, 23, 22]


def test_the_k_distance_counts_oneself(found):
    nearest, _ = NearestNeighbors(n_neighbors=4).fit(found.points).kneighbors(found.points)
    assert found.k_distance == pytest.approx(np.sort(nearest[:, 3]), abs=1e-12)
    assert found.eps in found.k_distance


def test_every_radius_of_the_sweep_is_scikit_learns(found):
    assert len(found.sweep) == 10
    assert [row.eps for row in found.sweep] == sorted({row.eps for row in found.sweep})
    assert found.sweep[0].eps < found.eps / 1.9 < found.eps < found.sweep[-1].eps
    for row in found.sweep:
        labels = DBSCAN(eps=row.eps, min_samples=4).fit_predict(found.points)
        kept = labels >= 0
        assert row.clusters == len(set(labels[kept]))
        assert row.noise == (~kept).sum()
        assert row.largest == np.bincount(labels[kept]).max()
        if row.clusters > 1:
            score = silhouette_score(found.points[kept], labels[kept])
            assert row.silhouette == pytest.approx(score)
        else:
            assert row.silhouette is None


def test_agreement_counts_noise_as_a_group_of_its_own(found):
    """The index by its definition, from pairs of customers that are together or apart."""
    together = [
        labels[:, None] == labels[None, :] for labels in (found.labels, found.kmeans_labels)
    ]
    pairs = np.triu_indices(200, 1)
    a, b = (each[pairs] for each in together)
    n = len(a)
    expected = a.sum() * b.sum() / n
    index = ((a & b).sum() - expected) / ((a.sum() + b.sum()) / 2 - expected)
    assert found.agreement == pytest.approx(index, abs=1e-12)


def test_the_verdict_on_the_mall(found):
    assert found.verdict == (
        "Three groups, one of which holds 125 of 200 customers: too coarse to act on. Besides, "
        "15 of 200 customers are noise, in no group at all. The answer hangs on the radius: "
        "between eps 0.18 and 0.74 there are 1 to 8 groups."
    )


SWEEP = [SweepRow(0.1, 4, 0, 10, None), SweepRow(0.2, 4, 0, 10, None)]
MOVING = [SweepRow(0.1, 6, 0, 10, None), SweepRow(0.2, 4, 0, 10, None)]


@pytest.mark.parametrize(
    ("sizes", "noise", "agreement", "sweep", "expected"),
    [
        ((), 100, 0.0, SWEEP,
         "No group: all 100 customers are noise. Nothing to act on."),
        ((97,), 3, 0.1, SWEEP,
         "One group of 97 of 100 customers and 3 as noise: DBSCAN sees one connected crowd here, "
         "so there is nothing to tell apart and act on."),
        ((60, 30), 10, 0.5, SWEEP,
         "Two groups, one of which holds 60 of 100 customers: too coarse to act on. Besides, 10 "
         "of 100 customers are noise, in no group at all."),
        ((60, 35), 5, 0.95, SWEEP,
         "Two groups that mostly agree with the 5 of K-means (agreement 0.95 of 1): the same "
         "picture from another method."),
        ((40, 30), 30, 0.9, SWEEP,
         "Two groups, but 30 of 100 customers are noise, in no group at all: every customer needs "
         "an offer, so this can't replace K-means."),
        ((40, 30, 25), 5, 0.9, SWEEP,
         "Three groups that mostly agree with the 5 of K-means (agreement 0.90 of 1): the "
         "same picture from another method."),
        ((40, 30, 25), 5, 0.3, SWEEP,
         "Three groups that differ from the 5 of K-means (agreement 0.30 of 1); K-means has "
         "the say, since it gives every customer a segment."),
        ((8,) * 12, 4, 0.3, MOVING,
         "12 groups that differ from the 5 of K-means (agreement 0.30 of 1); K-means has the "
         "say, since it gives every customer a segment. The answer hangs on the radius: "
         "between eps 0.10 and 0.20 there are 4 to 6 groups."),
    ],
)  # fmt: skip
def test_the_verdict_of_every_case(sizes, noise, agreement, sweep, expected):
    assert _verdict(sizes, noise, 100, 5, agreement, sweep) == expected


def test_separate_groups_are_found_by_both(blobs):
    prepared = prepare(blobs(4, each=50), ["x0", "x1"])
    found = compare_dbscan(prepared.sketch, choose_k(prepared.sketch, 4).fit)
    assert found.clusters == 4
    assert found.agreement > 0.9


@pytest.mark.parametrize(
    ("eps", "min_samples", "faults"),
    [
        (0.0, None, ["eps is 0.0; it must be a number greater than 0."]),
        (float("nan"), None, ["eps is nan; it must be a number greater than 0."]),
        (float("inf"), None, ["eps is inf; it must be a number greater than 0."]),
        (None, 0, ["min_samples is 0; it must be at least 1."]),
        (-1.0, -1, ["eps is -1.0; it must be a number greater than 0.",
                    "min_samples is -1; it must be at least 1."]),
    ],
)  # fmt: skip
def test_settings_that_are_not_positive_are_refused(mall_prepared, fit, eps, min_samples, faults):
    with pytest.raises(InputError) as caught:
        compare_dbscan(mall_prepared.sketch, fit, eps=eps, min_samples=min_samples)
    assert list(caught.value.faults) == faults


@pytest.mark.parametrize("rows", [2, 3, 5])
def test_the_smallest_tables(rows):
    frame = pd.DataFrame({"a": np.arange(float(rows)), "b": np.arange(float(rows)) ** 2})
    prepared = prepare(frame, ["a", "b"])
    found = compare_dbscan(prepared.sketch, choose_k(prepared.sketch, 2).fit)
    assert found.customers == rows
    assert found.clusters + found.noise >= 1
    assert found.verdict


def test_many_equal_customers():
    frame = pd.DataFrame({"a": [0.0] * 50 + [1.0] * 50, "b": [0.0] * 50 + [1.0] * 50})
    prepared = prepare(frame, ["a", "b"])
    found = compare_dbscan(prepared.sketch, choose_k(prepared.sketch, 2).fit)
    assert found.eps > 0
    assert (found.clusters, found.noise, found.agreement) == (2, 0, 1.0)
