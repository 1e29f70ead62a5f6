"""Outcomes from files: idempotent, in any order, and every fault with its row and value."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest

import clienteling as cl
from clienteling.campaigns.outcome_file import import_outcomes
from clienteling.data.engines.duckdb import DuckDB
from clienteling.errors import ColumnError
from clienteling.ledger.campaigns import Campaign, record_campaign
from clienteling.ledger.outcomes import outcomes_of
from clienteling.ledger.store import open_store

NOW = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)


@pytest.fixture(params=[2, 100_000], autouse=True)
def at_once(request, monkeypatch):
    """Hold two rows in memory at once, or all: nothing may come out otherwise."""
    monkeypatch.setattr("clienteling.campaigns.outcome_file._AT_ONCE", request.param)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "shop.db", create=True) as opened:
        yield opened


@pytest.fixture
def spring(store, tmp_path):
    decided = pd.DataFrame({"customer_id": range(10), "segment_id": 0, "arm": "offer"})
    (tmp_path / "decisions").mkdir()
    decided = decided.assign(offer="mail", propensity=1.0, reason="r.")
    decided.to_parquet(tmp_path / "decisions" / "part-0.parquet")
    made = Campaign(
        "spring", NOW, dt.date(2026, 3, 1), "strategy", "s:", 0.1, 0.0, {}, "m", "c", "general",
        decisions=str(tmp_path / "decisions"),
    )  # fmt: skip
    record_campaign(store, made)
    return made


def taken(store, spring, rows, **given):
    return import_outcomes(store, spring, cl.read(pd.DataFrame(rows)), now=NOW, **given)


LONG = {
    "customer_id": [1, 2, 2, 3],
    "name": ["response", "spend", "spend", "response"],
    "value": [1.0, 9.5, 9.5, 1.0],
    "happened_at": pd.to_datetime(["2026-03-05", "2026-03-02", "2026-03-02", "2026-03-04"]),
}


def test_a_file_twice_in_another_order_counts_once(store, spring):
    found = taken(store, spring, LONG)
    assert (found.rows, found.new, found.repeated, found.faults) == (4, 4, 0, ())
    again = taken(store, spring, pd.DataFrame(LONG).iloc[::-1])
    assert (again.new, again.repeated) == (0, 4)
    kept = outcomes_of(store, "spring").to_pandas()
    assert kept.groupby("name")["value"].sum().to_dict() == {"response": 2.0, "spend": 19.0}


def test_every_fault_has_its_row_and_value_and_the_others_are_taken_in(store, spring):
    rows = pd.DataFrame(
        {
            "Customer ID": ["1", "77", "2", "3", None, "4", "5"],
            "value": ["1", "1", "many", "1", "1", "1", "inf"],
            "happened_at": [
                "2026-03-05",
                "2026-03-05",
                "2026-03-05",
                "soon",
                "2026-03-05",
                "2027-01-01",
                "2026-03-05",
            ],
        }
    )
    found = taken(store, spring, rows)
    assert found.new == 1
    assert found.rows == 7
    assert found.faults == (
        'row 2, column "Customer ID": the campaign "spring" decided nothing for the customer "77".',
        "row 3, column \"value\": its value is 'many', which is not a finite number.",
        'row 4, column "happened_at": "soon" is no time; write it as 2026-03-31 or '
        "2026-03-31T14:05.",
        'row 5, column "Customer ID": it is empty.',
        'row 6, column "happened_at": it happened in the future, at 2027-01-01 00:00 UTC.',
        "row 7, column \"value\": its value is 'inf', which is not a finite number.",
    )
    mended = rows.assign(
        **{"Customer ID": ["1", "7", "2", "3", "6", "4", "5"]}, value="1", happened_at="2026-03-05"
    )
    found = taken(store, spring, mended)
    assert (found.new, found.repeated, found.faults) == (6, 1, ())


def test_a_row_per_customer_with_a_column_for_each_outcome(store, spring):
    rows = {"customer_id": [1, 2, 3], "visit": [1, 0, 1], "spend": [3.5, None, 0.0]}
    found = taken(store, spring, rows, outcomes=["visit", "spend"], on=dt.date(2026, 3, 9))
    assert (found.new, found.faults) == (5, ())
    kept = outcomes_of(store, "spring").to_pandas()
    assert set(kept["happened_at"].astype(str)) == {"2026-03-09 00:00:00+00:00"}


def test_the_senders_ids_hold(store, spring):
    rows = {**LONG, "outcome_id": ["a", "b", "c", "d"]}
    assert taken(store, spring, rows).new == 4
    other = pd.DataFrame(rows).assign(value=[1.0, 9.5, 9.0, 1.0])
    found = taken(store, spring, other)
    assert found.repeated == 3
    (fault,) = found.faults
    assert fault.startswith('row 3, column "outcome_id": another outcome with this id')


def test_what_a_table_lacks_is_said_together(store, spring):
    with pytest.raises(ColumnError) as caught:
        taken(store, spring, {"who": [1], "what": [2]}, outcomes=["wha"])
    assert [each[:30] for each in caught.value.faults] == [
        'there is no column "customer_i',
        'there is no column "happened_a',
        'there is no column "wha". Did ',
    ]


def test_rows_of_one_content_count_each_wherever_they_stand(store, spring):
    when = ["2026-03-05", "2026-03-06", "2026-03-05", "2026-03-05T00:00", "2026-03-07"]
    text = {"customer_id": [1, 2, 1, 1, 3], "happened_at": when}
    assert taken(store, spring, text).new == 5
    backwards = pd.DataFrame(text).iloc[::-1]
    assert taken(store, spring, backwards).repeated == 5
    # Once more than before is one more; with ids of their own they are others in any case.
    assert taken(store, spring, {**text, "customer_id": [1, 1, 1, 1, 3]}).new == 1
    own = {**text, "outcome_id": ["a", None, None, "b", None], "happened_at": "2026-03-05"}
    assert taken(store, spring, {**own, "customer_id": [4] * 5}).new == 5
    assert taken(store, spring, pd.DataFrame({**own, "customer_id": [4] * 5}).iloc[::-1]).new == 0


def test_it_is_read_part_by_part():
    table = cl.read(pd.DataFrame({"n": range(10_000)}))
    parts = list(table.batches(2_048))
    assert [each for part in parts for each in part.column("n").to_pylist()] == list(range(10_000))
    assert len(parts) > 3


def test_many_customers_of_a_batch_in_a_database(tmp_path, store):
    import sqlite3

    with sqlite3.connect(tmp_path / "batch.db") as connection:
        connection.execute(
            "CREATE TABLE decided (customer_id INTEGER, segment_id INTEGER, arm TEXT, offer TEXT, "
            "propensity REAL, reason TEXT)"
        )
        made_of = ((each, 0, "offer", "mail", 1.0, "r.") for each in range(30_000))
        connection.executemany("INSERT INTO decided VALUES (?, ?, ?, ?, ?, ?)", made_of)
    connection.close()
    place = f"sqlite:///{tmp_path}/batch.db?table=decided"
    made = Campaign(
        "spring", NOW, dt.date(2026, 3, 1), "strategy", "s:", 0.1, 0.0, {}, "m", "c", "general",
        decisions=place,
    )  # fmt: skip
    record_campaign(store, made)
    rows = pd.DataFrame({"customer_id": range(29_990, 30_010), "happened_at": NOW})
    found = taken(store, made, rows)
    assert (found.new, len(found.faults)) == (10, 10)


def test_the_search_for_repeated_rows_is_bounded(store, spring, monkeypatch):
    rows = pd.DataFrame({"customer_id": [1, 1, 2], "happened_at": pd.Timestamp("2026-03-05")})
    table, plain, within = cl.read(rows), DuckDB.query, []

    def limit():
        return table.engine.connection.execute("SELECT current_setting('memory_limit')").fetchall()

    def query(self, select):
        if self is table.engine and "GROUP BY" in select.sql("duckdb"):
            within.append(limit())
        return plain(self, select)

    before = limit()
    monkeypatch.setattr(DuckDB, "query", query)
    assert import_outcomes(store, spring, table, now=NOW).new == 3
    assert len(within) == 1
    assert within[0] != before == limit()


def test_what_lies_beside_the_days_that_count_is_said(store, spring):
    ends = Campaign(
        "may", NOW, dt.date(2026, 3, 4), "strategy", "m:", 0.1, 0.0, {"last_day": "2026-03-10"},
        "m", "c", "general", decisions=spring.decisions,
    )  # fmt: skip
    record_campaign(store, ends)
    days = ["2026-03-03T23:59", "2026-03-04", "2026-03-10T23:00", "2026-03-11", "2026-03-12", "x"]
    rows = {"customer_id": [0, 1, 2, 3, 4, 5], "value": "1", "happened_at": days}
    rows = pd.concat(
        [
            pd.DataFrame(rows),
            # Who is not in the campaign is refused, so they are not counted here.
            pd.DataFrame({"customer_id": [77], "value": "1", "happened_at": "2026-03-12"}),
        ]
    )
    found = taken(store, ends, rows)
    assert (found.new, found.early, found.late, len(found.faults)) == (5, 1, 2, 2)
    assert found.beside == (
        "1 outcome happened before the campaign's first day, 2026-03-04, so it is kept and does "
        "not count in its lift.",
        "2 outcomes happened after the last day that counts, 2026-03-10, so they are kept and do "
        "not count in its lift.",
    )
    # A campaign without a last day counts all from the first one on.
    found = taken(store, spring, pd.DataFrame(rows).iloc[:5])
    assert (found.early, found.late, found.beside) == (0, 0, ())


def test_what_is_another_campaigns_or_there_already_is_said(store, spring, tmp_path):
    days = pd.DataFrame(LONG)
    assert taken(store, spring, days).beside == ()
    # Word for word the same is no doubt; with the time of the day it is another one.
    assert taken(store, spring, days).beside == ()
    timed = days.assign(happened_at=days["happened_at"] + pd.Timedelta(hours=10))
    (said,) = taken(store, spring, timed).beside
    assert said.startswith("4 of 4 new outcomes have the customer, name, value and day of one that")
    assert taken(store, spring, timed.assign(value=[2.0, 3.0, 4.0, 5.0])).beside == ()


def test_customers_who_got_nothing_are_said_where_they_are_most(store, spring, tmp_path):
    decided = pd.read_parquet(tmp_path / "decisions" / "part-0.parquet")
    (tmp_path / "other").mkdir()
    got = decided.assign(arm=["nothing"] * 3 + ["offer"] * 7)
    got.to_parquet(tmp_path / "other" / "part-0.parquet")
    other = dataclasses.replace(spring, id="other", decisions=str(tmp_path / "other"))
    record_campaign(store, other)
    came = {"customer_id": [0, 1, 2, 5, 6], "value": 1.0, "happened_at": "2026-03-05"}
    (said,) = taken(store, other, came).beside
    assert said.startswith('3 of 5 outcomes are of customers to whom the campaign "other" gave')
    few = {"customer_id": [0, 1, 5, 6, 7], "value": 2.0, "happened_at": "2026-03-05"}
    assert taken(store, other, few).beside == ()
