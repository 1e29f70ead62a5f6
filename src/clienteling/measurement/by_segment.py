"""Offers by segment against one offer for all: which brings more, on customers not chosen by.

The best offer of each segment always looks better than the best for all on the customers that it
was chosen on. So it is chosen on all folds but one and valued on that one, in turn (cross-fitting,
Chernozhukov et al. 2018, doi:10.1111/ectj.12097). Since the offers were drawn at random, the mean
of a segment's customers with an offer values that offer there, without any model. The best for
all is that of all folds, which is to its favour, never to that of the segments.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from clienteling.measurement.cells import Cells
from clienteling.measurement.digits import lift_places, of_customers
from clienteling.measurement.experiment import Experiment
from clienteling.measurement.lift import ALPHA, Lift, adjust, mean_difference

__all__ = [
    "Contrast",
    "Difference",
    "Tensor",
    "advice",
    "best_for_all",
    "by_segment",
    "choose",
    "contrast",
    "differences",
    "tensor",
]

Floats = npt.NDArray[np.float64]
#: A segment's offer is chosen by means of at least so many customers, else it gets that for all.
_CHOSEN_BY = 30


@dataclass(frozen=True)
class Tensor:
    """Size, mean and variance of an outcome, each by fold, segment and offer."""

    n: Floats
    mean: Floats
    variance: Floats
    rows: Floats


@dataclass(frozen=True)
class Contrast:
    """Offers by segment against one offer for all.

    Parameters
    ----------
    outcome, by : by which outcome, and by which column of segments
    one : the best offer for all
    offers : the best offer of each segment, chosen on all customers
    advantage, low, high : what offers by segment bring more per customer, on customers that they
        were not chosen by, in units of the outcome, or of money where that is worth something
    p, p_adjusted : of no advantage; adjusted over the columns of segments of an outcome
    answer : ``segments``, ``one_offer`` or ``nothing``
    sentence : the answer in words
    """

    outcome: str
    by: str
    one: str
    offers: Mapping[str, str]
    advantage: float
    low: float
    high: float
    p: float
    p_adjusted: float
    answer: str
    sentence: str


@dataclass(frozen=True)
class Difference:
    """Whether an offer's lift differs between segments (Cochran's Q, 1954).

    Parameters
    ----------
    offer, outcome, by : which lift, and between the segments of which column
    q, df : the statistic and its degrees of freedom
    p, p_adjusted : of equal lifts; adjusted over all offers and columns of the outcome
    highest, lowest : the segments with the largest and the least lift
    sentence : in words
    """

    offer: str
    outcome: str
    by: str
    q: float
    df: int
    p: float
    p_adjusted: float
    highest: str
    lowest: str
    sentence: str

    @property
    def clear(self) -> bool:
        """Whether the segments' lifts are told apart, after adjustment."""
        return self.p_adjusted < ALPHA


def tensor(cells: Cells, outcome: str, by: str) -> Tensor:
    """Add the cells up to an array of folds × segments × offers.

    The earlier value, if any, plays no part here.
    """
    sums = cells.outcomes[outcome]
    shape = (cells.folds, len(cells.levels[by]), len(cells.offers))
    place = (cells.fold, cells.codes[by], cells.offer)

    def added(values: Floats) -> Floats:
        total = np.zeros(shape)
        np.add.at(total, place, values)
        return total

    n, y, yy = added(sums.n), added(sums.y), added(sums.yy)
    return Tensor(*_moments(n, y, yy, sums.origin), added(cells.rows))


def _moments(n: Floats, y: Floats, yy: Floats, origin: float) -> tuple[Floats, Floats, Floats]:
    safe = np.maximum(n, 1.0)
    variance = np.maximum(yy - y * y / safe, 0.0) / np.maximum(n - 1.0, 1.0)
    return n, origin + y / safe, variance


def contrast(
    found: Tensor,
    worth: float,
    costs: Floats,
    one: int,
    allowed: npt.NDArray[np.bool_] | None = None,
) -> tuple[float, float]:
    """Return what offers by segment bring more than one offer for all, and its standard error.

    Parameters
    ----------
    found : an outcome by fold, segment and offer
    worth : what one unit of the outcome is worth
    costs : per offer, what it costs to send
    one : the offer for all that they are compared with
    allowed : per offer, whether a segment may get it; all may by default
    """
    total = found.rows.sum()
    advantage = variance = 0.0
    for fold in range(found.n.shape[0]):
        others = np.arange(found.n.shape[0]) != fold
        chosen = choose(found, others, worth, costs, one, allowed)
        n, mean, spread = found.n[fold], found.mean[fold], found.variance[fold]
        weight = found.rows[fold].sum(axis=1) / total
        for segment, offer in enumerate(chosen):
            pair = [offer, one]
            if offer == one or n[segment, pair].min() < 2:
                continue
            apart = mean_difference(mean[segment, offer], mean[segment, one])
            gain = worth * apart - costs[offer] + costs[one]
            advantage += weight[segment] * gain
            variance += (weight[segment] * worth) ** 2 * float(
                (spread[segment, pair] / n[segment, pair]).sum()
            )
    return float(advantage), math.sqrt(variance)


def best_for_all(found: Tensor, worth: float, costs: Floats) -> int:
    """Return the offer that brings most where all get the same."""
    mean = (found.n * found.mean).sum(axis=(0, 1)) / np.maximum(found.n.sum(axis=(0, 1)), 1.0)
    return int(np.argmax(worth * mean - costs))


def choose(
    found: Tensor,
    folds: npt.NDArray[np.bool_],
    worth: float,
    costs: Floats,
    one: int,
    allowed: npt.NDArray[np.bool_] | None = None,
) -> list[int]:
    """Return the best offer of each segment on some folds; ``one`` wins ties and small segments."""
    n = found.n[folds].sum(axis=0)
    mean = (found.n * found.mean)[folds].sum(axis=0) / np.maximum(n, 1.0)
    usable = (n >= _CHOSEN_BY) & (True if allowed is None else allowed)
    net = np.where(usable, worth * mean - costs, -np.inf)
    best = np.argmax(net, axis=1)
    better = (n[:, one] >= _CHOSEN_BY) & (net.max(axis=1) > net[:, one])
    return [int(each) if is_better else one for each, is_better in zip(best, better, strict=True)]


def by_segment(
    experiment: Experiment,
    worths: Mapping[str, float],
    costs: Mapping[str, float],
    paying: Container[tuple[str, str]] | None = None,
) -> list[Contrast]:
    """Compare offers by segment with one offer for all, for every outcome and column.

    Parameters
    ----------
    experiment : the counted experiment
    worths : per outcome, what one unit of it is worth; an outcome that is not named is judged
        by itself, without costs
    costs : per offer, what sending it costs
    paying : outcomes with the offers that beat none by them beyond chance, so that sending them to
        all can be advised; all by default
    """
    cells = experiment.cells
    if cells.folds < 2:
        return []
    found: list[Contrast] = []
    for outcome in cells.outcomes:
        # What has no worth in money is not set against costs.
        priced = outcome in worths
        worth = worths.get(outcome, 1.0)
        cost = np.array([costs.get(each, 0.0) if priced else 0.0 for each in cells.offers])
        family = []
        for by, levels in cells.levels.items():
            sums = tensor(cells, outcome, by)
            one = best_for_all(sums, worth, cost)
            advantage, se = contrast(sums, worth, cost, one)
            chosen = choose(sums, np.ones(cells.folds, dtype=bool), worth, cost, one)
            reach = float(stats.norm.ppf(1 - ALPHA / 2)) * se
            p = float(2 * stats.norm.sf(abs(advantage) / se)) if se > 0 else 1.0
            family.append(
                Contrast(
                    outcome=outcome,
                    by=by,
                    one=cells.offers[one],
                    offers={
                        level: cells.offers[offer]
                        for level, offer in zip(levels, chosen, strict=True)
                    },
                    advantage=advantage,
                    low=advantage - reach,
                    high=advantage + reach,
                    p=p,
                    p_adjusted=p,
                    answer="",
                    sentence="",
                )
            )
        adjusted = adjust([each.p for each in family])
        for each, p_adjusted in zip(family, adjusted, strict=True):
            assert p_adjusted is not None
            own = replace(each, p_adjusted=p_adjusted)
            response = cells.outcomes[outcome].binary
            pays = paying is None or (outcome, own.one) in paying
            found.append(_answered(own, cells.offers, priced, response, pays=pays))
    return found


def _answered(
    each: Contrast, offers: Sequence[str], priced: bool, response: bool, *, pays: bool
) -> Contrast:
    control = offers[0]
    unit = "profit" if priced else each.outcome
    gain, low, high = of_customers(
        unit, each.advantage, each.low, each.high, response=response and not priced
    )
    figures = f"{gain}, 95 % interval {low} to {high}"
    if each.low == each.high == 0.0:
        figures = "they would be the same"
    # A campaign, or a single offer: who is to get it may go by segment, which one can't.
    several = len(offers) > 2
    way = f"offers by {each.by} beat"
    if not several:
        way = f"choosing by {each.by} who gets {offers[1]} beats"
    if each.p_adjusted < ALPHA and each.advantage > 0:
        chosen = "; ".join(f"{level}: {offer}" for level, offer in each.offers.items())
        sentence = (
            f"On {each.outcome}, {way} {_all(each.one, control)}: {figures}, on "
            f"customers that they were not chosen by. {chosen}."
        )
        return replace(each, answer="segments", sentence=sentence)
    answer = "nothing" if each.one == control else "one_offer"
    sentence = (
        f"On {each.outcome}, there is no evidence that {way} "
        f"{_all(each.one, control)} ({figures}). "
    )
    # Whether a single one is to be sent at all is what its lift says.
    if several:
        sentence += advice(each.one, control, pays=pays)
    sentence = sentence.strip()
    return replace(each, answer=answer, sentence=sentence)


def advice(one: str, control: str, *, pays: bool) -> str:
    """Return what to do where offers by segment, or by customer, are no better than one for all.

    Parameters
    ----------
    one, control : the best offer for all, and the one that is none
    pays : whether the best offer beats none beyond chance

    Examples
    --------
    >>> advice("mail", "none", pays=True), advice("none", "none", pays=False)
    ('Send mail to all.', 'Send nothing.')
    >>> advice("mail", "none", pays=False)
    "mail looks best as one for all, but whether it beats sending nothing can't be told."
    """
    if one == control:
        return "Send nothing."
    if pays:
        return f"Send {one} to all."
    return f"{one} looks best as one for all, but whether it beats sending nothing can't be told."


def _all(offer: str, control: str) -> str:
    return "sending nothing" if offer == control else f"{offer} for all"


def differences(lifts: list[Lift]) -> list[Difference]:
    """Return, for every offer, outcome and column of segments, whether the lifts differ.

    Parameters
    ----------
    lifts : over all and in each segment, as :func:`~clienteling.measurement.lift.lifts_of`
        returns them
    """
    groups: dict[str, dict[tuple[str, str], list[Lift]]] = {}
    for each in lifts:
        if each.by is not None and each.se:
            groups.setdefault(each.outcome, {}).setdefault((each.offer, each.by), []).append(each)
    found: list[Difference] = []
    for by_offer in groups.values():
        family = [_difference(each) for each in by_offer.values() if len(each) > 1]
        adjusted = adjust([each.p for each in family])
        for difference, p_adjusted in zip(family, adjusted, strict=True):
            assert p_adjusted is not None
            found.append(_worded(replace(difference, p_adjusted=p_adjusted), lifts))
    return found


def _difference(lifts: list[Lift]) -> Difference:
    estimates = np.array([each.estimate for each in lifts])
    weights = 1 / np.array([each.se or 1.0 for each in lifts]) ** 2
    q = float((weights * (estimates - (weights * estimates).sum() / weights.sum()) ** 2).sum())
    df = len(lifts) - 1
    first = lifts[0]
    return Difference(
        offer=first.offer,
        outcome=first.outcome,
        by=first.by or "",
        q=q,
        df=df,
        p=float(stats.chi2.sf(q, df)),
        p_adjusted=1.0,
        highest=lifts[int(np.argmax(estimates))].segment or "",
        lowest=lifts[int(np.argmin(estimates))].segment or "",
        sentence="",
    )


def _worded(each: Difference, lifts: list[Lift]) -> Difference:
    if not each.clear:
        sentence = (
            f"There is no evidence that the lift of {each.offer} on {each.outcome} differs by "
            f"{each.by}."
        )
        return replace(each, sentence=sentence)
    own = [
        lift
        for lift in lifts
        if (lift.offer, lift.outcome, lift.by) == (each.offer, each.outcome, each.by)
    ]
    places = lift_places(own)
    here = {lift.segment: f"{lift.estimate:+z,.{places}f}" for lift in own}
    sentence = (
        f"The lift of {each.offer} on {each.outcome} differs by {each.by}: it is "
        f"{here[each.highest]} where {each.by} is {each.highest}, and "
        f"{here[each.lowest]} where it is {each.lowest} "
        f"({'p < 0.001' if each.p_adjusted < 0.001 else f'p = {each.p_adjusted:.3f}'})."
    )
    return replace(each, sentence=sentence)
