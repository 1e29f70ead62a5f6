"""How often a customer may be contacted: caps of an offer, exclusive groups, the contact policy.

The contacts so far come as arguments: from the store for one customer, from a table for many.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from clienteling.offers.catalogue import Catalogue
from clienteling.offers.offer import ContactPolicy, Offer

__all__ = ["Contact", "capped"]


@dataclass(frozen=True)
class Contact:
    """A contact of a customer: which offer, and on which day."""

    offer: str
    day: dt.date


def capped(offer: Offer, catalogue: Catalogue, contacts: Sequence[Contact], day: dt.date) -> str:
    """Say why a customer can't be contacted once more; an empty text where they can.

    A period of n days is the day of the contact and the n - 1 before it. Contacts that are planned
    for later days count too, where they lie as near.

    Parameters
    ----------
    offer, catalogue : the offer, and what holds over all
    contacts : of the customer so far, in any order
    day : of the next one

    Examples
    --------
    >>> from clienteling.offers.catalogue import load_catalogue
    >>> catalogue = load_catalogue("income-spending")
    >>> once = ContactPolicy(contacts=1, days=30)
    >>> offer = catalogue.offers[0].model_copy(update={"customer_cap": once})
    >>> so_far = [Contact(offer.id, dt.date(2026, 3, 1))]
    >>> capped(offer, catalogue, so_far, dt.date(2026, 3, 30))
    'The customer had it 1 time in 30 days, which is its cap.'
    >>> capped(offer, catalogue, so_far, dt.date(2026, 3, 31))
    ''
    """
    if catalogue.contact_policy is not None:
        had = _within(contacts, catalogue.contact_policy, day)
        if had >= catalogue.contact_policy.contacts:
            return (
                f"The customer was contacted {_times(had)} in {catalogue.contact_policy.days} "
                "days, which is the most."
            )
    own = [each for each in contacts if each.offer == offer.id]
    if offer.customer_cap is not None:
        had = _within(own, offer.customer_cap, day)
        if had >= offer.customer_cap.contacts:
            return (
                f"The customer had it {_times(had)} in {offer.customer_cap.days} days, which is "
                "its cap."
            )
    if offer.exclusive_group is not None:
        others = {
            each.id: each.title
            for each in catalogue.offers
            if each.exclusive_group == offer.exclusive_group and each.id != offer.id
        }
        taken = next((each.offer for each in contacts if each.offer in others), None)
        if taken is not None:
            return (
                f'The customer had "{others[taken]}", and of the group "{offer.exclusive_group}" '
                "a customer gets one offer only."
            )
    return ""


def _within(contacts: Sequence[Contact], policy: ContactPolicy, day: dt.date) -> int:
    return sum(abs((day - each.day).days) < policy.days for each in contacts)


def _times(n: int) -> str:
    return f"{n} time" if n == 1 else f"{n} times"
