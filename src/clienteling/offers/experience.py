"""What was learned of each offer in each segment, and what an offer is expected to bring.

Whether a customer responds is a Beta-Bernoulli model, what a response brings a normal one with
unknown mean and variance (normal-inverse-gamma). Before the first outcome both say what the
catalogue assumes. Gelman et al., Bayesian Data Analysis, 3rd edition, sections 2.4 and 3.3. What a
response is worth is learned from the other segments, too, as far as they are alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clienteling.errors import DocumentError
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.offer import NOTHING, Offer
from clienteling.offers.pooling import Responses, Worth, worth_elsewhere
from clienteling.segmentation.sketch import Floats

__all__ = [
    "Belief",
    "Experience",
    "Learned",
    "belief",
    "check_priced",
    "elsewhere",
    "expected_profits",
    "without_offer",
]


#: Offers that are named where several lack the same.
_NAMED = 5


@dataclass(frozen=True)
class Experience:
    """The outcomes of an offer in a segment.

    Parameters
    ----------
    contacts : customers who got it, and whose time to respond is over
    responses : of them, those who responded
    value : what these responses brought, in all
    squares : the sum of the squares of what each brought
    valued : whether a response has a value of its own. Without an offer it has none where only the
        catalogue says what a response is worth: then it counts what the offer's would that it is
        compared with

    Examples
    --------
    >>> Experience(100, 2, 50.0, 1300.0) + Experience(50, 1, 10.0, 100.0)
    Experience(contacts=150, responses=3, value=60.0, squares=1400.0, valued=True)
    """

    contacts: int = 0
    responses: int = 0
    value: float = 0.0
    squares: float = 0.0
    valued: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.responses <= self.contacts:
            raise ValueError(f"{self.responses} responses of {self.contacts} contacts")

    def __add__(self, other: Experience) -> Experience:
        """Return both together."""
        return Experience(
            self.contacts + other.contacts,
            self.responses + other.responses,
            self.value + other.value,
            self.squares + other.squares,
            self.valued and other.valued,
        )


#: By segment id and offer id; ``"nothing"`` holds what customers did who were left in peace.
Learned = Mapping[tuple[int, str], Experience]


@dataclass(frozen=True)
class Belief:
    """What is believed of an offer in a segment.

    Parameters
    ----------
    yes, no : of the Beta distribution of the response rate
    mean, strength, shape, scale : of the normal-inverse-gamma distribution of a response's value:
        its mean, what that is worth in responses, and shape and scale of the variance
    cost : of a contact
    """

    yes: float
    no: float
    mean: float
    strength: float
    shape: float
    scale: float
    cost: float

    @property
    def profit(self) -> float:
        """The expected profit of one contact."""
        return self.yes / (self.yes + self.no) * self.mean - self.cost

    def draw(
        self,
        rng: np.random.Generator,
        draws: int,
        *,
        symmetric: bool = False,
        anyway: Floats | float = 0.0,
    ) -> Floats:
        """Draw the profit of a contact as it may truly be: an array of shape (draws,).

        Amounts of money are skewed: a sample that lacks the large ones has a low mean, and a low
        spread, too, so that it looks surer than it is. The mean is therefore drawn on the scale of
        its logarithm (by the delta method), where a mean twice as high is as far as one half as
        high; ``symmetric`` draws it as the normal distribution has it, and so does a mean that is
        not above 0. ``anyway`` is the response rate without the offer, where such a response counts
        as much as one to the offer.
        """
        rate = rng.beta(self.yes, self.no, draws)
        variance = self.scale / rng.gamma(self.shape, 1.0, draws)
        spread = np.sqrt(variance / self.strength)
        if symmetric or self.mean <= 0:
            mean = rng.normal(self.mean, spread)
        else:
            relative = np.sqrt(np.log1p((spread / self.mean) ** 2))
            mean = self.mean * rng.lognormal(0.0, relative)
        return np.asarray((rate - anyway) * mean - self.cost)


def elsewhere(learned: Learned, segment: int, offer: str) -> list[Experience]:
    """Return the outcomes of an offer in all segments but one."""
    others = (own for own in learned.items() if own[0][1] == offer and own[0][0] != segment)
    return [seen for _, seen in sorted(others)]


def belief(
    offer: Offer | None, experience: Experience, others: Sequence[Experience] = ()
) -> Belief | None:
    """Return what is believed of an offer, None for doing nothing; None where nothing is known.

    An assumption counts as ``response_weight`` customers of whom the assumed share responded. A
    response's value is assumed to vary as much as its mean is large, as amounts of money do.
    Doing nothing brings nothing as long as nobody was watched; then what was seen counts.

    Parameters
    ----------
    offer : with its assumptions; None for doing nothing
    experience : what was seen in the segment
    others : and in the other segments: there it was learned what a response is worth, as far as the
        segments are alike (:func:`~clienteling.offers.pooling.worth_elsewhere`). How many respond
        is learned in each segment by itself.

    Examples
    --------
    >>> from clienteling.offers.catalogue import load_catalogue
    >>> assumed = {"cost": 0.5, "value": 20, "response": 0.05, "response_weight": 100}
    >>> offer = load_catalogue("rfm").offers[0].model_copy(update=assumed)
    >>> belief(offer, Experience()).profit
    0.5
    >>> round(belief(offer, Experience(900, 13, 260.0, 6000.0)).profit, 3)
    -0.14
    """
    n = experience.responses
    own_mean = experience.value / n if n else 0.0
    if offer is None:
        if not experience.contacts:
            return None
        yes, no, mean, cost = 0.5, 0.5, own_mean, 0.0
    else:
        rate, weight = offer.response or 0.0, offer.response_weight
        # Neither is ever impossible: an assumed rate of 0 or 1 can be unlearned.
        yes, no = max(rate * weight, 1e-3), max((1 - rate) * weight, 1e-3)
        mean, cost = offer.value or 0.0, offer.cost
    worth = Worth(mean, max(1.0, yes), max(mean * mean, 1e-12))
    if offer is not None:
        own, *rest = (Responses(e.responses, e.value, e.squares) for e in (experience, *others))
        worth = worth_elsewhere(worth, own, rest)
    mean, strength = worth.mean, worth.strength
    shape = 1.0 + strength / 2
    scale = (shape - 1.0) * worth.variance
    spread = max(experience.squares - n * own_mean * own_mean, 0.0)
    away = strength * n * (own_mean - mean) ** 2 / (2 * (strength + n))
    return Belief(
        yes + n,
        no + experience.contacts - n,
        (strength * mean + experience.value) / (strength + n),
        strength + n,
        shape + n / 2,
        scale + spread / 2 + away,
        cost,
    )


def check_priced(catalogue: Catalogue) -> None:
    """Refuse a catalogue whose offers don't say what they cost and bring.

    Raises
    ------
    DocumentError
        With a fault for all offers that lack the same: a value, an assumed response, or both.
    """
    lacking: dict[tuple[str, ...], list[str]] = {}
    for each in catalogue.offers:
        fields = tuple(what for what in ("value", "response") if getattr(each, what) is None)
        if fields:
            lacking.setdefault(fields, []).append(each.id)
    if lacking:
        faults = [_lacks(fields, ids, len(catalogue.offers)) for fields, ids in lacking.items()]
        first = next(iter(lacking.values()))[0]
        raise DocumentError(
            f"{catalogue.catalogue}: the offers don't say what they bring.",
            faults=faults,
            hint="Give each offer its cost, the value of a response, and the response rate that "
            f"you assume; outcomes correct it. For {first}, say: cost: 0.50, value: 12, "
            "response: 0.03",
        )


def _lacks(fields: Sequence[str], ids: Sequence[str], offers: int) -> str:
    """Say what some offers lack, in one line."""
    what = f"{' and '.join(fields)} {'are' if len(fields) > 1 else 'is'} missing"
    if len(ids) == offers and offers > 1:
        return f"{what} for all {offers:,} offers, such as {ids[0]}."
    more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
    return f"{what} for {', '.join(ids[:_NAMED])}{more}."


def expected_profits(
    catalogue: Catalogue,
    segments: Sequence[int],
    learned: Learned | None = None,
    base_rate: float | None = None,
) -> dict[tuple[int, str], float]:
    """Return what a contact brings more than doing nothing, by segment and offer.

    Parameters
    ----------
    catalogue : what is assumed of the offers
    segments : ids
    learned : the outcomes so far
    base_rate : as for :func:`without_offer`

    Raises
    ------
    DocumentError
        An offer doesn't say what it brings.
    """
    check_priced(catalogue)
    learned = learned or {}
    found = {}
    for segment in segments:
        for each in catalogue.offers:
            others = elsewhere(learned, segment, each.id)
            held = belief(each, learned.get((segment, each.id), Experience()), others)
            assert held is not None
            found[segment, each.id] = held.profit - without_offer(held, segment, learned, base_rate)
    return found


def without_offer(
    held: Belief, segment: int, learned: Learned, base_rate: float | None = None
) -> float:
    """Return what a customer of a segment brings without an offer.

    A response counts whether or not the customer would have responded anyway; that is why this is
    taken off.

    Parameters
    ----------
    held : what is believed of the offer: a response without one is worth as much where a rate says
        how many there are, and where those who were held out show no value of their own; so like is
        compared with like, as in the offer's lift
    segment, learned : by those who were held out there, unless there is a rate
    base_rate : the share that responds without an offer, where it is known; 0 as long as neither
        is

    Examples
    --------
    >>> from clienteling.offers.catalogue import load_catalogue
    >>> told = {"cost": 0.5, "value": 20, "response": 0.05}
    >>> held = belief(load_catalogue("rfm").offers[0].model_copy(update=told), Experience())
    >>> without_offer(held, 0, {}), without_offer(held, 0, {}, base_rate=0.02)
    (0.0, 0.4)
    >>> without_offer(held, 0, {(0, "nothing"): Experience(999, 49, valued=False)})
    0.99
    """
    if base_rate is not None:
        return base_rate * held.mean
    seen = learned.get((segment, NOTHING), Experience())
    idle = belief(None, seen)
    if idle is None:
        return 0.0
    return idle.profit if seen.valued else idle.yes / (idle.yes + idle.no) * held.mean
