"""Where centres lie among all customers, and that names and descriptions say the same of it."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clienteling.segmentation.kmeans import fit_kmeans
from clienteling.segmentation.naming import Named, name_segments
from clienteling.segmentation.places import find_places
from clienteling.segmentation.playbook import Playbook, load_playbook
from clienteling.segmentation.sketch import Sketch
from clienteling.segmentation.words import FeatureWords, explain_centre, explain_customer

WORDS = [
    FeatureWords("Annual Income (k$)", "income"),
    FeatureWords("Spending Score (1-100)", "spending"),
    FeatureWords("orders", "orders"),
]
SIDE = {"very low": -1, "low": -1, "few": -1, "moderate": 0, "high": 1, "many": 1, "very high": 1}


def sketch_of(values) -> Sketch:
    values = np.array(values, dtype=float)
    points, weights = np.unique(values, axis=0, return_counts=True)
    none = np.zeros(values.shape[1])
    scale = values.std(axis=0)
    return Sketch(
        "exact", points, weights.astype(float), len(values), values.mean(axis=0), scale, none
    )


def test_ranks_count_half_of_the_equal_and_go_evenly_from_value_to_value():
    made = sketch_of([[0], [0], [0], [1], [2]])
    ranks = made.ranks(np.array([[-1.0], [0.0], [0.5], [1.0], [2.0], [3.0]])).ravel()
    assert ranks.tolist() == pytest.approx([0, 0.3, 0.5, 0.7, 0.9, 1])


def test_a_mean_that_is_hardly_more_than_what_most_have_is_low_as_theirs_is():
    made = sketch_of([[0]] * 57 + [[1]] * 40 + [[2]] * 3)
    places = find_places(made, np.array([[0.0], [0.05], [1.0], [2.0]]))
    assert places.sides.ravel().tolist() == [-1, -1, 1, 1]
    said = [explain_centre([FeatureWords("kids", "kids")], places, row) for row in range(4)]
    assert said == [
        "kids 0, low",
        "kids 0.05, low",
        "kids 1, high",
        "kids 2, above 97 % of customers",
    ]


def test_what_a_mean_of_zeros_leaves_of_its_last_digits_is_zero():
    made = sketch_of([[0]] * 57 + [[1]] * 40 + [[2]] * 3)
    places = find_places(made, np.array([[3.3e-16]]))
    assert explain_customer([FeatureWords("kids", "kids")], places) == "kids 0, low"


def told_sides(explanation: str) -> dict[str, int]:
    sides = {}
    for part in explanation.split("; "):
        label, _, place = re.fullmatch(r"(\w+) (\S+), (.+)", part).groups()
        first = place.split()[0]
        sides[label] = {"above": 1, "high": 1, "near": 0, "below": -1, "low": -1}[first]
    return sides


def check_agreement(named: Named, explanation: str, playbook: Playbook) -> None:
    """Compare what is read: the name, the words on its fit, and the description."""
    told = told_sides(explanation)
    archetype = next((each for each in playbook.segments if each.name == named.name), None)
    off = dict(re.findall(r"its (\w+) is ([\w ]+?), not", named.fit))
    if archetype is not None:
        for key, level in archetype.levels.items():
            label = playbook.features[key].label
            if label in told:
                assert told[label] == SIDE[off.get(label, level)]
                assert label not in off or off[label] != level
    elif named.name.startswith("Average customers"):
        assert set(told.values()) == {0}
    elif named.name != "All customers":
        said = re.findall(r"(?:^|, )(?:very |rather )?(\w+) (\w+)(?=,|$)", named.name.lower())
        said = [(word, label) for word, label in said if word in SIDE]
        assert said
        assert all(told[label] == SIDE[word] for word, label in said)


COUNTS = st.one_of(
    st.integers(0, 4),
    st.sampled_from([0, 0, 0, 0, 1, 1, 2, 9]),
    st.sampled_from([1, 2, 3, 3, 3, 4, 40]),
)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 3), st.integers(1, 12), st.sampled_from(["general", "own"]))
def test_no_name_says_what_the_description_denies(data, features, k, which):
    columns = [data.draw(st.lists(COUNTS, min_size=12, max_size=40)) for _ in range(features)]
    many = min(map(len, columns))
    values = np.column_stack([each[:many] for each in columns])
    made = sketch_of(values)
    if (made.scale == 0).any():
        return
    fit = fit_kmeans(made.standardised(), made.weights, min(k, len(made.points)), 0)
    playbook = load_playbook("general" if which == "general" else "income-spending")
    places = find_places(made, fit.centres * made.scale + made.mean)
    for row, named in enumerate(name_segments(playbook, WORDS[:features], places)):
        check_agreement(named, explain_centre(WORDS[:features], places, row), playbook)
