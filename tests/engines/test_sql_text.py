"""The scoring as text: what a warehouse that can't be run here is given."""

import re

import pytest
import sqlglot
from sqlglot import exp

import clienteling as cl

QUOTED = {
    "snowflake": '"Annual Income (k$)"',
    "bigquery": "`Annual Income (k$)`",
    "databricks": "`Annual Income (k$)`",
    "trino": '"Annual Income (k$)"',
    "redshift": '"Annual Income (k$)"',
}
#: What the query calls; each of these dialects documents all of them.
FUNCTIONS = {"ABS", "LEAST", "SQRT", "TRIM", "CAST", "CONCAT", "ISNAN", "IS_NAN"}


@pytest.fixture(scope="module")
def model() -> cl.Model:
    return cl.segment(cl.read("sample"))


@pytest.mark.parametrize("dialect", QUOTED)
def test_a_warehouse_gets_the_original_names_and_every_branch(dialect, model):
    sql = model.sql(dialect, table="shop.customers")
    assert QUOTED[dialect] in sql
    assert "shop.customers" in sql
    assert re.search(r"ABS\(.cl_x0.\) <= 1e\+300 AND ABS\(.cl_x1.\) <= 1e\+300", sql)
    assert "Annual Income (k$) is missing." in sql
    assert "Annual Income (k$) is not a finite number." in sql
    for segment in model.segments:
        assert f"'{segment.name}'" in sql


@pytest.mark.parametrize("dialect", QUOTED)
def test_it_parses_and_calls_nothing_that_the_dialect_lacks(dialect, model):
    sql = model.sql(dialect)
    parsed = sqlglot.parse_one(sql, dialect=dialect)
    assert [each.alias_or_name for each in parsed.selects] == [
        "customer_id",
        "Annual Income (k$)",
        "Spending Score (1-100)",
        "segment_id",
        "segment",
        "margin",
        "runner_up",
        "note",
    ]
    called = set(re.findall(r"\b([A-Z_]+)\(", sql)) - {"THEN", "WHEN", "AND", "OR", "AS", "NOT"}
    assert called <= FUNCTIONS, called - FUNCTIONS
    assert not list(parsed.find_all(exp.Anonymous))


def test_redshift_keeps_its_steps_apart_and_snowflake_needs_not(model):
    assert "OFFSET 0" in model.sql("redshift")
    assert "OFFSET 0" not in model.sql("snowflake")


def test_an_unknown_dialect_is_refused_with_near_names(model):
    with pytest.raises(cl.InputError, match=r"There is no dialect \"snowflak\"") as caught:
        model.sql("snowflak")
    assert 'Did you mean "snowflake"' in str(caught.value)


def test_the_text_is_what_runs(model, tmp_path):
    customers = cl.read("sample")
    sql = model.sql("duckdb", table="customers")
    connection = customers.engine.connection
    connection.register("customers", customers.to_arrow())
    assert connection.sql(sql).to_arrow_table().equals(model.score(customers).to_arrow())


def test_odd_names_are_data_not_sql(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text(
        'id,"a""b`c%d\'e;--",f\n' + "".join(f"{n},{n % 7},{n % 5}\n" for n in range(40))
    )
    model = cl.segment(cl.read(path), ["a\"b`c%d'e;--", "f"], k=2)
    for dialect in (*QUOTED, "duckdb", "postgres", "spark", "sqlite"):
        sql = model.sql(dialect)
        names = {each.name for each in sqlglot.parse_one(sql, dialect=dialect).find_all(exp.Column)}
        assert "a\"b`c%d'e;--" in names
