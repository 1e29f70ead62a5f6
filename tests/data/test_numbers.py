"""Values that can't take part: text is refused with row and value, gaps are counted and said."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clienteling as cl
from clienteling.data.numbers import check_numbers, count_usable, nearly_numbers
from clienteling.errors import ColumnError, DataError


def test_text_among_the_numbers_is_named_by_row_and_value(write):
    path = write("a.csv", "id,Income,Score\n1,15,39\n2,many,81\n3,16,\n4,17,7 %\n")
    with pytest.raises(DataError) as caught:
        cl.segment(path, k=2)
    assert str(caught.value) == (
        f"{path}: text stands among the numbers (2 values; row 1 is the first below the header).\n"
        '  - row 2, column "Income": "many" is not a number.\n'
        '  - row 4, column "Score": "7 %" is not a number.\n'
        "Write numbers with a decimal point, without currency signs and separators of "
        "thousands; leave a cell empty where it is unknown."
    )


def test_of_many_such_values_the_first_five_are_shown(write):
    rows = "".join(f"{number},x{number}\n" for number in range(1, 1502))
    path = write("a.csv", f"Income,Score\n{rows}0,1\n")
    with pytest.raises(DataError) as caught:
        cl.segment(path, k=2)
    assert "(1,501 values; row 1 is the first below the header)" in caught.value.message
    assert caught.value.faults == (
        'If "Score" holds words, it takes part with --categorical "Score".',
        'row 1, column "Score": "x1" is not a number.',
        'row 2, column "Score": "x2" is not a number.',
        'row 3, column "Score": "x3" is not a number.',
        'row 4, column "Score": "x4" is not a number.',
        'row 5, column "Score": "x5" is not a number.',
        'column "Score": 1,496 more such values.',
    )


def test_text_in_a_frame_is_named_too():
    frame = pd.DataFrame({"Income": [1, "2", None, "much", " 5 "], "Score": range(5)})
    with pytest.raises(DataError) as caught:
        cl.segment(frame, k=2)
    assert caught.value.faults == ('row 4, column "Income": "much" is not a number.',)


def test_text_that_is_a_number_is_one(write):
    path = write("a.csv", 'Income,Score\n"015",1\n"16 ",2\n17,3\nNA,4\n')
    model = cl.segment(path, k=3)
    assert sorted(centre["Income"] for centre in map(model.centre_of, model.segments)) == [
        15.0,
        16.0,
        17.0,
    ]


@pytest.mark.parametrize(
    "values",
    [
        pd.to_datetime(["2024-01-01", "2024-02-01"]),
        pd.to_timedelta([1, 2], unit="s"),
        [[1], [2]],
        [{"a": 1}, {"a": 2}],
    ],
)
def test_other_types_are_refused(values):
    with pytest.raises(ColumnError, match="features must be numbers") as caught:
        cl.segment(pd.DataFrame({"Income": values, "Score": [1, 2]}), k=2)
    assert caught.value.faults[0].startswith('"Income" holds ')


@pytest.mark.parametrize("dtype", ["int8", "uint64", "float32", "bool", "Int64", "Float64"])
def test_every_type_of_number_is_one(dtype):
    frame = pd.DataFrame({"a": pd.array([0, 1, 1, 0], dtype=dtype), "b": [1.0, 2.0, 3.0, 4.0]})
    model = cl.segment(frame, ["a", "b"], k=2)
    assert model.features[0].mean == 0.5
    assert model.features[0].scale == 0.5


def test_decimals_are_numbers():
    from decimal import Decimal

    frame = pd.DataFrame({"a": [Decimal("1.10"), Decimal("2.20")], "b": [1, 2]})
    assert cl.segment(frame, ["a", "b"], k=2).features[0].mean == pytest.approx(1.65, rel=1e-15)


def test_usable_missing_and_infinite_are_counted():
    frame = pd.DataFrame(
        {
            "a": pd.array([1.0, None, np.nan, np.inf, -np.inf, 1e301, 7.0, 8.0], "float64"),
            "b": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, None, 9.0],
        }
    )
    found = count_usable(cl.read(frame), ["a", "b"])
    assert (found.rows, found.usable) == (8, 2)
    assert found.missing["b"] == 1
    assert found.missing["a"] + found.infinite["a"] == 5
    arrow = pa.table({"a": pa.array([1.0, None, np.nan, np.inf, -np.inf, 1e301, 7.0])})
    told = count_usable(cl.read(arrow), ["a"])
    assert (told.missing, told.infinite, told.usable) == ({"a": 2}, {"a": 3}, 2)
    assert found.notes[0].startswith("6 of 8 customers have no segment: ")


def test_nulls_are_missing_and_infinities_are_not_finite(write):
    path = write("a.csv", "a,b\n1,1\n,2\ninf,3\n-inf,\n1e301,5\n7,8\n")
    found = count_usable(cl.read(path), ["a", "b"])
    assert found.missing == {"a": 1, "b": 1}
    assert found.infinite == {"a": 3, "b": 0}
    assert found.notes == [
        '4 of 6 customers have no segment: "a" is missing for 1; "b" is missing for 1; '
        '"a" is not finite for 3.'
    ]


def test_not_a_number_is_found_in_parquet_whose_statistics_leave_it_out(tmp_path):
    # Arrow writes the range of all other values and no nulls.
    values = np.arange(100.0)
    values[[5, 6]] = np.nan
    table = pa.table({"customer_id": np.arange(100), "x": values, "y": np.arange(100.0) ** 2})
    pq.write_table(table, tmp_path / "a.parquet")
    customers = cl.read(tmp_path / "a.parquet")
    usable = count_usable(customers, ["x", "y"])
    assert (usable.rows, usable.usable, usable.missing["x"]) == (100, 98, 2)
    assert (usable.low["x"], usable.high["x"]) == (0.0, 99.0)
    model = cl.segment(customers, ["x", "y"], k=2)
    scored = cl.score(model, customers).to_arrow().to_pylist()
    assert [row["customer_id"] for row in scored if row["segment"] is None] == [5, 6]
    assert [row["note"] for row in scored if row["segment"] is None] == ["x is missing."] * 2


def test_a_feature_without_any_value_is_refused(write):
    path = write("a.csv", "Income,Score\nNA,1\n,2\n")
    with pytest.raises(DataError) as caught:
        cl.segment(path, k=2)
    assert str(caught.value) == (
        f"{path}: no customer has a usable value.\n"
        '  - column "Income" is empty in all 2 rows.\n'
        "Choose other features with --features, or fill the column."
    )


def test_a_feature_that_is_nowhere_finite_is_not_called_empty():
    frame = pd.DataFrame({"Income": [np.inf, -np.inf], "Score": [1, 2]})
    with pytest.raises(DataError) as caught:
        cl.segment(frame, k=2)
    assert caught.value.faults == ('column "Income" is not finite in any of the 2 rows.',)


def test_no_customer_with_all_features_is_refused(write):
    path = write("a.csv", "Income,Score\n1,\n,2\n3,\n")
    with pytest.raises(DataError, match="no customer has a value for every feature"):
        cl.segment(path, k=2)


def test_a_constant_feature_is_refused(write):
    path = write("a.csv", "Income,Score\n5,1\n5,2\n,3\n")
    with pytest.raises(DataError) as caught:
        cl.segment(path, k=2)
    assert str(caught.value) == (
        f"{path}: a feature must tell customers apart.\n"
        '  - column "Income" is 5 for every customer.\n'
        "Leave it out: name the other features with --features. A refit keeps its "
        "model's features; make a new run instead."
    )


def test_a_feature_that_is_constant_where_the_other_is_known_is_refused(write):
    path = write("a.csv", "Income,Score\n5,1\n5,2\n6,\n7,\n")
    with pytest.raises(DataError, match="a feature must tell customers apart"):
        cl.segment(path, k=2)


def test_a_table_without_numbers_says_which_columns_there_are():
    with pytest.raises(DataError) as caught:
        cl.segment(pd.DataFrame({"id": [1, 2], "City": ["A", "B"]}))
    assert str(caught.value) == (
        "the DataFrame: has no column of numbers to form segments from.\n"
        'The columns are: "id", "City".'
    )


def test_of_a_column_in_one_style_only_the_misfits_are_named(write):
    lines = [f"{n};{n},5" for n in range(40)] + ["40;abc", "41;1.234,5", "42;12 or so"]
    table = cl.read(write("a.csv", "\n".join(["id;Turnover", *lines])))
    with pytest.raises(DataError) as caught:
        check_numbers(table, ["Turnover"])
    like = 'is not a number, and the others are written like "0,5".'
    assert caught.value.message.startswith(f"{table.source}: text stands among the numbers (2 ")
    assert caught.value.faults == (
        f'row 41, column "Turnover": "abc" {like}',
        f'row 43, column "Turnover": "12 or so" {like}',
    )


def test_where_no_style_fits_most_values_all_of_them_are_named(write):
    lines = ["1;a,5", "2;much", "3;12,5", "4;7"]
    table = cl.read(write("a.csv", "\n".join(["id;Turnover", *lines])))
    with pytest.raises(DataError) as caught:
        check_numbers(table, ["Turnover"])
    assert len(caught.value.faults) == 3
    assert all(each.endswith("is not a number.") for each in caught.value.faults)


def test_a_long_column_of_words_is_not_nearly_numbers():
    """Only the first thousand words are looked at, and they are not all of them."""
    words = cl.read(pd.DataFrame({"town": ["Bonn", "Kiel"] * 4_000}))
    assert nearly_numbers(words, "town", 8_000) == ""
    mixed = cl.read(pd.DataFrame({"paid": ["viel"] * 1_500 + ["12.5"] * 8_500}))
    assert nearly_numbers(mixed, "paid", 10_000) == 'Nearly all are numbers, but "viel" is none.'
