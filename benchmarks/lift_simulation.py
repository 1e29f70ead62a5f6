"""Campaigns with a known truth: how often intervals cover it, and how often "it paid" is false.

    python benchmarks/lift_simulation.py [--campaigns 1000] [--seed 0]

prints the table of docs/lift.md.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from clienteling.measurement.by_segment import by_segment
from clienteling.measurement.cells import Cells, Moments, OutcomeSums
from clienteling.measurement.experiment import Experiment
from clienteling.measurement.folds import FOLDS
from clienteling.measurement.lift import compare, lifts_of
from clienteling.measurement.log import DecisionLog
from clienteling.measurement.off_policy import off_policy
from clienteling.measurement.verdict import verdict_of

ARM = 2_000


@dataclass(frozen=True)
class Row:
    what: str
    figure: str
    share: float


def moments(y: np.ndarray, b: np.ndarray | None = None) -> Moments:
    cov = np.cov(y, b if b is not None else np.zeros_like(y))
    return Moments(
        len(y),
        y.mean(),
        cov[0, 0],
        int((y != 0).sum()),
        0.0 if b is None else b.mean(),
        cov[1, 1],
        cov[0, 1],
    )


def covered(campaigns: int, draw: Callable[[], tuple[float, float, float]]) -> float:
    """Return how often the interval held the truth."""
    hits = 0
    for _ in range(campaigns):
        truth, low, high = draw()
        hits += low <= truth <= high
    return hits / campaigns


def responses(rng: np.random.Generator, base: float, lift: float, n: int = ARM) -> Callable:
    def draw():
        here, there = (moments((rng.random(n) < p).astype(float)) for p in (base + lift, base))
        found = compare(here, there, binary=True)
        return lift, found.low, found.high

    return draw


def values(rng, base: float, lift: float, n: int = ARM, *, cuped: bool = False) -> Callable:
    # What a customer spends, where they do, hangs on what they spent before.
    def arm(p):
        before = rng.gamma(2.0, 20.0, n)
        y = (rng.random(n) < p) * (before + rng.gamma(2.0, 20.0, n))
        return moments(y, before)

    def draw():
        found = compare(arm(base + lift), arm(base), binary=False, cuped=cuped)
        return 80.0 * lift, found.low, found.high

    return draw


def logged(rng, rate: float, decisions: int, effect: float) -> Iterator[tuple[float, object]]:
    """Yield the true value of another policy, and its evaluation from a log."""
    actions, contexts = 5, 3
    logging = np.array([[0.6, 0.1, 0.1, 0.1, 0.1], [0.2] * 5, [0.1, 0.1, 0.2, 0.3, 0.3]])
    other = np.array(
        [[0.1, 0.5, 0.2, 0.1, 0.1], [0.7, 0.1, 0.1, 0.05, 0.05], [0.4, 0.3, 0.1, 0.1, 0.1]]
    )
    while True:
        rates = rate * (1 + effect * rng.uniform(-1, 1, (contexts, actions)))
        context = rng.integers(0, contexts, decisions)
        drawn = (rng.random(decisions)[:, None] > logging.cumsum(axis=1)[context]).sum(axis=1)
        action = np.minimum(drawn, actions - 1)
        reward = rng.random(decisions) < rates[context, action]
        log = DecisionLog.of_arrays(
            action,
            reward,
            logging[context, action],
            context=context,
            actions=actions,
            contexts=contexts,
        )
        yield float((other * rates).sum() / contexts), off_policy(log, other)


def null_experiment(
    rng, *, offers: int, segments: int, n: int, base: float, binary: bool
) -> Experiment:
    """Return a counted experiment in which no offer does anything."""
    total = n * (offers + 1)
    offer, segment = rng.integers(0, offers + 1, total), rng.integers(0, segments, total)
    fold = rng.integers(0, FOLDS, total)
    y = (rng.random(total) < base).astype(float)
    if not binary:
        y *= rng.gamma(2.0, 20.0, total)
    shape = (offers + 1, segments, FOLDS)
    place = np.ravel_multi_index((offer, segment, fold), shape)
    size = int(np.prod(shape))

    def added(weights):
        return np.bincount(place, weights=weights, minlength=size).astype(float)

    zero = np.zeros(size)
    grid = np.indices(shape).reshape(3, -1)
    names = ("none", *(f"offer {i + 1}" for i in range(offers)))
    levels = {"segment": tuple(map(str, range(segments)))}
    sums = OutcomeSums(
        binary,
        0.0,
        0.0,
        added(np.ones(total)),
        added((y != 0).astype(float)),
        added(y),
        added(y * y),
        zero,
        zero,
        zero,
    )
    cells = Cells(
        names, grid[0], grid[2], levels, {"segment": grid[1]}, sums.n, {"outcome": sums}, FOLDS
    )
    return Experiment("made up", "offer", "none", cells, {}, total, (), {}, None)


def false_claims(rng, campaigns: int, **settings) -> dict[str, float]:
    """Return how often something is claimed although nothing works."""
    paid = inside = beats = either = 0
    for _ in range(campaigns):
        experiment = null_experiment(rng, **settings)
        lifts = lifts_of(experiment)
        claims = (
            verdict_of(experiment, lifts, [], {}, {}).code == "paid",
            any(each.clear and each.estimate > 0 for each in lifts if each.by is not None),
            any(each.answer == "segments" for each in by_segment(experiment, {}, {})),
        )
        paid, inside, beats = paid + claims[0], inside + claims[1], beats + claims[2]
        either += claims[0] or claims[1]
    counts = {"paid": paid, "inside": inside, "beats": beats, "either": either}
    return {what: count / campaigns for what, count in counts.items()}


def simulate(campaigns: int, seed: int = 0) -> list[Row]:
    rng = np.random.default_rng(seed)
    rows = []
    for base, lift in ((0.02, 0.0), (0.02, 0.01), (0.10, 0.02), (0.30, 0.05)):
        share = covered(campaigns, responses(rng, base, lift))
        rows.append(Row(f"responses, {base:.0%} respond, lift {lift:+.0%}", "covered", share))
    for base, lift in ((0.02, 0.0), (0.02, 0.01), (0.10, 0.02)):
        share = covered(campaigns, values(rng, base, lift))
        rows.append(Row(f"values, {base:.0%} buy, lift {lift:+.0%} of buyers", "covered", share))
        share = covered(campaigns, values(rng, base, lift, cuped=True))
        rows.append(Row("the same, with the earlier value", "covered", share))
    for rate, decisions in ((0.02, 2_900), (0.02, 10_000), (0.10, 2_900), (0.30, 2_900)):
        campaign = logged(rng, rate, decisions, 0.5)
        hits, effective = dict.fromkeys(("ips", "snipw", "dr"), 0), 0.0
        for _ in range(campaigns):
            truth, found = next(campaign)
            effective += found.effective / campaigns
            for each in found.estimates:
                hits[each.method] += each.low <= truth <= each.high
        for method, count in hits.items():
            what = f"{method}, {rate:.0%} respond, {effective:,.0f} effective decisions"
            rows.append(Row(what, "covered", count / campaigns))
    for binary in (True, False):
        settings = {"offers": 2, "segments": 5, "n": ARM, "base": 0.05, "binary": binary}
        claims = false_claims(rng, campaigns, **settings)
        kind = "responses" if binary else "values"
        rows.append(Row(f"no effect, {kind}: it paid, over all", "claimed", claims["paid"]))
        rows.append(Row(f"no effect, {kind}: it paid in some segment", "claimed", claims["inside"]))
        rows.append(Row(f"no effect, {kind}: either of these", "claimed", claims["either"]))
        rows.append(Row(f"no effect, {kind}: segments beat one offer", "claimed", claims["beats"]))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--campaigns", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print("| what | intervals that hold the truth | false claims |\n|---|--:|--:|")
    for row in simulate(given.campaigns, given.seed):
        cells = (f"{row.share:.1%}", "") if row.figure == "covered" else ("", f"{row.share:.1%}")
        print(f"| {row.what} | {cells[0]} | {cells[1]} |".replace("%", " %"))


if __name__ == "__main__":
    main()
