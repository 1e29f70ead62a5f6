"""Names where no playbook fits: distinct for every k, short, and true."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

import clienteling as cl
from clienteling.segmentation.general_names import general_names
from clienteling.segmentation.kmeans import fit_each
from clienteling.segmentation.labels import feature_words, level_phrase
from clienteling.segmentation.places import Places, find_places
from clienteling.segmentation.prepare import prepare

WORDS = [
    feature_words(each)
    for each in ("MntWines", "NumWebVisits", "Age", "Annual Income (k$)", "Recency", "family_size")
]


def places_of(apart) -> Places:
    """Return the places of centres so many deviations from the mean of normal features."""
    below = norm.cdf(apart)
    return Places(50 + 10 * apart, apart, below, 1 - below, below)


def names_of(apart, words=WORDS, taken=()) -> list[str]:
    apart = np.array(apart, dtype=float)
    return general_names(words[: apart.shape[1]], places_of(apart), taken)


@pytest.mark.parametrize(
    ("column", "label"),
    [
        ("MntWines", "wines"),
        ("MNT_WINES", "wines"),
        ("amt_fish", "fish"),
        ("Number of orders", "orders"),
        ("NumWebVisitsMonth", "web visits per month"),
        ("wine_spend", "wine spend"),
        ("Spending Score (1-100)", "spending score"),
        ("num", "num"),
        ("numerator", "numerator"),
        ("business day", "business day"),
        ("totalSum", "total sum"),
    ],
)
def test_columns_as_people_say_them(column, label):
    assert feature_words(column).label == label


@pytest.mark.parametrize(
    ("column", "difference", "phrase"),
    [
        ("MntWines", 0.8, "high spend on wines"),
        ("NumWebVisits", -0.8, "few web visits"),
        ("orders", 1.5, "very many orders"),
        ("recency", 0.9, "bought long ago"),
        ("recency", -1.6, "bought very recently"),
        ("Age", 1.7, "much older"),
        ("Age", 0.3, "slightly older"),
        ("family_size", 0.8, "large family size"),
        ("tenure", -0.8, "newer customers"),
        ("tenure", -1.6, "much newer customers"),
        ("tenure_days", 0.4, "customers for slightly longer"),
        ("income", 0.24, ""),
        ("income", -0.25, "rather low income"),
    ],
)
def test_how_a_difference_is_said(column, difference, phrase):
    assert level_phrase(feature_words(column), difference) == phrase


def test_names_keep_the_spelling_of_the_user_s_own_words():
    words = [feature_words(each) for each in ("Bestellungen", "VIP orders", "Umsatz (€)")]
    found = names_of([[-1.0, 0.1, 0.0], [0.1, 1.0, 0.0], [0.0, 0.1, 1.0]], words)
    assert found == ["Low Bestellungen", "Many VIP orders", "High Umsatz"]


def test_what_sets_apart_comes_first_and_the_average_is_called_so():
    assert names_of([[1.2, -0.9, 0.1], [0.1, 0.2, -0.2], [-0.2, 0.1, 1.6]]) == [
        "High spend on wines, few web visits",
        "Average customers",
        "Much older",
    ]


def test_two_segments_with_the_same_first_two_phrases_share_out_the_words():
    first, second = names_of([[1.2, 1.1, 0.7], [1.0, 0.9, 0.0]])
    assert second == "High spend on wines, many web visits"
    assert first == "High spend on wines, older"


def test_the_order_of_two_phrases_makes_no_other_name():
    names = names_of([[1.2, 1.1], [1.1, 1.2], [1.15, 1.15]])
    said = [frozenset(each.lower().split(", ")) for each in names]
    assert len(set(said)) == 3


def test_what_words_cannot_tell_apart_all_gets_figures():
    assert names_of([[1.0], [1.2], [-1.0]]) == [
        "High spend on wines, about 60",
        "High spend on wines, about 62",
        "Low spend on wines",
    ]


def test_one_segment_is_all_customers():
    assert names_of([[0.0, 0.0]]) == ["All customers"]
    assert names_of([[0.0, 0.0]], taken=["Premium"]) == ["Average customers"]


def test_names_that_differ_in_strength_alone_get_what_sets_them_apart():
    assert names_of([[0.9, 0.0], [1.6, 0.0]]) == [
        "High spend on wines, about 59",
        "Very high spend on wines, about 66",
    ]


def test_names_that_differ_in_order_and_strength_get_the_figure_that_differs():
    words = [feature_words(each) for each in ("Income", "Score")]
    assert names_of([[1.6, -0.9], [0.8, -0.9], [-1.0, 0.0]], words) == [
        "Very high income (66), low score",
        "Low score, high income (58)",
        "Low income",
    ]


def test_a_feature_that_sets_two_alike_apart_is_named_instead_of_a_figure():
    words = [feature_words(each) for each in ("Age", "Income")]
    apart = [[0.9, 0.0], [1.9, -0.6], [-1.0, 0.1]]
    assert names_of(apart, words) == ["Older", "Much older, low income", "Younger"]


def test_a_new_segment_is_told_apart_from_a_name_that_is_taken():
    assert names_of([[1.6], [-1.0]], taken=["High spend on wines"]) == [
        "Very high spend on wines, about 66",
        "Low spend on wines",
    ]


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 20), st.integers(1, 6))
def test_names_are_distinct_short_and_true(data, k, features):
    row = st.lists(st.floats(-3, 3), min_size=features, max_size=features)
    apart = np.array(data.draw(st.lists(row, min_size=k, max_size=k)))
    names = names_of(apart)
    assert len({each.lower() for each in names}) == k
    for index, name in enumerate(names):
        if ", " not in name or "about" in name or "(" in name:
            continue
        phrases = [level_phrase(WORDS[i], apart[index, i]) for i in range(features)]
        said = [each[0].lower() + each[1:] for each in name.split(", ")]
        assert len(said) in (2, 3)
        assert all(each in phrases for each in said)


def test_names_do_not_depend_on_the_order_of_segments():
    rng = np.random.default_rng(0)
    apart = rng.normal(size=(8, 4))
    order = rng.permutation(8)
    assert [names_of(apart)[index] for index in order] == names_of(apart[order])


def test_every_k_on_real_customers(data_folder):
    columns = ["Income", "Recency", "MntWines", "MntFruits", "NumWebPurchases", "NumWebVisitsMonth"]
    made = prepare(data_folder / "ifood_customers.csv", columns).sketch
    words = [feature_words(each) for each in columns]
    fits = fit_each(made.standardised(), made.weights, range(1, 21), 0)
    for k, fit in fits.items():
        names = general_names(words, find_places(made, fit.centres * made.scale + made.mean))
        assert len({each.lower() for each in names}) == k
        assert max(map(len, names)) <= 60


def test_two_features_of_one_meaning_keep_their_own_names(mall_frame):
    frame = mall_frame.rename(columns={"Annual Income (k$)": "NumOrders", "Age": "MntOrders"})
    model = cl.segment(frame, ["NumOrders", "MntOrders"], k=2)
    assert [each.label for each in model.features] == ["num orders", "mnt orders"]
