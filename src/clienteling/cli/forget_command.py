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
    the way, the same command finishes it. An id of which nothing is kept is said so; it is not
    contacted either, should it come.
    """
    from clienteling.ledger.forget import forget as erase
    from clienteling.ledger.near_ids import near_ids
    from clienteling.ledger.store import open_store

    with open_store(store) as opened:
        receipt = erase(opened, customer)
        unknown = not receipt.erased and not receipt.again
        near = near_ids(opened, customer) if unknown else []
    if unknown:
        meant = " or ".join(f'"{each}"' for each in near)
        hint = f" Did you mean {meant}?" if near else ""
        typer.echo(f'Nothing was kept of the id "{customer}".{hint}', err=True)
    if as_json:
        # In the answer, not in the receipt that is kept: it would tell of somebody.
        print_json({**asdict(receipt), "made_at": receipt.made_at.isoformat(), "near": near})
        return
    say(receipt.words)
    say(f"The receipt is {receipt.id}; it is kept in the store and tells nothing of the person.")
