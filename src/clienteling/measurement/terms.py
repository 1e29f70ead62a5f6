"""The terms of a measurement, each in one line for people who don't know it."""

from __future__ import annotations

from clienteling.measurement.evaluate import Evaluation

__all__ = ["REPLAY_TERMS", "terms_of"]

_INTERVAL = (
    "95 % interval",
    "made so that it holds the true difference in 95 of 100 such experiments.",
)
_P = (
    "p",
    "how often chance alone would bring a difference as large as this or larger, if the offer did "
    "nothing.",
)
_HOLM = (
    "Holm's method",
    "of many comparisons some look good by chance. It raises each p so that among all of them "
    "together the chance of even one false claim is at most 5 %. Intervals stay as they are.",
)
_METHODS = {
    "newcombe": (
        "Newcombe's interval",
        "of a difference of two shares, of those who responded with and without an offer; made of "
        "Wilson's intervals of the two, which hold for small shares, too.",
    ),
    "welch": (
        "Welch's t",
        "compares two means, such as of money spent, and lets one group vary more than the other.",
    ),
    "cuped": (
        "CUPED",
        "takes off both groups what the value from before the campaign explains. The lift stays "
        "what it is, and its interval gets narrower. The means are then compared as by Welch's t.",
    ),
}
_CHOSEN = (
    "Offers by segment",
    "are chosen on three quarters of the customers and valued on the fourth, in turn: on those "
    "whom they were chosen by, they would always look better.",
)
_ROBUST = (
    "Offers by customer",
    "are learned by gradient boosting from doubly robust scores, a prediction corrected by the "
    "error of those who got the offer, and valued on customers whom the models have not seen.",
)
_QINI = (
    "Uplift (Qini) curve",
    "how much of the lift is had by sending to a share of the customers, the most responsive "
    "first; the straight line is sending at random.",
)

#: Of what another policy would have earned.
REPLAY_TERMS = (
    (
        "Inverse propensity (IPS)",
        "each decision weighs as much as the other policy would have taken it more often than it "
        "was taken.",
    ),
    (
        "Self-normalised (SNIPW)",
        "the same, divided by the sum of the weights in place of their number; it is steadier.",
    ),
    (
        "Doubly robust",
        "predicts the reward from other decisions, and corrects the prediction by the weighted "
        "error. The answer is by this one.",
    ),
    (
        "Effective sample size",
        "as how many decisions of the other policy the log counts.",
    ),
)


def terms_of(found: Evaluation) -> list[tuple[str, str]]:
    """Return the terms that an evaluation uses, each with what it is in a line.

    Parameters
    ----------
    found : the evaluation; what it has not measured by is not explained

    Examples
    --------
    >>> import pandas as pd
    >>> from clienteling.measurement.evaluate import evaluate
    >>> rows = pd.DataFrame({"mail": ["yes", "no"] * 500, "visit": [1, 0, 0, 0] * 250})
    >>> found = evaluate(rows, offer="mail", control="no", outcomes=["visit"])
    >>> [term for term, said in terms_of(found)]
    ['95 % interval', 'p', "Newcombe's interval"]
    """
    known = [each for each in found.lift if each.enough]
    used = {each.method for each in known}
    terms = [_INTERVAL, _P] if known else []
    families: dict[tuple[str, bool], int] = {}
    for each in known:
        family = (each.outcome, each.by is None)
        families[family] = families.get(family, 0) + 1
    if any(n > 1 for n in families.values()):
        terms.append(_HOLM)
    terms += [said for method, said in _METHODS.items() if method in used]
    if found.by_segment:
        terms.append(_CHOSEN)
    if found.learned:
        terms.append(_ROBUST)
    if found.qini:
        terms.append(_QINI)
    return terms
