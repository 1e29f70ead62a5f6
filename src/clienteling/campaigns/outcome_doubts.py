"""What may be wrong with outcomes that are right one by one: of another campaign, or there already.

An outcome without an id is known by its content, so the same sale with another time of the day is
another one; and a file of another campaign has customers of this one, too.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from clienteling.ledger.campaigns import Campaign
from clienteling.ledger.moments import as_utc
from clienteling.ledger.outcomes import Outcome, outcomes_of
from clienteling.ledger.store import Store

__all__ = ["Doubts"]

#: Of the outcomes that are new: with more than this part of them something is said.
_MOST = 0.5


class Doubts:
    """Counts what is doubtful in the outcomes of a file, part by part.

    Parameters
    ----------
    store, campaign : where they go; what is there already is read once, and kept as 8 bytes each
    """

    def __init__(self, store: Store, campaign: Campaign) -> None:
        self.campaign = campaign
        self.new = self.alike = self.placed = self.idle = 0
        keys: list[int] = []
        for part in outcomes_of(store, campaign.id).to_batches(50_000):
            rows = part.select(["customer_id", "name", "value", "happened_at"]).to_pylist()
            keys += [_key(*row.values()) for row in rows if row["customer_id"] is not None]
        self._before = np.unique(np.array(keys, dtype=np.uint64))

    def look(self, kept: Sequence[Outcome], repeated: int, arms: Mapping[str, str]) -> None:
        """Look at the outcomes of a part.

        Parameters
        ----------
        kept : that were taken in, or were there
        repeated : how many of them were there, word for word
        arms : what the campaign's batch did with the customers, by their ids as text
        """
        own = [each for each in kept if each.customer_id is not None]
        keys = [
            _key(str(each.customer_id), each.name, each.value, each.happened_at) for each in own
        ]
        there = int(np.isin(np.array(keys, dtype=np.uint64), self._before).sum())
        self.new += len(kept) - repeated
        self.alike += max(0, there - repeated)
        found = [arms[str(each.customer_id)] for each in own if str(each.customer_id) in arms]
        self.placed += len(found)
        self.idle += found.count("nothing")

    @property
    def sentences(self) -> list[str]:
        """What is to be said of it."""
        said = []
        # Whoever ran a campaign without a plan is compared with those who got nothing.
        if self.campaign.policy != "observed" and self.idle > _MOST * self.placed:
            said.append(
                f"{self.idle:,} of {self.placed:,} outcomes are of customers to whom the campaign "
                f'"{self.campaign.id}" gave nothing by its plan, so they do not count in its lift; '
                "look whether the file is of another campaign."
            )
        if self.new and self.alike > _MOST * self.new:
            said.append(
                f"{self.alike:,} of {self.new:,} new outcomes have the customer, name, value and "
                "day of one that was there already, and another time: where they are the same "
                "ones, they now count twice. An outcome_id of your own in both files would tell."
            )
        return said


def _key(customer: str, name: str, value: Any, happened_at: dt.datetime) -> int:
    said = f"{customer}|{name}|{float(value)!r}|{as_utc(happened_at).date()}"
    return int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest(), "big")
