"""``clienteling campaign lift``: what a campaign brought, by those whom it held out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clienteling.cli.campaign_import_command import campaign_name
from clienteling.cli.campaign_plan_command import given_day
from clienteling.cli.evaluation_words import pairs, print_evaluation
from clienteling.cli.options import AsJson
from clienteling.cli.output import console, print_json, say, table
from clienteling.cli.store_option import StorePlace
from clienteling.errors import InputError

if TYPE_CHECKING:
    from clienteling.measurement.campaign import CampaignLift
    from clienteling.measurement.observed import Observed

__all__ = ["campaign_plan", "lift"]


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
            help="What of each outcome in money is earned, such as 0.4.",
            show_default=False,
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
        "worths": pairs("--value", value, "spend=0.40"),
        "margin": margin,
        "today": given_day("--today", today),
    }
    if store is not None:
        measured = _from_store(campaign, store, settings)
        if isinstance(measured, Observed):
            _show_observed(measured, out, as_json)
            return
        found = measured
    else:
        found = _from_folder(campaign, str(outcomes), settings)
    judged = replace(found.found, verdict=found.verdict)
    sentences = [each.sentence for each in found.offers]
    if out is not None:
        publish_lift(judged, out, sentences, found.as_document())
    if as_json:
        print_json({**found.as_document(), "out": str(out) if out else None})
        return
    print_evaluation(judged)
    _print_offers(found)
    if out is not None:
        console().print(f"\nWritten to {out}: report.html, evaluation.json, images", style="bold")


def _from_store(campaign: str, place: str, settings: Mapping[str, Any]) -> Observed | CampaignLift:
    """Return what was observed of a campaign that held nobody out, else its lift."""
    from clienteling.ledger.store import open_store
    from clienteling.measurement.stored import measure_stored, observe_stored

    name = campaign_name(campaign)
    with open_store(place) as store:
        seen = observe_stored(store, name, settings["names"])
        return seen if seen is not None else measure_stored(store, name, **settings)


def _show_observed(seen: Observed, out: Path | None, as_json: bool) -> None:
    if out is not None:
        raise InputError(
            f"{seen.campaign}: nobody was held out, so there is no lift to make a report of.",
            hint="Without --out it is said what came of it.",
        )
    if as_json:
        print_json(seen.as_document())
        return
    console().print()
    say(seen.verdict, style="bold")
    for outcome, share, low, high in seen.responded:
        say(
            f"{outcome}: {share:.2%} of the {seen.contacted:,} who got it (95 % interval "
            f"{low:.2%} to {high:.2%}). Only they could, so this is no lift."
        )
    right = ("Got it", "Others", "Got it, before", "Others, before")
    shown = table("Per customer", *right, right=right)
    for each in seen.beside:
        before = ["" if e is None else f"{e:,.2f}" for e in (each.mean_before, each.others_before)]
        shown.add_row(each.outcome, f"{each.mean:,.2f}", f"{each.others:,.2f}", *before)
    console().print(shown)


def campaign_plan(folder: str) -> dict[str, Any]:
    """Return what stands in the ``plan.json`` of a campaign's folder.

    Raises
    ------
    InputError
        It is no campaign's folder.
    """
    from clienteling.campaigns.delivery import check_campaign_folder

    plan = check_campaign_folder(folder) if Path(folder).is_dir() else None
    if plan is None:
        raise InputError(
            f"{folder}: is no campaign's folder.",
            hint="Give the folder that clienteling campaign plan wrote, or --store.",
        )
    return plan


def _from_folder(folder: str, outcomes: str, settings: Mapping[str, Any]) -> CampaignLift:
    from clienteling.campaigns.holdout import Holdout
    from clienteling.measurement.campaign import measure_campaign
    from clienteling.offers.catalogue import load_catalogue

    plan = campaign_plan(folder)
    offers = load_catalogue(Path(folder) / "catalogue.yaml").offers
    held = Holdout(plan["campaign"], plan["holdout"], plan["global_holdout"], plan["shop"])
    return measure_campaign(
        str(Path(folder) / "decisions"),
        outcomes,
        campaign=plan["campaign"],
        holdout=held.probability,
        day=dt.date.fromisoformat(plan["day"]),
        last_day=dt.date.fromisoformat(plan["last_day"]),
        planned=plan["planned"],
        costs={each.id: each.cost for each in offers},
        values={each.id: each.value for each in offers if each.value is not None},
        **settings,
    )


def _print_offers(found: CampaignLift) -> None:
    console().print("\nEach offer against those held out from it", style="bold")
    right = ("Contacted", "Held out", "p")
    shown = table("What it brought", *right, right=right)
    for each in found.offers:
        p = "" if each.p_adjusted is None else f"{each.p_adjusted:.3f}"
        shown.add_row(each.sentence, f"{each.contacted:,}", f"{each.held_out:,}", p)
    console().print(shown)
    say("p is adjusted for the number of offers (Holm); intervals are not.", 2)
