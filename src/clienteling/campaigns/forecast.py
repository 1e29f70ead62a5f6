"""What a campaign is expected to bring, with an interval, and the smallest lift that it can show.

The interval has two parts: how uncertain the response rates are (a Beta distribution, by what the
catalogue assumes with its weight and by the outcomes so far), and chance among the customers who
are contacted (binomial).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from clienteling.offers.catalogue import Catalogue
from clienteling.offers.experience import Experience, Learned, belief, elsewhere, without_offer
from clienteling.offers.offer import NOTHING

__all__ = ["Forecast", "base_rate_of", "customers_for", "forecast", "smallest_lift"]

_DRAWS = 20_000


@dataclass(frozen=True)
class Forecast:
    """The expected profit of all contacts, more than doing nothing.

    Parameters
    ----------
    low, estimate, high : the mean, and the interval that holds it with a probability of 95 %, if
        the assumptions are right
    """

    low: float
    estimate: float
    high: float


def forecast(
    contacts: Mapping[tuple[int, str], int],
    catalogue: Catalogue,
    learned: Learned | None = None,
    *,
    base_rate: float | None = None,
    seed: int = 0,
) -> Forecast | None:
    """Return what contacts are expected to bring; None where the catalogue doesn't say.

    Of all responses those are taken off that there would be without an offer, by the base rate or
    by those who were held out; as long as neither is known, nothing.

    An offer that was never tried has one unknown rate, the same in all segments, so that its
    uncertainty doesn't average out over them.

    Parameters
    ----------
    contacts : how many, by segment and offer
    catalogue : with what the offers cost and bring
    learned : the outcomes so far
    base_rate : the share that responds without an offer, where it is known
    seed : of the Monte Carlo of 20,000 draws

    Examples
    --------
    >>> from clienteling.offers.catalogue import load_catalogue
    >>> told = {"cost": 0.5, "value": 20.0, "response": 0.05, "response_weight": 400}
    >>> catalogue = load_catalogue("rfm")
    >>> offers = tuple(each.model_copy(update=told) for each in catalogue.offers)
    >>> priced = catalogue.model_copy(update={"offers": offers})
    >>> found = forecast({(0, offers[0].id): 10_000}, priced)
    >>> found.estimate, round(found.low, -3), round(found.high, -3)
    (5000.0, 1000.0, 10000.0)
    """
    seen, offers = learned or {}, {each.id: each for each in catalogue.offers}
    if any(offers[o].value is None or offers[o].response is None for _, o in contacts):
        return None
    rng = np.random.default_rng(seed)
    total, estimate = np.zeros(_DRAWS), 0.0
    rates: dict[tuple[int, str] | str, np.ndarray] = {}
    for (segment, offer), n in sorted(contacts.items()):
        own = seen.get((segment, offer), Experience())
        held = belief(offers[offer], own, elsewhere(seen, segment, offer))
        assert held is not None
        key = (segment, offer) if own.contacts else offer
        if key not in rates:
            rates[key] = rng.beta(held.yes, held.no, _DRAWS)
        without = without_offer(held, segment, seen, base_rate)
        total += rng.binomial(n, rates[key]) * held.mean - n * (held.cost + without)
        estimate += n * (held.profit - without)
    low, high = np.quantile(total, [0.025, 0.975])
    return Forecast(float(low), estimate, float(high))


def base_rate_of(
    catalogue: Catalogue, learned: Learned | None = None, given: float | None = None
) -> tuple[float | None, str]:
    """Return the response rate to reckon with among those who get nothing, and where it is from.

    The one that is given; else that of those who were held out, where some were watched; else the
    mean of what the catalogue assumes of offers, which errs on the side of too many customers. It
    is None where nothing is known.

    Returns
    -------
    tuple
        The rate, and ``given``, ``held_out``, ``assumed`` or nothing.
    """
    if given is not None:
        return given, "given"
    idle = [each for (_, offer), each in (learned or {}).items() if offer == NOTHING]
    watched = sum((each for each in idle), Experience())
    if watched.contacts:
        return (watched.responses + 0.5) / (watched.contacts + 1), "held_out"
    assumed = [each.response for each in catalogue.offers if each.response is not None]
    return (float(np.mean(assumed)), "assumed") if assumed else (None, "")


def smallest_lift(
    contacted: int, held_out: int, base_rate: float, alpha: float = 0.05, power: float = 0.8
) -> float | None:
    """Return the smallest difference of response rates that two groups can show; None without.

    Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd edition, section 4.

    Parameters
    ----------
    contacted, held_out : customers in the groups
    base_rate : response rate of those who get nothing
    alpha : of the two-sided test
    power : with which the lift is found

    Examples
    --------
    >>> round(smallest_lift(9000, 1000, 0.05), 4)
    0.023
    >>> smallest_lift(9000, 0, 0.05)
    """
    if min(contacted, held_out) < 1 or not 0 <= base_rate < 1:
        return None
    at_level, at_power = stats.norm.ppf(1 - alpha / 2), stats.norm.ppf(power)
    n = contacted + held_out

    def lacking(lift: float) -> float:
        rate = base_rate + lift
        pooled = (contacted * rate + held_out * base_rate) / n
        equal = math.sqrt(pooled * (1 - pooled) * (1 / contacted + 1 / held_out))
        unequal = math.sqrt(rate * (1 - rate) / contacted + base_rate * (1 - base_rate) / held_out)
        return float(lift - at_level * equal - at_power * unequal)

    most = 1.0 - base_rate
    if lacking(most) < 0:
        return None
    return float(optimize.brentq(lacking, 1e-12, most))


def customers_for(lift: float, contacted: int, held_out: int, base_rate: float) -> int:
    """Return about how many customers can show a lift, divided as those of a plan are.

    Parameters
    ----------
    lift : difference of response rates; less than the plan itself can show
    contacted, held_out : customers of the plan, whose ratio is kept
    base_rate : response rate of those who are held out

    Returns
    -------
    int
        Contacted and held out together, in two digits, the second rounded up.

    Examples
    --------
    >>> enough = customers_for(0.025, 112, 13, 0.05)
    >>> enough, smallest_lift(round(enough * 112 / 125), round(enough * 13 / 125), 0.05) <= 0.025
    (8400, True)
    """
    people = contacted + held_out

    def shows(total: int) -> bool:
        found = smallest_lift(
            round(total * contacted / people), round(total * held_out / people), base_rate
        )
        return found is not None and found <= lift

    most = people
    while not shows(most):
        most *= 2
    least = most // 2
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if shows(middle) else (middle, most)
    step = int(10 ** max(0, len(str(most)) - 2))
    return -(-most // step) * step
