"""What sqlglot gets wrong, or databases do badly, is mended in one place: known answers."""

import pytest
import sqlglot

from clienteling.data.dialects import render

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
