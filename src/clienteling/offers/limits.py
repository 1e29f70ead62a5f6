"""What a campaign must keep to: its budget, stock, channels, contacts, and floors by segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from clienteling.errors import InputError, near_names
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.offer import Offer

__all__ = ["Limit", "Limits", "check_limits", "listed"]


@dataclass(frozen=True)
class Limits:
    """The limits of a campaign; what is left out doesn't limit.

    Parameters
    ----------
    budget : what all contacts may cost, in the shop's currency
    stock : how many of an offer there are, by its id; beside what the catalogue says
    channels : how many contacts a channel takes
    contacts : how many contacts there may be in all
    floors : how many customers of a segment must get an offer at least, by the segment's id
    left : what is left of the stock that the catalogue says, by offer, where a store counts it
    """

    budget: float | None = None
    stock: Mapping[str, int] = field(default_factory=dict)
    channels: Mapping[str, int] = field(default_factory=dict)
    contacts: int | None = None
    floors: Mapping[int, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)

    def stock_of(self, offer: Offer) -> int | None:
        """Return how many of an offer there are: the least that is said; None where nothing is."""
        told = (offer.stock, self.stock.get(offer.id), self.left.get(offer.id))
        return min((each for each in told if each is not None), default=None)


@dataclass(frozen=True)
class Limit:
    """One limit.

    Parameters
    ----------
    kind : ``budget``, ``stock``, ``channel``, ``contacts`` or ``floor``
    key : the offer, the channel or the segment; else empty
    amount : the limit: a most, or of a floor the least
    words : what it is called
    """

    kind: str
    key: str | int
    amount: float
    words: str

    def use(self, segment: int, offer: str, cost: float, channel: str) -> float:
        """Return how much of it one contact takes up."""
        if self.kind == "budget":
            return cost
        if self.kind == "contacts":
            return 1.0
        own = {"stock": offer, "channel": channel, "floor": segment}[self.kind]
        return float(own == self.key)


def check_limits(limits: Limits, catalogue: Catalogue, segments: Mapping[int, str]) -> None:
    """Refuse limits that can't be meant.

    Raises
    ------
    InputError
        A limit is negative, or names an offer, a channel or a segment that there is not.
    """
    faults = []
    amounts: list[tuple[str, float | None]] = [
        ("the budget", limits.budget),
        ("the number of contacts", limits.contacts),
        *((f'the stock of "{key}"', each) for key, each in limits.stock.items()),
        *((f'the channel "{key}"', each) for key, each in limits.channels.items()),
        *((f"the floor of segment {key}", each) for key, each in limits.floors.items()),
    ]
    for what, amount in amounts:
        if amount is not None and not 0 <= amount <= 1e15:
            faults.append(f"{what} is {amount}; it must be 0 or more.")
    known: list[tuple[str, Sequence[object], Sequence[object]]] = [
        ("offer", list(limits.stock), [each.id for each in catalogue.offers]),
        ("channel", list(limits.channels), sorted({each.channel for each in catalogue.offers})),
        ("segment", list(limits.floors), list(segments)),
    ]
    for what, given, there in known:
        names = [str(each) for each in there]
        for each in given:
            if each not in there:
                near = f"{near_names(str(each), names)} The {what}s are: {', '.join(names)}."
                faults.append(f'there is no {what} "{each}". {near.strip()}')
    if faults:
        raise InputError("The limits can't be kept to.", faults=faults)


def listed(limits: Limits, catalogue: Catalogue, segments: Mapping[int, str]) -> list[Limit]:
    """Return all limits one by one; of two for one stock the lower."""
    found = []
    if limits.budget is not None:
        found.append(Limit("budget", "", limits.budget, "the budget"))
    if limits.contacts is not None:
        found.append(Limit("contacts", "", limits.contacts, "the number of contacts"))
    for each in catalogue.offers:
        stock = limits.stock_of(each)
        if stock is not None:
            found.append(Limit("stock", each.id, stock, f'the stock of "{each.title}"'))
    for channel, amount in limits.channels.items():
        found.append(Limit("channel", channel, amount, f'the channel "{channel}"'))
    for segment, amount in limits.floors.items():
        if amount > 0:
            found.append(Limit("floor", segment, amount, f"the floor of {segments[segment]}"))
    return found
