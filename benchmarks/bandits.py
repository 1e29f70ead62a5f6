"""What a policy that learns gives up while it learns: regret of several, on planted differences.

    python benchmarks/bandits.py [--runs 20] [--first-seed 0] [--unlike 0]
        [--only POLICY] [--out FILE] [--picture PNG]

Twenty rounds of 10,000 customers in four segments, four offers and doing nothing. Which offer is
best differs by segment, and in one segment none is worth its cost. All policies see the same
customers and the same chances; every one learns by segment. The regret is the expected profit of
the best choice less that of the choices that were made; the share is of the best possible.

A response to an offer is worth the same in all segments; with --unlike 0.3 each segment and offer
has a value of its own, by a factor whose logarithm has that standard deviation, anew in each run.

mabwiser's Thompson sampling takes part where it is installed (pip install mabwiser). It learns
from successes and failures only, so it is told either whether the customer responded, or a success
with the probability of the profit on a scale from the worst to a high one (Agrawal and Goyal,
Analysis of Thompson sampling for the multi-armed bandit problem, 2012).
"""

import argparse
import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clienteling.offers.catalogue import Catalogue
from clienteling.offers.experience import Experience
from clienteling.offers.offer import NOTHING
from clienteling.offers.policies.thompson import Thompson

ROUNDS, CUSTOMERS = 20, 10_000
COSTS = {"mail": 0.05, "coupon": 0.30, "letter": 0.60, "call": 1.20}
VALUES = {"mail": 20.0, "coupon": 25.0, "letter": 30.0, "call": 40.0}
#: The true response rates; doing nothing brings nothing.
RATES = {
    "students": {"mail": 0.030, "coupon": 0.080, "letter": 0.040, "call": 0.045},
    "families": {"mail": 0.050, "coupon": 0.045, "letter": 0.090, "call": 0.050},
    "seniors": {"mail": 0.030, "coupon": 0.040, "letter": 0.050, "call": 0.100},
    "sleepers": {"mail": 0.001, "coupon": 0.006, "letter": 0.010, "call": 0.020},
}
SHARES = [0.35, 0.30, 0.20, 0.15]
ARMS = [*COSTS, NOTHING]


@dataclass(frozen=True)
class Segment:
    key: str
    name: str


SEGMENTS = [Segment(each, each) for each in RATES]
#: Expected profit of a contact, by segment and arm.
PROFITS = np.array(
    [[rates[arm] * VALUES[arm] - COSTS[arm] for arm in COSTS] + [0.0] for rates in RATES.values()]
)
CATALOGUE = Catalogue.model_validate(
    {
        "catalogue": "bandits",
        "offers": [
            {
                **{"id": arm, "title": arm, "text": "x", "reason": "r."},
                "segments": list(RATES),
                "cost": COSTS[arm],
                "value": VALUES[arm],
                # The same modest guess for every offer: what is planted isn't told.
                "response": 0.03,
                "response_weight": 50,
            }
            for arm in COSTS
        ],
    }
)


class Seen:
    """What was learned: contacts, responses, values and squares, by segment and arm."""

    def __init__(self) -> None:
        self.contacts = np.zeros(PROFITS.shape)
        self.responses = np.zeros(PROFITS.shape)
        self.value = np.zeros(PROFITS.shape)
        self.squares = np.zeros(PROFITS.shape)

    def add(self, segment, arm, responded, value) -> None:
        for total, each in (
            (self.contacts, np.ones(len(arm))),
            (self.responses, responded),
            (self.value, value),
            (self.squares, value**2),
        ):
            np.add.at(total, (segment, arm), each)

    def mean_profit(self):
        costs = np.array([*COSTS.values(), 0.0])
        tried = self.contacts > 0
        return np.where(tried, self.value / np.maximum(self.contacts, 1) - costs, np.inf)

    def learned(self):
        return {
            (s, arm): Experience(
                int(self.contacts[s, a]),
                int(self.responses[s, a]),
                self.value[s, a],
                self.squares[s, a],
            )
            for s in range(len(SEGMENTS))
            for a, arm in enumerate(ARMS)
            # Doing nothing brings nothing here, and that is known.
            if arm != NOTHING
        }


Choose = Callable[[np.random.Generator, Seen, np.ndarray, int], np.ndarray]


def drawn(rng, shares, segment):
    """Draw an arm for each customer from the probabilities of their segment."""
    edges = shares.cumsum(axis=1)[segment]
    return (rng.random((len(segment), 1)) > edges[:, :-1]).sum(axis=1)


def uniform(rng, seen, segment, turn):
    return rng.integers(0, len(ARMS), len(segment))


def greedy(rng, seen, segment, turn, epsilon=0.1):
    best = seen.mean_profit().argmax(axis=1)[segment]
    explored = rng.random(len(segment)) < (1.0 if turn == 0 else epsilon)
    return np.where(explored, rng.integers(0, len(ARMS), len(segment)), best)


def thompson(rng, seen, segment, turn):
    policy = Thompson(CATALOGUE, SEGMENTS, seen.learned(), draws=4_000, seed=turn)
    shares = np.array(
        [list(policy.probabilities(s, ARMS[:-1]).values()) for s in range(len(SEGMENTS))]
    )
    return drawn(rng, shares, segment)


class Mabwiser:
    """One of its bandits per segment, told of responses or of profits."""

    def __init__(self, seed: int, profits: bool) -> None:
        from mabwiser.mab import MAB, LearningPolicy

        self.profits = profits
        self.low, self.high = -max(COSTS.values()), 2 * max(VALUES.values())
        self.bandits = [
            MAB(ARMS, LearningPolicy.ThompsonSampling(), seed=seed + s)
            for s in range(len(SEGMENTS))
        ]
        self.fitted = False

    def choose(self, rng, seen, segment, turn):
        if not self.fitted:
            return rng.integers(0, len(ARMS), len(segment))
        arms = np.empty(len(segment), dtype=int)
        for s, bandit in enumerate(self.bandits):
            own = np.flatnonzero(segment == s)
            # It draws once a call; a call for each customer is what its own users do.
            arms[own] = [ARMS.index(bandit.predict()) for _ in own]
        return arms

    def learn(self, rng, segment, arm, responded, profit):
        scaled = (profit - self.low) / (self.high - self.low)
        success = rng.random(len(profit)) < scaled if self.profits else responded
        success = success.astype(int)
        for s, bandit in enumerate(self.bandits):
            own = segment == s
            names = [ARMS[each] for each in arm[own]]
            (bandit.partial_fit if self.fitted else bandit.fit)(names, success[own].tolist())
        self.fitted = True


def play(
    name: str,
    seed: int,
    rounds: int = ROUNDS,
    customers: int = CUSTOMERS,
    unlike: float = 0.0,
) -> dict:
    """Play all rounds; return the regret after each, and the realised share of the best."""
    chances, rng = np.random.default_rng([1, seed]), np.random.default_rng([2, seed])
    seen = Seen()
    other = Mabwiser(seed, "profit" in name) if name.startswith("mabwiser") else None
    policies = {"uniform": uniform, "greedy": greedy, "thompson": thompson}
    choose: Choose = other.choose if other else policies[name]
    rates = np.array([[*each.values(), 0.0] for each in RATES.values()])
    factors = np.exp(unlike * np.random.default_rng([3, seed]).normal(size=rates.shape))
    values = np.array([*VALUES.values(), 0.0]) * factors
    costs = np.array([*COSTS.values(), 0.0])
    profits = rates * values - costs
    regret, best = [], []
    for turn in range(rounds):
        segment = chances.choice(len(SEGMENTS), customers, p=SHARES)
        luck, size = chances.random(customers), chances.exponential(1.0, customers)
        arm = choose(rng, seen, segment, turn)
        responded = luck < rates[segment, arm]
        value = np.where(responded, values[segment, arm] * size, 0.0)
        seen.add(segment, arm, responded, value)
        if other:
            other.learn(rng, segment, arm, responded, value - costs[arm])
        regret.append(float((profits.max(axis=1)[segment] - profits[segment, arm]).sum()))
        best.append(float(profits.max(axis=1)[segment].sum()))
    return {
        "policy": name,
        "regret": np.cumsum(regret).tolist(),
        "share": 1 - sum(regret) / sum(best),
        "first": regret[0] / sum(best),
        "last": 1 - regret[-1] / best[-1],
    }


def draw(path: Path, rounds: int = ROUNDS, customers: int = CUSTOMERS) -> None:
    """Draw what Thompson sampling learned in one run."""
    from clienteling.plots import draw_learning
    from clienteling.plots.style import save_png

    rng, seen, taught = np.random.default_rng(0), Seen(), []
    rates = np.array([[*each.values(), 0.0] for each in RATES.values()])
    values = np.array([*VALUES.values(), 0.0])
    for turn in range(rounds):
        segment = rng.choice(len(SEGMENTS), customers, p=SHARES)
        arm = thompson(rng, seen, segment, turn)
        responded = rng.random(customers) < rates[segment, arm]
        value = np.where(responded, values[arm] * rng.exponential(1.0, customers), 0.0)
        own = Seen()
        for each in (own, seen):
            each.add(segment, arm, responded, value)
        taught.append(own.learned())
    save_png(draw_learning(taught, CATALOGUE, dict(enumerate(RATES))), path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--unlike", type=float, default=0.0)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    if options.picture:
        draw(options.picture)
    names = ["uniform", "greedy", "thompson"]
    if importlib.util.find_spec("mabwiser") is not None:
        names += ["mabwiser, responses", "mabwiser, profits"]
    rows = []
    for name in options.only or names:
        played = [
            play(name, seed, unlike=options.unlike)
            for seed in range(options.first_seed, options.first_seed + options.runs)
        ]
        regret = np.array([each["regret"] for each in played])
        shares = np.array([each["share"] for each in played])
        rows.append(
            {
                "policy": name,
                "regret_5": regret[:, 4].mean(),
                "regret_20": regret[:, -1].mean(),
                "error": regret[:, -1].std(ddof=1) / np.sqrt(len(played)),
                "share": shares.mean(),
                "worst": shares.min(),
                "below_95": int((shares < 0.95).sum()),
                # What the first round alone costs, played before there is any outcome.
                "first": np.mean([each["first"] for each in played]),
                "first_most": max(each["first"] for each in played),
                "last": np.mean([each["last"] for each in played]),
            }
        )
        print(json.dumps(rows[-1]), flush=True)
    if options.out:
        options.out.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
