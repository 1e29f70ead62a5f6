"""The options that mean the same on every command."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clienteling.errors import InputError

if TYPE_CHECKING:
    from clienteling.data.table import Table

__all__ = [
    "AsJson",
    "Engine",
    "Features",
    "Id",
    "K",
    "Memory",
    "ModelFile",
    "Offers",
    "Playbook",
    "Seed",
    "Source",
    "Threads",
    "feature_names",
    "number_of_segments",
    "open_source",
]

Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help='A CSV, TSV, Parquet or JSON lines file, a folder of Parquet files, or "sample".',
        show_default=False,
    ),
]
ModelFile = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL", help="The model.json that clienteling run wrote.", show_default=False
    ),
]
Features = Annotated[
    str | None,
    typer.Option(
        metavar="A,B",
        help="The columns to form segments from. A name with a comma stands in double quotes.",
    ),
]
K = Annotated[
    str, typer.Option(metavar="auto|N", help="The number of segments, or auto to choose it.")
]
Playbook = Annotated[
    str | None,
    typer.Option(metavar="FILE|NAME", help="Names and strategies of your own, or a built-in one."),
]
Offers = Annotated[
    str | None, typer.Option(metavar="FILE|NAME", help="A catalogue of offers of your own.")
]
Id = Annotated[
    str | None, typer.Option("--id", metavar="COLUMN", help="The column with the customer's id.")
]
Seed = Annotated[
    int,
    typer.Option(help="Start of all random draws; the result holds for any.", min=0, max=2**32 - 1),
]
Engine = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="duckdb, spark, or spark://host:port for a cluster."),
]
Memory = Annotated[
    str | None, typer.Option(metavar="SIZE", help='The most memory for the engine, such as "2GB".')
]
Threads = Annotated[int | None, typer.Option(metavar="N", help="Threads for the engine.", min=1)]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document instead of words and tables.")
]


def feature_names(features: str | None) -> list[str] | None:
    """Split the list of features; names with a comma in them stand in double quotes."""
    if features is None:
        return None
    rows = list(csv.reader([features], skipinitialspace=True))
    return [each.strip() for each in rows[0] if each.strip()] if rows else []


def number_of_segments(k: str) -> int | None:
    """Return the given number of segments, None for ``auto``."""
    if k.strip().lower() == "auto":
        return None
    try:
        number = int(k)
    except ValueError as error:
        raise InputError(
            f'--k is "{k}"; it must be a whole number from 1, or auto.',
        ) from error
    if number < 1:
        raise InputError(f"--k is {number}; the number of segments must be at least 1, or auto.")
    return number


def open_source(source: str, engine: str | None, memory: str | None, threads: int | None) -> Table:
    """Open the customers in the engine that is asked for."""
    from clienteling.data.read import read

    return read(source, engine=engine, memory=memory, threads=threads)
