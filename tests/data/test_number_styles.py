"""Numbers as people write them: decided from all rows of a column, and said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clienteling as cl
from clienteling.data.number_styles import STYLES, NumberStyle
from clienteling.errors import DataError, InputError

THIN = "\u202f"


def read(write, values, delimiter=",", **options):
    lines = [f'"{value}"{delimiter}x' for value in values]
    return cl.read(write("a.csv", "\n".join([f"a{delimiter}b", *lines])), **options)


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["1,5", "2"], "number", [1.5, 2]),
        (["1.234,56", "12,5"], "number", [1234.56, 12.5]),
        (["1,234.56", "12.5"], "number", [1234.56, 12.5]),
        (["1 234,56", "2"], "number", [1234.56, 2]),
        ([f"1{THIN}234", "2"], "integer", [1234, 2]),
        (["1\u00a0234", "2"], "integer", [1234, 2]),
        (["1'234.50", "2"], "number", [1234.5, 2]),
        (["1’234", "2"], "integer", [1234, 2]),
        (["1.234.567", "2"], "integer", [1234567, 2]),
        (["1,234,567", "12,345"], "integer", [1234567, 12345]),
        (["$5", "7.50"], "number", [5, 7.5]),
        (["5 €", "-3 €"], "integer", [5, -3]),
        (["-$5", "$-3"], "integer", [-5, -3]),
        (["US$ 5", "US$ 3"], "integer", [5, 3]),
        (["15k$", "7 k$"], "integer", [15, 7]),
        (["EUR 5", "6,5 EUR"], "number", [5, 6.5]),
        (["5 kr", "6"], "integer", [5, 6]),
        (["Rs. 500", "Rs. 7"], "integer", [500, 7]),
        (["5 %", "7.5%"], "number", [5, 7.5]),
        (["(12.5)", "3"], "number", [-12.5, 3]),
        (["($1,200.50)", "$3"], "number", [-1200.5, 3]),
        (["12-", "3"], "integer", [-12, 3]),
        (["\u22123", "4"], "integer", [-3, 4]),
        (["1,5", "?", ""], "number", [1.5, None, None]),
    ],
)
def test_numbers(write, values, kind, expected):
    table = read(write, values)
    assert table["a"].kind == kind
    assert table.to_arrow().column("a").to_pylist() == expected
    assert {each.column for each in table.assumptions} == {"a"}


@pytest.mark.parametrize(
    "values",
    [
        ["$5", "€7"],
        ["5%", "7"],
        ["15k", "7"],
        ["k$5", "$7"],
        ["1,5", "x"],
        ["007", "1,5"],
        ["1,23,456", "2"],
        ["1.234.56", "2"],
        ["1,5", "1.234,5.6"],
        ["12.5", "1,5"],
        ["--5", "3,5"],
        ["(5", "3"],
        ["030 1234567", "030 7654321"],
        ["1234567890123456,5", "1"],
    ],
)
def test_what_is_no_number_throughout_stays_text(write, values):
    table = read(write, values)
    assert table["a"].kind == "text"
    assert table.to_arrow().column("a").to_pylist() == values


def test_one_value_among_many_decides(write):
    table = read(write, ["1,234"] * 5_000 + ["12,5"])
    assert table.to_arrow().column("a").to_pylist()[-2:] == [1.234, 12.5]
    table = read(write, ["1,234"] * 5_000 + ["much"])
    assert table["a"].kind == "text"
    table = read(write, ["1"] * 5_000 + ["1.234,5"])
    assert table.to_arrow().column("a").to_pylist()[-2:] == [1, 1234.5]


@pytest.mark.parametrize(
    ("value", "delimiter", "options", "expected", "note"),
    [
        ("1,234", ",", {}, 1234, "could be 1234 or 1.234; it is read as 1234"),
        ("1,234", ";", {}, 1.234, "could be 1.234 or 1234; it is read as 1.234"),
        ("1.234", ",", {}, 1.234, "could be 1.234 or 1234; it is read as 1.234"),
        ("1.234", ";", {}, 1234, "could be 1234 or 1.234; it is read as 1234"),
        ("1,234", ",", {"decimal": ","}, 1.234, None),
        ("1.234", ";", {"decimal": "."}, 1.234, None),
        ("1.234", ",", {"thousands": "."}, 1234, None),
        ("1,234", ";", {"thousands": ","}, 1234, None),
    ],
)
def test_what_could_be_both_is_said_with_the_option(
    write, value, delimiter, options, expected, note
):
    table = read(write, [value, value], delimiter, **options)
    assert table.to_arrow().column("a").to_pylist() == [expected, expected]
    turn = "," if (expected == 1.234) == ("." in value) else "."
    said = f'Column "a": "{value}" {note} (otherwise: --decimal {turn}).'
    assert table.notes == ((said,) if note else ())
    if note:
        other = read(write, [value, value], delimiter, decimal=turn)
        assert other.to_arrow().column("a").to_pylist()[0] in {1.234, 1234} - {expected}


def test_the_other_columns_tell_what_could_be_both(write):
    table = cl.read(write("a.csv", 'a,b\n"1,234","0,5"\n"5,678","12,5"\n'))
    assert table.to_arrow().column("a").to_pylist() == [1.234, 5.678]
    table = cl.read(write("a.csv", "a;b\n1,234;0.5\n5,678;12.5\n"))
    assert table.to_arrow().column("a").to_pylist() == [1234, 5678]


def test_the_notes(write):
    assert read(write, ["1.234,56 €", "2"]).notes == (
        'Column "a": numbers such as "1.234,56 €" are read as 1234.56 (otherwise: --decimal .).',
    )
    assert read(write, ["$5", "7.50"]).notes == (
        'Column "a": numbers such as "$5" are read as 5 (otherwise: --as-text a).',
    )
    assert read(write, ["1,5", "?"]).notes == (
        'Column "a": numbers such as "1,5" are read as 1.5 (otherwise: --decimal .).',
        'Column "a": 1 value such as "?" counts as missing (otherwise: --as-text a).',
    )


def test_text_among_them_is_still_named_with_its_row(write):
    path = write("a.csv", "Income\n15\nmuch\n20\n?\n")
    with pytest.raises(DataError) as caught:
        cl.segment(cl.read(path), ["Income"])
    assert caught.value.faults == ('row 2, column "Income": "much" is not a number.',)


def test_words_that_the_user_says_mean_no_value(write):
    path = write("a.csv", "a,b\n-9,n.k.\n-9.0,x\n3,N.K.\n")
    table = cl.read(path, missing=("-9", "n.k."))
    assert table.to_arrow().to_pylist() == [
        {"a": None, "b": None},
        {"a": None, "b": "x"},
        {"a": 3, "b": None},
    ]


def test_values_that_the_user_drops(write):
    path = write("a.csv", "Age,b\n118,x\n20,y\n0,z\n")
    table = cl.read(path, drop={"Age": [118, 0]})
    assert table.to_arrow().column("Age").to_pylist() == [None, 20, None]
    with pytest.raises(InputError) as caught:
        cl.read(path, drop={"Agee": [1], "b": [2]})
    assert caught.value.faults == (
        'there is no column "Agee".',
        'column "b" holds text, and only numbers can be dropped.',
    )


def test_options_that_cant_be_are_refused_together():
    with pytest.raises(InputError) as caught:
        cl.read("sample", decimal="x", dates="ydm", delimiter=";;", thousands="_")
    assert caught.value.faults == (
        'the delimiter is ";;"; it must be one sign, or tab.',
        'the decimal sign is "x"; it must be . or ,',
        'the thousands sign is "_"; it must be , or . or \' or blank.',
        'dates are "ydm"; it must be dmy, mdy, ymd or none.',
    )
    with pytest.raises(InputError, match="can't be both the decimal and the thousands sign"):
        cl.read("sample", decimal=",", thousands=",")


def written(value: int, decimals: int, style: NumberStyle) -> str:
    grouped = f"{abs(value):,}".replace(",", style.thousands)
    return ("-" if value < 0 else "") + grouped + (f"{style.decimal}{decimals:02d}")


@settings(max_examples=25, deadline=None)
@given(
    style=st.sampled_from(STYLES),
    values=st.lists(
        st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 99)), min_size=1, max_size=20
    ),
)
def test_every_style_reads_back_what_was_written(tmp_path_factory, style, values):
    path = tmp_path_factory.mktemp("styles") / "a.csv"
    lines = [f"{written(value, decimals, style)}\tx" for value, decimals in values]
    path.write_text("\n".join(["a\tb", *lines]))
    found = cl.read(path).to_arrow().column("a").to_pylist()
    expected = [float(written(*each, NumberStyle("."))) for each in values]
    assert found == expected
    assert [style.read(line[:-2]) for line in lines] == expected
