"""A decision, and how every policy comes to one: probabilities first, then one draw from them.

The draw is a hash of the customer and a salt, so that it is the same in Python and on every engine
and can be replayed. What is logged is the probability that was drawn from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from clienteling.data.portable_hash import hash_of, threshold
from clienteling.offers.offer import NOTHING

__all__ = ["Decision", "Interval", "Policy", "decide", "divided", "none_open"]


@dataclass(frozen=True)
class Decision:
    """What a customer gets.

    Parameters
    ----------
    offer : its id; ``"nothing"`` where the customer is left in peace
    propensity : the probability with which this was chosen
    reason : why, in a sentence
    """

    offer: str
    propensity: float
    reason: str


@dataclass(frozen=True)
class Interval:
    """The hashes that mean an offer: from ``low``, below ``high``, compared as text."""

    offer: str
    propensity: float
    low: str
    high: str


class Policy(Protocol):
    """What every policy can do."""

    def intervals(self, segment: int, open: Sequence[str]) -> Sequence[Interval]:
        """Divide all hashes among the offers that may be chosen.

        Parameters
        ----------
        segment : the customer's
        open : ids of the offers that are open to the customer; doing nothing always is
        """

    def reason(self, segment: int, offer: str, any_open: bool | None = None) -> str:
        """Say why an offer was chosen for a customer of the segment.

        Parameters
        ----------
        segment : the customer's
        offer : its id
        any_open : whether any offer was open to the customer; None where that isn't told, as in
            decisions that were kept before it was: they are replayed in their own words
        """


def none_open(segment: str) -> str:
    """Say that nothing is open to a customer of a segment, whatever the policy."""
    return f"{segment}: no offer is open to this customer."


def divided(probabilities: Mapping[str, float]) -> list[Interval]:
    """Divide all hashes among the offers, to each its probability.

    Examples
    --------
    >>> [(each.offer, each.low, each.high) for each in divided({"a": 0.25, "b": 0.75})]
    [('a', '', '4000000000000'), ('b', '4000000000000', 'g')]
    """
    chosen = [(offer, share) for offer, share in probabilities.items() if share > 0]
    found, low, total = [], "", 0.0
    for place, (offer, share) in enumerate(chosen):
        total += share
        # Sums of shares miss 1 by a rounding; the last takes what is left.
        high = threshold(1.0 if place == len(chosen) - 1 else total)
        found.append(Interval(offer, share, low, high))
        low = high
    return found


def decide(
    policy: Policy,
    customer_id: int | str,
    segment: int | None,
    open: Sequence[str],
    salt: str,
    *,
    told: bool = True,
) -> Decision:
    """Decide for one customer.

    Parameters
    ----------
    policy : divides the hashes among the offers
    customer_id : decides the draw, together with the salt
    segment : the customer's; None where there is none, and then nothing is offered
    open : ids of the segment's offers that are open to the customer
    salt : of the campaign or the round, so that each draws anew
    told : whether the reason says where no offer is open; it doesn't in decisions that were kept
        before it did

    Examples
    --------
    >>> from clienteling.offers.catalogue import load_catalogue
    >>> from clienteling.offers.policies.strategy import Strategy
    >>> import clienteling as cl
    >>> policy = Strategy(load_catalogue("income-spending"), cl.segment("sample").segments)
    >>> decide(policy, 42, 1, ["preview-evening", "gold-rewards"], "spring:").offer
    'preview-evening'
    """
    if segment is None:
        return Decision(NOTHING, 1.0, "The customer has no segment.")
    drawn = hash_of(customer_id, salt)
    for each in policy.intervals(segment, open):
        if each.low <= drawn < each.high:
            reason = policy.reason(segment, each.offer, bool(open) if told else None)
            return Decision(each.offer, each.propensity, reason)
    raise AssertionError("the intervals cover all hashes")
