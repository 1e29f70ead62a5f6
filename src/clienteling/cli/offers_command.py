"""``clienteling offers check``: a catalogue's faults, and whom each rule lets through."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
from clienteling.cli.output import console, print_with_error, say, table
from clienteling.errors import DocumentError, InputError

if TYPE_CHECKING:
    from clienteling.offers.check import Check

__all__ = ["check"]


@with_reading
def check(
    catalogue: Annotated[
        str,
        typer.Argument(
            metavar="CATALOGUE", help="A file of offers, or a built-in one.", show_default=False
        ),
    ],
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[SOURCE]", help="The customers that it is meant for.", show_default=False
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(metavar="MODEL", help="Count by the segments of a saved model."),
    ] = None,
    playbook: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|NAME",
            help="Whose segments the offers are for, without a model; else all built-in ones.",
        ),
    ] = None,
    day: Annotated[
        str | None,
        typer.Option("--on", metavar="YYYY-MM-DD", help="The day of the contact; else today."),
    ] = None,
    id: Id = None,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    as_json: AsJson = False,
    reading: Reading | None = None,
) -> None:
    """Name all faults of a catalogue at once, and say how many customers each rule lets through."""
    from clienteling.offers.check import as_document, check_catalogue
    from clienteling.segmentation.load import load_model

    customers = open_source(source, engine, memory, threads, reading) if source else None
    loaded = load_model(model) if model else None
    found = check_catalogue(
        catalogue, customers, model=loaded, playbook=playbook, id=id, day=_day(day)
    )
    document = dict(as_document(found))
    if not as_json:
        _show(found, by_segment=loaded is not None)
    error = None
    if found.faults:
        error = DocumentError(
            f"{catalogue}: there are offers that nobody can get.",
            faults=found.faults,
            hint="Loosen these rules, or take the offers out.",
        )
    print_with_error(document, error, as_json=as_json)


def _day(given: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(given) if given else None
    except ValueError as error:
        raise InputError(
            f'--on is "{given}", which is no day.', hint="Write it as --on 2026-03-31."
        ) from error


def _show(found: Check, by_segment: bool) -> None:
    screen = console()
    screen.print(found.catalogue.catalogue, style="bold")
    offers = len(found.catalogue.offers)
    many = "1 offer" if offers == 1 else f"{offers:,} offers"
    if found.customers is None:
        say(f"{many}, without a fault. With a SOURCE the rules are counted.", 2)
    else:
        people = "1 customer" if found.customers == 1 else f"{found.customers:,} customers"
        if found.opted_out:
            people += f", of whom {found.opted_out:,} are not to be contacted"
        say(f"{many}, {people}.", 2)
        within = "In its segments" if by_segment else "Customers"
        shown = table("Offer", "Rule", within, "Let through", right=(within, "Let through"))
        for each in found.offers:
            shown.add_row(each.offer.title, "", f"{each.customers:,}", f"{each.eligible:,}")
            for rule in each.rules:
                shown.add_row("", f"{'  ' * rule.depth}{rule.words}", "", f"{rule.customers:,}")
            if each.consents is not None:
                shown.add_row("", f"consent {each.offer.consent}", "", f"{each.consents:,}")
        screen.print(shown)
    for note in found.notes:
        say(note, 2)
