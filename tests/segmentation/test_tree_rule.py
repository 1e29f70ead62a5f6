"""Rules of thumb: what they catch, how round they are, and that they follow the customers."""

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from clienteling.segmentation.sketch import Sketch
from clienteling.segmentation.tree_rule import Limits, caught, limits_of, limits_words
from clienteling.segmentation.words import FeatureWords


def sketch_of(values, weights=None, kind="exact") -> Sketch:
    values = np.asarray(values, dtype=float).reshape(len(values), -1)
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    mean = np.average(values, axis=0, weights=weights)
    return Sketch(
        *(kind, values, weights, int(weights.sum()), mean),
        *(values.std(axis=0), np.zeros(values.shape[1])),
    )


def worth(rule, values, inside, weights) -> float:
    found = caught(rule, values)
    both = weights[found & inside].sum()
    return 2 * both / (weights[found].sum() + weights[inside].sum())


def test_limits_are_as_round_as_the_customers_allow():
    x = np.array([*range(101, 138), *range(161, 199)], dtype=float)
    assert limits_of(sketch_of(x), (x > 150).astype(int), 2) == [
        (Limits(0, up_to=150.0),),
        (Limits(0, above=150.0),),
    ]
    # One customer more or less of fifty is worth a rounder limit, and no more than that.
    tight = np.array([*range(100, 147), *range(148, 199)], dtype=float)
    (rule,) = limits_of(sketch_of(tight), (tight > 147).astype(int), 2)[1]
    assert rule == Limits(0, above=145.0)


def test_a_segment_in_the_middle_has_two_limits_and_one_in_a_corner_two_features():
    rng = np.random.default_rng(0)
    values = rng.uniform(0, 100, size=(2000, 2))
    middle = (values[:, 0] > 30) & (values[:, 0] <= 60)
    corner = (values[:, 0] > 60) & (values[:, 1] > 40)
    found = limits_of(sketch_of(values), np.where(middle, 1, np.where(corner, 2, 0)), 3)
    assert found[1] == (Limits(0, above=30.0, up_to=60.0),)
    assert found[2] == (Limits(0, above=60.0), Limits(1, above=40.0))


@pytest.mark.parametrize("seed", range(5))
def test_hardly_worse_than_the_best_leaf_of_the_tree(seed):
    """The leaves of scikit-learn's own tree, by its ``apply``, are what a rule is held against."""
    rng = np.random.default_rng(seed)
    values, weights = rng.normal(size=(1500, 4)) * [1, 10, 1000, 0.01], rng.integers(1, 9, 1500)
    labels = (values[:, :3] / [1, 10, 1000] + rng.normal(size=(1500, 3)) * 0.3).argmax(axis=1)
    for segment, rule in enumerate(limits_of(sketch_of(values, weights), labels, 3)):
        inside = labels == segment
        tree = DecisionTreeClassifier(max_depth=3, class_weight="balanced", random_state=0)
        leaves = tree.fit(values, inside, sample_weight=weights).apply(values)
        best = max(
            2
            * weights[(leaves == leaf) & inside].sum()
            / (weights[leaves == leaf].sum() + weights[inside].sum())
            for leaf in np.unique(leaves)
        )
        assert worth(rule, values, inside, weights) >= best - 0.05
        assert 1 <= sum((e.above is not None) + (e.up_to is not None) for e in rule) <= 3


def test_weights_count_as_customers():
    x = np.arange(40.0)
    weights = np.where(x < 20, 3, 1)
    labels = ((x > 10) & (x != 25)).astype(int)
    weighed = limits_of(sketch_of(x, weights), labels, 2)
    again = np.repeat(np.arange(40), weights)
    assert weighed == limits_of(sketch_of(x[again]), labels[again], 2)


def test_no_rule_where_there_is_nothing_to_tell_apart():
    x = np.zeros(10)
    assert limits_of(sketch_of(x), np.arange(10) % 2, 2) == [(), ()]
    assert limits_of(sketch_of(np.arange(10.0)), np.zeros(10, dtype=int), 1) == [()]
    # A centre that was made elsewhere may have no customer.
    assert limits_of(sketch_of(np.arange(10.0)), np.arange(10) % 2, 3)[2] == ()


def test_a_large_sketch_is_thinned_evenly():
    x = np.linspace(0, 100, 60_000)
    found = limits_of(sketch_of(x, kind="grid"), (x > 70).astype(int), 2)
    assert found == [(Limits(0, up_to=70.0),), (Limits(0, above=70.0),)]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ([Limits(0, above=1234.5)], "income above 1,234.5 €"),
        ([Limits(1, above=-2.0, up_to=0.25)], "visits above -2, up to 0.25"),
        ([Limits(0, up_to=70.0), Limits(1, above=3.0)], "income up to 70 € and visits above 3"),
        (
            [Limits(0, above=1.0, up_to=2.0), Limits(1, above=3.0), Limits(2, up_to=4.0)],
            "income above 1, up to 2 €; visits above 3 and age up to 4",
        ),
    ],
)
def test_the_words(rule, words):
    features = [
        FeatureWords("Income (€)", "income", "€"),
        FeatureWords("visits", "visits"),
        FeatureWords("Age", "age"),
    ]
    assert limits_words(rule, features) == words
