"""Thompson sampling: an offer the more often, the likelier it is the best, and so it is learned.

Thompson, On the likelihood that one unknown probability exceeds another (Biometrika 1933,
doi:10.2307/2332286). The probabilities are estimated by a seeded Monte Carlo and then drawn from,
so that the propensity of every decision is known exactly.

Outcomes come in after a whole round of customers, so a round learns much more than one customer
does, and needs fewer of them for offers that are hardly the best. Where all offers of a segment
were tried, each is therefore drawn by the square of its probability to be the best (the power of
that probability: Thall and Wathen, Practical Bayesian adaptive randomisation in clinical trials,
2007, doi:10.1016/j.ejca.2007.01.006, who take one below 1, to learn more at a higher cost).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from clienteling.errors import InputError
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.experience import Experience, Learned, belief, check_priced, elsewhere
from clienteling.offers.offer import NOTHING
from clienteling.offers.policies.decision import Interval, divided, none_open
from clienteling.segmentation.model_segments import Segment
from clienteling.segmentation.rules import RuleSegment
from clienteling.segmentation.sketch import Floats

__all__ = ["Thompson"]

#: The floor where little is known, and how many contacts it brings each offer later, in as many
#: contacts as the segment has had.
_HIGHEST, _AGAIN = 0.01, 10
#: Of the probability to be the best, where all offers were tried: 1 is plain Thompson sampling,
#: which goes on for longer with offers that are hardly the best.
_POWER = 2.0


class Thompson:
    """Choose by what was learned in the customer's segment.

    Parameters
    ----------
    catalogue : the offers, with what they cost and what is assumed of them
    segments : the model's, in the order of their ids
    learned : the outcomes so far
    floor : the least probability of each open offer, so that none is ever given up. Without one it
        is 1 %, and where a segment has had more than 1,000 contacts as much as brings each offer
        ten more in as many contacts again: what exploring costs then grows with the logarithm of
        the contacts, not with their number (Auer, Cesa-Bianchi and Fischer, Finite-time analysis of
        the multiarmed bandit problem, 2002, doi:10.1023/A:1013689704352, theorem 3)
    draws : of the Monte Carlo; a probability is known to within ``0.5 / sqrt(draws)``
    seed : of the Monte Carlo
    base_rate : the share that responds without an offer, where it is known; else what those who
        were held out did counts
    symmetric : draw the mean value of a response as plans did that were kept before it was drawn
        on the scale of its logarithm (:class:`~clienteling.offers.experience.Belief`); so they
        decide as they did

    Raises
    ------
    DocumentError
        An offer doesn't say what it brings.
    InputError
        The floor is not a share.

    Examples
    --------
    >>> from clienteling.offers.catalogue import load_catalogue
    >>> import clienteling as cl
    >>> catalogue = load_catalogue("income-spending")
    >>> assumed = {"cost": 0.5, "value": 20.0, "response": 0.05}
    >>> offers = tuple(each.model_copy(update=assumed) for each in catalogue.offers)
    >>> priced = catalogue.model_copy(update={"offers": offers})
    >>> seen = {
    ...     (1, "preview-evening"): Experience(1000, 30, 600.0, 13_000.0),
    ...     (1, "gold-rewards"): Experience(1000, 90, 1800.0, 39_000.0),
    ... }
    >>> policy = Thompson(priced, cl.segment("sample").segments, seen)
    >>> policy.probabilities(1, ["preview-evening", "gold-rewards"])
    {'preview-evening': 0.005, 'gold-rewards': 0.99, 'nothing': 0.005}
    """

    def __init__(
        self,
        catalogue: Catalogue,
        segments: Sequence[Segment] | Sequence[RuleSegment],
        learned: Learned | None = None,
        *,
        floor: float | None = None,
        draws: int = 10_000,
        seed: int = 0,
        base_rate: float | None = None,
        symmetric: bool = False,
    ) -> None:
        if floor is not None and not 0 <= floor < 1:
            raise InputError(f"The floor is {floor}; it must be from 0 to below 1.")
        check_priced(catalogue)
        self.catalogue, self.segments, self.learned = catalogue, segments, learned or {}
        self.floor, self.draws, self.seed, self.symmetric = floor, draws, seed, symmetric
        self.base_rate = base_rate
        self._drawn: dict[tuple[int, str], Floats] = {}

    def probabilities(self, segment: int, open: Sequence[str]) -> dict[str, float]:
        """Return the probability of each open offer of the segment, and of doing nothing."""
        offers = self.catalogue.offers_for(self.segments[segment])
        arms = [each.id for each in offers if each.id in open]
        arms.append(NOTHING)
        profits = np.column_stack([self._profits(segment, each) for each in arms])
        best = np.bincount(profits.argmax(axis=1), minlength=len(arms)) / self.draws
        if all(self.learned.get((segment, each), Experience()).contacts for each in arms[:-1]):
            best = best**_POWER / (best**_POWER).sum()
        floor = min(self._floor(segment), 1.0 / len(arms))
        shares = floor + (1.0 - floor * len(arms)) * best
        return {each: float(share) for each, share in zip(arms, shares, strict=True)}

    def _floor(self, segment: int) -> float:
        if self.floor is not None:
            return self.floor
        contacts = sum(
            seen.contacts
            for (own, offer), seen in self.learned.items()
            if own == segment and offer != NOTHING
        )
        return min(_HIGHEST, _AGAIN / contacts) if contacts else _HIGHEST

    def intervals(self, segment: int, open: Sequence[str]) -> list[Interval]:
        """Divide all hashes among these offers."""
        return divided(self.probabilities(segment, open))

    def reason(self, segment: int, offer: str, any_open: bool | None = None) -> str:
        """Say why an offer was chosen for a customer of the segment."""
        seen = self.learned.get((segment, offer), Experience())
        of_whom = f"{seen.responses:,} of {seen.contacts:,} responded so far"
        name = self.segments[segment].name
        if offer == NOTHING and any_open is False:
            return none_open(name)
        if offer == NOTHING:
            return (
                f"{name}: without an offer {of_whom}."
                if seen.contacts
                else (
                    f"{name}: to see what customers do without an offer, or none is worth its cost."
                )
            )
        if not seen.contacts:
            return f"{name}: not tried yet; chosen by what the catalogue assumes."
        return f"{name}: {of_whom}."

    def _profits(self, segment: int, offer: str) -> Floats:
        """Return the draws of an offer's profit: the same whichever other offers are open."""
        key = (segment, offer)
        if key not in self._drawn:
            known = next((each for each in self.catalogue.offers if each.id == offer), None)
            others = elsewhere(self.learned, segment, offer)
            held = belief(known, self.learned.get(key, Experience()), others)
            idle = self.learned.get((segment, NOTHING), Experience())
            without_value = self.base_rate is not None or not idle.valued
            if held is None or (known is None and without_value):
                # What there would be without an offer is taken off the offers.
                self._drawn[key] = np.zeros(self.draws)
            else:
                drawn = held.draw(
                    self._stream(segment, offer),
                    self.draws,
                    symmetric=self.symmetric,
                    anyway=self._rate_without(segment, idle),
                )
                self._drawn[key] = drawn - (self.base_rate or 0.0) * held.mean
        return self._drawn[key]

    def _rate_without(self, segment: int, idle: Experience) -> Floats | float:
        """Return draws of the response rate without an offer, the same for all offers.

        0 where a rate was given, and where responses without an offer have a value of their own.
        """
        held = belief(None, idle)
        if held is None or idle.valued or self.base_rate is not None:
            return 0.0
        return self._stream(segment, NOTHING).beta(held.yes, held.no, self.draws)

    def _stream(self, segment: int, offer: str) -> np.random.Generator:
        digest = hashlib.md5(offer.encode(), usedforsecurity=False).digest()
        return np.random.default_rng([self.seed, segment, int.from_bytes(digest[:8], "big")])
