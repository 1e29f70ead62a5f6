"""A policy by customer, learned from the experiment and used only where it holds what it promises.

The doubly robust learner (Kennedy 2023, doi:10.1214/23-EJS2157): gradient boosting predicts the
outcome with each offer; the prediction, corrected by the weighted error of those who got the offer,
is a score whose mean is the offer's value (Robins, Rotnitzky and Zhao 1994,
doi:10.1080/01621459.1994.10476818); a second boosting finds whose scores are higher with an offer
than without. Every customer is scored, and given an offer, by models of other folds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats
from sklearn.ensemble import HistGradientBoostingRegressor

from clienteling.measurement.by_segment import advice
from clienteling.measurement.digits import of_customers
from clienteling.measurement.lift import ALPHA
from clienteling.measurement.sample import Sample

__all__ = ["Learned", "Scores", "held_out_scores", "judge_policy"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scores:
    """What each customer of a sample would bring, by models that have not seen them.

    Parameters
    ----------
    value : customers × offers: a doubly robust score, whose mean is the offer's value
    effect : customers × offers: the predicted lift over the control, 0 for the control itself
    """

    value: Floats
    effect: Floats


@dataclass(frozen=True)
class Learned:
    """A policy by customer against one offer for all.

    Parameters
    ----------
    outcome : by which it was learned
    covariates : by which columns
    customers : how many it was learned and judged on
    one : the best offer for all
    shares : per offer, the part of customers that the policy gives it
    advantage, low, high : what it brings more per customer than ``one``, on customers that it was
        not learned on, with the 95 % interval
    answer : ``customers`` where the interval lies above zero, else ``one_offer`` or ``nothing``
    sentence : the answer in words
    """

    outcome: str
    covariates: tuple[str, ...]
    customers: int
    one: str
    shares: Mapping[str, float]
    advantage: float
    low: float
    high: float
    answer: str
    sentence: str


def held_out_scores(sample: Sample, offers: int, seed: int = 0) -> Scores:
    """Return the scores and predicted effects of every customer, fold by fold.

    Parameters
    ----------
    sample : single customers
    offers : how many there are, the control among them
    seed : of the boosting
    """
    value = np.zeros((len(sample.outcome), offers))
    effect = np.zeros_like(value)
    for fold in np.unique(sample.fold):
        here = sample.fold == fold
        train = np.flatnonzero(~here)
        X, y, offer = sample.X[train], sample.outcome[train], sample.offer[train]
        # The scores that effects are learned from must not come from models that saw them.
        scores = np.zeros((len(train), offers))
        half = np.arange(len(train)) % 2
        for each in (0, 1):
            ours, others = half == each, half != each
            scores[ours] = _scores(
                X[others], y[others], offer[others], X[ours], y[ours], offer[ours], offers, seed
            )
        value[here] = _scores(
            X, y, offer, sample.X[here], sample.outcome[here], sample.offer[here], offers, seed
        )
        for each in range(1, offers):
            model = _boosting(len(train), seed, leaves=4)
            model.fit(X, scores[:, each] - scores[:, 0])
            effect[here, each] = model.predict(sample.X[here])
    return Scores(value, effect)


def _boosting(n: int, seed: int, *, leaves: int) -> HistGradientBoostingRegressor:
    # Few, shallow trees with large leaves: the effects are small beside the noise.
    return HistGradientBoostingRegressor(
        max_iter=60,
        learning_rate=0.08,
        max_leaf_nodes=leaves,
        min_samples_leaf=max(20, n // 100),
        early_stopping=False,
        random_state=seed,
    )


def _scores(
    X: Floats,
    y: Floats,
    offer: Integers,
    X_new: Floats,
    y_new: Floats,
    offer_new: Integers,
    offers: int,
    seed: int,
) -> Floats:
    """Fit on some customers, and score others."""
    found = np.zeros((len(y_new), offers))
    for each in range(offers):
        got = offer == each
        model = _boosting(int(got.sum()), seed, leaves=8)
        predicted = model.fit(X[got], y[got]).predict(X_new)
        share = got.mean()
        found[:, each] = predicted + (offer_new == each) / share * (y_new - predicted)
    return found


def judge_policy(
    scores: Scores,
    sample: Sample,
    *,
    outcome: str,
    covariates: tuple[str, ...],
    offers: tuple[str, ...],
    one: int,
    response: bool = False,
    worth: float | None = None,
    costs: Mapping[str, float] | None = None,
    pays: bool = True,
) -> Learned:
    """Hold the learned policy against one offer for all, on customers that it did not see.

    Parameters
    ----------
    scores, sample : as :func:`held_out_scores` gives and takes them
    outcome, covariates, offers : their names; the control is the first offer
    one : which offer all would get
    response : whether the outcome is one, so that it is said of 100 customers
    worth : of one unit of the outcome; None where it is not set against costs
    costs : per offer
    pays : whether the offer that all would get beats none beyond chance
    """
    priced = worth is not None
    unit = worth if worth is not None else 1.0
    cost = np.array([(costs or {}).get(each, 0.0) if priced else 0.0 for each in offers])
    chosen = np.argmax(unit * scores.effect - cost, axis=1)
    rows = np.arange(len(chosen))
    gain = unit * (scores.value[rows, chosen] - scores.value[:, one]) - cost[chosen] + cost[one]
    advantage = float(gain.mean())
    se = float(gain.std(ddof=1)) / math.sqrt(len(gain))
    reach = float(stats.norm.ppf(1 - ALPHA / 2)) * se
    shares = {each: float((chosen == place).mean()) for place, each in enumerate(offers)}
    better = advantage - reach > 0
    answer = "customers" if better else "nothing" if one == 0 else "one_offer"
    for_all = "sending nothing" if one == 0 else f"{offers[one]} for all"
    what, ends = "profit" if priced else outcome, (advantage - reach, advantage + reach)
    brought, least, most = of_customers(what, advantage, *ends, response=response and not priced)
    figures = f"{brought}, 95 % interval {least} to {most}"
    if better:
        parts = ", ".join(f"{each} to {share:.0%}" for each, share in shares.items())
        sentence = (
            f"On {outcome}, offers by customer beat {for_all}: {figures}, on customers that they "
            f"were not learned on. {parts}."
        )
    else:
        sentence = (
            f"On {outcome}, there is no evidence that offers by customer beat {for_all} "
            f"({figures}). " + advice(offers[one], offers[0], pays=pays)
        )
    return Learned(
        outcome=outcome,
        covariates=covariates,
        customers=len(chosen),
        one=offers[one],
        shares=shares,
        advantage=advantage,
        low=advantage - reach,
        high=advantage + reach,
        answer=answer,
        sentence=sentence,
    )
