"""Consents and opt-outs: the newest holds, and of two of the same time the no."""

import datetime as dt
import itertools

import pyarrow as pa
import pytest

from clienteling.errors import DataError, InputError
from clienteling.ledger.consents import (
    consented,
    consents_of,
    forgotten_among,
    is_opted_out,
    opt_in,
    opt_out,
    opted_out,
    set_consent,
)
from clienteling.ledger.store import Store

DAYS = [dt.datetime(2026, 1, day) for day in (1, 2, 3)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_newest_holds_whatever_comes_first(store: Store, order):
    said = [(opt_out, DAYS[0]), (opt_in, DAYS[1]), (opt_out, DAYS[2])]
    for each in order:
        say, at = said[each]
        say(store, 7, at=at, source="shop")
        set_consent(store, 7, "email", say is opt_in, at=at, source="shop")
    assert is_opted_out(store, 7)
    assert is_opted_out(store, "7")
    assert consented(store, "email").num_rows == 0


def test_of_two_of_the_same_time_the_no_holds(store: Store):
    for customer, order in ((1, (True, False)), (2, (False, True))):
        for out in order:
            (opt_out if out else opt_in)(store, customer, at=DAYS[0])
            set_consent(store, customer, "email", not out, at=DAYS[0])
    assert opted_out(store).column("customer_id").to_pylist() == ["1", "2"]
    assert consented(store, "email").num_rows == 0


def test_what_is_late_is_answered_so(store: Store):
    assert opt_out(store, 7, at=DAYS[1])
    assert not opt_in(store, 7, at=DAYS[0])
    assert not opt_out(store, 7, at=DAYS[0])
    assert opt_in(store, 7, at=DAYS[2])
    assert not is_opted_out(store, 7)
    assert set_consent(store, 7, "email", True, at=DAYS[1])
    assert not set_consent(store, 7, "email", False, at=DAYS[0])


def test_consents_are_apart(store: Store):
    set_consent(store, "a", "email", True)
    set_consent(store, "a", "phone", False)
    set_consent(store, "b", "phone", True)
    with store.reading() as connection:
        assert consents_of(connection, "a") == {"email"}
        assert consents_of(connection, "c") == set()
    assert consented(store, "phone").column("customer_id").to_pylist() == ["b"]


def test_ids_as_the_customers_have_them(store: Store):
    for each in (30, "007", "4", "x", 2**63 - 1):
        opt_out(store, each)
    whole = opted_out(store, whole=True)
    assert whole.schema.field("customer_id").type == pa.int64()
    assert sorted(whole.column("customer_id").to_pylist()) == [4, 30, 2**63 - 1]
    assert opted_out(store).num_rows == 5


def test_nobody_was_forgotten(store: Store):
    def never():
        raise AssertionError("the ids are not looked at")
        yield

    assert forgotten_among(store, never()).num_rows == 0
    assert not is_opted_out(store, 7)


def test_what_cant_be_said(store: Store):
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    with pytest.raises(DataError, match="It was said in the future"):
        opt_in(store, 7, at=tomorrow)
    with pytest.raises(DataError, match="It was said in the future"):
        set_consent(store, 7, "email", True, at=tomorrow)
    with pytest.raises(InputError, match="The consent has no name"):
        set_consent(store, 7, " ", True)
    with pytest.raises(DataError, match="can't be a customer's id"):
        opt_out(store, 7.0)  # type: ignore[arg-type]
