"""``clienteling campaign replay``: what another policy would have earned, from a log."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from clienteling.cli.options import AsJson, Engine, Id, Memory, Threads, open_source
from clienteling.cli.output import console, print_json, print_notes, say, table
from clienteling.errors import InputError, near_names

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
            help="A row per decision, of a policy that left some of it to chance. Any SOURCE.",
            show_default=False,
        ),
    ],
    action: Annotated[
        str, typer.Option(metavar="COLUMN", help="What was decided.", show_default=False)
    ],
    reward: Annotated[
        str, typer.Option(metavar="COLUMN", help="What came of it.", show_default=False)
    ],
    propensity: Annotated[
        str,
        typer.Option(
            metavar="COLUMN",
            help="The probability with which the action was drawn.",
            show_default=False,
        ),
    ],
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
    from clienteling.measurement.log import read_log, shares_of_log
    from clienteling.measurement.off_policy import off_policy, probabilities

    by = context or []
    shares: dict[tuple[str, str], float] = {}
    decisions, own = 0, None
    if target is not None:
        opened = open_source(target, engine, memory, threads)
        shares, decisions, own = shares_of_log(opened, action=action, context=by, reward=reward)
    counted = read_log(
        open_source(log, engine, memory, threads),
        action=action,
        reward=reward,
        propensity=propensity,
        context=by,
        id=id,
        actions=sorted({each for _, each in shares}),
    )
    if always is not None and always not in counted.actions:
        raise InputError(
            f'{counted.source}: "{always}" was never decided. '
            + near_names(always, counted.actions),
            hint="The actions are: " + ", ".join(counted.actions[:50]) + ".",
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
    notes = list(counted.notes)
    if target is not None:
        notes.append(
            f"How the other policy decides is counted from {decisions:,} decisions of {target}."
        )
    if as_json:
        print_json(
            {
                **asdict(found),
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
