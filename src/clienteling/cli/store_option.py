"""The option ``--store``: where campaigns, outcomes, consents and stock are kept."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["NeededStore", "StorePlace"]

_OPTION = typer.Option(
    "--store",
    metavar="FILE|URL",
    help="The store: a file such as shop.db, or postgresql://user:password@host/database.",
    show_default=False,
)

StorePlace = Annotated[str | None, _OPTION]
NeededStore = Annotated[str, _OPTION]
