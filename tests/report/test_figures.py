import math

import numpy as np
import pytest
from scipy.stats import norm

from clienteling.report.figures import (
    centre_value,
    percent,
    profile_row,
    statistic,
)
from clienteling.report.same_digits import profile_rows
from clienteling.report.trials import smallest_difference, trial_words
from clienteling.segmentation.model_segments import Figure


@pytest.mark.parametrize(
    ("share", "places", "shown"),
    [
        (0.0, 1, "0.0 %"),
        (0.00049, 1, "under 0.1 %"),
        (0.115, 1, "11.5 %"),
        (0.9999, 1, "100 %"),
        (0.5926, 0, "59 %"),
        (0.004, 0, "under 1 %"),
    ],
)
def test_percent(share, places, shown):
    assert percent(share, places).replace("\xa0", " ") == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(-0.0434, "-0.043"), (12.345, "12.35"), (1e6, "1,000,000.0"), (1e300, "1.000e+300")],
)
def test_statistic(value, shown):
    assert statistic(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(0.0, "0"), (-12.34, "-12.3"), (1e300, "1.00e+300")])
def test_centre_value(value, shown):
    assert centre_value(value) == shown


def figure(**changed):
    made = {"column": "x", "level": "", "value": 5.0, "low": 4.0, "high": 6.0, "overall": 5.5}
    return Figure(**{**made, **changed})


@pytest.mark.parametrize(
    ("changed", "interval"),
    [
        ({"value": 0.00123, "low": 0.00112, "high": 0.00134}, "0.00112 to 0.00134"),
        ({"value": 51234.0, "low": 50900.0, "high": 51568.0}, "50,900 to 51,568"),
        ({"value": 7.0, "low": 7.0, "high": 7.0}, "7.0 to 7.0"),
        ({"value": 2e15, "low": 1e15, "high": 3e15}, "1.00e+15 to 3.00e+15"),
        ({"level": "Female", "value": 0.59, "low": 0.387, "high": 0.767}, "39 to 77 %"),
    ],
)
def test_a_figure_is_as_exact_as_its_interval(changed, interval):
    assert profile_row(figure(**changed)).interval.replace("\xa0", " ") == interval


@pytest.mark.parametrize(
    ("overall", "against"),
    [(3.9, "higher"), (4.0, "not clear"), (6.0, "not clear"), (6.1, "lower")],
)
def test_a_difference_is_told_only_where_the_interval_leaves_out_all_customers(overall, against):
    assert profile_row(figure(overall=overall)).against == against


def test_the_smallest_rise_is_the_one_of_the_textbook():
    """435 in each half tell 10 % from 5 %: in R, power.prop.test(p1=.05, p2=.1, power=.8)."""
    assert smallest_difference(869, 0.05) == pytest.approx(0.05, abs=1e-4)


@pytest.mark.parametrize("customers", [40, 81, 200, 10_000])
@pytest.mark.parametrize("response", [0.05, 0.5])
def test_a_simulated_trial_shows_the_smallest_rise_four_times_in_five(customers, response):
    rise = smallest_difference(customers, response)
    rng = np.random.default_rng(3)
    half = customers / 2
    # Large numbers of customers behave as the normal distribution that the formula takes.
    deviations = np.sqrt(
        [response * (1 - response) / half, (response + rise) * (1 - response - rise) / half]
    )
    without, with_it = (
        mean + deviation * rng.standard_normal(40_000)
        for mean, deviation in zip((response, response + rise), deviations, strict=True)
    )
    pooled = response + rise / 2
    threshold = norm.ppf(0.975) * math.sqrt(2 * pooled * (1 - pooled) / half)
    assert np.mean(with_it - without > threshold) == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("customers", [0, 1, 2, 4])
def test_too_few_customers_show_no_difference(customers):
    assert smallest_difference(customers) is None


@pytest.mark.parametrize(
    ("customers", "words"),
    [
        (0, ""),
        (100, ""),
        (144, ""),
        (200, "12 points: from 5 to 17 %"),
        (10_000, "1.3 points: from 5 to 6.3 %"),
    ],
)
def test_what_a_trial_shows(customers, words):
    assert trial_words(customers).replace("\xa0", " ") == words


def test_words_that_hardly_anybody_has_have_no_row(mall):
    def share(level, value, overall):
        return Figure(column="Plan", level=level, value=value, low=0, high=1, overall=overall)

    first, *others = mall.model.segments
    figures = [share("basic", 0.996, 0.7), share("old", 0.004, 0.009), share("plus", 0.0, 0.29)]
    changed = [first.model_copy(update={"profile": figures}), *others]
    rows = profile_rows(mall.model.model_copy(update={"segments": changed}))[first.id]
    assert [each.label for each in rows] == ["Plan: basic", "Plan: plus"]
