"""``clienteling campaign replay``: what another policy would have earned, from a log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from clienteling.cli.campaign_import_command import campaign_name
from clienteling.cli.evaluation_words import print_terms
from clienteling.cli.options import AsJson, Engine, Id, Memory, Threads, open_source
from clienteling.cli.output import console, print_json, print_notes, say, table
from clienteling.cli.store_option import StorePlace
from clienteling.errors import InputError, near_names

if TYPE_CHECKING:
    from clienteling.data.table import Table

__all__ = ["replay"]

_METHODS = {
    "ips": "inverse propensity",
    "snipw": "self-normalised",
    "dr": "doubly robust",
}


def replay(
    log: Annotated[
        str,
        typer.Argument(
            metavar="LOG",
            help="A row per decision, of a policy that left some of it to chance, any SOURCE; with "
            "--store or --outcomes a campaign: its name, or its folder.",
            show_default=False,
        ),
    ],
    action: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="What was decided.", show_default=False)
    ] = None,
    reward: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="What came of it; of a campaign, the outcome's name.",
            show_default=False,
        ),
    ] = None,
    propensity: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="The probability with which the action was drawn.",
            show_default=False,
        ),
    ] = None,
    store: StorePlace = None,
    outcomes: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="Of a campaign's folder: customer_id, name, value, happened_at.",
            show_default=False,
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="LOG",
            help="A log of the other policy, with the same columns: how often it took which "
            "action is how it decides.",
            show_default=False,
        ),
    ] = None,
    always: Annotated[
        str | None,
        typer.Option(
            metavar="ACTION", help="The other policy is this action for all.", show_default=False
        ),
    ] = None,
    context: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="What the policies knew when they decided; may be repeated.",
            show_default=False,
        ),
    ] = None,
    id: Id = None,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Say what another policy would have earned, from the log of the one that ran."""
    if (target is None) == (always is None):
        raise InputError(
            "The other policy must be named: with --target or with --always, not both.",
            hint="--target other-log.csv takes how another log decided, --always mail gives "
            "everybody the same.",
        )
    from clienteling.measurement.campaign_log import reach_of
    from clienteling.measurement.log import read_log, shares_of_log
    from clienteling.measurement.off_policy import off_policy, probabilities

    columns = {"--action": action, "--reward": reward, "--propensity": propensity}
    with ExitStack() as opened:
        by_campaign = store is not None or outcomes is not None
        if by_campaign:
            rows, columns = _of_campaign(opened, log, store, outcomes, columns)
            # A campaign's policy decides by the segment, and knows the customers apart.
            by, id = context or ["segment"], "customer_id"
        else:
            lacking_options = [each for each, given in columns.items() if given is None]
            if lacking_options:
                raise InputError(
                    "What stands in the log must be named.",
                    faults=[f"{each} is missing." for each in lacking_options],
                    hint="Or give a campaign: its name with --store, its folder with --outcomes.",
                )
            rows, by = open_source(log, engine, memory, threads), context or []
        acted, earned = str(columns["--action"]), str(columns["--reward"])
        shares: dict[tuple[str, str], float] = {}
        decisions, own = 0, None
        reach = reach_of(rows, always) if always is not None and by_campaign else None
        if reach is not None:
            rows = reach.log
        if target is not None:
            other = open_source(target, engine, memory, threads)
            shares, decisions, own = shares_of_log(other, action=acted, context=by, reward=earned)
        counted = read_log(
            rows,
            action=acted,
            reward=earned,
            propensity=str(columns["--propensity"]),
            context=by,
            id=id,
            actions=sorted({each for _, each in shares}),
        )
    if always is not None and always not in counted.actions:
        raise InputError(
            f'{counted.source}: "{always}" was never decided. '
            + near_names(always, counted.actions),
            hint="The actions are: "
            + ", ".join(f'"{each}"' for each in counted.actions[:50])
            + ".",
        )
    lacking = set() if always else set(counted.contexts) - {each for each, _ in shares}
    if lacking:
        raise InputError(
            f"{target}: has no decision where {', '.join(by)} is "
            + "; ".join(sorted(lacking)[:10])
            + ", so how it decides there is not known.",
            hint="Take a longer log, or name fewer columns with --context.",
        )
    found = off_policy(counted, probabilities(counted, always if always is not None else shares))
    if reach is not None and reach.words:
        found = replace(found, sentence=f"Among {reach.words}: {_lower(found.sentence)}")
    notes = list(counted.notes)
    if reach is not None and reach.words:
        notes.append(
            f'To the other {reach.customers - reach.reached:,} "{always}" was not open, or the '
            "policy had something else for them: what it would have brought there isn't known."
        )
    if target is not None:
        notes.append(
            f"How the other policy decides is counted from {decisions:,} decisions of {target}."
        )
    if as_json:
        print_json(
            {
                **asdict(found),
                "customers": reach.customers if reach is not None else None,
                "target_decisions": decisions or None,
                "target_logged": own,
                "notes": notes,
            }
        )
        return
    console().print()
    say(found.sentence, style="bold")
    for warning in found.warnings:
        say(f"Warning: {warning}")
    shown = table(
        "Value per decision", "Estimate", "95 % interval", right=("Estimate", "95 % interval")
    )
    shown.add_row("the policy that ran", f"{found.logged:.5f}", "")
    for each in found.estimates:
        interval = f"{each.low:.5f} to {each.high:.5f}"
        shown.add_row(f"the other, {_METHODS[each.method]}", f"{each.estimate:.5f}", interval)
    if own is not None:
        shown.add_row("the other, in its own log", f"{own:.5f}", "")
    console().print(shown)
    say(
        f"{found.decisions:,} decisions; effective sample size {found.effective:,.0f}; largest "
        f"weight {found.largest_weight:.2%} of all.",
        2,
    )
    print_notes(notes)
    if found.estimates:
        from clienteling.measurement.terms import REPLAY_TERMS

        print_terms(REPLAY_TERMS)


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _of_campaign(
    opened: ExitStack,
    given: str,
    store: str | None,
    outcomes: str | None,
    columns: Mapping[str, str | None],
) -> tuple[Table, dict[str, str | None]]:
    """Return the log of a campaign, and what its columns are called."""
    from clienteling.measurement.campaign_log import campaign_log

    faults = [
        f"{each} is a campaign's own; leave it out." for each in columns
        if each != "--reward" and columns[each] is not None
    ]  # fmt: skip
    if store is not None and outcomes is not None:
        faults.append("outcomes come from a store or from a file: give --store or --outcomes.")
    if faults:
        raise InputError(f"{given}: the campaign can't be read like this.", faults=faults)
    reward = columns["--reward"]
    if store is not None:
        from clienteling.ledger.store import open_store
        from clienteling.measurement.stored import log_of

        kept = opened.enter_context(open_store(store))
        rows, earned = log_of(kept, campaign_name(given), reward)
    else:
        from clienteling.campaigns.folder import decisions_of_folder, plan_in_folder

        plan = plan_in_folder(given)
        rows, earned = campaign_log(
            decisions_of_folder(given, plan),
            str(outcomes),
            campaign=plan["campaign"],
            day=dt.date.fromisoformat(plan["day"]),
            last_day=dt.date.fromisoformat(plan["last_day"]),
            reward=reward,
        )
    return rows, {"--action": "sent", "--reward": earned, "--propensity": "propensity"}
