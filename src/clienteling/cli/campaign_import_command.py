"""``clienteling campaign import``: what came of a campaign."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from clienteling.cli.campaign_plan_command import given_day
from clienteling.cli.options import (
    AsJson,
    Engine,
    Id,
    Memory,
    Reading,
    Threads,
    open_source,
    with_reading,
)
from clienteling.cli.output import print_notes, print_with_error, say
from clienteling.cli.store_option import NeededStore, say_if_new

__all__ = ["campaign_name", "import_"]


@with_reading
def import_(
    campaign: Annotated[
        str,
        typer.Argument(
            metavar="CAMPAIGN",
            help="Its name, or its folder; a folder that the store doesn't know yet goes into it.",
            show_default=False,
        ),
    ],
    outcomes: Annotated[
        str,
        typer.Argument(
            metavar="OUTCOMES",
            help="customer_id (or decision_id), name, value, happened_at. Any SOURCE.",
            show_default=False,
        ),
    ],
    store: NeededStore,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="A column with a value per customer, where there is a row for each; may be "
            "repeated.",
            show_default=False,
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD", help="When it happened, where no column says.", show_default=False
        ),
    ] = None,
    id: Id = None,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    as_json: AsJson = False,
    reading: Reading | None = None,
) -> None:
    """Take in the outcomes of a campaign: late, out of order or twice, they count the same."""
    from clienteling.campaigns.outcome_file import import_outcomes, open_for

    day = given_day("--on", on)
    came = open_source(outcomes, engine, memory, threads, reading)
    with say_if_new(open_for(store, campaign)) as opened:
        found = import_outcomes(opened, campaign, came, outcomes=outcome or (), on=day, id=id)
    document = {"campaign": campaign_name(campaign), **asdict(found)}
    if not as_json:
        say(found.sentence, style="bold")
        for each in found.beside:
            say(each)
        print_notes(found.notes)
    print_with_error(document, found.refused(outcomes), as_json=as_json)


def campaign_name(given: str) -> str:
    """Return the name of a campaign that is given by it or by its folder."""
    try:
        return str(json.loads((Path(given) / "plan.json").read_text(encoding="utf-8"))["campaign"])
    except (OSError, ValueError, KeyError, TypeError):
        return given  # no folder of a plan; the store knows whether it is a name
