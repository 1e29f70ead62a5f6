"""The option ``--store``: where campaigns, outcomes, consents and stock are kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from clienteling.ledger.store import Store

__all__ = ["NeededStore", "StorePlace", "say_if_new"]

_OPTION = typer.Option(
    "--store",
    metavar="FILE|URL",
    help="The store: a file such as shop.db, or postgresql://user:password@host/database.",
    show_default=False,
)

StorePlace = Annotated[str | None, _OPTION]
NeededStore = Annotated[str, _OPTION]


def say_if_new(store: Store) -> Store:
    """Say on standard error that a store was made, and where: its name may be misspelt."""
    if store.is_new:
        from clienteling.ledger.store import near_stores

        where = str(Path(store.shown).absolute()) if store.is_sqlite else store.shown
        near = near_stores(Path(store.shown)) if store.is_sqlite else ""
        typer.echo(f"A new store was made: {where}" + (f" ({near})" if near else ""), err=True)
    return store
