"""``clienteling campaign lift``: what a campaign brought, by those whom it held out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clienteling.cli.campaign_import_command import campaign_name
from clienteling.cli.campaign_plan_command import NOTHING_LEARNED, given_day
from clienteling.cli.evaluation_words import p_words, pairs, print_evaluation
from clienteling.cli.figures import share
from clienteling.cli.options import AsJson
from clienteling.cli.output import console, print_json, say, table
from clienteling.cli.store_option import StorePlace
from clienteling.errors import InputError

if TYPE_CHECKING:
    from clienteling.measurement.campaign import CampaignLift
    from clienteling.measurement.observed import Observed
    from clienteling.measurement.teaching import Teaching

__all__ = ["lift"]


def lift(
    campaign: Annotated[
        str,
        typer.Argument(
            metavar="CAMPAIGN", help="Its name in the store, or its folder.", show_default=False
        ),
    ],
    store: StorePlace = None,
    outcomes: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="Without a store: customer_id, name, value, happened_at.",
            show_default=False,
        ),
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="What to measure by, the one to judge by first; may be repeated. All without it.",
            show_default=False,
        ),
    ] = None,
    value: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OUTCOME=AMOUNT",
            help="What one unit of an outcome earns, before the cost; may be repeated. A response "
            "brings what the catalogue says.",
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
    today: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD", help="Judge as on this day; else today.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write a report with pictures; an earlier one there is replaced.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a campaign brought: those who were contacted against those who were held out."""
    from clienteling.lift_folder import check_lift_folder, publish_lift
    from clienteling.measurement.measure import measure_campaign
    from clienteling.measurement.observed import Observed

    if out is not None:
        check_lift_folder(out)
    if (store is None) == (outcomes is None):
        raise InputError(
            "Outcomes come from a store or from a file: give --store or --outcomes, one of them.",
            hint="clienteling campaign lift spring --store shop.db, or clienteling campaign lift "
            "FOLDER --outcomes FILE",
        )
    settings: dict[str, Any] = {
        "names": outcome or (),
        "worths": pairs("--value", value, "spend=0.40", percent=True),
        "margin": margin,
        "today": given_day("--today", today),
    }
    teaching = None
    if store is not None:
        found, teaching = _from_store(campaign, store, settings)
    else:
        found = measure_campaign(campaign, str(outcomes), **settings)
    if isinstance(found, Observed):
        _show_observed(found, out, as_json)
        return
    judged = replace(found.found, verdict=found.verdict)
    sentences = [each.sentence for each in found.offers]
    learned = teaching.as_document() if teaching is not None else NOTHING_LEARNED
    document = {**found.as_document(), **learned}
    if out is not None:
        publish_lift(judged, out, sentences, document, teaching)
    if as_json:
        print_json({**document, "out": str(out) if out else None})
        return
    print_evaluation(judged)
    _print_offers(found)
    if out is not None:
        console().print(f"\nWritten to {out}: report.html, evaluation.json, images", style="bold")


def _from_store(
    campaign: str, place: str, settings: Mapping[str, Any]
) -> tuple[Observed | CampaignLift, Teaching | None]:
    """Return a campaign's lift and what was learned; of one without a holdout what was observed."""
    from clienteling.ledger.store import open_store
    from clienteling.measurement.campaign import CampaignLift
    from clienteling.measurement.lessons import teaching_of
    from clienteling.measurement.measure import measure_in

    name = campaign_name(campaign)
    with open_store(place) as store:
        found = measure_in(store, name, **settings)
        if not isinstance(found, CampaignLift):
            return found, None
        today = settings["today"] or dt.date.today()
        return found, teaching_of(store, name, today, settings["worths"])


def _show_observed(seen: Observed, out: Path | None, as_json: bool) -> None:
    from clienteling.lift_folder import publish_observed

    if out is not None:
        publish_observed(seen, out)
    if as_json:
        print_json({**seen.as_document(), "out": str(out) if out else None})
        return
    console().print()
    say(seen.verdict, style="bold")
    for title, sentences in (
        ("What can be said", seen.can),
        ("What can't be concluded", seen.cannot),
        ("To know it the next time", seen.next_time),
    ):
        console().print(f"\n{title}", style="bold")
        for sentence in sentences:
            say(sentence, 2)
    if out is not None:
        console().print(f"\nWritten to {out}: report.html, evaluation.json, images", style="bold")


def _print_offers(found: CampaignLift) -> None:
    console().print("\nEach offer against those held out from it", style="bold")
    right = ("Contacted", "Held out", "p")
    shown = table("What it brought", *right, right=right)
    for each in found.offers:
        counts = (f"{each.contacted:,}", f"{each.held_out:,}")
        shown.add_row(each.sentence, *counts, p_words(each.p_adjusted))
    console().print(shown)
    if len(found.offers) > 1:
        say("p is adjusted for the number of offers (Holm's method); intervals are not.", 2)
