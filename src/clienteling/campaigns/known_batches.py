"""What the batches of a store gave to a customer whom somebody decides for now."""

from __future__ import annotations

import datetime as dt
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

from clienteling.data.table import Table
from clienteling.errors import EngineError, SourceError
from clienteling.ledger.batch import BatchDecision, batch_decisions, open_batch
from clienteling.ledger.campaigns import Campaign, campaigns
from clienteling.ledger.moments import now_utc
from clienteling.ledger.store import Store
from clienteling.offers.contacts import Contact

__all__ = ["InBatches", "KnownBatches"]

#: Seconds in which the folder of a campaign that was planned just now comes to its place.
_WAITS, _JUST_NOW = (0.05, 0.2, 0.75), dt.timedelta(hours=1)


@dataclass(frozen=True)
class InBatches:
    """What batches gave to one customer.

    Parameters
    ----------
    campaigns : all that the store had when they were looked up
    own : the decision of the campaign's own batch
    contacts : of all batches, where it matters how often a customer is contacted
    """

    campaigns: frozenset[str]
    own: BatchDecision | None
    contacts: tuple[Contact, ...]


class KnownBatches:
    """Looks customers up in batches, and keeps these open between one customer and the next.

    Parameters
    ----------
    store : the store
    campaign : the id of the one that decides
    every : whether the contacts of other campaigns count too
    """

    def __init__(self, store: Store, campaign: str, *, every: bool) -> None:
        self._store, self._campaign, self._every = store, campaign, every
        self._opened: dict[str, Table | None] = {}
        self._lock = threading.Lock()

    def look_up(self, customer: str) -> InBatches:
        """Return what the campaign's own and other batches gave to a customer."""
        every = campaigns(self._store)
        own, contacts = None, []
        for each in every:
            mine = each.id == self._campaign
            if each.decisions is None or not (mine or self._every):
                continue
            found = self._in_batch(each, customer)
            own = found if mine else own
            if found is not None and found.arm == "offer":
                contacts.append(Contact(found.offer, each.day))
        return InBatches(frozenset(each.id for each in every), own, tuple(contacts))

    def _in_batch(self, meant: Campaign, customer: str) -> BatchDecision | None:
        # To open a folder takes longer than to ask it, and an engine answers one at a time.
        with self._lock:
            if meant.id not in self._opened:
                self._opened[meant.id] = self._open(meant)
            table = self._opened[meant.id]
            if table is None:
                return None
            try:
                return batch_decisions(meant, [customer], table).get(customer)
            except EngineError:
                # It was moved or is gone: then that is what is said.
                del self._opened[meant.id]
                return batch_decisions(meant, [customer], store=self._store).get(customer)

    def _open(self, meant: Campaign) -> Table | None:
        """Open a batch; one that was recorded just now is about to be moved to its place."""
        for seconds in _WAITS if now_utc() - meant.created_at < _JUST_NOW else ():
            with suppress(SourceError):
                return open_batch(meant, self._store)
            time.sleep(seconds)
        return open_batch(meant, self._store)
