"""What sqlglot gets wrong, or databases do badly, is mended in one place: known answers."""

import numpy as np
import pytest
import sqlglot
import sqlglot.expressions as exp

from clienteling.data.dialects import render
from clienteling.data.sql import is_one_of

STEPS = "WITH a AS (SELECT x + 1 AS y FROM t), b AS (SELECT y FROM a) SELECT y * y AS z FROM b"


@pytest.mark.parametrize("dialect", ["postgres", "redshift", "sqlite"])
def test_steps_are_kept_apart_where_the_planner_pastes_them(dialect):
    text = render(sqlglot.parse_one(STEPS), dialect)
    assert text.count("OFFSET 0") == 2
    assert not text.endswith("OFFSET 0")
    parsed = sqlglot.parse_one(text, dialect=dialect)
    assert [each.alias for each in parsed.find_all(sqlglot.exp.CTE)] == ["a", "b"]


@pytest.mark.parametrize("dialect", ["duckdb", "spark", "snowflake", "bigquery", "trino"])
def test_elsewhere_they_stay_as_they_are(dialect):
    query = sqlglot.parse_one(STEPS)
    assert render(query, dialect) == query.sql(dialect)
    assert "OFFSET" not in render(query, dialect)


def test_the_query_itself_is_left_as_it_was():
    query = sqlglot.parse_one(STEPS)
    render(query, "postgres")
    assert "OFFSET" not in query.sql("postgres")


def test_a_limit_stays():
    query = sqlglot.parse_one("WITH a AS (SELECT x FROM t LIMIT 5) SELECT x FROM a")
    assert render(query, "postgres") == "WITH a AS (SELECT x FROM t LIMIT 5) SELECT x FROM a"


def test_sqlite_runs_what_is_rendered():
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t AS SELECT 1 AS x UNION ALL SELECT 2")
    found = connection.execute(render(sqlglot.parse_one(STEPS), "sqlite")).fetchall()
    connection.close()
    assert sorted(found) == [(4,), (9,)]


def _listed(numbers):
    picked = exp.select("cell").from_("t").where(is_one_of(exp.column("cell"), numbers))
    return exp.select("cell").from_("picked").with_("picked", as_=picked)


def test_a_long_list_of_whole_numbers_is_a_bitmap_in_spark_alone():
    query = _listed(list(range(0, 4000, 7)))
    assert "GET(ARRAY(" in render(query, "spark")
    assert " IN (0, 7, " in render(query, "duckdb")
    assert " IN (0, 7, " in query.sql("spark"), "the query itself is left as it was"


@pytest.mark.parametrize("numbers", [list(range(400)), [0, 10**9, *range(1, 500)]])
def test_a_short_or_very_wide_list_stays_one(numbers):
    assert " IN (0, " in render(_listed(numbers), "spark")


@pytest.mark.spark
def test_the_bitmap_finds_what_the_list_does(spark_ready):
    from clienteling.data.engines.spark import Spark

    rng = np.random.default_rng(0)
    numbers = sorted({int(each) for each in rng.integers(31, 33_000, 2_000)})
    session = Spark(threads=2).session
    session.range(0, 40_000).selectExpr("CAST(id AS INT) AS cell").createOrReplaceTempView("t")
    text = render(_listed(numbers), "spark")
    assert "GET(ARRAY(" in text
    found = session.sql(text).toArrow().column("cell").to_pylist()
    assert sorted(found) == numbers
