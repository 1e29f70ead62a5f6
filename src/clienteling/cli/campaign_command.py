"""``clienteling campaign``: its commands, and a finished experiment from a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from clienteling.cli.campaign_import_command import import_
from clienteling.cli.campaign_lift_command import lift
from clienteling.cli.campaign_plan_command import plan
from clienteling.cli.campaign_record_command import record
from clienteling.cli.evaluation_words import pairs, print_evaluation
from clienteling.cli.figures import share
from clienteling.cli.options import (
    AsJson,
    Engine,
    Id,
    Memory,
    Reading,
    Seed,
    Threads,
    feature_names,
    number_of_segments,
    open_source,
    transforms_of,
    with_reading,
)
from clienteling.cli.output import console, print_json, progress_bar
from clienteling.cli.replay_command import replay

__all__ = ["build_campaign", "evaluate"]


def build_campaign() -> typer.Typer:
    """Return the commands about campaigns."""
    campaign = typer.Typer(
        help="Campaigns, what they brought, and what the next one learns.", no_args_is_help=True
    )
    campaign.command("plan")(plan)
    campaign.command("record")(record)
    campaign.command("import")(import_)
    campaign.command("lift")(lift)
    campaign.command("evaluate")(evaluate)
    campaign.command("replay")(replay)
    return campaign


def _forming(option: str, metavar: str, help: str) -> Any:
    panel = "Segments that are made (--segments auto)"
    return typer.Option(
        option, metavar=metavar, help=help, show_default=False, rich_help_panel=panel
    )


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
            help="A column of numbers, or of yes and no, to measure by, the one to judge by first; "
            "may be repeated.",
            show_default=False,
        ),
    ],
    segments: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN|auto",
            help="A column with segments that were known before, or auto to make them of such "
            "columns; may be repeated.",
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
    features: Annotated[
        str | None, _forming("--features", "A,B", "Columns to make them of.")
    ] = None,
    categorical: Annotated[
        str | None,
        _forming("--categorical", "A,B", "Columns whose levels make them, beside the features."),
    ] = None,
    k: Annotated[str, _forming("--k", "auto|N", "Their number, or auto to choose it.")] = "auto",
    transform: Annotated[
        str | None,
        _forming("--transform", "auto|none|A=log,…", "What features go through first, as in run."),
    ] = None,
    impute: Annotated[
        str | None,
        _forming("--impute", "median", "Who lacks a feature gets the median; else no segment."),
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
            help="What of each outcome in money is earned: 0.4 or 40%.",
            show_default=False,
            parser=share,
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
    costs = pairs("--cost", cost, "Mens E-Mail=0.10", alone=True)
    from clienteling.lift_folder import check_lift_folder, publish_lift
    from clienteling.measurement.evaluate import evaluate as measure

    if out is not None:
        check_lift_folder(out)
    number = number_of_segments(k)
    with progress_bar(as_json) as progress:
        found = measure(
            open_source(file, engine, memory, threads, reading),
            offer=offer,
            control=control,
            outcomes=outcome,
            segments=segments or (),
            covariates=feature_names(covariates) or (),
            features=feature_names(features),
            categorical=feature_names(categorical) or (),
            k=number,
            transform=transforms_of(transform),
            impute=impute,
            before=_before(before, outcome),
            shares=pairs("--shares", shares, "Mens E-Mail=1", percent=True),
            costs=costs.get("", None) if "" in costs else costs,
            worths=pairs("--value", value, "visit=0.50", percent=True),
            margin=margin,
            planned=planned,
            id=id,
            allow_negative=allow_negative,
            seed=seed,
            progress=progress,
        )
    if out is not None:
        publish_lift(found, out)
    if as_json:
        print_json({**found.as_document(), "out": str(out) if out else None})
        return
    print_evaluation(found)
    if out is not None:
        console().print(f"\nWritten to {out}: report.html, evaluation.json, images", style="bold")


def _before(given: Sequence[str] | None, outcomes: Sequence[str]) -> dict[str, str]:
    before: dict[str, str] = {}
    for each in given or ():
        outcome, sign, earlier = each.partition("=")
        if sign:
            before[outcome.strip()] = earlier.strip()
        else:
            before |= {known: each.strip() for known in outcomes if known not in before}
    return before
