"""Campaigns with a known truth, measured in segments that are made of the same customers.

    python benchmarks/made_segments_simulation.py [--campaigns 1000] [--first 0]

prints the figures of the last tables of docs/lift.md: how often the intervals in made segments hold
the truth, and how often something is claimed although the offers do nothing. Each campaign goes the
whole way of ``clienteling campaign evaluate --segments auto``: columns are proposed, their number
of segments is chosen, and the customers are counted in them.
"""

import argparse
import gc
from collections import Counter

import numpy as np
import pandas as pd

import clienteling as cl
from clienteling.measurement.by_segment import Contrast, by_segment, differences
from clienteling.measurement.experiment import Experiment, read_experiment
from clienteling.measurement.lift import Lift, lifts_of
from clienteling.measurement.made_segments import make_segments
from clienteling.measurement.verdict import verdict_of

ARM = 2_000
OFFERS = ("none", "a", "b")
#: Kinds of customers: how many, their orders and baskets, and how often they buy without an offer.
KINDS = np.array([0.35, 0.30, 0.20, 0.15])
ORDERS = np.array([5, 20, 40, 25])
BASKET = np.array([30, 10, 50, 70])
BASE = np.array([0.04, 0.06, 0.10, 0.08])
#: How much more often they buy with each offer.
WITH = np.array([[0.0, 0.0, 0.0, 0.0], [0.02, 0.0, 0.05, 0.03], [0.0, 0.03, 0.03, 0.03]])
#: What a buyer spends on average.
SPENT = 40.0
OUTCOMES = ("nothing bought", "nothing spent", "bought", "spent")


def campaign(seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return customers with what came of two campaigns, and the true lift of each offer on each.

    In the first campaign no offer does anything, in the second what they do hangs on the kind of
    customer. The kind stands in no column: two columns hang on it.
    """
    rng = np.random.default_rng(seed)
    n = ARM * len(OFFERS)
    kind = rng.choice(len(KINDS), n, p=KINDS)
    offer = rng.integers(0, len(OFFERS), n)
    rows = pd.DataFrame(
        {
            "offer": np.array(OFFERS)[offer],
            "orders": np.maximum(rng.normal(ORDERS[kind], 4), 0).round(),
            "basket": np.maximum(rng.normal(BASKET[kind], 7), 0).round(2),
        }
    )
    for what, lift in (("nothing ", np.zeros(n)), ("", WITH[offer, kind])):
        bought = rng.random(n) < BASE[kind] + lift
        rows[f"{what}bought"] = bought.astype(int)
        rows[f"{what}spent"] = np.where(bought, rng.gamma(2.0, SPENT / 2, n), 0.0).round(2)
    return rows, WITH[:, kind]


def truth(lift: Lift, effect: np.ndarray, segment: pd.Series) -> float:
    """Return the true lift of an offer, over all or over a segment's customers."""
    if lift.outcome.startswith("nothing"):
        return 0.0
    inside = np.ones(len(segment), bool) if lift.by is None else segment == lift.segment
    unit = SPENT if lift.outcome == "spent" else 1.0
    return float(unit * effect[OFFERS.index(lift.offer)][inside].mean())


def claims(
    experiment: Experiment, lifts: list[Lift], contrasts: list[Contrast], outcome: str
) -> dict[str, bool]:
    """Return what is claimed by an outcome that no offer moved."""
    own = [each for each in lifts if each.outcome == outcome]
    found = {
        "it paid, over all": verdict_of(experiment, lifts, [], {outcome: 1.0}, {}).code == "paid",
        "it paid in some segment": any(
            each.clear and each.estimate > 0 for each in own if each.by is not None
        ),
    }
    found["either of these"] = any(found.values())
    found["the lift differs by segment"] = any(each.clear for each in differences(own))
    found["segments beat one offer"] = any(
        each.answer == "segments" for each in contrasts if each.outcome == outcome
    )
    return found


def simulate(first: int, campaigns: int) -> tuple[Counter, Counter, Counter]:
    """Return how many intervals there are and hold the truth, what was claimed, and each k."""
    held, claimed, k = Counter(), Counter(), Counter()
    for seed in range(first, first + campaigns):
        rows, effect = campaign(seed)
        table, made = make_segments(cl.read(rows), offer="offer", outcomes=OUTCOMES)
        experiment = read_experiment(
            table, offer="offer", control="none", outcomes=OUTCOMES, segments=[made.by]
        )
        lifts, segment = lifts_of(experiment), table.df()[made.by]
        k[made.model.k] += 1
        for each in lifts:
            if each.enough:
                place = each.outcome, "over all" if each.by is None else "in made segments"
                held[(*place, "all")] += 1
                held[(*place, "held")] += each.low <= truth(each, effect, segment) <= each.high
        contrasts = by_segment(experiment, {}, {})
        for outcome in OUTCOMES[:2]:
            for what, is_claimed in claims(experiment, lifts, contrasts, outcome).items():
                claimed[outcome, what] += is_claimed
    return held, claimed, k


def print_table(held: Counter, claimed: Counter, k: Counter) -> None:
    campaigns = k.total()
    print("| what | intervals that hold the truth | false claims |\n|---|--:|--:|")
    for outcome in OUTCOMES:
        for where in ("over all", "in made segments"):
            of, good = held[outcome, where, "all"], held[outcome, where, "held"]
            share = f"{good / of:.1%}".replace("%", " %")
            print(f"| {outcome}, {where}, {of:,} intervals | {share} |  |")
    for (outcome, what), count in claimed.items():
        share = f"{count / campaigns:.1%}".replace("%", " %")
        print(f"| {outcome}: {what} |  | {share} |")
    print(f"\n{campaigns} campaigns; segments made: {dict(sorted(k.items()))}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--campaigns", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0, help="seed of the first campaign")
    given = parser.parse_args()
    # Holm's method collects garbage each time; what is loaded by now need not be looked through.
    gc.freeze()
    print_table(*simulate(given.first, given.campaigns))


if __name__ == "__main__":
    main()
