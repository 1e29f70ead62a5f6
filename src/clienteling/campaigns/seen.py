"""What a decision sees beside the customer's values, kept with it so that it can be made again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clienteling.offers.contacts import Contact

__all__ = ["Seen"]


@dataclass(frozen=True)
class Seen:
    """What a decision saw beside the customer's values: with them it can be made again.

    Parameters
    ----------
    out : whether the customer must not be contacted
    consents : that the customer gave
    contacts : of the customer so far
    sold_out : offers whose stock or budget was used up
    told : whether the reason says where no offer is open, and that one of the catalogue's rules
        keeps the customer from any contact; it doesn't in decisions that were kept before it did
    """

    out: bool
    consents: frozenset[str]
    contacts: tuple[Contact, ...]
    sold_out: frozenset[str]
    told: bool = True

    def as_document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "out": self.out,
            "consents": sorted(self.consents),
            "contacts": [[each.offer, each.day.isoformat()] for each in self.contacts],
            "sold_out": sorted(self.sold_out),
            "told": self.told,
        }

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Seen:
        """Return what a document says."""
        contacts = (Contact(offer, dt.date.fromisoformat(day)) for offer, day in said["contacts"])
        return cls(
            said["out"],
            frozenset(said["consents"]),
            tuple(contacts),
            frozenset(said["sold_out"]),
            said.get("told", False),
        )
