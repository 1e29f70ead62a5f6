"""Values far outside of what a model was made on: scored, but never without a word."""

import pandas as pd
import pytest

import clienteling as cl
from clienteling.segmentation.scoring import far_outside


def customers(incomes, scores) -> pd.DataFrame:
    return pd.DataFrame({"Income": incomes, "Score": scores})


def test_a_column_in_another_unit_is_named(mall):
    assert far_outside(mall, customers([58_000, 61_000, None], [40, 60, 50])) == [
        'All 2 values of "Income" lie far outside of what the model was made on (15 to 137 k$). '
        "Is the column in another unit?"
    ]


def test_single_values_are_counted(mall):
    assert far_outside(mall, customers([58, 61, 400], [40, -500, 50])) == [
        '1 of 3 values of "Income" lies far outside of what the model was made on (15 to 137 k$). '
        "Are they right?",
        '1 of 3 values of "Score" lies far outside of what the model was made on (1 to 99). '
        "Are they right?",
    ]


@pytest.mark.parametrize("income", [15, 137, -107, 259])
def test_a_whole_range_beyond_is_still_near(mall, income):
    assert far_outside(mall, customers([income], [50])) == []
    assert mall.predict({"Income": income, "Score": 50}).warning == ""


@pytest.mark.parametrize("income", [-107.1, 259.1, 58_000])
def test_one_customer_is_warned_of_too(mall, income):
    assert len(far_outside(mall, customers([income], [50]))) == 1
    warning = mall.predict({"Income": income, "Score": 50}).warning
    assert warning.startswith("Annual Income (k$) is ")
    assert "have 15 to 137 k$" in warning


def test_a_model_without_the_ranges_says_nothing(mall):
    without = mall.model_copy(
        update={
            "features": [
                each.model_copy(update={"low": None, "high": None}) for each in mall.features
            ]
        }
    )
    assert far_outside(without, customers([58_000], [50])) == []
    assert without.predict({"Income": 58_000, "Score": 50}).warning == ""


def test_the_ranges_are_those_of_the_customers(mall):
    assert [(each.low, each.high) for each in mall.features] == [(15.0, 137.0), (1.0, 99.0)]
    assert cl.Model.model_validate_json(mall.to_json()).features == mall.features
