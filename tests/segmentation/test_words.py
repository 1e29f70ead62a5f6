"""Figures in words."""

from dataclasses import replace

import numpy as np
import pytest

from clienteling.segmentation.places import Places
from clienteling.segmentation.words import FeatureWords, explain_centre, explain_customer


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


def place(below, above, apart, centre=50.0) -> Places:
    rows = [np.array([[each]], dtype=float) for each in (centre, apart, below, above)]
    return Places(*rows, rows[2] + (1 - rows[2] - rows[3]) / 2)


def explain(below: float, above: float, apart: float | None = None) -> str:
    words = [FeatureWords("Income", "income", "k$")]
    apart = below - above if apart is None else apart
    return explain_centre(words, place(below, above, apart), 0)


@pytest.mark.parametrize(
    ("below", "above", "expected"),
    [
        (0.89, 0.11, "income 50 k$, above 89 % of customers"),
        (0.899, 0.1, "income 50 k$, above 89 % of customers"),
        (0.29, 0.7, "income 50 k$, below 70 % of customers"),
        (0.45, 0.2, "income 50 k$, high"),
        (0.0, 0.43, "income 50 k$, low"),
        (1.0, 0.0, "income 50 k$, above 100 % of customers"),
        (0.59, 0.41, "income 50 k$, near the middle"),
        (0.63, 0.37, "income 50 k$, above 63 % of customers"),
        (0.5, 0.5, "income 50 k$, near the middle"),
    ],
)
def test_where_a_centre_lies(below, above, expected):
    assert explain(below, above) == expected


def test_of_many_features_those_are_told_that_lie_farthest_apart():
    words = [FeatureWords(each, each) for each in "abcdefg"]
    apart = np.array([[0.1, -0.3, 0.9, 0.2, -1.2, 0.0, 0.4]])
    centre, below = np.arange(7.0)[None], np.where(apart > 0, 0.7, 0.3)
    places = Places(centre, apart, below, 1 - below, below)
    said = explain_centre(words, places, 0)
    assert said == "e 4, below 70 % of customers; c 2, above 70 %; g 6, above 70 %; b 1, below 70 %"
    none = explain_centre(words, replace(places, standardised=apart / 10), 0)
    assert none == "near the middle of all customers in every feature"
    first = Places(*(each[:, :4] for each in (centre, apart, below, 1 - below, below)))
    assert explain_centre(words[:4], first, 0).count(";") == 3
    assert explain_customer(words, places).count(";") == 6


@pytest.mark.parametrize(("below", "apart"), [(0.8, -0.4), (0.8, 0.1), (0.3, 0.3), (0.45, -0.9)])
def test_what_lies_between_the_median_and_the_mean_is_neither_low_nor_high(below, apart):
    assert explain(below, 1 - below, apart) == "income 50 k$, near the middle"
