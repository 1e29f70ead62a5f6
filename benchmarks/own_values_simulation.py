"""Campaigns whose offers have values of their own, with a known truth: intervals and verdicts.

    python benchmarks/own_values_simulation.py [--campaigns 400] [--seed 0]

prints the table of docs/lift.md. Each campaign goes the whole way from decisions and outcomes to
the verdict: 8,000 customers, a tenth held out, three segments that get the offers unevenly, and
offers of which one is rare.
"""

import argparse
import datetime as dt
from collections import Counter

import numpy as np
import pandas as pd

from clienteling.measurement.campaign import measure_decisions

DAY = dt.date(2026, 3, 1)
OFFERS = ("wine", "coupon", "news", "call")
VALUES = {"wine": 60.0, "coupon": 25.0, "news": 20.0, "call": 90.0}
COSTS = {"wine": 2.5, "coupon": 0.8, "news": 0.05, "call": 5.0}
#: How often each segment's customers get which offer, and how many respond without any.
MIX = {"VIPs": (0.6, 0.1, 0.28, 0.02), "Usual": (0.2, 0.5, 0.29, 0.01), "New": (0.05, 0.8, 0.15, 0)}
BASE = {"VIPs": 0.08, "Usual": 0.05, "New": 0.03}
SHARES = (0.2, 0.5, 0.3)


def simulate(campaigns: int, seed: int = 0, customers: int = 8_000) -> Counter:
    """Count intervals, those that hold the truth, and verdicts, by whether the campaign earns."""
    counted: Counter = Counter()
    for number in range(campaigns):
        for earns in (False, True):
            rng = np.random.default_rng([seed, number, earns])
            decided, came, profit = campaign(rng, customers, earns)
            found = measure_decisions(
                decided,
                came,
                campaign="spring",
                holdout=0.1,
                day=DAY,
                names=["response"],
                costs=COSTS,
                values=VALUES,
            )
            counted[earns, found.verdict.code] += 1
            contacted = decided["arm"] == "offer"
            for each in found.found.profit:
                own = contacted & (each.by is None or decided["segment"] == each.segment)
                where = "over all" if each.by is None else "by segment"
                counted[earns, where] += 1
                counted[earns, where, "held"] += each.low <= profit[own].mean() <= each.high
    return counted


def campaign(
    rng: np.random.Generator, customers: int, earns: bool
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Return decisions and outcomes, and what a contact truly earns of each customer."""
    segment = rng.choice(list(MIX), customers, p=SHARES)
    offer = np.empty(customers, dtype=object)
    for each, mix in MIX.items():
        offer[segment == each] = rng.choice(OFFERS, int((segment == each).sum()), p=mix)
    held = rng.random(customers) < 0.1
    value, cost = (np.array([told[each] for each in offer]) for told in (VALUES, COSTS))
    # A contact brings just its cost, or half as much again and a bit.
    lift = cost / value * (1.5 if earns else 1.0) + (0.01 if earns else 0.0)
    base = np.array([BASE[each] for each in segment])
    responds = rng.random(customers) < np.where(held, base, base + lift)
    decided = pd.DataFrame(
        {
            "customer_id": np.arange(customers),
            "segment": segment,
            "offer": offer.astype(str),
            "arm": np.where(held, "holdout", "offer"),
        }
    )
    came = pd.DataFrame({"customer_id": np.flatnonzero(responds), "name": "response", "value": 1.0})
    return decided, came, value * lift - cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--campaigns", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    counted = simulate(asked.campaigns, asked.seed)
    print("| a contact earns | intervals over all | in segments | said that it paid |")
    print("|---|--:|--:|--:|")
    for earns, said in ((False, "just its cost"), (True, "more than its cost")):
        shares = [
            f"{counted[earns, where, 'held'] / counted[earns, where]:.1%}"
            for where in ("over all", "by segment")
        ]
        paid = counted[earns, "paid"] / asked.campaigns
        print(f"| {said} | {' | '.join(shares)} | {paid:.1%} |")


if __name__ == "__main__":
    main()
