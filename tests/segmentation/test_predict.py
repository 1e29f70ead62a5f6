"""The segment of one customer, of a list, of a frame; and what is said when there is none."""

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.errors import ColumnError, DataError, InputError

INCOME, SPENDING = "Annual Income (k$)", "Spending Score (1-100)"


def ask(model: cl.Model, income, spending=81) -> cl.Answer:
    return model.predict({INCOME: income, SPENDING: spending})


@pytest.mark.parametrize(
    "customer",
    [
        {INCOME: 15, SPENDING: 81},
        {SPENDING: 81.0, INCOME: 15.0},
        {"Income": "15", "Score": " 81 "},
        {"annual_income": np.float32(15), "SPENDING SCORE": np.int64(81)},
        pd.Series({INCOME: 15, SPENDING: 81}),
    ],
)
def test_one_customer(mall, customer):
    answer = mall.predict(customer)
    assert answer.segment.name == "Deal Seekers"
    assert answer.runner_up.name == "Average Customers"
    assert answer.margin == pytest.approx(1.5502, abs=1e-4)
    assert answer.note == ""


def test_a_row_of_a_frame(mall, mall_frame):
    row = mall_frame[[INCOME, SPENDING]].iloc[198]
    assert mall.predict(row).segment.name == "Potential Customers"


def test_a_list(mall):
    answers = mall.predict([{INCOME: 15, SPENDING: 81}, {INCOME: None, SPENDING: 1}])
    assert [each.segment and each.segment.name for each in answers] == ["Deal Seekers", None]
    assert mall.predict([]) == []


def test_a_frame_keeps_its_index(mall, mall_frame):
    frame = mall_frame.sample(frac=1, random_state=1).set_index("CustomerID", drop=False)
    found = mall.predict(frame)
    assert found.index.equals(frame.index)
    assert list(found.columns) == ["segment_id", "segment", "margin", "runner_up", "note"]
    for row in (0, 7, 199):
        one = ask(mall, frame.iloc[row][INCOME], frame.iloc[row][SPENDING])
        assert found.iloc[row]["segment"] == one.segment.name
        assert found.iloc[row]["runner_up"] == one.runner_up.name
        assert found.iloc[row]["margin"] == one.margin


def test_a_large_frame_stays_in_order(mall):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.uniform(0, 140, (200_000, 2)), columns=[INCOME, SPENDING])
    found = mall.predict(frame)
    own = mall.to_sklearn().predict(frame.to_numpy())
    assert (found["segment_id"].to_numpy() == own).mean() > 0.99999


def test_an_empty_frame_gives_an_empty_frame(mall, mall_frame):
    found = mall.predict(mall_frame.head(0))
    assert list(found.columns) == ["segment_id", "segment", "margin", "runner_up", "note"]
    assert len(found) == 0


@pytest.mark.parametrize(
    "value", [None, np.nan, pd.NA, "", "  ", "NA", "n/a", "NaN", "null", "None"]
)
def test_a_missing_value_gives_no_segment_and_the_reason(mall, value):
    answer = ask(mall, value)
    assert answer == cl.Answer(None, None, None, "Annual Income (k$) is missing.")


@pytest.mark.parametrize(
    "value", [np.inf, -np.inf, "inf", "-Infinity", 1e301, -1e308, "1e400", 10**400, -(10**400)]
)
def test_an_infinite_value_gives_no_segment_and_the_reason(mall, value):
    answer = ask(mall, value)
    assert answer == cl.Answer(None, None, None, "Annual Income (k$) is not a finite number.")


def test_every_reason_is_said(mall):
    answer = ask(mall, np.inf, None)
    assert answer.note == (
        "Annual Income (k$) is not a finite number. Spending Score (1-100) is missing."
    )


def test_a_frame_says_the_same_reasons(mall):
    frame = pd.DataFrame({INCOME: [15, np.inf, 15], SPENDING: [81, 81, -np.inf]})
    found = mall.predict(frame)
    assert found["note"].tolist() == [
        "",
        "Annual Income (k$) is not a finite number.",
        "Spending Score (1-100) is not a finite number.",
    ]
    assert found["segment_id"].isna().tolist() == [False, True, True]
    assert found["margin"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize(
    "value", ["many", "15 k$", "1,2,3", "0x10", "\uff11\uff15", [15], object(), 1 + 2j]
)
def test_what_is_no_number_is_refused(mall, value):
    with pytest.raises(DataError, match=r"Features must be numbers\.") as caught:
        ask(mall, value)
    assert caught.value.faults == (f'"Annual Income (k$)" is "{value}", which is not a number.',)


@pytest.mark.parametrize(
    ("said", "number"),
    [("57,5", 57.5), (" 57,50 ", 57.5), ("1.057,5", 1057.5), ("1,057.5", 1057.5), ("1 057", 1057)],
)
def test_a_number_is_read_as_people_write_it(mall, said, number):
    assert ask(mall, said) == ask(mall, number)


@pytest.mark.parametrize(
    ("said", "both"), [("1,057", "1.057 or 1057"), ("-1,057", "-1057 or -1.057")]
)
def test_a_comma_that_could_be_two_things_is_refused_with_both(mall, said, both):
    with pytest.raises(DataError, match="with a decimal point") as caught:
        ask(mall, said)
    assert caught.value.faults == (f'"Annual Income (k$)" is "{said}", which could be {both}.',)


def test_wrong_values_are_said_beside_missing_features(mall):
    with pytest.raises(ColumnError) as caught:
        mall.predict({"Income": "many"})
    assert caught.value.faults == (
        '"Spending Score (1-100)" is missing.',
        '"Annual Income (k$)" is "many", which is not a number.',
    )


def test_both_wrong_values_are_said_at_once(mall):
    with pytest.raises(DataError) as caught:
        ask(mall, "a", "b")
    assert len(caught.value.faults) == 2


def test_missing_and_unknown_features_are_said_at_once(mall):
    with pytest.raises(ColumnError) as caught:
        mall.predict({"Spending Scores": 81, "Agee": 3})
    assert str(caught.value) == (
        "The customer's features are not those of the model.\n"
        '  - "Annual Income (k$)" is missing.\n'
        '  - "Spending Score (1-100)" is missing.\n'
        '  - "Spending Scores" is not a feature. Did you mean "Spending Score (1-100)"?\n'
        '  - "Agee" is not a feature.\n'
        'The features are: "Annual Income (k$)", "Spending Score (1-100)".'
    )


@pytest.mark.parametrize("customers", [np.zeros((2, 2)), [(15, 81)], "15,81", [15, 81]])
def test_features_without_names_are_refused(mall, customers):
    with pytest.raises(InputError, match="by name"):
        mall.predict(customers)


def test_without_another_segment_there_is_no_margin(mall_frame):
    answer = ask(cl.segment(mall_frame, k=1), 15)
    assert answer.segment.size == 200
    assert (answer.margin, answer.runner_up, answer.note) == (None, None, "")
