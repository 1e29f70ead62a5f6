"""Dates as people write them: the order is decided from the column as a whole, and said."""

import datetime

import pytest

import clienteling as cl
from clienteling.data.date_styles import is_date_name


def read(write, values, name="a", **options):
    lines = [f'"{value}",x' for value in values]
    table = cl.read(write("a.csv", "\n".join([f"{name},b", *lines])), **options)
    return table, table.to_arrow().column(name).to_pylist()


def day(text):
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2013-08-21", "2012-1-2"], ["2013-08-21", "2012-01-02"]),
        (["2013/08/21", "2012.01.02"], ["2013-08-21", "2012-01-02"]),
        (["21/08/2013", "01/02/2013"], ["2013-08-21", "2013-02-01"]),
        (["08/21/2013", "01/02/2013"], ["2013-08-21", "2013-01-02"]),
        (["21.8.2013", "1.2.2013"], ["2013-08-21", "2013-02-01"]),
        (["21-08-13", "01-02-57"], ["2013-08-21", "1957-02-01"]),
        (["4 Sep 2012", "21-Mar-13"], ["2012-09-04", "2013-03-21"]),
        (["Sep 4, 2012", "March 12th 2013"], ["2012-09-04", "2013-03-12"]),
        (["Tue, 4 Sep 2012", "5 September 2012"], ["2012-09-04", "2012-09-05"]),
        (["21. März 2013", "1. Dez. 2014"], ["2013-03-21", "2014-12-01"]),
        (["3 juin 2013", "4 août 2013"], ["2013-06-03", "2013-08-04"]),
        (["4 de agosto de 2013", "5 de enero de 2013"], ["2013-08-04", "2013-01-05"]),
        (["2013-08-21 00:00:00", "2013-08-22T00:00"], ["2013-08-21", "2013-08-22"]),
    ],
)
def test_days(write, values, expected):
    table, found = read(write, [*values, "", "NA"])
    assert table["a"].kind == "date"
    assert found == [*map(day, expected), None, None]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["12/1/2010 8:26", "12/31/2010 13:05"], ["2010-12-01 08:26", "2010-12-31 13:05"]),
        (["1/2/2013 1:05 PM", "13/2/2013 12:05 AM"], ["2013-02-01 13:05", "2013-02-13 00:05"]),
        (["2013-08-21T10:00:01Z", "2013-08-21"], ["2013-08-21 10:00:01", "2013-08-21 00:00"]),
        (["4 Sep 2012 12:30 p.m.", "4 Sep 2012"], ["2012-09-04 12:30", "2012-09-04 00:00"]),
    ],
)
def test_days_with_times(write, values, expected):
    table, found = read(write, values)
    assert table["a"].kind == "date"
    assert found == [datetime.datetime.fromisoformat(each) for each in expected]


@pytest.mark.parametrize(
    "values",
    [
        ["2013-02-30", "2013-01-01"],
        ["21/08/2013", "08/21/2013"],
        ["2013-01-01", "soon"],
        ["2013-01-01", "01/13/2013"],
        ["13/13/2013", "1/1/2013"],
        ["4 Foo 2012", "5 Foo 2012"],
        ["2013-01-01 25:00", "2013-01-01 10:00"],
        ["555-1234", "555-4321"],
    ],
)
def test_what_is_no_date_throughout_stays_text(write, values):
    table, found = read(write, values)
    assert table["a"].kind == "text"
    assert found == values


def test_one_value_among_many_decides(write):
    _, found = read(write, ["01/02/2013"] * 5_000 + ["01/13/2013"])
    assert found[0] == day("2013-01-02")
    _, found = read(write, ["01/02/2013"] * 5_000 + ["13/01/2013"])
    assert found[0] == day("2013-02-01")


def test_what_could_be_both_is_said_with_the_option(write):
    table, found = read(write, ["03/04/2013", "01/02/2013"])
    assert found == [day("2013-04-03"), day("2013-02-01")]
    assert table.notes == (
        'Column "a": dates such as "01/02/2013" could be day/month/year or month/day/year; they '
        "are read as day/month/year (otherwise: --dates mdy).",
    )
    table, found = read(write, ["03/04/2013", "01/02/2013"], dates="mdy")
    assert found == [day("2013-03-04"), day("2013-01-02")]
    assert table.notes == ()
    _, found = read(write, ["03/04/12", "01/02/13"], dates="ymd")
    assert found == [day("2003-04-12"), day("2001-02-13")]
    table, found = read(write, ["03/04/2013"], dates="none")
    assert (table["a"].kind, found) == ("text", ["03/04/2013"])


def test_another_column_tells_the_order(write):
    table = cl.read(write("a.csv", "a,b\n03/04/2013,08/21/2013\n01/02/2013,08/22/2013\n"))
    assert table.to_arrow().column("a").to_pylist() == [day("2013-03-04"), day("2013-01-02")]
    assert 'month/day/year, as in column "b" (otherwise: --dates dmy).' in table.notes[0]


def test_years_of_two_digits_are_said(write):
    table, found = read(write, ["21-08-31", "01-02-30"])
    assert found == [day("1931-08-21"), day("2030-02-01")]
    assert table.notes == (
        'Column "a": dates such as "01-02-30" are read as day/month/year; years of two digits are '
        "1931 to 2030 (otherwise: --dates none).",
    )


def test_day_numbers_are_dates_only_where_the_name_says_so(write):
    table, found = read(write, ["41507", "41508.5", ""], name="Order Date")
    assert table["Order Date"].kind == "date"
    assert found == [day("2013-08-21"), day("2013-08-22"), None]
    assert table.notes == (
        'Column "Order Date": numbers such as "41507" are read as dates such as 2013-08-21 '
        "(otherwise: --dates none).",
    )
    table, found = read(write, ["20130821", "20130822"], name="dt")
    assert found == [day("2013-08-21"), day("2013-08-22")]
    for name, values in (("Income", ["41507", "41508"]), ("Birth date", ["1957", "1958"])):
        table, found = read(write, values, name=name)
        assert (table[name].kind, found) == ("integer", [int(each) for each in values])


@pytest.mark.parametrize("name", ["date", "Dt_Customer", "OrderDate", "birth_date", "Datum", "DOB"])
def test_names_of_dates(name):
    assert is_date_name(name)


@pytest.mark.parametrize("name", ["Income", "Updates", "Candidate", "Year_Birth", "data", "days"])
def test_names_of_other_things(name):
    assert not is_date_name(name)
