"""``clienteling forget``: erase a person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from clienteling.cli.options import AsJson
from clienteling.cli.output import print_json, say
from clienteling.cli.store_option import NeededStore

__all__ = ["forget"]


def forget(
    customer: Annotated[
        str, typer.Argument(metavar="CUSTOMER", help="The customer's id.", show_default=False)
    ],
    store: NeededStore,
    as_json: AsJson = False,
) -> None:
    """Erase a person everywhere: decisions, outcomes, consents, the files of every batch.

    The figures of campaigns stay what they are, and the person is not contacted again. Stopped on
    the way, the same command finishes it.
    """
    from clienteling.ledger.forget import forget as erase
    from clienteling.ledger.store import open_store

    with open_store(store) as opened:
        receipt = erase(opened, customer)
    if as_json:
        print_json({**asdict(receipt), "made_at": receipt.made_at.isoformat()})
        return
    say(receipt.words)
    say(f"The receipt is {receipt.id}; it is kept in the store and tells nothing of the person.")
