"""What is in the store that the web app was started with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clienteling.app.page_words import rephrase
from clienteling.data.urls import is_url
from clienteling.errors import ClientelingError
from clienteling.ledger.store_place import StorePlace

if TYPE_CHECKING:
    from clienteling.ledger.campaigns import Campaign

__all__ = ["Inside", "look_inside"]


@dataclass(frozen=True)
class Inside:
    """What is in a store, for people.

    Parameters
    ----------
    shown : what it is called, without a password or a folder
    campaigns : those that are recorded, the latest first
    opted_out : customers who must not be contacted
    """

    shown: str
    campaigns: tuple[Campaign, ...]
    opted_out: int

    @property
    def sentence(self) -> str:
        """What is in it, in words."""
        n, out = len(self.campaigns), self.opted_out
        many = "1 campaign" if n == 1 else f"{n:,} campaigns"
        people = "1 customer who" if out == 1 else f"{out:,} customers who"
        return f"Store: {self.shown}, with {many} and {people} opted out."


def look_inside(place: StorePlace) -> Inside:
    """Return what is in the store.

    Raises
    ------
    ClientelingError
        It can't be opened; in the words of a page.
    """
    # What a store needs is loaded where there is one.
    from clienteling.ledger.campaigns import campaigns
    from clienteling.ledger.consents import opted_out
    from clienteling.ledger.store import open_store

    try:
        with open_store(place.address, create=True) as store:
            shown = store.shown if is_url(place.address) else Path(place.address).name
            return Inside(shown, tuple(campaigns(store)), opted_out(store).num_rows)
    except ClientelingError as error:
        raise rephrase(error) from error
