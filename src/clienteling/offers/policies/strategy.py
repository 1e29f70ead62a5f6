"""The playbook's fixed table: the best open offer of the segment, by the catalogue's priority."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clienteling.errors import InputError
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.offer import NOTHING
from clienteling.offers.policies.decision import Interval, divided, none_open
from clienteling.segmentation.model_segments import Segment
from clienteling.segmentation.rules import RuleSegment

__all__ = ["Strategy"]


@dataclass(frozen=True)
class Strategy:
    """Give each customer the first offer of their segment that is open to them.

    Parameters
    ----------
    catalogue : the offers
    segments : the model's, in the order of their ids
    explore : the share of customers whose offer is drawn, all open ones and nothing alike. A log
        without chance can't tell what another policy would have brought

    Examples
    --------
    >>> from clienteling.offers.catalogue import load_catalogue
    >>> import clienteling as cl
    >>> catalogue, model = load_catalogue("income-spending"), cl.segment("sample")
    >>> policy = Strategy(catalogue, model.segments, explore=0.75)
    >>> policy.probabilities(1, ["preview-evening", "gold-rewards"])
    {'preview-evening': 0.5, 'gold-rewards': 0.25, 'nothing': 0.25}
    """

    catalogue: Catalogue
    segments: Sequence[Segment] | Sequence[RuleSegment]
    explore: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.explore <= 1:
            raise InputError(f"The share to explore is {self.explore}; it must be from 0 to 1.")

    def probabilities(self, segment: int, open: Sequence[str]) -> dict[str, float]:
        """Return the probability of each open offer of the segment, and of doing nothing."""
        offers = self.catalogue.offers_for(self.segments[segment])
        arms = [each.id for each in offers if each.id in open]
        arms.append(NOTHING)
        drawn = self.explore / len(arms)
        shares = dict.fromkeys(arms, drawn)
        shares[arms[0]] = 1.0 - drawn * (len(arms) - 1)
        return shares

    def intervals(self, segment: int, open: Sequence[str]) -> list[Interval]:
        """Divide all hashes among these offers."""
        return divided(self.probabilities(segment, open))

    def reason(self, segment: int, offer: str, any_open: bool | None = None) -> str:
        """Say why an offer was chosen for a customer of the segment."""
        meant = self.segments[segment]
        if offer == NOTHING and any_open is not None:
            by_chance = f"{meant.name}: left in peace by chance, to learn."
            return by_chance if any_open else none_open(meant.name)
        if offer == NOTHING:
            chance = (
                ", or the customer was left in peace by chance, to learn" if self.explore else ""
            )
            return f"{meant.name}: no offer is open to this customer{chance}."
        known = next(each for each in self.catalogue.offers if each.id == offer)
        chance = " Some are drawn by chance, to learn." if self.explore else ""
        return f"{meant.name}: {known.reason}{chance}"
