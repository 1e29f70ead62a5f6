"""``clienteling campaign record``: a campaign that ran without a plan."""

from __future__ import annotations

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
    Source,
    Threads,
    open_source,
    with_reading,
)
from clienteling.cli.output import print_json, say
from clienteling.cli.store_option import NeededStore, say_if_new

__all__ = ["record"]


@with_reading
def record(
    source: Source,
    name: Annotated[
        str, typer.Option(metavar="NAME", help="What the campaign is called.", show_default=False)
    ],
    contacted: Annotated[
        str,
        typer.Option(
            metavar="COLUMN",
            help="The column with 1 for those who got it and 0 for the others.",
            show_default=False,
        ),
    ],
    day: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="Its first day.", show_default=False)
    ],
    last_day: Annotated[
        str,
        typer.Option(
            metavar="YYYY-MM-DD", help="The last day whose outcomes count.", show_default=False
        ),
    ],
    store: NeededStore,
    offer: Annotated[str, typer.Option(metavar="OFFER", help="What they got.")] = "offer",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Where it is written; else a folder of the campaign's name."
        ),
    ] = None,
    id: Id = None,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    as_json: AsJson = False,
    reading: Reading | None = None,
) -> None:
    """Keep a campaign that ran without a plan, so that what came of it can be taken in."""
    from clienteling.campaigns.observed import record_observed
    from clienteling.ledger.store import open_store

    first, last = given_day("--day", day), given_day("--last-day", last_day)
    assert first is not None
    assert last is not None
    folder = out if out is not None else Path(name)
    with say_if_new(open_store(store, create=True)) as opened:
        got = record_observed(
            opened,
            open_source(source, engine, memory, threads, reading),
            folder,
            campaign=name,
            contacted=contacted,
            day=first,
            last_day=last,
            offer=offer,
            id=id,
        )
    if as_json:
        print_json({"campaign": name, "contacted": got, "out": str(folder)})
        return
    say(f"{name} is recorded, with {got:,} customers who got it.", style="bold")
    say("Nobody was held out from it, so it can't be told later what it brought.")
