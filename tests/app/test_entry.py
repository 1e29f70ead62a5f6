import numpy as np
import pytest

from clienteling.app.entry import entry_for


def test_the_sample_is_asked_for_in_whole_numbers(sample) -> None:
    income = entry_for(sample.sketch.points[:, 0], sample.sketch.weights)
    assert (income.step, income.value, income.seen) == (1, 61, (15.0, 137.0))
    assert isinstance(income.value, int)


def test_the_default_is_the_median_customer() -> None:
    entry = entry_for(np.array([1.0, 5.0, 9.0]), np.array([10.0, 1.0, 1.0]))
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
    entry = entry_for(np.array(values), np.ones(len(values)))
    assert min(values) <= entry.value <= max(values)
    assert entry.step > 0
    assert len({type(each) for each in (entry.step, entry.value)}) == 1
    assert entry.display % entry.value


def test_money_is_stepped_in_thousands() -> None:
    entry = entry_for(np.array([15_000.0, 61_000.0, 137_000.0]), np.ones(3))
    assert entry.step == 1000
