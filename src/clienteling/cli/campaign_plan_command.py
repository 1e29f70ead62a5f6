"""``clienteling campaign plan``: who gets what, and who is held out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clienteling.cli.evaluation_words import pairs
from clienteling.cli.figures import amount, share, whole
from clienteling.cli.options import (
    AsJson,
    Engine,
    Id,
    Memory,
    ModelFile,
    Offers,
    Reading,
    Seed,
    Source,
    Threads,
    open_source,
    with_reading,
)
from clienteling.cli.output import console, print_json, print_notes, progress_bar, say, table
from clienteling.cli.store_option import StorePlace, say_if_new
from clienteling.errors import InputError, near_names

if TYPE_CHECKING:
    from clienteling.campaigns.delivery import Delivered
    from clienteling.measurement.teaching import Teaching
    from clienteling.offers.limits import Limits
    from clienteling.segmentation.load import AnyModel

__all__ = ["NOTHING_LEARNED", "given_day", "plan"]

#: What a document says where nothing was learned from earlier campaigns.
NOTHING_LEARNED: dict[str, list[Any]] = {"lessons": [], "lessons_from": []}


@with_reading
def plan(
    model: ModelFile,
    source: Source,
    name: Annotated[
        str, typer.Option(metavar="NAME", help="What the campaign is called.", show_default=False)
    ],
    offers: Offers = None,
    policy: Annotated[
        str | None,
        typer.Option(
            metavar="strategy|thompson|budget",
            help="How offers are chosen; budget where a limit is given, else strategy. With a "
            "store, thompson and budget learn from what came of earlier campaigns.",
            show_default=False,
        ),
    ] = None,
    holdout: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="Of those who would be contacted, the share that is not: 0.2 or 20%.",
            parser=share,
        ),
    ] = 0.1,
    global_holdout: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="Of all customers, the share that no campaign contacts.",
            parser=share,
        ),
    ] = 0.0,
    explore: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="With strategy, the share that draws its offer by chance; with thompson, the "
            "least probability of each offer.",
            parser=share,
        ),
    ] = 0.0,
    budget: Annotated[
        float | None,
        typer.Option(
            metavar="AMOUNT",
            help="What all contacts may cost: 400 or 400.50, with or without a currency's sign.",
            show_default=False,
            parser=amount,
        ),
    ] = None,
    contacts: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="How many contacts there may be in all.",
            show_default=False,
            parser=whole,
        ),
    ] = None,
    channel: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHANNEL=N",
            help="How many contacts a channel takes; may be repeated.",
            show_default=False,
        ),
    ] = None,
    floor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SEGMENT=N",
            help="How many customers of a segment must get an offer at least; may be repeated.",
            show_default=False,
        ),
    ] = None,
    day: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="The day of the contacts; else today."),
    ] = None,
    contacts_so_far: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="Who had which offer when: customer_id, offer, day. Caps are counted by it.",
            show_default=False,
        ),
    ] = None,
    days: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Outcomes of so many days count, the first among them.",
            parser=whole,
        ),
    ] = 28,
    store: StorePlace = None,
    value: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OUTCOME=AMOUNT",
            help="With a store, what one unit of an outcome of earlier campaigns earned, to learn "
            "from; may be repeated. Without it, a response brings what the catalogue says.",
            show_default=False,
        ),
    ] = None,
    base_rate: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="The response rate without an offer: taken off what is expected, and how small a "
            "lift can be shown hangs on it. Else that of those who were held out earlier.",
            show_default=False,
            parser=share,
        ),
    ] = None,
    shop: Annotated[str, typer.Option(metavar="NAME", help="Whose global holdout it is.")] = "shop",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Where it is written; else a folder of the campaign's name."
        ),
    ] = None,
    decisions: Annotated[
        str | None,
        typer.Option(
            metavar="TABLE",
            help="Write the decisions to a table of the customers' database, by its URL, in place "
            "of the folder.",
            show_default=False,
        ),
    ] = None,
    carry: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="A column of the customers', such as an e-mail address, for the files for mail "
            "tools alone; may be repeated.",
            show_default=False,
        ),
    ] = None,
    csv: Annotated[
        bool,
        typer.Option("--csv", help="Make files for mail tools of more than a million, too."),
    ] = False,
    id: Id = None,
    seed: Seed = 0,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    as_json: AsJson = False,
    reading: Reading | None = None,
) -> None:
    """Plan who gets what within all limits, and who is held out to measure it."""
    from clienteling.campaigns.decision_table import check_table
    from clienteling.campaigns.delivery import check_campaign_folder, deliver
    from clienteling.campaigns.mail import carried_columns
    from clienteling.campaigns.plan import check_name, plan_campaign
    from clienteling.offers.catalogue import catalogue_for
    from clienteling.plan_folder import decorate_plan
    from clienteling.segmentation.load import load_model

    check_name(name)
    folder = out if out is not None else Path(name)
    check_campaign_folder(folder)
    loaded = load_model(model)
    limits = _limits(loaded, budget, contacts, channel, floor)
    worths = pairs("--value", value, "spend=0.40", percent=True)
    on = given_day("--day", day) or dt.date.today()
    teaching: Teaching | None = None
    catalogue = catalogue_for(loaded, offers)
    customers = open_source(source, engine, memory, threads, reading)
    carried = carried_columns(customers, carry or ())
    if decisions is not None:
        check_table(customers, decisions)
    settings: dict[str, Any] = {
        "name": name,
        "policy": policy,
        "holdout": holdout,
        "global_holdout": global_holdout,
        "explore": explore,
        "base_rate": base_rate,
        "limits": limits,
        "day": on,
        "days": days,
        "id": id,
        "shop": shop,
        "seed": seed,
        "contacts": [contacts_so_far] if contacts_so_far else [],
    }
    with ExitStack() as opened, progress_bar(as_json) as progress:
        progress("Planning", 0.0)
        kept = None
        if store is None:
            planned = plan_campaign(loaded, customers, catalogue, **settings)
        else:
            from clienteling.ledger.store import open_store
            from clienteling.measurement.plan_in_store import plan_in_store

            kept = say_if_new(opened.enter_context(open_store(store, create=True)))
            planned, teaching = plan_in_store(
                kept, loaded, customers, catalogue, worths=worths, **settings
            )
        made = deliver(
            planned,
            folder,
            csv=csv,
            progress=lambda done: progress("Writing", done),
            decorate=partial(decorate_plan, teaching=teaching),
            store=kept,
            decisions=decisions,
            carry=carried,
        )
    if as_json:
        document = {key: each for key, each in made.document.items() if key != "state"}
        learned = teaching.as_document() if teaching is not None else NOTHING_LEARNED
        print_json({**document, "out": str(folder), "repeated": made.repeated, **learned})
        return
    # Not in the folder: what is past on one day isn't so on another, and the plan is the same.
    _print(made, _past(on))


def _past(day: dt.date) -> list[str]:
    """Say that a campaign's day is over."""
    if day >= dt.date.today():
        return []
    return [
        f"The day of the contacts, {day}, is in the past: offers go out and caps are counted as on "
        "that day."
    ]


def given_day(option: str, given: str | None) -> dt.date | None:
    """Read a day.

    Raises
    ------
    InputError
        It is none.
    """
    try:
        return dt.date.fromisoformat(given) if given else None
    except ValueError as error:
        raise InputError(
            f'{option} is "{given}", which is no day.', hint=f"Write it as {option} 2026-03-31."
        ) from error


def _limits(
    model: AnyModel,
    budget: float | None,
    contacts: int | None,
    channels: Sequence[str] | None,
    floors: Sequence[str] | None,
) -> Limits:
    from clienteling.offers.limits import Limits

    by_channel, faults = _counts("--channel", channels)
    by_name, more = _counts("--floor", floors)
    faults += more
    names = {each.name.lower(): each.id for each in model.segments}
    names |= {each.key.lower(): each.id for each in model.segments if each.key}
    by_segment = {}
    for name, n in by_name.items():
        if name.lower() in names:
            by_segment[names[name.lower()]] = n
        else:
            there = [each.name for each in model.segments]
            named = ", ".join(f'"{each}"' for each in there)
            near = f"{near_names(name, there)} The segments are: {named}."
            faults.append(f'--floor: there is no segment "{name}". {near.strip()}')
    if faults:
        raise InputError(
            "The limits are not understood.",
            faults=faults,
            hint='Write them as --channel email=5000 and --floor "Average=100".',
        )
    return Limits(budget, {}, by_channel, contacts, by_segment)


def _counts(option: str, given: Sequence[str] | None) -> tuple[dict[str, int], list[str]]:
    found: dict[str, int] = {}
    faults = []
    for each in given or ():
        name, sign, number = each.rpartition("=")
        if not sign or not name.strip() or not number.strip().isdigit():
            faults.append(f'{option} "{each}" must be a name, "=" and a whole number.')
        elif name.strip() in found:
            faults.append(f'{option}: "{name.strip()}" is given twice.')
        else:
            found[name.strip()] = int(number)
    return found, faults


def _print(made: Delivered, past: Sequence[str]) -> None:
    from clienteling.campaigns.words import amount, plan_words, points

    screen, figures = console(), made.figures
    screen.print()
    first, *others = plan_words(made.plan, figures)
    say(first, style="bold")
    for sentence in others:
        say(sentence)
    titles = {each.id: each.title for each in made.plan.catalogue.offers}
    right = ("Contacted", "Held out", "Cost", "Smallest lift")
    shown = table("By", "", *right, right=right)
    for each in figures.parts[1:]:
        smallest = "" if each.smallest_lift is None else points(each.smallest_lift)
        what = titles.get(each.name, each.name) if each.by == "offer" else each.name
        shown.add_row(
            *(each.by, what, f"{each.contacted:,}", f"{each.held_out:,}"),
            *(amount(each.cost, figures), smallest),
        )
    screen.print(shown)
    print_notes([*made.notes, *past])
    if made.repeated:
        say(f"The same plan lies in {made.out} already; nothing was written.", style="bold")
        return
    names = ", ".join(sorted(each.name for each in made.out.iterdir()))
    screen.print(f"\nWritten to {made.out}: {names}", style="bold")
    if made.document["decisions"]:
        say(f"The decisions lie in {made.document['decisions']}", style="bold")
