"""What was taken where nobody named the features, why, and how to change it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from clienteling.data.urls import is_url

if TYPE_CHECKING:
    from clienteling.features.roles import Role
    from clienteling.segmentation.inspect import Inspection
    from clienteling.segmentation.prepare import Prepared

__all__ = ["as_typed", "print_proposed", "unsaid"]

#: Columns that are named in one row; of more, only how many they are.
_NAMED = 8


def as_typed(source: str) -> str:
    """Return a source as a command takes it; an address may hold a password, and isn't shown."""
    return "SOURCE" if is_url(source) else shlex.quote(source)


def print_proposed(proposed: Inspection | None, source: str) -> None:
    """Say on standard error which role each column was given, in one block.

    Parameters
    ----------
    source : of the customers, as it was typed
    proposed : the report that the features come from; None where somebody named or knew them
    """
    if proposed is None:
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    screen = Console(stderr=True, highlight=False, markup=False)
    if not sys.stderr.isatty():
        screen.width = max(screen.width, 100)
    block = Table.grid(padding=(0, 2))
    block.add_column(no_wrap=True)
    block.add_column(overflow="fold")
    for what, words in _rows(proposed):
        block.add_row(Text(f"  {what}", style="bold"), Text(words))
    screen.print(
        "No playbook knows these columns, so each was given a role by what it holds:", style="bold"
    )
    screen.print(block)
    screen.print(
        "To change it, name the features with --features A,B; or write the roles to a file with\n"
        f"clienteling inspect {as_typed(source)} --write-roles roles.yaml\n"
        "edit it, and add --roles roles.yaml."
    )


def unsaid(notes: Sequence[str], prepared: Prepared) -> list[str]:
    """Return the notes without those that :func:`print_proposed` has said in its own words."""
    return [each for each in notes if each not in prepared.of_proposed]


def _rows(proposed: Inspection) -> Iterator[tuple[str, str]]:
    from clienteling.features.roles import DATES

    reasons = {each.name: each.reason for each in proposed.roles}
    if proposed.id is not None:
        yield "id", f"{proposed.id}: {_small(reasons[proposed.id])}"
    yield "features", "; ".join(_grouped(proposed, "feature"))
    if proposed.categories:
        yield "categories", f"{_listed(proposed.categories)}: to form segments by their levels"
    describing = [each for each in proposed.roles if each.role == "profile"]
    profile = [each.name for each in describing if each.reason != DATES]
    if profile:
        yield "profile", f"{_listed(profile)}: to describe the segments, not to form them"
    dates = [each.name for each in describing if each.reason == DATES]
    if dates:
        yield "dates", f"{_listed(dates)}: {_small(DATES)}"
    if proposed.ignored:
        yield "ignored", "; ".join(_grouped(proposed, "ignore"))
    if proposed.outliers:
        yield "far out", " ".join(proposed.outliers)


def _grouped(proposed: Inspection, role: Role) -> list[str]:
    """Return the columns of a role, those with the same reason together."""
    by_reason: dict[str, list[str]] = {}
    for each in proposed.roles:
        if each.role == role:
            by_reason.setdefault(each.reason, []).append(each.name)
    return [f"{_listed(names)}: {_small(reason)}" for reason, names in by_reason.items()]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    more = len(names) - _NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown


def _small(reason: str) -> str:
    return reason[0].lower() + reason[1:].rstrip(".")
