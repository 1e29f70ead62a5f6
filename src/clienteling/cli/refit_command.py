"""``clienteling refit``: the same segments on new customers."""

from __future__ import annotations

import itertools
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from clienteling.cli.options import (
    AsJson,
    Engine,
    Id,
    Impute,
    Memory,
    ModelFile,
    Offers,
    Playbook,
    Reading,
    Require,
    Seed,
    Source,
    Threads,
    number_of_segments,
    open_source,
    with_reading,
)
from clienteling.cli.output import (
    console,
    print_json,
    print_notes,
    progress_bar,
    say,
    say_careful,
    table,
)
from clienteling.errors import OutputError

if TYPE_CHECKING:
    from clienteling.segmentation.refit import Refit

__all__ = ["refit"]


@with_reading
def refit(
    model: ModelFile,
    source: Source,
    k: Annotated[
        str,
        typer.Option(
            metavar="stay|same|auto|N",
            help="The number of segments: stay takes the one that keeps most of the earlier "
            "segments among those that are as clear; same keeps it; auto chooses it anew.",
        ),
    ] = "stay",
    playbook: Playbook = None,
    offers: Offers = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The folder for the result; else next-month, or the first of next-month-2, … that "
            "isn't there yet.",
            show_default=False,
        ),
    ] = None,
    csv: Annotated[
        bool | None,
        typer.Option(
            "--csv/--no-csv",
            help="Write the recommendations as CSV too; by default up to a million customers.",
            show_default=False,
        ),
    ] = None,
    require: Require = None,
    impute: Impute = None,
    id: Id = None,
    seed: Seed = 0,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    as_json: AsJson = False,
    reading: Reading | None = None,
) -> None:
    """Make a model anew on new customers; segments that are found again keep id and name.

    Writes the same folder as clienteling run, and says what stays, what is new, and who moved.
    """
    wanted = _wanted(k)
    from clienteling.offers.catalogue import load_catalogue
    from clienteling.run import complete
    from clienteling.run_document import as_document
    from clienteling.run_folder import check_out, publish
    from clienteling.segmentation.drift import drift
    from clienteling.segmentation.limits import check_limits, parse_limits
    from clienteling.segmentation.load import load_model
    from clienteling.segmentation.refit import refit as find_refit

    limits = parse_limits(require)
    out = out or _free()
    if model.absolute().parent == out.absolute():
        raise OutputError(
            f"{out}: holds the earlier model itself, which would be replaced.",
            hint="Name another folder with --out; then both can be compared.",
        )
    earlier = load_model(model)
    catalogue = load_catalogue(offers) if offers is not None else None
    check_out(out)
    customers = open_source(source, engine, memory, threads, reading)
    against = drift(earlier, customers) if "largest-drift" in limits else None
    with progress_bar(as_json) as progress:
        found = find_refit(
            earlier,
            customers,
            wanted,
            playbook=playbook,
            id=id,
            impute=impute,
            seed=seed,
            progress=progress,
        )
        done = complete(
            found.model,
            found.choice,
            found.prepared,
            offers=catalogue,
            given=offers or "",
            refitted=found,
        )
        check_limits(limits, done.model, against)
        progress("Writing", 1.0)
        written = publish(done, out, csv=csv)
    if as_json:
        document = {**as_document(done), **_document(found), "out": str(out)}
        if against is not None:
            document["drift"] = {"verdict": against.verdict, "largest_drift": against.largest}
        print_json(document)
        return
    _print(found)
    print_notes(done.notes)
    console().print(f"\nWritten to {out}: {len(written)} files", style="bold")


def _free() -> Path:
    """Return a folder that replaces nothing: neither a run's result nor an earlier refit."""
    names = itertools.chain(["next-month"], (f"next-month-{n}" for n in itertools.count(2)))
    return next(each for each in map(Path, names) if not os.path.lexists(each))


def _wanted(k: str) -> int | Literal["same", "auto"] | None:
    said = k.strip().lower()
    if said == "stay":
        return None
    if said == "same":
        return "same"
    return number_of_segments(k) or "auto"


def _document(found: Refit) -> dict[str, object]:
    return {
        "kept": [
            {"id": id, "name": name, "today": found.today.get(id)}
            for id, name in found.kept.items()
        ],
        "changes": [asdict(each) for each in found.changes],
        "moves": [asdict(each) for each in found.moves],
        "staying": found.staying,
        "words": list(found.words),
    }


def _print(found: Refit) -> None:
    screen, model = console(), found.model
    many = "1 segment" if model.k == 1 else f"{model.k} segments"
    screen.print(f"\n{model.provenance.usable:,} customers in {many}", style="bold")
    say_careful(found.prepared.careful)
    for each in found.words:
        say(each, 2)
    before = {each.id: each for each in found.earlier.segments}
    shown = table("Segment", "Id", "Before", "Now", right=("Id", "Before", "Now"))
    for row in model.segments:
        earlier = before.get(row.id)
        share = f"{earlier.share:.1%}" if earlier else "new"
        shown.add_row(row.name, str(row.id), share, f"{row.share:.1%}")
    screen.print(shown)
    screen.print("Why this many", style="bold")
    say(model.why_k, 2)
    if not found.moved:
        return
    screen.print("\nWho moved", style="bold")
    heads = ("Customers", "Share")
    moved = table("From", "To", *heads, right=heads)
    for move in found.moved:
        moved.add_row(move.before, move.after, f"{move.customers:,}", f"{move.share:.1%}")
    screen.print(moved)
    say("Both models on the new customers; the share is of those in the segment they leave.", 2)
