"""Caps per customer, exclusive groups and the contact policy."""

import datetime as dt

import pytest

from clienteling.offers.catalogue import Catalogue
from clienteling.offers.contacts import Contact, capped
from clienteling.offers.offer import Offer

DAY = dt.date(2026, 3, 31)


def offer(id, **more):
    told = {"id": id, "title": id.upper(), "text": "x", "segments": ["s"], "reason": "r."}
    return Offer.model_validate({**told, **more})


CATALOGUE = Catalogue(
    catalogue="mine",
    offers=(
        offer("a", customer_cap={"contacts": 2, "days": 10}, exclusive_group="g"),
        offer("b", exclusive_group="g"),
        offer("c"),
    ),
    contact_policy={"contacts": 3, "days": 7},
)


def contacts(*given):
    return [Contact(id, DAY - dt.timedelta(days=ago)) for id, ago in given]


@pytest.mark.parametrize(
    ("id", "so_far", "said"),
    [
        ("a", [], ""),
        ("a", [("a", 9)], ""),
        ("a", [("a", 9), ("a", 0)], "The customer had it 2 times in 10 days, which is its cap."),
        ("a", [("a", 10), ("a", 0)], ""),
        ("a", [("a", 10), ("a", -9), ("a", 3)], "The customer had it 2 times in 10 days"),
        ("b", [("a", 300)], 'The customer had "A", and of the group "g" a customer gets one'),
        ("b", [("b", 0)], ""),
        ("c", [("a", 6), ("b", 3), ("c", 0)], "The customer was contacted 3 times in 7 days"),
        ("c", [("a", 7), ("b", 3), ("c", 0)], ""),
    ],
)
def test_who_can_be_contacted_once_more(id, so_far, said):
    own = next(each for each in CATALOGUE.offers if each.id == id)
    found = capped(own, CATALOGUE, contacts(*so_far), DAY)
    assert found.startswith(said)
    assert bool(found) == bool(said)
