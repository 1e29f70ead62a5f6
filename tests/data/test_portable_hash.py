"""The hash that draws samples: the same in Python and in the engine, and evenly spread."""

import duckdb
import numpy as np
import pytest

from clienteling.data.portable_hash import check_id_kind, hash_of, hash_sql, threshold
from clienteling.data.sql import column
from clienteling.errors import ColumnError

IDS = {
    "BIGINT": [0, 1, -1, 42, 10**12, -(2**63), 2**63 - 1],
    "VARCHAR": ["", "0042", "Zoë", "日本", "a'b", " x ", "A" * 300],
}


@pytest.mark.parametrize("kind", IDS)
def test_python_and_engine_give_the_same_hash(kind):
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE t (id {kind})")
    connection.executemany("INSERT INTO t VALUES (?)", [[each] for each in IDS[kind]])
    sql = hash_sql(column("id"), "salt:").sql("duckdb")
    found = connection.sql(f"SELECT {sql} FROM t ORDER BY rowid").fetchall()
    assert [row[0] for row in found] == [hash_of(each, "salt:") for each in IDS[kind]]


def test_known_hashes():
    """From md5sum: printf 'coreset:42' | md5sum, printf 'salt:Zoë' | md5sum."""
    assert hash_of(42, "coreset:") == "77cad93e303bd38c6e71a6ef336d7cb5"
    assert hash_of("Zoë", "salt:") == "07dffa47f1696a30d6842331d751f2c6"


def test_another_salt_is_another_draw():
    drawn = [
        {each for each in range(10_000) if hash_of(each, salt) < threshold(0.5)}
        for salt in ("a:", "b:")
    ]
    assert len(drawn[0] & drawn[1]) == pytest.approx(2_500, abs=150)


@pytest.mark.parametrize("share", [0.001, 0.02, 0.25, 0.5, 0.999])
def test_the_threshold_draws_its_share(share):
    n = 40_000
    drawn = sum(hash_of(each, "s:") < threshold(share) for each in range(n))
    assert drawn == pytest.approx(n * share, abs=4 * np.sqrt(n * share * (1 - share)))


def test_none_and_all():
    hashes = [hash_of(each, "s:") for each in range(1_000)]
    for share in (0.0, -1.0):
        assert not any(each < threshold(share) for each in hashes)
    for share in (1.0, 2.0):
        assert all(each < threshold(share) for each in [*hashes, "f" * 32])


def test_more_is_drawn_with_a_larger_share():
    thresholds = [threshold(share) for share in np.linspace(0, 1, 1_000)]
    assert thresholds == sorted(thresholds)


@pytest.mark.parametrize("kind", ["number", "boolean", "date", "other"])
def test_ids_that_read_differently_elsewhere_are_refused(kind):
    with pytest.raises(ColumnError) as refused:
        check_id_kind("id", kind)
    assert str(refused.value) == (
        f'"id" can\'t be the customer id: it holds {kind} values, and only whole numbers and text '
        "read the same on every engine.\nName another column with --id."
    )


@pytest.mark.parametrize("kind", ["integer", "text"])
def test_other_ids_are_taken(kind):
    check_id_kind("id", kind)
