"""Pieces of SQL: what enters as a value or a name comes back as that value or name."""

import duckdb
import pytest
import sqlglot
import sqlglot.expressions as exp
from hypothesis import given
from hypothesis import strategies as st

from clienteling.data.sql import column, double, name, number, text, usable

DIALECTS = ["duckdb", "spark", "snowflake", "bigquery", "postgres"]


def ask(expression: exp.Expr) -> object:
    return duckdb.sql(exp.select(expression.as_(name("x"))).sql("duckdb")).fetchall()[0][0]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back_bit_by_bit(value):
    found = ask(number(value))
    assert isinstance(found, float)
    assert found.hex() == value.hex()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_is_refused(value):
    with pytest.raises(ValueError, match="not a finite number"):
        number(value)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_text_comes_back_as_it_is(value):
    assert ask(text(value)) == value


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_names_come_back_as_they_are(value):
    query = exp.select(exp.Literal.number(1).as_(name(value))).sql("duckdb")
    assert duckdb.sql(query).columns == [value]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_name_can_end_no_quote(dialect):
    odd = 'a"; DROP TABLE b; --`'
    (found,) = sqlglot.parse(column(odd).sql(dialect), dialect=dialect)
    assert found.name == odd


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", True),
        ("1e300", True),
        ("-1e300", True),
        ("1.0000000000000001e300", True),
        ("1.1e300", False),
        ("-1e308", False),
        ("'inf'", False),
        ("'-inf'", False),
        ("'nan'", False),
        ("NULL", None),
    ],
)
def test_usable(value, expected):
    x = double(exp.maybe_parse(value, dialect="duckdb"))
    assert ask(usable(x)) is expected
