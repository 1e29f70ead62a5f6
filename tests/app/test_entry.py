import numpy as np
import pytest

from clienteling.app.entry import entry_for


def test_the_sample_is_asked_for_in_whole_numbers(sample) -> None:
    points, weights = sample.sketch.points, sample.sketch.weights
    income = entry_for("Annual Income (k$)", points[:, 0], weights)
    assert (income.low, income.high, income.step, income.value) == (0, 200, 1, 61)
    assert income.seen == (15.0, 137.0)
    assert isinstance(income.value, int)


def test_a_range_in_the_name_is_the_limit(sample) -> None:
    points, weights = sample.sketch.points, sample.sketch.weights
    score = entry_for("Spending Score (1-100)", points[:, 1], weights)
    assert (score.low, score.high, score.value) == (1, 100, 50)


def test_a_range_that_the_customers_leave_is_not_believed() -> None:
    entry = entry_for("Score (1-5)", np.array([1.0, 9.0]), np.ones(2))
    assert entry.high >= 9


def test_the_default_is_the_median_customer() -> None:
    entry = entry_for("x", np.array([1.0, 5.0, 9.0]), np.array([10.0, 1.0, 1.0]))
    assert entry.value == 1


@pytest.mark.parametrize(
    "values",
    [
        [0.001, 0.002, 0.0035],
        [-4.5, 0.0, 1.25],
        [1e-9, 2e-9],
        [1e20, 3e20],
        [7.0, 7.0],
        [-1e6, 1e6],
        [0.5],
    ],
)
def test_every_customer_can_be_entered(values) -> None:
    entry = entry_for("x", np.array(values), np.ones(len(values)))
    assert entry.low <= min(values) <= max(values) <= entry.high
    assert entry.low <= entry.value <= entry.high
    assert entry.step > 0
    assert len({type(each) for each in (entry.low, entry.high, entry.step, entry.value)}) == 1
    assert entry.display % entry.value


def test_money_is_stepped_in_thousands() -> None:
    entry = entry_for("Income", np.array([15_000.0, 61_000.0, 137_000.0]), np.ones(3))
    assert (entry.step, entry.high) == (1000, 200_000)
