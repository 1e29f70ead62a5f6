"""The one sentence on top: it paid, it did not, or that can't be told."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scipy import stats

from clienteling.measurement.checks import Check, forbidding
from clienteling.measurement.digits import of_customers, with_interval
from clienteling.measurement.experiment import Experiment
from clienteling.measurement.lift import ALPHA, Lift, adjust

__all__ = ["Verdict", "beyond_chance", "verdict_of"]


@dataclass(frozen=True)
class Verdict:
    """What is concluded.

    Parameters
    ----------
    code : ``paid`` (before costs, where none is known), ``did_not_pay``, ``cant_tell`` or
        ``collecting`` (before the planned size)
    sentence : in one sentence
    outcome : by which it is judged; empty where it hangs on none, as before the planned size
    judged_by : of several outcomes, by which it is judged and how another is taken, in words
    """

    code: str
    sentence: str
    outcome: str = ""
    judged_by: str = ""


def verdict_of(
    experiment: Experiment,
    lifts: Sequence[Lift],
    checks: Sequence[Check],
    worths: Mapping[str, float],
    costs: Mapping[str, float],
    planned: int | None = None,
) -> Verdict:
    """Judge the first outcome (that is worth something) over all customers, with Holm's method.

    Parameters
    ----------
    experiment : the counted experiment
    lifts : of :func:`~clienteling.measurement.lift.lifts_of`
    checks : an alarm among those on the groups' sizes, repeated ids or missing outcomes forbids a
        verdict
    worths, costs : per outcome and per offer; without a cost, an offer that lifted the outcome
        paid if a contact cost less than the low end of the interval, and the sentence says so
    planned : customers with and without an offer that were planned to be waited for
    """
    outcome = next((each for each in experiment.outcomes if each in worths), None)
    outcome = outcome or experiment.outcomes[0]
    overall = [each for each in lifts if each.by is None and each.outcome == outcome]
    alarms = forbidding(checks, outcome)
    if alarms:
        return Verdict("cant_tell", f"Can't tell: {_lower(alarms[0].sentence)}")
    if planned is not None and experiment.customers < planned:
        return Verdict(
            "collecting",
            f"Can't tell yet, still collecting: {experiment.customers:,} of {planned:,} planned "
            "customers are in, and who looks before that sees lifts that are none.",
        )
    found = _judged(experiment, overall, outcome, worths, costs)
    return replace(
        found, outcome=outcome, judged_by=_judged_by(experiment.outcomes, outcome, worths)
    )


def _judged(
    experiment: Experiment,
    overall: Sequence[Lift],
    outcome: str,
    worths: Mapping[str, float],
    costs: Mapping[str, float],
) -> Verdict:
    if not any(each.enough for each in overall):
        return Verdict(
            "cant_tell",
            f"Can't tell: too few customers have a {outcome} to compare the groups.",
        )
    worth = worths.get(outcome, 1.0)
    net = {each.offer: worth * each.estimate - costs.get(each.offer, 0.0) for each in overall}
    clear = beyond_chance(overall, worth, costs)
    priced = bool(worths) or bool(costs)
    paid = sorted(
        (each for each in clear if net[each.offer] > 0), key=lambda each: -net[each.offer]
    )
    if paid:
        open_ones = [each.offer for each in overall if each.enough and each not in clear]
        sentence = _paid(paid, outcome, experiment.control, worth, costs, priced)
        return Verdict("paid", sentence + _besides(open_ones, bool(costs)))
    if len(clear) == len([each for each in overall if each.enough]):
        best = max(clear, key=lambda each: net[each.offer])
        said = _figures(best, outcome, worth, costs, priced)
        return Verdict("did_not_pay", f"Did not pay: {best.offer} brought {said}.")
    unclear = [each for each in overall if each.enough and each not in clear]
    best = max(unclear, key=lambda each: net[each.offer])
    said = _figures(best, outcome, worth, costs, priced)
    return Verdict(
        "cant_tell",
        f"Can't tell: {best.offer} brought {said}, which may be chance.",
    )


def _judged_by(outcomes: Sequence[str], judged: str, worths: Mapping[str, float]) -> str:
    """Say by which of several outcomes it is judged, and what to do for another one."""
    others = [each for each in outcomes if each != judged]
    if not others:
        return ""
    other = others[0]
    why = "the first outcome" + (" that is worth something" if worths else "")
    first = outcomes.index(judged) < outcomes.index(other)
    ways, options = [], []
    if first:
        ways.append("name it first")
        named = [other, *(each for each in outcomes if each != other)]
        options += [f"--outcome {shlex.quote(each)}" for each in named]
    if worths and other not in worths:
        ways.append("say what it earns")
        options.append(f"--value {shlex.quote(other)}=…")
    return (
        f"This is judged by {judged}, {why}. To judge by {other}, {' and '.join(ways)} "
        f"({' '.join(options)})."
    )


def beyond_chance(overall: Sequence[Lift], worth: float, costs: Mapping[str, float]) -> list[Lift]:
    """Return the offers that earn or lose by an outcome beyond chance, with Holm's method.

    Parameters
    ----------
    overall : the lift of each offer on the outcome, over all customers
    worth, costs : of one unit of the outcome, and per offer
    """
    adjusted = adjust([_p(each, worth, costs) for each in overall])
    return [
        each for each, p in zip(overall, adjusted, strict=True) if _is_clear(each, p, worth, costs)
    ]


def _is_clear(lift: Lift, p: float | None, worth: float, costs: Mapping[str, float]) -> bool:
    """Whether a profit or a loss is beyond chance, by the test and by the interval that is said.

    The two use different approximations and may differ by a little; then nothing is claimed.
    """
    if p is None or p >= ALPHA or lift.low is None or lift.high is None:
        return False
    cost = costs.get(lift.offer, 0.0)
    return worth * lift.low > cost or worth * lift.high < cost


def _p(lift: Lift, worth: float, costs: Mapping[str, float]) -> float | None:
    """Return the p-value of no profit: of a lift that is just its cost."""
    cost = costs.get(lift.offer, 0.0)
    if not cost:
        return lift.p
    if lift.se is None or not worth:
        return None
    distance = abs(lift.estimate - cost / worth) / lift.se
    return float(2 * (stats.t.sf(distance, lift.df) if lift.df else stats.norm.sf(distance)))


def _paid(
    paid: list[Lift],
    outcome: str,
    control: str,
    worth: float,
    costs: Mapping[str, float],
    priced: bool,
) -> str:
    best, *others = paid
    said = "Paid" if costs else f"Paid, if a contact cost less than {_least(best, worth, priced)}"
    sentence = f"{said}: {best.offer} brought {_figures(best, outcome, worth, costs, priced)}"
    sentence += f", compared with {control}"
    if others:
        also = ", ".join(
            f"{each.offer} ({_figures(each, outcome, worth, costs, priced, short=True)})"
            for each in others
        )
        sentence += f"; so did {also}"
    return sentence + "."


def _besides(open_ones: Sequence[str], costed: bool) -> str:
    """Say what the sentence leaves open: other offers, and the cost where none was given."""
    said = f" Whether {' and '.join(open_ones)} paid is not clear." if open_ones else ""
    if not costed:
        said += " No cost was given (--cost)."
    return said


def _least(lift: Lift, worth: float, priced: bool) -> str:
    """Return up to which cost of a contact the profit is beyond chance."""
    low, high = worth * (lift.low or 0.0), worth * (lift.high or 0.0)
    _, least, _ = with_interval(worth * lift.estimate, low, high)
    least = least.removeprefix("+")
    return least if priced else f"what {least} {lift.outcome} is worth"


def _figures(
    lift: Lift,
    outcome: str,
    worth: float,
    costs: Mapping[str, float],
    priced: bool,
    *,
    short: bool = False,
) -> str:
    cost = costs.get(lift.offer, 0.0)
    estimate = worth * lift.estimate - cost
    low, high = worth * (lift.low or 0.0) - cost, worth * (lift.high or 0.0) - cost
    response = lift.method == "newcombe" and not priced
    unit = f"profit from {outcome}" if priced else outcome
    brought, least, most = of_customers(unit, estimate, low, high, response=response)
    if short:
        return f"{brought.partition(' ')[0]}, {least} to {most}"
    return f"{brought} (95 % interval {least} to {most})"


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
