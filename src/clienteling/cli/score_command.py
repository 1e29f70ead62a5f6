"""``clienteling score``: segment and offers of every customer, with a saved model."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clienteling.cli.options import (
    AsJson,
    Engine,
    Id,
    Memory,
    ModelFile,
    Offers,
    Reading,
    Source,
    Threads,
    open_source,
    with_reading,
)
from clienteling.cli.output import (
    console,
    print_json,
    print_notes,
    progress_bar,
    say_careful,
    table,
)
from clienteling.errors import OutputError

if TYPE_CHECKING:
    from clienteling.data.destinations import Destination
    from clienteling.data.table import Table

__all__ = ["score"]


@with_reading
def score(
    model: ModelFile,
    source: Source,
    out: Annotated[
        str,
        typer.Option(
            metavar="FILE|FOLDER|TABLE",
            help="A .parquet or .csv file, a folder of Parquet, or a database's table by its URL.",
            show_default=False,
        ),
    ],
    offers: Offers = None,
    id: Id = None,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    as_json: AsJson = False,
    reading: Reading | None = None,
) -> None:
    """Give every customer their segment and offers, by a model that was saved.

    The result is whole or not there at all. A run into a folder that was stopped goes on where
    it was, when the same command is given again.
    """
    from clienteling.data.columns import COUNTED, find_id, repeated_ids
    from clienteling.data.destinations import check_destination, write_to
    from clienteling.offers.catalogue import catalogue_for
    from clienteling.offers.recommend import count_marked, count_segments, recommend, with_reason
    from clienteling.segmentation.load import load_model
    from clienteling.segmentation.missing_again import words_as_missing
    from clienteling.segmentation.scoring import far_outside

    destination = check_destination(out)
    if Path(out).exists() and Path(source).exists() and Path(out).samefile(source):
        raise OutputError(
            f"{out}: is the source itself, and the result would replace the customers.",
            hint="Name another file with --out.",
        )
    _refuse_own_table(source, destination)
    loaded = load_model(model)
    catalogue = catalogue_for(loaded, offers)
    customers = open_source(source, engine, memory, threads, reading)
    found_id = find_id(customers, id)
    if found_id is None:
        # Rows are numbered through all files, so the table must stay in one piece.
        customers = replace(customers, files=())

    def make(some: Table) -> Table:
        recommended = recommend(loaded, some, offers=catalogue, id=id)
        if destination.kind == "csv":
            return with_reason(recommended, loaded, catalogue)
        return recommended

    depends_on = f"{loaded.to_json()}{catalogue.model_dump_json()}{id}"
    if reading and any(reading.values()):
        depends_on += str(reading)
    with progress_bar(as_json) as progress:
        write_to(
            destination,
            customers,
            make,
            fingerprint=hashlib.sha256(depends_on.encode()).hexdigest(),
            progress=lambda share: progress("Scoring", share),
        )
    recommended = make(customers)
    far = far_outside(loaded, customers)
    notes = [*recommended.notes, *words_as_missing(loaded, customers)]
    written = _written(destination, recommended)
    counts = count_segments(written)
    fills_in = loaded.kind == "kmeans" and bool(loaded.medians)
    filled = count_marked(written) if fills_in else 0
    rows = sum(counts.values())
    unscored = counts.pop(None, 0)
    if found_id is not None and rows <= COUNTED:
        notes += repeated_ids(customers, found_id.name)
    if as_json:
        print_json(
            {
                "out": destination.shown,
                "customers": rows,
                "scored": rows - unscored,
                "imputed": filled,
                "segments": {each.name: counts.get(each.name, 0) for each in loaded.segments},
                "notes": notes,
                "warnings": far,
            }
        )
        return
    shown = table("Segment", "Customers", "Share", right=("Customers", "Share"))
    for each in loaded.segments:
        many = counts.get(each.name, 0)
        shown.add_row(each.name, f"{many:,}", f"{many / max(1, rows - unscored):.0%}")
    screen = console()
    screen.print(shown)
    if unscored:
        screen.print(f"{unscored:,} of {rows:,} have no segment; the column note says why.")
    if filled:
        screen.print(
            f"{filled:,} have the median of a feature that is missing; the column note marks them."
        )
    say_careful(far)
    print_notes(notes)
    screen.print(f"Written to {destination.shown}")


def _refuse_own_table(source: str, destination: Destination) -> None:
    from clienteling.data.same_database import same_database
    from clienteling.data.urls import is_url, parse_url

    if destination.address is None or not is_url(source):
        return
    ours, theirs = destination.address, parse_url(source)
    schemas = {each.table.rpartition(".")[0] for each in (ours, theirs)} - {""}
    names = {each.table.rpartition(".")[2] for each in (ours, theirs)}
    if same_database(ours.url, theirs.url) and len(names) == 1 and len(schemas) < 2:
        raise OutputError(
            f"{destination.shown}: is the source itself, and the result would replace the "
            "customers.",
            hint="Name another table with --out.",
        )


def _written(destination: Destination, recommended: Table) -> Table:
    """Return what is to be counted: the Parquet that was written, which has it ready."""
    from clienteling.data.read import read

    if destination.kind in ("parquet", "folder"):
        return read(str(destination.path))
    return recommended
