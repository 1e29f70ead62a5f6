"""``clienteling campaign``: its commands, and a finished experiment from a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clienteling.cli.campaign_plan_command import plan
from clienteling.cli.options import (
    AsJson,
    Engine,
    Id,
    Memory,
    Reading,
    Seed,
    Threads,
    feature_names,
    open_source,
    with_reading,
)
from clienteling.cli.output import console, print_json, print_notes, say, table
from clienteling.cli.replay_command import replay
from clienteling.errors import InputError

if TYPE_CHECKING:
    from clienteling.measurement.evaluate import Evaluation
    from clienteling.measurement.lift import Lift

__all__ = ["build_campaign", "evaluate"]

#: Segments in the table for people; all of them are in the JSON document.
_SHOWN = 60


def build_campaign() -> typer.Typer:
    """Return the commands about campaigns."""
    campaign = typer.Typer(help="Campaigns, and what they brought.", no_args_is_help=True)
    campaign.command("plan")(plan)
    campaign.command("evaluate")(evaluate)
    campaign.command("replay")(replay)
    return campaign


@with_reading
def evaluate(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A row per customer: the offer each got, and what came of it. Any SOURCE.",
            show_default=False,
        ),
    ],
    offer: Annotated[
        str,
        typer.Option(
            metavar="COLUMN",
            help="The column that says which offer each customer got, drawn at random.",
            show_default=False,
        ),
    ],
    control: Annotated[
        str,
        typer.Option(
            metavar="VALUE", help="The value in it that means no offer.", show_default=False
        ),
    ],
    outcome: Annotated[
        list[str],
        typer.Option(
            metavar="COLUMN",
            help="A column of numbers to measure by, the one to judge by first; may be repeated.",
            show_default=False,
        ),
    ],
    segments: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="A column with segments that were known before; may be repeated.",
            show_default=False,
        ),
    ] = None,
    covariates: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Columns from before, to learn from which customer should get which offer. A "
            "name with a comma stands in double quotes.",
            show_default=False,
        ),
    ] = None,
    before: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[OUTCOME=]COLUMN",
            help="The same value from before the campaign, to sharpen the measurement (CUPED).",
            show_default=False,
        ),
    ] = None,
    cost: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[OFFER=]AMOUNT",
            help="What an offer costs per customer; may be repeated.",
            show_default=False,
        ),
    ] = None,
    value: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OUTCOME=AMOUNT",
            help="What one unit of an outcome earns, before the cost; may be repeated.",
            show_default=False,
        ),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="What of each outcome in money is earned, such as 0.4.",
            show_default=False,
        ),
    ] = None,
    shares: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OFFER=SHARE",
            help="The planned shares, the control's too; equal without it. May be repeated.",
            show_default=False,
        ),
    ] = None,
    planned: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Customers to wait for; before that there is no verdict.",
            min=1,
            show_default=False,
        ),
    ] = None,
    allow_negative: Annotated[
        bool,
        typer.Option("--allow-negative", help="Outcomes may be below zero, as with returns."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write a report with pictures; an earlier one there is replaced.",
            show_default=False,
        ),
    ] = None,
    id: Id = None,
    seed: Seed = 0,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    as_json: AsJson = False,
    reading: Reading | None = None,
) -> None:
    """Measure a finished experiment: what each offer brought over none, and whether it paid."""
    costs = _pairs("--cost", cost, "Mens E-Mail=0.10", alone=True)
    from clienteling.lift_folder import check_lift_folder, publish_lift
    from clienteling.measurement.evaluate import evaluate as measure

    if out is not None:
        check_lift_folder(out)
    found = measure(
        open_source(file, engine, memory, threads, reading),
        offer=offer,
        control=control,
        outcomes=outcome,
        segments=segments or (),
        covariates=feature_names(covariates) or (),
        before=_before(before, outcome),
        shares=_pairs("--shares", shares, "Mens E-Mail=1"),
        costs=costs.get("", None) if "" in costs else costs,
        worths=_pairs("--value", value, "visit=0.50"),
        margin=margin,
        planned=planned,
        id=id,
        allow_negative=allow_negative,
        seed=seed,
    )
    if out is not None:
        publish_lift(found, out)
    if as_json:
        print_json({**found.as_document(), "out": str(out) if out else None})
        return
    _print(found)
    if out is not None:
        console().print(f"\nWritten to {out}: report.html, evaluation.json, images", style="bold")


def _pairs(
    option: str, given: Sequence[str] | None, example: str, *, alone: bool = False
) -> dict[str, float]:
    """Read ``NAME=NUMBER``; where ``alone``, a number by itself goes under an empty name."""
    pairs: dict[str, float] = {}
    faults = []
    for each in given or ():
        known, sign, number = each.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            faults.append(f'"{each}" has no number after the last "=".')
            continue
        if not sign and not alone:
            faults.append(f'"{each}" has no name before "=".')
        elif known.strip() in pairs:
            faults.append(f'"{known.strip()}" is given twice.')
        pairs[known.strip()] = value
    if "" in pairs and len(pairs) > 1:
        faults.append("one figure for all and figures by name can't stand together.")
    if faults:
        raise InputError(
            f"{option} is not understood.",
            faults=faults,
            hint=f'Write it as {option} "{example}"' + (" or as one number." if alone else "."),
        )
    return pairs


def _before(given: Sequence[str] | None, outcomes: Sequence[str]) -> dict[str, str]:
    before: dict[str, str] = {}
    for each in given or ():
        outcome, sign, earlier = each.partition("=")
        if sign:
            before[outcome.strip()] = earlier.strip()
        else:
            before |= {known: each.strip() for known in outcomes if known not in before}
    return before


def _print(found: Evaluation) -> None:
    screen = console()
    screen.print()
    say(found.verdict.sentence, style="bold")
    for each in found.checks:
        if each.alarm:
            say(f"Alarm: {each.sentence}", style="bold red")
    _print_lifts(found)
    _print_segments(found)
    screen.print("\nWould one offer for all have done as well?", style="bold")
    for sentence in found.answer:
        say(sentence, 2)
    if found.qini:
        _print_qini(found)
    if found.profit:
        _print_profit(found)
    print_notes([*(each.sentence for each in found.checks if not each.alarm), *found.notes])


def _print_lifts(found: Evaluation) -> None:
    screen = console()
    screen.print(f"\nOver all customers, compared with {found.experiment.control}", style="bold")
    right = ("Customers", "Mean", "Without", "Lift", "95 % interval", "p")
    shown = table("Outcome", "Offer", *right, right=right)
    shown.padding = (0, 0)
    for each in found.lift:
        if each.by is None:
            shown.add_row(
                *(each.outcome, each.offer, f"{each.customers:,}", f"{each.mean:.4f}"),
                *(f"{each.control_mean:.4f}", f"{each.estimate:+.4f}", _interval(each)),
                _p(each.p_adjusted),
            )
    screen.print(shown)
    say("p is adjusted for the number of offers (Holm); intervals are not.", 2)


def _print_segments(found: Evaluation) -> None:
    screen = console()
    families: dict[tuple[str, str], list[Lift]] = {}
    for each in found.lift:
        if each.by is not None:
            families.setdefault((each.outcome, each.by), []).append(each)
    if not families:
        return
    left = _SHOWN
    right = ("Customers", "Lift", "95 % interval", "p")
    for (outcome, by), lifts in families.items():
        if left <= 0:
            say(f"More segments are in the {sum(map(len, families.values()))} of --json.", 2)
            break
        screen.print(f"\nLift on {outcome} by {by}", style="bold")
        shown = table("Segment", "Offer", *right, right=right)
        shown.padding = (0, 0)
        for each in lifts[:left]:
            figures = (f"{each.estimate:+.4f}", _interval(each), _p(each.p_adjusted))
            shown.add_row(each.segment or "", each.offer, f"{each.customers:,}", *figures)
        screen.print(shown)
        left -= len(lifts)
    say("p is adjusted for the offers and segments of each outcome (Holm); intervals are not.", 2)
    screen.print("\nWhere the lift differs", style="bold")
    clear = [each.sentence for each in found.differences if each.clear]
    for sentence in clear:
        say(sentence, 2)
    if len(clear) < len(found.differences):
        elsewhere = "elsewhere" if clear else "anywhere"
        say(f"There is no evidence that it differs between segments {elsewhere}.", 2)


def _interval(each: Lift) -> str:
    return "too few" if each.low is None else f"{each.low:.4f} to {each.high:.4f}"


def _print_qini(found: Evaluation) -> None:
    screen = console()
    screen.print("\nLift by sending to the most responsive first", style="bold")
    right = ("To a quarter", "To half", "To all")
    shown = table("Outcome", "Offer", *right, "Order", right=right)
    for each in found.qini:
        gains = [each.gain[round(part * (len(each.gain) - 1))] for part in (0.25, 0.5, 1.0)]
        order = "better than chance" if each.coefficient_low > 0 else "not beyond chance"
        shown.add_row(each.outcome, each.offer, *(f"{gain:+.4f}" for gain in gains), order)
    screen.print(shown)


def _print_profit(found: Evaluation) -> None:
    screen = console()
    screen.print("\nProfit per customer that got the offer", style="bold")
    right = ("Profit", "95 % interval", "Total")
    shown = table("Outcome", "Offer", *right, right=right)
    for each in found.profit:
        if each.by is None:
            interval = "too few" if each.low is None else f"{each.low:.4f} to {each.high:.4f}"
            shown.add_row(
                *(each.outcome, each.offer, f"{each.estimate:+.4f}", interval),
                f"{each.total:,.2f}",
            )
    screen.print(shown)
    for even in found.break_even:
        say(even.sentence, 2)


def _p(p: float | None) -> str:
    return "" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"
