"""A finished experiment, from the table to the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from clienteling.data.read import Source, read
from clienteling.data.table import Table
from clienteling.data.yes_or_no import with_responses_as_numbers
from clienteling.errors import InputError, near_names
from clienteling.measurement.by_segment import Contrast, Difference, advice, by_segment, differences
from clienteling.measurement.checks import Check, checks_of, forbidding
from clienteling.measurement.experiment import Experiment, read_experiment
from clienteling.measurement.learned import Learned, held_out_scores, judge_policy
from clienteling.measurement.lift import Lift, lifts_of
from clienteling.measurement.made_segments import AUTO, Forming, MadeSegments, make_segments
from clienteling.measurement.own_values import (
    OwnValues,
    in_money,
    lifts_in_money,
    with_own_costs,
)
from clienteling.measurement.profit import BreakEven, Profit, break_evens, profits_of
from clienteling.measurement.qini import Qini, qini_of
from clienteling.measurement.sample import check_covariates, draw_sample
from clienteling.measurement.segment_words import with_segment_words
from clienteling.measurement.verdict import Verdict, beyond_chance, verdict_of
from clienteling.segmentation.progress import Progress

__all__ = ["Evaluation", "evaluate"]


@dataclass(frozen=True)
class Evaluation:
    """All that a finished experiment shows.

    Parameters
    ----------
    experiment : the counted experiment
    lift : of every offer and outcome, over all and in each segment
    checks : whether the draw was fair
    differences : whether lifts differ between segments
    by_segment : offers by segment against one offer for all
    learned : a policy by customer against one offer for all, where covariates are given
    qini : how much of the lift is had by sending to the most responsive first, with covariates
    profit : after costs, where an outcome is worth something
    break_even : from which cost on sending to fewer pays, where a cost is given
    verdict : the sentence on top
    answer : would one offer for all have done as well? In words
    notes : what was assumed and left out
    made : the segments that were made for it, where that was asked for
    when : of a campaign, its days in a sentence
    """

    experiment: Experiment
    lift: tuple[Lift, ...]
    checks: tuple[Check, ...]
    differences: tuple[Difference, ...]
    by_segment: tuple[Contrast, ...]
    learned: tuple[Learned, ...]
    qini: tuple[Qini, ...]
    profit: tuple[Profit, ...]
    break_even: tuple[BreakEven, ...]
    verdict: Verdict
    answer: tuple[str, ...]
    notes: tuple[str, ...]
    made: MadeSegments | None = None
    when: str = ""

    def as_document(self) -> dict[str, Any]:
        """Return the evaluation as one JSON document."""
        return {
            "verdict": self.verdict.sentence,
            "verdict_code": self.verdict.code,
            "verdict_outcome": self.verdict.outcome,
            "judged_by": self.verdict.judged_by,
            "when": self.when,
            "customers": self.experiment.customers,
            "offers": list(self.experiment.offers),
            "control": self.experiment.control,
            "lift": [
                {**asdict(each), "clear": each.clear, "enough": each.enough} for each in self.lift
            ],
            "answer": list(self.answer),
            "made_segments": self.made.as_document() if self.made else None,
            "by_segment": [asdict(each) for each in self.by_segment],
            "learned": [asdict(each) for each in self.learned],
            "qini": [asdict(each) for each in self.qini],
            "differences": [{**asdict(each), "clear": each.clear} for each in self.differences],
            "profit": [asdict(each) for each in self.profit],
            "break_even": [asdict(each) for each in self.break_even],
            "checks": [asdict(each) for each in self.checks],
            "notes": list(self.notes),
        }


def evaluate(
    customers: Source,
    *,
    offer: str,
    control: str,
    outcomes: Sequence[str],
    segments: str | Sequence[str] = (),
    covariates: Sequence[str] = (),
    features: Sequence[str] | None = None,
    categorical: Sequence[str] = (),
    k: int | None = None,
    transform: str | Mapping[str, str] | None = None,
    impute: str | None = None,
    before: Mapping[str, str] | None = None,
    shares: Mapping[str, float] | None = None,
    costs: Mapping[str, float] | float | None = None,
    worths: Mapping[str, float] | None = None,
    margin: float | None = None,
    planned: int | None = None,
    id: str | None = None,
    allow_negative: bool = False,
    one_row_each: bool = False,
    own_values: OwnValues | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Evaluation:
    """Measure a finished experiment: what each offer brought over none, and whether it paid.

    Parameters
    ----------
    customers : a row per customer; any source of :func:`clienteling.read`
    offer : the column with the offer that each got, drawn at random
    control : the value in it that means no offer
    outcomes : columns of numbers, or of yes and no, the one to judge by first
    segments : columns that were known before the campaign; ``auto`` makes segments of those
    covariates : columns from before the campaign to learn a policy by customer from
    features, categorical, k, transform, impute : how segments are made, each as for
        :func:`clienteling.segment`; only where ``segments`` has ``auto``
    before : per outcome, a column with its like from before the campaign (CUPED)
    shares : the planned share of each offer and of the control; equal by default
    costs : what an offer costs per customer: one figure for all, or per offer
    worths : per outcome, what one unit of it is worth in the money of the costs
    margin : the same for every outcome that is no response and not in ``worths``
    planned : how many customers were to be waited for; before that, there is no verdict
    id : the column of the customer's id
    allow_negative : whether an outcome may lie below zero
    one_row_each : whether it is known that no id stands in two rows, so that none is looked for
    own_values : of a campaign with several offers, what a response is worth by the offer
    seed : of what is learned from covariates, and of the segments that are made
    progress : called with what is being done and the share that is done, while segments are made

    Raises
    ------
    InputError
        The input can't be measured; all its faults come together.
    MissingExtra
        statsmodels is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"mail": ["yes", "no"] * 500, "visit": [1, 0, 0, 0] * 250})
    >>> found = evaluate(rows, offer="mail", control="no", outcomes=["visit"])
    >>> found.verdict.code, found.lift[0].estimate
    ('paid', 0.5)
    """
    if not outcomes:
        raise InputError("There is no outcome to measure by.", hint="Name one with --outcome.")
    table = with_responses_as_numbers(read(customers), outcomes)
    named = [segments] if isinstance(segments, str) else list(segments)
    # A column of that name means itself, as it ever did.
    makes = AUTO in named and AUTO not in table.names
    if not one_row_each:  # a campaign's own segments are called as they are
        table = with_segment_words(table, [each for each in named if each != AUTO or not makes])
    forming = Forming(features, tuple(categorical), k, transform, impute)
    if not makes and forming != Forming():
        raise InputError(
            "Features form segments, and no segments are to be made.",
            hint=f"Add --segments {AUTO}, or leave them out.",
        )

    def counted(rows: Table, by: Sequence[str]) -> Experiment:
        return read_experiment(
            rows,
            offer=offer,
            control=control,
            outcomes=outcomes,
            segments=by,
            before=before,
            id=id,
            allow_negative=allow_negative,
            one_row_each=one_row_each,
            strata=own_values.column if own_values else None,
        )

    # What is wrong with the file is said before segments are made of it.
    experiment = counted(table, [each for each in named if each != AUTO] if makes else named)
    if own_values is not None:
        worths = {**(worths or {}), own_values.outcome: 1.0}  # it is counted in money
    cost, worth, notes = _money(experiment, costs, worths, margin)
    first = experiment.outcomes[0]
    # What a response is worth, or what is left of an amount, nobody has said.
    assumed = bool(notes)
    made = None
    if makes:
        table, made = make_segments(
            table,
            offer=experiment.offer,
            outcomes=experiment.outcomes,
            forming=forming,
            id=experiment.id,
            seed=seed,
            progress=progress,
        )
        experiment = counted(table, [made.by if each == AUTO else each for each in named])
        notes += made.notes
    checks = [*checks_of(experiment, shares), *(made.checks if made else ())]
    lifts = lifts_of(experiment)
    differing = differences(lifts)
    # What the lifts are worth: the same ones, or those of the response in money.
    priced, valued = experiment, lifts
    if own_values is not None:
        priced = in_money(experiment, own_values)
        valued = lifts_in_money(experiment, own_values, lifts)
    paying = _paying(experiment, valued, checks, worth, cost)
    contrasts = by_segment(priced, worth, cost, paying)
    learned, curves = _learn(table, experiment, covariates, lifts, worth, cost, paying, seed)
    if learned and learned[0].customers < experiment.customers:
        notes.append(
            f"The policy by customer is learned and judged on {learned[0].customers:,} customers, "
            f"drawn evenly from the {experiment.customers:,}."
        )
    verdict = verdict_of(experiment, valued, checks, worth, cost, planned)
    if assumed and verdict.code in ("paid", "did_not_pay"):
        taken = (
            f"one {first} is taken to be worth 1"
            if experiment.cells.outcomes[first].binary
            else f"all of {first} is taken to be earned, as if what was sold had cost nothing"
        )
        verdict = replace(verdict, sentence=f"{verdict.sentence} Here {taken}.")
    profits, differing_in_money = profits_of(valued, worth, cost), differing
    if own_values is not None:
        profits = with_own_costs(profits, experiment, own_values)
        differing_in_money = differences(valued)
    return Evaluation(
        experiment=experiment,
        lift=tuple(lifts),
        checks=tuple(checks),
        differences=tuple(differing),
        by_segment=tuple(contrasts),
        learned=tuple(learned),
        qini=tuple(curves),
        profit=tuple(profits),
        break_even=tuple(break_evens(priced, valued, differing_in_money, worth)) if cost else (),
        verdict=verdict,
        answer=_answer(experiment, valued, [*contrasts, *learned], worth, cost, paying),
        notes=(*experiment.notes, *notes),
        made=made,
    )


def _money(
    experiment: Experiment,
    costs: Mapping[str, float] | float | None,
    worths: Mapping[str, float] | None,
    margin: float | None,
) -> tuple[dict[str, float], dict[str, float], list[str]]:
    """Return the cost per offer and the worth per outcome, or all that is wrong with them."""
    offers, outcomes = experiment.cells.offers, experiment.outcomes
    if costs is None or isinstance(costs, int | float):
        cost = {} if costs is None else {each: float(costs) for each in experiment.offers}
    else:
        cost = dict(costs)
    worth = dict(worths or {})
    faults = [
        f'there is no offer "{each}" to cost anything. {near_names(each, offers)}'.strip()
        for each in cost
        if each not in offers
    ]
    faults += [
        f'"{each}" is not among the outcomes. {near_names(each, outcomes)}'.strip()
        for each in worth
        if each not in outcomes
    ]
    faults += [
        f'the cost of "{each}" is {value:g}; it can\'t be below zero.'
        for each, value in cost.items()
        if not value >= 0
    ]
    faults += [
        f'the value of "{each}" is {value:g}; it must be above zero.'
        for each, value in {**worth, **({"--margin": margin} if margin is not None else {})}.items()
        if not value > 0
    ]
    if margin is not None and margin > 1:
        faults.append(
            f"the margin is {margin:g}; it is a share of the money, such as 0.4 for 40 %."
        )
    if faults:
        raise InputError("The costs and values don't fit.", faults=faults)
    notes = []
    for each in outcomes:
        if each not in worth and margin is not None and not experiment.cells.outcomes[each].binary:
            worth[each] = margin
    if cost and not worth:
        first = outcomes[0]
        worth[first] = 1.0
        notes.append(
            f'One unit of "{first}" is taken to be worth 1, as the costs are given; say what it '
            f"earns with --value {first}=…"
        )
    return cost, worth, notes


def _best(
    experiment: Experiment,
    lifts: Sequence[Lift],
    outcome: str,
    worths: Mapping[str, float],
    costs: Mapping[str, float],
) -> str:
    """Return the offer that brings most where all get the same."""
    # What has no worth in money is not set against costs.
    worth, cost = worths.get(outcome, 1.0), costs if outcome in worths else {}
    net = {experiment.control: -cost.get(experiment.control, 0.0)}
    for each in lifts:
        if each.by is None and each.outcome == outcome:
            net[each.offer] = worth * each.estimate - cost.get(each.offer, 0.0)
    return max(net, key=lambda each: net[each])


def _paying(
    experiment: Experiment,
    lifts: Sequence[Lift],
    checks: Sequence[Check],
    worths: Mapping[str, float],
    costs: Mapping[str, float],
) -> set[tuple[str, str]]:
    """Return the outcomes with the offers that beat none by them beyond chance."""
    found = set()
    for outcome in experiment.outcomes:
        if forbidding(checks, outcome):
            continue
        overall = [each for each in lifts if each.by is None and each.outcome == outcome]
        worth, cost = worths.get(outcome, 1.0), costs if outcome in worths else {}
        for each in beyond_chance(overall, worth, cost):
            if worth * each.estimate > cost.get(each.offer, 0.0):
                found.add((outcome, each.offer))
    return found


def _learn(
    table: Table,
    experiment: Experiment,
    covariates: Sequence[str],
    lifts: Sequence[Lift],
    worths: Mapping[str, float],
    costs: Mapping[str, float],
    paying: set[tuple[str, str]],
    seed: int,
) -> tuple[list[Learned], list[Qini]]:
    if not covariates:
        return [], []
    offers = experiment.cells.offers
    names = check_covariates(table, experiment, covariates)
    learned, curves = [], []
    for outcome in experiment.outcomes:
        sample = draw_sample(table, experiment, outcome, names)
        best = _best(experiment, lifts, outcome, worths, costs)
        scores = held_out_scores(sample, len(offers), seed)
        learned.append(
            judge_policy(
                scores,
                sample,
                outcome=outcome,
                covariates=tuple(names),
                offers=offers,
                one=offers.index(best),
                response=experiment.cells.outcomes[outcome].binary,
                worth=worths.get(outcome),
                costs=costs,
                pays=(outcome, best) in paying,
            )
        )
        curves += [
            qini_of(scores, sample.fold, place, offer=offer, outcome=outcome)
            for place, offer in enumerate(offers)
            if place
        ]
    return learned, curves


def _answer(
    experiment: Experiment,
    lifts: Sequence[Lift],
    compared: Sequence[Contrast | Learned],
    worths: Mapping[str, float],
    costs: Mapping[str, float],
    paying: set[tuple[str, str]],
) -> tuple[str, ...]:
    if compared:
        return tuple(each.sentence for each in compared)
    said = []
    for outcome in experiment.outcomes:
        best = _best(experiment, lifts, outcome, worths, costs)
        what = advice(best, experiment.control, pays=(outcome, best) in paying)
        said.append(
            f"On {outcome}, no segments were compared. {what} Name columns that were known before "
            "the campaign with --segments to see whether segments would have done better."
        )
    return tuple(said)
