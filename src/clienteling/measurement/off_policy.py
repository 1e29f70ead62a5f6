"""Off-policy evaluation: what another policy would have earned, from the log of the one that ran.

Three estimates of its value per decision, with 95 % intervals: inverse propensity scoring (IPS,
Horvitz and Thompson 1952), self-normalised (SNIPW, Swaminathan and Joachims 2015) and doubly
robust (Dudík, Langford and Li 2011, arXiv 1103.4601) with the reward model fitted on other folds
than it is used on (Chernozhukov et al. 2018). How much the log says at all is the effective sample
size (Kish 1965): (Σw)² / Σw² for the weights w, the other policy's probability over the log's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from clienteling.measurement.lift import ALPHA
from clienteling.measurement.log import DecisionLog

__all__ = ["FEWEST_EFFECTIVE", "Estimate", "OffPolicy", "off_policy", "probabilities"]

Floats = npt.NDArray[np.float64]

#: Fewer effective decisions than this say nothing.
FEWEST_EFFECTIVE = 100
#: Below this, intervals are known to be too narrow now and then: it is said.
_ENOUGH = 1_000
#: The part of the other policy that may be on actions that the log never tried.
_UNSEEN = 0.05
#: A single decision with a larger part of all weight is said.
_ONE_WEIGHT = 0.05
#: Decisions that the mean of all counts as, in the reward model of a cell.
_SHRINK = 10.0


@dataclass(frozen=True)
class Estimate:
    """The value of a policy per decision.

    Parameters
    ----------
    method : ``ips``, ``snipw`` or ``dr``
    estimate, low, high : the value, with its 95 % interval
    se : its standard error
    """

    method: str
    estimate: float
    low: float
    high: float
    se: float


@dataclass(frozen=True)
class OffPolicy:
    """What another policy would have earned.

    Parameters
    ----------
    decisions : in the log
    effective : the effective sample size
    logged : what the policy that ran earned per decision
    estimates : by method; empty where it is refused
    advantage : of the other policy over the one that ran, per decision; None where refused
    unseen : the part of the other policy on actions that the log never tried
    largest_weight : of a single decision, as a part of all weight
    refused : why there is no estimate; empty where there is one
    warnings : what to be careful about
    answer : ``better``, ``worse``, ``cant_tell`` or ``refused``
    sentence : the answer in words
    """

    decisions: int
    effective: float
    logged: float
    estimates: tuple[Estimate, ...]
    advantage: Estimate | None
    unseen: float
    largest_weight: float
    refused: str
    warnings: tuple[str, ...]
    answer: str
    sentence: str

    def __getitem__(self, method: str) -> Estimate:
        """Return the estimate by a method; ``KeyError`` where there is none."""
        for each in self.estimates:
            if each.method == method:
                return each
        raise KeyError(method)


def probabilities(log: DecisionLog, policy: Mapping[tuple[str, str], float] | str) -> Floats:
    """Return a policy as an array of contexts × actions, as :func:`off_policy` takes it.

    Parameters
    ----------
    log : has the contexts and the actions
    policy : probabilities by context and action, or one action that everybody gets

    Raises
    ------
    KeyError
        An action has no place in the log, or a context has no probabilities.

    Examples
    --------
    >>> log = DecisionLog.of_arrays([0, 1, 0], [1, 0, 0], [0.5, 0.5, 0.5])
    >>> probabilities(log, "1")
    array([[0., 1.]])
    """
    found = np.zeros((len(log.contexts), len(log.actions)))
    if isinstance(policy, str):
        found[:, log.actions.index(policy)] = 1.0
        return found
    places = {each: i for i, each in enumerate(log.actions)}
    rows = {each: i for i, each in enumerate(log.contexts)}
    for (context, action), share in policy.items():
        if context in rows:
            found[rows[context], places[action]] += share
    lacking = [
        each for each, total in zip(log.contexts, found.sum(axis=1), strict=True) if not total
    ]
    if lacking:
        raise KeyError(", ".join(lacking))
    return found


def off_policy(log: DecisionLog, policy: npt.ArrayLike) -> OffPolicy:
    """Estimate what a policy would have earned, or say why that can't be told.

    Parameters
    ----------
    log : of the policy that ran, as :func:`~clienteling.measurement.log.read_log` counts it
    policy : contexts × actions: the probability of each action; every row adds up to 1

    Raises
    ------
    ValueError
        The rows don't add up to 1, or the shape is not that of the log.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> action = rng.integers(0, 2, 10_000)
    >>> reward = rng.random(10_000) < np.where(action == 1, 0.3, 0.1)
    >>> log = DecisionLog.of_arrays(action, reward, np.full(10_000, 0.5))
    >>> found = off_policy(log, [[0.0, 1.0]])
    >>> found.answer, round(found["dr"].estimate, 1), round(found.effective)
    ('better', 0.3, 5030)
    """
    pi = np.asarray(policy, dtype=np.float64)
    if pi.shape != (len(log.contexts), len(log.actions)):
        raise ValueError(f"the policy is {pi.shape}, not contexts × actions of the log")
    if (pi < 0).any() or not np.allclose(pi.sum(axis=1), 1.0, atol=1e-6):
        raise ValueError("the probabilities of each context must add up to 1")
    n = log.n.sum()
    weight = pi[:, :, None]
    weights, squares = (weight * log.v).sum(), (weight**2 * log.vv).sum()
    share = log.n.sum(axis=(1, 2)) / n
    tried = log.n.sum(axis=2) > 0
    found = OffPolicy(
        decisions=log.decisions,
        effective=float(weights**2 / squares) if squares else 0.0,
        logged=float(log.r.sum() / n),
        estimates=(),
        advantage=None,
        unseen=float((share[:, None] * pi * ~tried).sum()),
        largest_weight=float((weight * log.most).max() / weights) if weights else 0.0,
        refused="",
        warnings=(),
        answer="refused",
        sentence="",
    )
    refused = _refusal(found, log, weight)
    if refused:
        sentence = f"What the other policy would have earned can't be told: {refused}"
        return replace(found, refused=refused, sentence=sentence)
    estimates = [_ips(log, weight), _snipw(log, weight)]
    advantage = _difference(log, weight, estimates[1])
    if log.folds > 1:
        doubly, advantage = _doubly_robust(log, pi)
        estimates.append(doubly)
    warned = tuple(_warnings(found, log, weight))
    answer = "better" if advantage.low > 0 else "worse" if advantage.high < 0 else "cant_tell"
    found = replace(found, estimates=tuple(estimates), advantage=advantage, warnings=warned)
    return replace(found, answer=answer, sentence=_sentence(found, answer))


def _quantile(log: DecisionLog, weight: Floats) -> float:
    """Return the quantile of Student's t for as many rewards as the weighted ones count as.

    Where few decisions earned anything, the variance is itself known badly.
    """
    squares = float((weight**2 * log.vvrr).sum())
    if log.least < 0 or not squares:
        return float(stats.norm.ppf(1 - ALPHA / 2))
    rewards = float((weight * log.vr).sum()) ** 2 / squares
    return float(stats.t.ppf(1 - ALPHA / 2, max(rewards - 1, 1.0)))


def _interval(method: str, estimate: float, variance: float, quantile: float) -> Estimate:
    se = math.sqrt(max(variance, 0.0))
    reach = quantile * se
    return Estimate(method, float(estimate), float(estimate - reach), float(estimate + reach), se)


def _value(
    log: DecisionLog, method: str, estimate: float, variance: float, quantile: float
) -> Estimate:
    """Return the value with a score interval, which suits rare rewards.

    The variance is taken to change with the value: like that of a proportion where rewards are 0
    or 1 (Wilson 1927, with the number of decisions that gives the variance that was found), in
    proportion to it where they are otherwise not negative.
    """
    found = _interval(method, estimate, variance, quantile)
    if log.least < 0 or estimate <= 0 or variance <= 0 or (log.binary and estimate >= 1):
        return found
    square = quantile**2
    # (estimate - x)² = square · scale · x (1 - bend · x), solved for x.
    bend = 1.0 if log.binary else 0.0
    scale = variance / (estimate * (1 - bend * estimate))
    middle = (estimate + square * scale / 2) / (1 + bend * square * scale)
    product = estimate**2 / (1 + bend * square * scale)
    reach = math.sqrt(max(middle**2 - product, 0.0))
    return replace(found, low=middle - reach, high=middle + reach)


def _ips(log: DecisionLog, weight: Floats) -> Estimate:
    n = float(log.n.sum())
    estimate = float((weight * log.vr).sum()) / n
    variance = ((weight**2 * log.vvrr).sum() / n - estimate**2) / (n - 1)
    return _value(log, "ips", estimate, variance, _quantile(log, weight))


def _snipw(log: DecisionLog, weight: Floats) -> Estimate:
    total = float((weight * log.v).sum())
    estimate = float((weight * log.vr).sum()) / total
    residual = log.vvrr - 2 * estimate * log.vvr + estimate**2 * log.vv
    variance = float((weight**2 * residual).sum()) / total**2
    return _value(log, "snipw", estimate, variance, _quantile(log, weight))


def _difference(log: DecisionLog, weight: Floats, snipw: Estimate) -> Estimate:
    """Return the advantage by SNIPW; decisions count in both values, so they are paired."""
    n, total = float(log.n.sum()), float((weight * log.v).sum())
    mean = float(log.r.sum()) / n
    scale = n / total
    theta = snipw.estimate
    # The sum of squares of scale · w · (r - theta) - (r - mean).
    own = weight**2 * (log.vvrr - 2 * theta * log.vvr + theta**2 * log.vv) * scale**2
    logged = log.rr - 2 * mean * log.r + mean**2 * log.n
    both = weight * (log.vrr - (theta + mean) * log.vr + theta * mean * log.v) * scale
    variance = float((own + logged - 2 * both).sum()) / n**2
    return _interval("advantage", theta - mean, variance, _quantile(log, weight))


def _doubly_robust(log: DecisionLog, pi: Floats) -> tuple[Estimate, Estimate]:
    """Return the value and the advantage over the log's own rewards."""
    n = float(log.n.sum())
    weight = pi[:, :, None]
    model = _reward_model(log)
    base = (weight * model).sum(axis=1, keepdims=True)
    # Of each decision: base + w (r - model), and that less r.
    correction = weight * (log.vr - model * log.v)
    score = base * log.n + correction
    squares = (
        base**2 * log.n
        + 2 * base * correction
        + weight**2 * (log.vvrr - 2 * model * log.vvr + model**2 * log.vv)
    )
    with_reward = base * log.r + weight * (log.vrr - model * log.vr)
    estimate = float(score.sum()) / n
    variance = (float(squares.sum()) / n - estimate**2) / (n - 1)
    gain = estimate - float(log.r.sum()) / n
    spread = float((squares - 2 * with_reward + log.rr).sum()) / n - gain**2
    quantile = _quantile(log, weight)
    return (
        _value(log, "dr", estimate, variance, quantile),
        _interval("advantage", gain, spread / (n - 1), quantile),
    )


def _reward_model(log: DecisionLog) -> Floats:
    """Return the mean reward by context and action, of all folds but the one it is for."""
    n = log.n.sum(axis=2, keepdims=True) - log.n
    r = log.r.sum(axis=2, keepdims=True) - log.r
    overall = r.sum(axis=(0, 1)) / np.maximum(n.sum(axis=(0, 1)), 1.0)
    by_action = (r.sum(axis=0) + _SHRINK * overall) / (n.sum(axis=0) + _SHRINK)
    return np.asarray((r + _SHRINK * by_action) / (n + _SHRINK))


def _mean_weight(log: DecisionLog, weight: Floats) -> tuple[float, float]:
    """Return the mean of the weights, and how far off by chance it hardly ever is.

    Its expectation is the part of the other policy on actions that had a chance.
    """
    n = float(log.n.sum())
    mean = float((weight * log.v).sum()) / n
    spread = float((weight**2 * log.vv).sum()) / n - mean**2
    return mean, 4 * math.sqrt(max(spread, 0.0) / n) + 1e-9


def _refusal(found: OffPolicy, log: DecisionLog, weight: Floats) -> str:
    if found.unseen > _UNSEEN:
        return (
            f"{found.unseen:.0%} of its decisions would be actions that the log never tried in "
            "that context."
        )
    mean, off = _mean_weight(log, weight)
    if mean < min(1 - _UNSEEN, 1 - found.unseen - off):
        return (
            f"the weights have a mean of {mean:.3f} where 1 is expected, so that about "
            f"{1 - mean:.0%} of its decisions would be actions that had no chance in the log (or "
            "the propensities are not those that it was drawn with)."
        )
    if found.effective < FEWEST_EFFECTIVE:
        return (
            f"the log decided so differently that its {found.decisions:,} decisions count as "
            f"{found.effective:,.0f} of the other policy; at least {FEWEST_EFFECTIVE} are needed."
        )
    return ""


def _warnings(found: OffPolicy, log: DecisionLog, weight: Floats) -> list[str]:
    said = []
    if found.effective < max(_ENOUGH, 0.5 * found.decisions):
        said.append(
            f"The log's {found.decisions:,} decisions count as {found.effective:,.0f} of the other "
            "policy, so the value is known less well than the number of rows suggests."
        )
    if found.largest_weight > _ONE_WEIGHT:
        said.append(
            f"A single decision carries {found.largest_weight:.0%} of all weight; the value hangs "
            "on it."
        )
    if found.unseen > 0:
        said.append(
            f"{found.unseen:.1%} of the other policy's decisions would be actions that the log "
            "never tried in that context; they count as if they earned nothing (IPS), or as much "
            "as the others."
        )
    mean, off = _mean_weight(log, weight)
    if abs(mean - (1 - found.unseen)) > off:
        said.append(
            f"The weights have a mean of {mean:.3f} where 1 is expected: the propensities in the "
            "log are not those that it was drawn with."
        )
    return said


def _sentence(found: OffPolicy, answer: str) -> str:
    best = found.estimates[-1]
    assert found.advantage is not None
    value = f"{best.estimate:.4g} per decision (95 % interval {best.low:.4g} to {best.high:.4g})"
    gain = f"{found.advantage.low:+.4g} to {found.advantage.high:+.4g}"
    if answer == "cant_tell":
        return (
            f"The other policy would have earned {value}; whether that is more than the "
            f"{found.logged:.4g} of the one that ran can't be told ({gain})."
        )
    return (
        f"The other policy would have earned {value}, {'more' if answer == 'better' else 'less'} "
        f"than the {found.logged:.4g} of the one that ran ({gain})."
    )
