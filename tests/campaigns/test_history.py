"""Contacts so far, as SQL over all customers: the same answer as for each of them in Python."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import sqlglot.expressions as exp
from hypothesis import given, settings
from hypothesis import strategies as st

import clienteling as cl
from clienteling.campaigns.history import with_history
from clienteling.errors import ColumnError, DataError
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.contacts import Contact, capped

DAY = dt.date(2026, 3, 31)


def catalogue_of(caps, groups, policy):
    offers = [
        {
            **{"id": id, "title": id.upper(), "text": "x", "segments": ["premium"], "reason": "r."},
            "customer_cap": cap,
            "exclusive_group": group,
        }
        for id, cap, group in zip("abc", caps, groups, strict=True)
    ]
    return Catalogue.model_validate(
        {"catalogue": "mine", "offers": offers, "contact_policy": policy}
    )


def customers_who_may(table, condition):
    if condition is None:
        return set(table.df()["customer_id"])
    query = exp.select("customer_id").from_(table.subquery).where(condition)
    return set(table.engine.query(query)["customer_id"].to_pylist())


POLICY = st.none() | st.fixed_dictionaries(
    {"contacts": st.integers(1, 3), "days": st.integers(1, 12)}
)


@settings(max_examples=12, deadline=None)
@given(
    caps=st.tuples(POLICY, POLICY, POLICY),
    groups=st.tuples(*[st.sampled_from([None, "g", "h"])] * 3),
    policy=POLICY,
    contacts=st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from("abcz"), st.integers(-12, 12)), max_size=30
    ),
    split=st.integers(0, 30),
)
def test_many_are_capped_as_each_one_is(caps, groups, policy, contacts, split):
    catalogue = catalogue_of(caps, groups, policy)
    rows = [(customer, offer, DAY - dt.timedelta(days=ago)) for customer, offer, ago in contacts]
    names = ["customer_id", "offer", "day"]
    tables = [
        pd.DataFrame(each, columns=names) for each in (rows[:split], rows[split:]) if len(each)
    ]
    customers = cl.read(pd.DataFrame({"customer_id": range(5)}))
    found = with_history(customers, catalogue, DAY, contacts=tables)
    for offer in catalogue.offers:
        expected = {
            customer
            for customer in range(5)
            if not capped(
                offer, catalogue, [Contact(o, day) for c, o, day in rows if c == customer], DAY
            )
        }
        assert customers_who_may(found.customers, found.also.get(offer.id)) == expected


@pytest.fixture
def needy():
    offer = {"id": "a", "title": "A", "text": "x", "segments": ["premium"], "reason": "r."}
    return Catalogue.model_validate({"catalogue": "m", "offers": [{**offer, "consent": "email"}]})


def test_opt_outs_and_consents(needy):
    customers = cl.read(pd.DataFrame({"customer_id": ["x", "y", "z"]}))
    out = pd.DataFrame({"customer_id": ["y", "nobody"]})
    gave = pd.DataFrame({"customer_id": ["x", "y", "x"], "consent": ["email", "email", "sms"]})
    found = with_history(customers, needy, DAY, opted_out=out, consents=gave)
    assert customers_who_may(found.customers, found.also["a"]) == {"x", "z"}
    assert customers_who_may(found.customers, found.consents["email"]) == {"x", "y"}


def test_ids_that_are_text_in_one_table_and_numbers_in_the_other(needy):
    customers = cl.read(pd.DataFrame({"customer_id": [1, 2, 3]}))
    out = pd.DataFrame({"customer_id": ["2"]})
    found = with_history(customers, needy, DAY, opted_out=out)
    assert customers_who_may(found.customers, found.also["a"]) == {1, 3}


def test_a_contact_that_is_not_told_whole_is_refused():
    catalogue = catalogue_of((None,) * 3, (None,) * 3, {"contacts": 1, "days": 7})
    rows = pd.DataFrame(
        {"customer_id": [1.0, np.nan], "offer": ["a", "b"], "day": [DAY, None]}
    ).astype({"customer_id": "Int64", "day": "datetime64[s]"})
    with pytest.raises(DataError) as caught:
        with_history(cl.read("sample"), catalogue, DAY, contacts=[rows])
    assert caught.value.faults == (
        '"customer_id" is empty in 1 row.',
        '"day" is empty in 1 row.',
    )
    rows = rows.rename(columns={"day": "days", "offer": "what"})
    with pytest.raises(ColumnError) as caught:
        with_history(cl.read("sample"), catalogue, DAY, contacts=[rows])
    assert caught.value.faults == (
        'there is no column "offer".',
        'there is no column "day". Did you mean "days"?',
    )
