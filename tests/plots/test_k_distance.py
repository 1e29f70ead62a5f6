from dataclasses import replace

import numpy as np
import pytest

from clienteling.plots import draw_k_distance


def test_the_curve_is_the_sorted_k_distance(sample, drawn):
    figure = draw_k_distance(sample.comparison)
    (curve,) = drawn(figure, "k-distance")
    assert np.array_equal(curve.get_ydata(), sample.comparison.k_distance)
    assert np.array_equal(curve.get_xdata(), np.arange(1, 201))


def test_eps_is_drawn_in_with_its_value(sample, drawn):
    figure = draw_k_distance(sample.comparison)
    (line,) = drawn(figure, "eps")
    assert list(line.get_ydata()) == [sample.comparison.eps] * 2
    assert [each.get_text() for each in figure.axes[0].texts] == ["eps = 0.368"]
    (within,) = drawn(figure, "within")
    place = int(within.get_xdata()[0])
    assert sample.comparison.k_distance[place - 1] <= sample.comparison.eps
    assert sample.comparison.k_distance[place] > sample.comparison.eps


def test_an_eps_beyond_all_distances_is_in_the_picture(sample, drawn):
    figure = draw_k_distance(replace(sample.comparison, eps=3.0))
    assert figure.axes[0].get_ylim()[1] > 3.0
    assert drawn(figure, "within") == []


def test_a_few_far_customers_do_not_press_the_curve_down(sample):
    distances = sample.comparison.k_distance.copy()
    distances[-2:] = 40.0
    figure = draw_k_distance(replace(sample.comparison, k_distance=distances))
    assert figure.axes[0].get_ylim()[1] < 3.0
    assert figure.axes[0].get_title(loc="left").endswith("; up to 40")


@pytest.mark.parametrize(
    ("min_samples", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd"), (500, "200th")],
)
def test_the_neighbour_is_counted_in_words(sample, min_samples, words):
    figure = draw_k_distance(replace(sample.comparison, min_samples=min_samples))
    caption = figure.axes[0].get_title(loc="left")
    assert caption == f"Distance to the {words} nearest customer, counting oneself"
