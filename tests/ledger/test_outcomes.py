"""Outcomes are taken in once each, whatever the order; what is wrong is said and loses nothing."""

import datetime as dt
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clienteling.errors import DataError, SourceError
from clienteling.ledger.campaigns import record_campaign
from clienteling.ledger.outcomes import Intake, Outcome, outcomes_of, take_in
from clienteling.ledger.store import Store
from tests.ledger.conftest import NOW, spring

HOUR = dt.timedelta(hours=1)


@pytest.fixture(params=["whole", "text"])
def folder(request, tmp_path):
    """Return the decisions of a batch: customers 1 to 6 in two files."""
    folder = tmp_path / "decisions"
    folder.mkdir()
    for part, ids in enumerate(([1, 2, 3], [4, 5, 6])):
        rows = pa.table(
            {
                "customer_id": pa.array(ids if request.param == "whole" else map(str, ids)),
                "segment_id": pa.array([0, None, 1], pa.int64()),
                "arm": ["offer", "nothing", "holdout"],
                "offer": ["wine", "nothing", "wine"],
                "propensity": [0.9, 1.0, 0.9],
                "reason": ["They like it."] * 3,
            }
        )
        pq.write_table(rows, folder / f"part-{part}.parquet")
    return folder


@pytest.fixture
def planned(store: Store, folder) -> Store:
    record_campaign(store, spring(decisions=str(folder)))
    return store


def spend(number: int, customer: object = 1, value: float = 9.5, **more: object) -> Outcome:
    given = {"happened_at": NOW - HOUR * number, "campaign": "spring", **more}
    return Outcome(f"till-{number}", "spend", value, customer_id=customer, **given)  # type: ignore[arg-type]


def test_they_are_taken_in_once_and_in_any_order(planned: Store):
    first = [spend(3), spend(1, 4), spend(2, "6", 0.0)]
    assert take_in(planned, first, now=NOW) == Intake(new=3)
    again = [spend(5, 1), *reversed(first), spend(4, 2), spend(4, 2)]
    assert take_in(planned, again, now=NOW) == Intake(new=2, repeated=4)
    kept = outcomes_of(planned, "spring").to_pylist()
    assert [(row["outcome_id"], row["customer_id"], row["value"]) for row in kept] == [
        ("till-1", "4", 9.5),
        ("till-2", "6", 0.0),
        ("till-3", "1", 9.5),
        ("till-4", "2", 9.5),
        ("till-5", "1", 9.5),
    ]
    assert [row["happened_at"] for row in kept] == [NOW - HOUR * n for n in range(1, 6)]
    assert {row["name"] for row in kept} == {"spend"}


def test_times_of_other_zones_are_the_same_times(planned: Store):
    summer = dt.timezone(dt.timedelta(hours=2))
    take_in(planned, [spend(1, happened_at=NOW.astimezone(summer))], now=NOW)
    naive = spend(1, happened_at=NOW.replace(tzinfo=None))
    assert take_in(planned, [naive], now=NOW) == Intake(repeated=1)


def test_all_that_is_wrong_is_said_and_the_rest_is_taken_in(planned: Store):
    given = [
        spend(1),
        spend(2, 77),
        spend(3, happened_at=NOW + HOUR),
        spend(4, value=math.nan),
        spend(5, value="a lot"),
        spend(6, campaign="sprig"),
        spend(7, campaign=None),
        Outcome("till-8", "spend", 1.0, NOW, decision_id="d-1"),
        Outcome("", " ", math.inf, NOW, campaign="spring", customer_id=1),
        spend(10, 1.5),
        spend(11, True),
        spend(1, value=9.6),
        spend(13, "no\0"),
        spend(14, happened_at="yesterday"),
        spend(15, 4),
    ]
    found = take_in(planned, given, now=NOW)
    assert (found.new, found.repeated) == (2, 0)
    assert [str(each) for each in found.refused] == [
        '2. "till-2": the campaign "spring" decided nothing for the customer "77".',
        '3. "till-3": it happened in the future, at 2026-03-10 13:00 UTC.',
        '4. "till-4": its value is nan, which is not a finite number.',
        "5. \"till-5\": its value is 'a lot', which is not a finite number.",
        '6. "till-6": there is no campaign "sprig". Did you mean "spring"?',
        '7. "till-7": it names neither a decision nor a campaign and a customer.',
        '8. "till-8": there is no decision "d-1".',
        "9. \"\": its value is inf, which is not a finite number. its id is ''; it must be a text "
        "of 1 to 500 signs. its name is ' '; it must be a text of 1 to 500 signs.",
        "10. \"till-10\": 1.5 can't be a customer's id.",
        "11. \"till-11\": True can't be a customer's id.",
        '12. "till-1": another outcome with this id was taken in before; each must have its own.',
        "13. \"till-13\": 'no\\x00' can't be a customer's id.",
        "14. \"till-14\": 'yesterday' is no point in time.",
    ]
    assert outcomes_of(planned, "spring").column("outcome_id").to_pylist() == ["till-1", "till-15"]
    # The mended ones come with all the others, and nothing counts twice.
    assert take_in(planned, [*given[:1], spend(4), given[-1]], now=NOW) == Intake(1, 2)


def test_more_than_one_chunk(planned: Store):
    given = [spend(number, number % 6 + 1) for number in range(1, 4501)]
    given[3000] = spend(3001, 99)
    found = take_in(planned, iter(given), now=NOW)
    assert (found.new, found.repeated, len(found.refused)) == (4499, 0, 1)
    assert found.refused[0].place == 3001
    assert len(outcomes_of(planned, "spring")) == 4499


def test_who_is_known_may_be_said_by_the_caller(planned: Store):
    asked = []

    def known(campaign, ids):
        asked.append((campaign.id, set(ids)))
        return ["8"]

    found = take_in(planned, [spend(1, 8), spend(2, 9)], now=NOW, known=known)
    assert (found.new, len(found.refused)) == (1, 1)
    assert asked == [("spring", {"8", "9"})]


def test_where_the_batch_cant_be_read_nothing_is_taken_in(planned: Store, folder):
    folder.rename(folder.with_name("moved"))
    with pytest.raises(SourceError, match="decisions"):
        take_in(planned, [spend(1)], now=NOW)
    assert len(outcomes_of(planned, "spring")) == 0


def test_some_other_table_is_no_batch(store: Store):
    record_campaign(store, spring(decisions="sample"))
    with pytest.raises(DataError, match="they lack customer_id, segment_id, arm, offer"):
        take_in(store, [spend(1)], now=NOW)


def test_no_outcomes_is_a_table_too(planned: Store):
    assert outcomes_of(planned, "spring").schema.names == [
        "outcome_id",
        "customer_id",
        "decision_id",
        "name",
        "value",
        "happened_at",
    ]
    with pytest.raises(DataError, match='there is no campaign "fall"'):
        outcomes_of(planned, "fall")
