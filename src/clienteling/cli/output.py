"""What people read, tables and sentences, and what programs read, one JSON document."""

from __future__ import annotations

import errno
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from clienteling.data.assumptions import Assumption
from clienteling.errors import ClientelingError

if TYPE_CHECKING:
    from rich.table import Table

__all__ = [
    "console",
    "decimals",
    "print_error",
    "print_json",
    "print_notes",
    "progress_bar",
    "say",
    "table",
]


def console() -> Any:
    """Return a console for standard output."""
    from rich.console import Console

    screen = Console(highlight=False, markup=False)
    # Its own answer to a reader that went away is an exit code of 1; here it is no fault.
    screen.on_broken_pipe = _broken_pipe  # type: ignore[method-assign]
    return screen


def _broken_pipe() -> None:
    raise BrokenPipeError(errno.EPIPE, "the reader went away")


def say(text: str, indent: int = 0, style: str = "") -> None:
    """Print a sentence; where it takes several lines, all of them are indented."""
    from rich.padding import Padding
    from rich.text import Text

    console().print(Padding(Text(text, style=style), (0, 0, 0, indent), expand=False))


def print_json(document: Any) -> None:
    """Print one JSON document; figures that are not defined are null."""
    text = json.dumps(_plain(document), ensure_ascii=False, indent=2, allow_nan=False)
    typer.echo(text)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def print_error(error: ClientelingError, *, as_json: bool, code: int) -> int:
    """Say what is wrong and return the exit code."""
    if as_json:
        print_json({"error": _error_document(error)})
    typer.echo(f"Error: {error}", err=True)
    return code


def print_with_error(
    document: Mapping[str, Any], error: ClientelingError | None, *, as_json: bool
) -> None:
    """Print what was found, and where some of it is wrong say so too, and end with 2."""
    if as_json:
        print_json({**document, "error": _error_document(error)} if error else document)
    if error is not None:
        raise typer.Exit(print_error(error, as_json=False, code=2))


def _error_document(error: ClientelingError) -> dict[str, Any]:
    return {
        "kind": type(error).__name__,
        "message": error.message,
        "faults": list(error.faults),
        "hint": error.hint,
    }


def say_careful(warnings: Sequence[str]) -> None:
    """Say what puts the whole in question."""
    for each in warnings:
        say(f"Careful: {each}", style="bold")


def print_notes(notes: Sequence[str]) -> None:
    """Say what was assumed, in one table: where, what, and how the user says otherwise."""
    if not notes:
        return
    console().print()
    say("What was assumed", style="bold")
    parted = [(each, Assumption.of(each)) for each in notes]
    rows = [one for _, one in parted if one.column or one.option]
    if rows:
        options = any(one.option for one in rows)
        shown = table("Column", "What", *(["Otherwise"] if options else []))
        for one in rows:
            what = f"{one.what[:1].upper()}{one.what[1:]}"
            shown.add_row(one.column or "all", what, *([one.option] if options else []))
        console().print(shown)
    for sentence, one in parted:
        if not (one.column or one.option):
            say(sentence, 2)


def table(*columns: str, right: Sequence[str] = ()) -> Table:
    """Return an empty table for people; the columns in ``right`` hold figures."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for each in columns:
        made.add_column(each, justify="right" if each in right else "left", no_wrap=each in right)
    return made


def decimals(values: Sequence[float]) -> int:
    """Return how many decimals a column of figures takes: about four digits of the largest.

    Examples
    --------
    >>> decimals([55.3, 86.54]), decimals([24_016.2, 900.1]), decimals([0.012])
    (2, 0, 5)
    """
    largest = max((abs(each) for each in values), default=0.0)
    return min(12, max(0, 3 - math.floor(math.log10(largest)))) if largest > 0 else 0


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Callable[[str, float], None]]:
    """Show how far a long work is, on standard error and only to a person at a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda what, share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        task = progress.add_task("Reading", total=1.0)
        yield lambda what, share: progress.update(task, description=what, completed=share)
