"""``clienteling run``: the whole way from a table to offers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clienteling.cli.options import (
    AsJson,
    Engine,
    Features,
    Id,
    K,
    Memory,
    Offers,
    Playbook,
    Reading,
    Seed,
    Source,
    Threads,
    feature_names,
    number_of_segments,
    open_source,
    with_reading,
)
from clienteling.cli.output import console, print_json, print_notes, progress_bar, say, table

if TYPE_CHECKING:
    from clienteling.run import Run

__all__ = ["run"]

_SHOWN = 5


@with_reading
def run(
    source: Source,
    features: Features = None,
    k: K = "auto",
    playbook: Playbook = None,
    offers: Offers = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the result.")] = Path(
        "clienteling-out"
    ),
    csv: Annotated[
        bool | None,
        typer.Option(
            "--csv/--no-csv",
            help="Write the recommendations as CSV too; by default up to a million customers.",
            show_default=False,
        ),
    ] = None,
    id: Id = None,
    seed: Seed = 0,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    as_json: AsJson = False,
    reading: Reading | None = None,
) -> None:
    """Go the whole way: segments, names, strategies, offers, pictures and a report.

    Writes model.json, segments.csv, recommendations.parquet and .csv, report.html and images/
    into the output folder, at the end and whole.
    """
    number = number_of_segments(k)
    from clienteling.run import as_document, check_out, publish
    from clienteling.run import run as run_all

    check_out(out)
    customers = open_source(source, engine, memory, threads, reading)
    with progress_bar(as_json) as progress:
        found = run_all(
            customers,
            feature_names(features),
            k=number,
            playbook=playbook,
            offers=offers,
            id=id,
            seed=seed,
            progress=progress,
        )
        progress("Writing", 1.0)
        written = publish(found, out, csv=csv)
    if as_json:
        print_json({**as_document(found), "out": str(out)})
        return
    _print(found, out, written)


def _print(found: Run, out: Path, written: list[Path]) -> None:
    from clienteling.offers.recommend import offers_of

    screen, model = console(), found.model
    many = f"{found.prepared.usable.usable:,} customers"
    kinds = "1 segment" if model.k == 1 else f"{model.k} segments"
    screen.print(f"\n{many} in {kinds}", style="bold")
    shown = table(
        "Segment",
        "Customers",
        "Share",
        *(each.words.name for each in model.features),
        "Strategy",
        right=("Customers", "Share", *(each.words.name for each in model.features)),
    )
    for each in model.segments:
        centre = model.centre_of(each)
        shown.add_row(
            each.name,
            f"{each.size:,}",
            f"{each.share:.0%}",
            *(f"{value:.4g}" for value in centre.values()),
            each.strategy,
        )
    screen.print(shown)
    screen.print("Who they are and what to offer", style="bold")
    for each in model.segments:
        say(f"{each.name}: {each.explanation}.", 2)
        if each.fit:
            say(each.fit, 4)
        for ranked in offers_of(each, found.catalogue):
            say(f"{ranked.rank}. {ranked.offer.title}. {ranked.reason}", 4)
    screen.print("\nWhy this many", style="bold")
    say(model.why_k, 2)
    screen.print("\nDBSCAN, for comparison only", style="bold")
    comparison = found.comparison
    say(f"eps {comparison.eps:.3f}, min_samples {comparison.min_samples}: {comparison.verdict}", 2)
    screen.print("\nThe first customers", style="bold")
    first = table("Customer", "Segment", "Offer", "Border", right=("Border",))
    for row in found.recommended.head(_SHOWN).to_dict("records"):
        margin = row["margin"]
        first.add_row(
            str(row["customer_id"]),
            str(row["segment"] if row["segment"] == row["segment"] else "") or row["note"],
            str(row["offer_1"] or ""),
            f"{margin:.2f}" if margin == margin and margin is not None else "",
        )
    screen.print(first)
    say("Border: how far the next segment is, in standard deviations (0 is on it).", 2)
    if not any(each.suffix == ".png" for each in written):
        screen.print('No pictures were drawn; for those: pip install "clienteling[plots]"')
    print_notes(found.notes)
    screen.print(f"\nWritten to {out}", style="bold")
    base = out.resolve()
    for path in written:
        screen.print(f"  {path.relative_to(base)}")
