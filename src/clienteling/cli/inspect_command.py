"""``clienteling inspect``: what a table holds, before anything is fitted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clienteling.cli.options import (
    AsJson,
    Engine,
    Id,
    Memory,
    Reading,
    Source,
    Threads,
    open_source,
    with_reading,
)
from clienteling.cli.output import console, print_json, print_notes, say, table
from clienteling.cli.proposed import as_typed
from clienteling.errors import InputError, OutputError

if TYPE_CHECKING:
    from clienteling.data.inspection import ColumnFigures
    from clienteling.features.roles import Role
    from clienteling.segmentation.inspect import Inspection

__all__ = ["inspect"]

#: Columns in the table for people; all of them are in the JSON document.
_SHOWN = 60
#: Kinds as people say them.
_KINDS = {"integer": "whole", "boolean": "yes/no"}


@with_reading
def inspect(
    source: Source,
    id: Id = None,
    roles: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Roles of your own, as --write-roles has them."),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=ROLE",
            help="One role of your own: id, feature, category, profile or ignore; may be repeated.",
            show_default=False,
        ),
    ] = None,
    write_roles: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the roles to a file, to start your own from."),
    ] = None,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    as_json: AsJson = False,
    reading: Reading | None = None,
) -> None:
    """Look at a table before anything is fitted: what its columns hold, and a role for each."""
    own = _roles(role or [])
    if write_roles is not None and write_roles.exists():
        raise OutputError(
            f"{write_roles}: is there already.", hint="Name another file, or move that one away."
        )
    from clienteling.features.role_file import load_roles
    from clienteling.segmentation.inspect import inspect as look

    given = {**(load_roles(roles).roles if roles else {}), **own}
    found = look(open_source(source, engine, memory, threads, reading), id=id, roles=given)
    if write_roles is not None:
        _write(found.to_yaml(), write_roles)
    if as_json:
        print_json({**found.as_document(), "out": str(write_roles) if write_roles else None})
        return
    _print(found, source)
    if write_roles is not None:
        console().print(f"\nWritten to {write_roles}", style="bold")


def _roles(given: list[str]) -> dict[str, str]:
    pairs = [each.rpartition("=") for each in given]
    faults = [
        f'"{name}{role}" has no {"role" if not equals else "column"}.'
        for name, equals, role in pairs
        if not equals or not name.strip()
    ]
    if faults:
        raise InputError(
            "--role is not understood.", faults=faults, hint='Write it as --role "Age=feature".'
        )
    return {name.strip(): role.strip() for name, _, role in pairs}


def _write(text: str, path: Path) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise OutputError(f"{path}: can't be written ({error.strerror}).") from error


def _print(found: Inspection, source: str) -> None:
    from clienteling.features.roles import ROLES

    screen = console()
    columns = "1 column" if len(found.columns) == 1 else f"{len(found.columns):,} columns"
    rows = "1 row" if found.rows == 1 else f"{found.rows:,} rows"
    screen.print(f"\n{rows}, {columns}", style="bold")
    if found.purchases is not None:
        say(found.purchases.sentence, style="bold")
    figures = ("Missing", "Distinct", "Range", "Far out")
    shown = table("Column", "Role", "Kind", *figures, right=figures)
    shown.padding = (0, 0)
    shown.columns[0].overflow = "fold"
    for fixed in shown.columns[1:3]:
        fixed.no_wrap = True
    about = "" if found.exact else "~"
    for each, part in list(zip(found.columns, found.roles, strict=True))[:_SHOWN]:
        shown.add_row(
            each.name,
            part.role,
            _KINDS.get(each.kind, each.kind),
            f"{each.missing:,}" if each.missing else "",
            f"{about}{each.distinct:,}",
            _range(each),
            f"{each.outliers:,}" if each.outliers else "",
        )
    screen.print(shown)
    if len(found.columns) > _SHOWN:
        say(f"The first {_SHOWN} of {columns}; --json has all of them.", 2)
    if not found.exact:
        say("~ and far out: by the engine's approximations, close enough to judge by.", 2)
    said = found.findings[1:] if found.purchases is not None else found.findings
    if said:
        screen.print("What was found", style="bold")
        for sentence in said:
            say(sentence, 2)
    screen.print("\nThe roles, and why", style="bold")
    reasons: dict[tuple[Role, str], list[str]] = {}
    for part in found.roles:
        reasons.setdefault((part.role, part.reason), []).append(part.name)
    for (role, reason), names in sorted(reasons.items(), key=lambda each: ROLES.index(each[0][0])):
        say(f"{role}: {', '.join(names)}. {reason}", 2)
    if not found.features:
        say("No column of numbers can form segments as it is.", 2)
    print_notes(found.notes)
    if found.purchases is not None:
        screen.print()
        screen.print(found.purchases.next_step, soft_wrap=True)
    elif found.features:
        screen.print()
        say(
            f"Next: clienteling run {as_typed(source)} --roles auto, or with a file of your own "
            "roles (--write-roles FILE makes one to start from)."
        )


def _range(each: ColumnFigures) -> str:
    from clienteling.segmentation.findings import shown_value

    if each.least is None:
        return ""
    low, high = shown_value(each, each.least), shown_value(each, each.largest)
    if each.kind == "date":
        low, high = low[:7], high[:7]  # the month is enough, and fits
    return low if low == high else f"{low} to {high}"
