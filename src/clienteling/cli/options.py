"""The options that mean the same on every command."""

from __future__ import annotations

import csv
import functools
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clienteling.errors import InputError

if TYPE_CHECKING:
    from clienteling.data.table import Table

__all__ = [
    "AsJson",
    "Categorical",
    "Engine",
    "Features",
    "Id",
    "Impute",
    "K",
    "Memory",
    "ModelFile",
    "Offers",
    "Playbook",
    "Reading",
    "Require",
    "Roles",
    "RowsAreCustomers",
    "Seed",
    "Source",
    "Threads",
    "TransformOption",
    "feature_names",
    "number_of_segments",
    "open_source",
    "transforms_of",
    "with_reading",
]

Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="A CSV, TSV, Excel, Parquet or JSON lines file, a folder of Parquet files, or "
        '"sample".',
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
Categorical = Annotated[
    str | None,
    typer.Option(
        metavar="A,B",
        help="Columns of words, whole numbers or flags whose levels form segments beside the "
        "features; by default they only describe them.",
    ),
]
TransformOption = Annotated[
    str | None,
    typer.Option(
        "--transform",
        metavar="auto|none|A=log,…",
        help="What features go through first: auto takes what their distribution suggests; or "
        "log, winsorise or winsorise+log by feature.",
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
Roles = Annotated[
    str | None,
    typer.Option(
        "--roles",
        metavar="auto|FILE",
        help="Take the features that clienteling inspect proposes, or those of a file of roles, "
        "and leave ignored columns out of the profile.",
    ),
]
Id = Annotated[
    str | None, typer.Option("--id", metavar="COLUMN", help="The column with the customer's id.")
]
Impute = Annotated[
    str | None,
    typer.Option(
        metavar="median",
        help="Give customers who lack some of the features the median, and mark them; by default "
        "they have no segment.",
    ),
]
RowsAreCustomers = Annotated[
    bool,
    typer.Option(
        "--rows-are-customers",
        help="Take each row as a customer, though most ids stand in several rows; by default a log "
        "of purchases is refused.",
    ),
]
Require = Annotated[
    str | None,
    typer.Option(
        metavar="LIMIT=N,…",
        help="Publish only where these hold: smallest-share, silhouette, least-stability, "
        "largest-drift. Else the exit code is 3.",
    ),
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


def _reading(help: str, metavar: str, *names: str, several: bool = False) -> Any:
    kind = list[str] if several else str
    option = typer.Option(
        *names, metavar=metavar, help=help, show_default=False, rich_help_panel="How it is read"
    )
    return Annotated[kind | None, option]


_READING = {
    "delimiter": _reading("The sign between the fields of a text file.", "SIGN"),
    "encoding": _reading("The encoding of a text file, such as cp1252.", "NAME"),
    "decimal": _reading("The sign before the decimals of numbers.", ".|,"),
    "thousands": _reading("The sign between groups of three digits.", "SIGN"),
    "dates": _reading(
        "The order in dates of three numbers; none leaves dates as text.", "dmy|mdy|ymd|none"
    ),
    "missing": _reading('A word that means "no value"; may be repeated.', "WORD", several=True),
    "sheet": _reading("The sheet of a workbook, by name or place.", "NAME|N"),
    "drop": _reading(
        "Values of a column that count as missing; may be repeated.", "COLUMN=VALUES", several=True
    ),
    "as_text": _reading("Columns that are kept as they are written.", "COLUMN,…", "--as-text"),
}

#: How a source is read, as keyword arguments of :func:`clienteling.read`.
Reading = dict[str, Any]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document instead of words and tables.")
]


def feature_names(features: str | None) -> list[str] | None:
    """Split the list of features; names with a comma in them stand in double quotes."""
    if features is None:
        return None
    rows = list(csv.reader([features], skipinitialspace=True))
    return [each.strip() for each in rows[0] if each.strip()] if rows else []


def transforms_of(transform: str | None) -> str | dict[str, str] | None:
    """Return ``auto`` or ``none`` as it is, else the transform by feature."""
    if transform is None or "=" not in transform:
        return transform
    rows = list(csv.reader([transform], skipinitialspace=True))
    pairs = [each.rpartition("=") for each in rows[0] if each.strip()]
    faults = [f'"{name}{kind}" has no feature.' for name, equals, kind in pairs if not equals]
    if faults:
        raise InputError(
            "--transform is not understood.",
            faults=faults,
            hint='Write it as --transform "Income=log,Age=winsorise".',
        )
    return {name.strip(): kind.strip() for name, _, kind in pairs}


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


def open_source(
    source: str,
    engine: str | None,
    memory: str | None,
    threads: int | None,
    reading: Reading | None = None,
) -> Table:
    """Open the customers in the engine that is asked for, read as it is asked."""
    from clienteling.data.read import read

    return read(source, engine=engine, memory=memory, threads=threads, **(reading or {}))


def with_reading(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how a source is read, as its argument ``reading``."""

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        reading = {each: given.pop(each) for each in _READING}
        reading["missing"] = tuple(reading["missing"] or ())
        reading["drop"] = _dropped(reading["drop"] or ())
        reading["as_text"] = tuple(feature_names(reading["as_text"]) or ())
        command(**given, reading=reading)

    signature = inspect.signature(command, eval_str=True)
    own = [each for each in signature.parameters.values() if each.name != "reading"]
    added = [
        inspect.Parameter(each, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for each, kind in _READING.items()
    ]
    # Typer looks at the signature, and at the annotations by themselves.
    with_options.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own] + added
    )
    with_options.__annotations__ = {
        **{each.name: each.annotation for each in own},
        **_READING,
        "return": None,
    }
    return with_options


def _dropped(given: Sequence[str]) -> dict[str, list[float]]:
    """Read ``Age=118,0``: a column and the values in it that count as missing."""
    dropped: dict[str, list[float]] = {}
    for each in given:
        name, sign, values = each.rpartition("=")
        try:
            numbers = [float(value) for value in values.split(",")]
        except ValueError:
            numbers = []
        if not sign or not name.strip() or not numbers:
            raise InputError(
                f'--drop is "{each}"; it must be a column and the values that count as missing.',
                hint='For example: --drop "Age=118" or --drop "Age=0,118"',
            )
        dropped.setdefault(name.strip(), []).extend(numbers)
    return dropped
