"""Which columns of a text file are numbers: every row has a say, and identifiers stay whole."""

import pytest

import clienteling as cl


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["1", "2"], "integer", [1, 2]),
        (["-1", "0"], "integer", [-1, 0]),
        ([" 1 ", "2"], "integer", [1, 2]),
        (["1", ""], "integer", [1, None]),
        (["1", "NA"], "integer", [1, None]),
        (["1", " n/a "], "integer", [1, None]),
        (["1", "NaN"], "integer", [1, None]),
        (["1", "null"], "integer", [1, None]),
        (["1", "None"], "integer", [1, None]),
        (["1.0", "2"], "number", [1.0, 2.0]),
        (["1e3", ".5"], "number", [1000.0, 0.5]),
        (["+1", "2"], "number", [1.0, 2.0]),
        (["1", "inf"], "number", [1.0, float("inf")]),
        (["1", "-"], "integer", [1, None]),
        (["1", "?"], "integer", [1, None]),
        (["1", "Unknown"], "integer", [1, None]),
        (["1", "two"], "text", ["1", "two"]),
        (["0x1A", "2"], "text", ["0x1A", "2"]),
        (["true", "false"], "boolean", [True, False]),
        (["True", " FALSE ", "n/a", ""], "boolean", [True, False, None, None]),
        (["true", "yes"], "text", ["true", "yes"]),
        (["true", "1"], "text", ["true", "1"]),
        (["", "NA"], "text", [None, "NA"]),
    ],
)
def test_kinds(write, values, kind, expected):
    lines = [f'"{value}",x' for value in values]
    table = cl.read(write("a.csv", "\n".join(["a,b", *lines])))
    assert table["a"].kind == kind
    assert table.df()["a"].astype(object).where(table.df()["a"].notna(), None).tolist() == expected


@pytest.mark.parametrize(
    "ids",
    [
        ["007", "7"],
        ["0012", "12"],
        ["12345678901234567890", "12345678901234567891"],
        ["123456789012345678901234567890", "1"],
        ["+0049170", "49170"],
    ],
)
def test_identifiers_of_digits_stay_distinct(write, ids):
    table = cl.read(
        write("a.csv", "\n".join(["CustomerID,Income", *(f"{each},1" for each in ids)]))
    )
    assert table["CustomerID"].kind == "text"
    assert table.df()["CustomerID"].tolist() == ids


def test_long_whole_numbers_that_fit_stay_exact(write):
    table = cl.read(write("a.csv", "CustomerID\n9007199254740993\n9007199254740992\n"))
    assert table["CustomerID"].kind == "integer"
    assert table.df()["CustomerID"].tolist() == [9007199254740993, 9007199254740992]


def test_a_word_in_the_last_of_many_rows_is_found(write):
    table = cl.read(write("a.csv", "a\n" + "1\n" * 50_000 + "x\n"))
    assert table["a"].kind == "text"


def test_words_for_missing_are_counted_and_said(write):
    table = cl.read(write("a.csv", "a,b,c\n1,NA,x\n,n/a,y\n2,3,z\n4,nan,NA\n"))
    assert table.notes == (
        'Column "b": 3 values such as "NA" count as missing (otherwise: --as-text b).',
    )
    table = cl.read(write("b.csv", "a\n1\nNA\n"))
    assert table.notes == (
        'Column "a": 1 value such as "NA" counts as missing (otherwise: --as-text a).',
    )


def test_blanks_around_names_are_dropped_and_said(write):
    table = cl.read(write("a.csv", " a ,b,  c\n1,2,3\n"))
    assert table.names == ["a", "b", "c"]
    assert table.notes == (
        'Column " a " is read as "a": blanks around names are dropped.',
        'Column "  c" is read as "c": blanks around names are dropped.',
    )


def test_names_are_made_distinct_and_that_is_said(write):
    table = cl.read(write("a.csv", "Age, Age,age_2,,AGE\n1,2,3,4,5\n"))
    assert table.to_arrow().to_pylist() == [
        {"Age": 1, "Age_2": 2, "age_2_2": 3, "column_4": 4, "AGE_3": 5}
    ]
    assert table.notes == (
        'Column "Age" is there more than once: number 2 is read as "Age_2".',
        'Column "age_2" is there more than once: number 3 is read as "age_2_2".',
        'Column number 4 has no name: it is read as "column_4".',
        'Column "AGE" is there more than once: number 5 is read as "AGE_3".',
    )
