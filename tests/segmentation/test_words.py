"""Figures in words."""

import numpy as np
import pytest

from clienteling.segmentation.words import FeatureWords, explain_centre


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (88.2, "k$", "88 k$"),
        (17.114, "", "17"),
        (5.04, "", "5"),
        (0.004567, "kg", "0.0046 kg"),
        (-3.26, "", "-3.3"),
        (123456.7, "€", "123,457 €"),
        (99.6, "", "100"),
        (9.96, "", "10"),
    ],
)
def test_two_digits_and_the_unit(value, unit, expected):
    assert FeatureWords("x", "x", unit).figure(value) == expected


def explain(below: float, above: float) -> str:
    words = [FeatureWords("Income", "income", "k$")]
    return explain_centre(words, np.array([50.0]), np.array([below]), np.array([above]))


@pytest.mark.parametrize(
    ("below", "above", "expected"),
    [
        (0.89, 0.11, "income 50 k$, above 89 % of customers"),
        (0.899, 0.1, "income 50 k$, above 89 % of customers"),
        (0.29, 0.7, "income 50 k$, below 70 % of customers"),
        (1.0, 0.0, "income 50 k$, above 100 % of customers"),
        (0.59, 0.41, "income 50 k$, near the middle"),
        (0.6, 0.4, "income 50 k$, above 60 % of customers"),
        (0.5, 0.5, "income 50 k$, near the middle"),
    ],
)
def test_where_a_centre_lies(below, above, expected):
    assert explain(below, above) == expected


def test_of_many_features_those_are_told_that_lie_farthest_apart():
    words = [FeatureWords(each, each) for each in "abcdefg"]
    centre, below = np.arange(7.0), np.full(7, 0.7)
    apart = np.array([0.1, -0.3, 0.9, 0.2, -1.2, 0.0, 0.4])
    said = explain_centre(words, centre, below, 1 - below, apart)
    assert said == "e 4, above 70 % of customers; c 2, above 70 %; g 6, above 70 %; b 1, above 70 %"
    none = explain_centre(words, centre, below, 1 - below, apart / 10)
    assert none == "near the middle of all customers in every feature"
    assert explain_centre(words[:4], centre[:4], below, 1 - below, apart[:4]).count(";") == 3
