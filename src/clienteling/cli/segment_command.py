"""``clienteling segment``: one customer."""

from __future__ import annotations

from typing import Annotated

import typer

from clienteling.cli.options import AsJson, ModelFile, Offers
from clienteling.cli.output import console, print_json, print_notes, say
from clienteling.errors import InputError

__all__ = ["segment"]


def segment(
    model: ModelFile,
    values: Annotated[
        list[str],
        typer.Option(
            "--set", metavar='"NAME=VALUE"', help="A feature of the customer; once per feature."
        ),
    ],
    offers: Offers = None,
    as_json: AsJson = False,
) -> None:
    """Say which segment and offers one customer gets, and how close to a border they are."""
    customer: dict[str, str] = {}
    faults = []
    for each in values:
        name, equals, value = each.rpartition("=")
        if not equals or not name.strip():
            faults.append(f'"{each}" has no name and value.')
        elif name.strip() in customer:
            faults.append(f'"{name.strip()}" is set twice.')
        customer[name.strip()] = value
    if faults:
        raise InputError(
            "--set is not understood.",
            faults=faults,
            hint='Write it as --set "Annual Income (k$)=15".',
        )
    from clienteling.offers.catalogue import catalogue_for, offer_notes
    from clienteling.offers.ranking import OFFERS, offers_of
    from clienteling.segmentation.load import load_model
    from clienteling.segmentation.model import Answer
    from clienteling.segmentation.model_segments import Segment

    loaded = load_model(model)
    catalogue = catalogue_for(loaded, offers)
    answer = loaded.predict(customer)
    found, runner_up = answer.segment, answer.runner_up
    # Rules have no range: any value has a score.
    warning = answer.warning if isinstance(answer, Answer) else ""
    rule = found.rule if isinstance(found, Segment) else None
    unstable = found.warning if isinstance(found, Segment) else ""
    # All of them, where a rule that can't be looked at here may shut the customer out of some.
    ruled = any(each.only_for for each in catalogue.offers)
    ranked = offers_of(found, catalogue, None if ruled else OFFERS) if found else []
    notes = offer_notes(loaded, catalogue)
    if as_json:
        print_json(
            {
                "segment_id": found.id if found else None,
                "segment": found.name if found else None,
                "strategy": found.strategy if found else None,
                "explanation": found.explanation if found else None,
                "rule": rule.sentence if rule else None,
                "margin": answer.margin,
                "runner_up": runner_up.name if runner_up else None,
                "offers": [
                    {
                        "rank": each.rank,
                        "id": each.offer.id,
                        "title": each.offer.title,
                        "text": each.offer.text,
                        "channel": each.offer.channel,
                        "reason": each.reason,
                        "only_for": each.offer.only_for,
                    }
                    for each in ranked
                ],
                "note": answer.note,
                "warning": warning,
                "segment_warning": unstable,
                "notes": notes,
            }
        )
        return
    screen = console()
    if found is None:
        screen.print(f"No segment: {answer.note}")
        return
    if warning:
        say(f"Careful: {warning}", style="bold")
    screen.print(found.name, style="bold")
    if answer.note:
        say(answer.note, 2)
    if unstable:
        say(unstable, 2, style="bold")
    say(f"{found.description}", 2)
    say(f"Typical of them: {found.explanation}.", 2)
    if rule:
        say(f"Rule of thumb: {rule.sentence}.", 2)
    say(f"Strategy: {found.strategy}.", 2)
    for offer in ranked:
        say(f"{offer.rank}. {offer.offer.title}: {offer.offer.text}", 2)
        say(f"Why: {offer.reason}", 5)
        if offer.offer.only_for:
            say(f"Only for: {offer.offer.only_for}. That isn't looked at here.", 5)
    if runner_up is not None and answer.margin is not None:
        near = "close to the border" if answer.margin < 0.25 else "clearly inside"
        say(
            f"{near.capitalize()}: the next segment, {runner_up.name}, is "
            f"{answer.margin:.2f} standard deviations farther away.",
            2,
        )
    print_notes(notes)
