"""Columns of few words are written as codes, and read back as the same text."""

import pyarrow.parquet as pq
import pytest
import sqlglot

from clienteling.data.engines.duckdb import DuckDB
from clienteling.data.engines.few_words import with_codes

ROWS = "(SELECT i, i % 3 AS j FROM range(1000) t(i)) AS rows"


@pytest.mark.parametrize(
    "word",
    [
        "CASE j WHEN 0 THEN 'a' WHEN 1 THEN 'b' END",
        "CASE WHEN j = 0 THEN 'it''s \"a\"' WHEN j = 1 THEN '' ELSE 'größer' END",
        "CASE WHEN j = 0 THEN 'a' WHEN j = 1 THEN NULL ELSE CAST(NULL AS TEXT) END",
        "CASE WHEN j = 0 THEN 'same' ELSE 'same' END",
    ],
)
def test_the_file_holds_the_same_text(word, tmp_path):
    select = sqlglot.parse_one(f"SELECT i, {word} AS word FROM {ROWS}", dialect="duckdb")
    engine = DuckDB()
    assert "ENUM" in with_codes(select).sql("duckdb")
    engine.write_parquet(select, tmp_path / "a.parquet")
    written = pq.read_table(tmp_path / "a.parquet")
    assert written.to_pylist() == engine.query(select).to_pylist()
    assert str(written.schema.field("word").type) == "string"


@pytest.mark.parametrize(
    "value",
    [
        "CASE WHEN j = 0 THEN 'a' ELSE i || 'b' END",
        "CASE WHEN j = 0 THEN 1 ELSE 2 END",
        "CASE WHEN j = 0 THEN NULL END",
        "UPPER(CASE WHEN j = 0 THEN 'a' END)",
    ],
)
def test_anything_else_stays_as_it_is(value):
    select = sqlglot.parse_one(f"SELECT {value} AS word FROM {ROWS}", dialect="duckdb")
    assert with_codes(select) == select


def test_a_word_that_is_worked_on_further_is_still_text(tmp_path):
    inner = f"SELECT i, CASE WHEN j = 0 THEN 'a' ELSE 'b' END AS word FROM {ROWS}"
    select = sqlglot.parse_one(
        f"SELECT i, word || '!' AS said, word = 'c' AS other FROM ({inner}) AS x WHERE word > 'a'",
        dialect="duckdb",
    )
    engine = DuckDB()
    engine.write_parquet(select, tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "a.parquet").equals(engine.query(select))
