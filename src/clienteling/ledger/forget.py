"""Forget a customer: everywhere, for good, and so that no figure changes.

In this order, so that whenever it is stopped, doing it again finishes it and counts nothing twice:

1. the decision that each batch holds for the customer is looked up;
2. in one change of the store: the keyed hash of the id is kept, so that the person is not
   contacted again; what was decided and came of it in real time goes into the sums; what each
   batch gave is noted under the hash; all rows of the customer go, but the outcomes of batches;
3. batch by batch: the files that hold the customer are written anew without, each whole or not at
   all; then the outcomes go into the sums, and the note is struck out;
4. the pages of the database that held the rows are written over.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from clienteling.errors import OutputError
from clienteling.ledger.batch import BatchDecision, batch_decisions
from clienteling.ledger.campaigns import Campaign, campaigns
from clienteling.ledger.customers import hash_key, id_text, person_of
from clienteling.ledger.decisions import first_decisions
from clienteling.ledger.dialects import insert, one_at_a_time
from clienteling.ledger.erase_batch import erase_from_batch
from clienteling.ledger.moments import now_utc
from clienteling.ledger.reservations import release_open
from clienteling.ledger.schema import (
    consents,
    decisions,
    erasures,
    forgotten,
    forgotten_sums,
    opt_outs,
    outcomes,
    receipts,
)
from clienteling.ledger.store import Store

__all__ = ["Receipt", "forget"]


@dataclass(frozen=True)
class Receipt:
    """What was erased; it holds nothing that tells whom.

    Parameters
    ----------
    id : of the receipt
    made_at : when, UTC
    erased : how many rows, by what they were
    files : how many files of batch decisions were written anew
    campaigns : in which the customer was
    again : whether the same id had been forgotten before
    """

    id: str
    made_at: dt.datetime
    erased: Mapping[str, int]
    files: int
    campaigns: tuple[str, ...]
    again: bool = False

    @property
    def words(self) -> str:
        """The receipt in a sentence."""
        rows = sum(self.erased.values())
        if not rows and self.again:
            return "Nothing is kept of this customer any more: they were forgotten before."
        if not rows:
            return (
                "Nothing was kept of this id, so nothing was erased. Should a customer of this id "
                "come, they will not be contacted."
            )
        one = "1 file was" if self.files == 1 else f"{self.files} files were"
        files = f"; {one} written anew" if self.files else ""
        erased = "1 row was" if rows == 1 else f"{rows} rows were"
        return f"{erased} erased{files}. The customer will not be contacted again."


def forget(store: Store, customer_id: int | str) -> Receipt:
    """Erase a customer from a store and from the decisions of its batches.

    Parameters
    ----------
    store : the store
    customer_id : whose

    Returns
    -------
    Receipt
        It is kept in the store too. A second time there is nothing left to erase.

    Raises
    ------
    SourceError
        The store or a batch can't be read: what is not erased yet is erased when it is done again.
    OutputError
        A file of a batch can't be written; the old one is whole.

    Examples
    --------
    >>> import tempfile
    >>> from clienteling.ledger.consents import is_opted_out, set_consent
    >>> from clienteling.ledger.store import open_store
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open_store(f"{folder}/shop.db", create=True) as store:
    ...         _ = set_consent(store, "zoe@example.com", "email", True)
    ...         receipt = forget(store, "zoe@example.com")
    ...         receipt.words, is_opted_out(store, "zoe@example.com")
    ('1 row was erased. The customer will not be contacted again.', True)
    """
    customer = id_text(customer_id)
    every = campaigns(store)
    held = {each.id: batch_decisions(each, [customer], store=store).get(customer) for each in every}
    with store.reading() as connection:
        person = person_of(customer, hash_key(connection))
        own = sa.select(forgotten.c.person).where(forgotten.c.person == person)
        again = connection.execute(own).first() is not None
    erased = _from_store(store, customer, person, held)
    files = 0
    for each in every:
        files += erase_from_batch(each, customer, store)
        gone, had = _finish(store, customer, person, each)
        erased["outcomes"] += gone
        erased["decisions of batches"] += had
    _overwrite(store)
    receipt = Receipt(
        uuid.uuid4().hex,
        now_utc(),
        {what: n for what, n in erased.items() if n},
        files,
        tuple(each.id for each in every if held[each.id] is not None),
        again,
    )
    said = asdict(receipt) | {"made_at": receipt.made_at.isoformat()}
    row = {"id": receipt.id, "person": person, "content": json.dumps(said)}
    with store.writing() as connection:
        connection.execute(sa.insert(receipts).values(**row, made_at=receipt.made_at))
    return receipt


def _from_store(
    store: Store, customer: str, person: str, held: Mapping[str, BatchDecision | None]
) -> dict[str, int]:
    """Erase what the store itself holds; note what each batch gave."""
    with store.writing() as connection:
        one_at_a_time(connection, f"customer {customer}")
        kept = insert(connection, forgotten).values(
            person=person, forgotten_at=now_utc(), contact_again=False
        )
        again = {"forgotten_at": kept.excluded.forgotten_at, "contact_again": False}
        connection.execute(kept.on_conflict_do_update(index_elements=["person"], set_=again))
        for campaign, own in held.items():
            if own is not None:
                note = insert(connection, erasures).values(
                    person=person,
                    campaign=campaign,
                    segment_id=own.segment_id,
                    arm=own.arm,
                    offer=own.offer,
                )
                connection.execute(note.on_conflict_do_nothing())
        of_batches = set(
            connection.execute(
                sa.select(erasures.c.campaign).where(erasures.c.person == person)
            ).scalars()
        )
        gone = 0
        for row in first_decisions(connection, customer):
            if row.campaign not in of_batches:
                group = (row.segment_id, row.arm, row.offer)
                gone += _count(connection, row.campaign, customer, *group, from_batch=False)
        # What is of no decision is of no use: it can't be counted anywhere.
        theirs = outcomes.c.customer_id == customer
        loose = sa.delete(outcomes).where(theirs, outcomes.c.campaign.not_in(of_batches))
        gone += connection.execute(loose).rowcount
        release_open(connection, customer)
        erased = {"decisions": decisions, "consents": consents, "opt-outs": opt_outs}
        found = {
            what: connection.execute(
                sa.delete(table).where(table.c.customer_id == customer)
            ).rowcount
            for what, table in erased.items()
        }
    return {**found, "outcomes": gone, "decisions of batches": 0}


def _finish(store: Store, customer: str, person: str, campaign: Campaign) -> tuple[int, int]:
    """Count what the batch gave, and what came of it, once the batch holds it no more."""
    with store.writing() as connection:
        own = sa.and_(erasures.c.person == person, erasures.c.campaign == campaign.id)
        struck = (
            sa.delete(erasures)
            .where(own)
            .returning(erasures.c.segment_id, erasures.c.arm, erasures.c.offer)
        )
        note = connection.execute(struck).one_or_none()
        if note is None:
            return 0, 0
        group = (note.segment_id, note.arm, note.offer)
        gone = _count(connection, campaign.id, customer, *group, from_batch=True)
        return gone, 1


def _count(
    connection: sa.Connection,
    campaign: str,
    customer: str,
    segment_id: int | None,
    arm: str,
    offer: str,
    *,
    from_batch: bool,
) -> int:
    """Move a customer's outcomes in a campaign into its sums; return how many there were."""
    own = sa.and_(outcomes.c.campaign == campaign, outcomes.c.customer_id == customer)
    totals = (
        sa.select(outcomes.c.name, sa.func.sum(outcomes.c.value).label("total"))
        .where(own)
        .group_by(outcomes.c.name)
        .order_by(outcomes.c.name)
    )
    had = [("", 0.0), *((row.name, float(row.total)) for row in connection.execute(totals))]
    group = {
        "campaign": campaign,
        "from_batch": from_batch,
        "segment_id": -1 if segment_id is None else segment_id,
        "arm": arm,
        "offer": offer,
    }
    for name, total in had:
        row: dict[str, Any] = {"customers": 1, "total": total, "squares": total * total}
        new = insert(connection, forgotten_sums).values(**group, name=name, **row)
        more = {each: forgotten_sums.c[each] + new.excluded[each] for each in row}
        connection.execute(new.on_conflict_do_update(index_elements=[*group, "name"], set_=more))
    return connection.execute(sa.delete(outcomes).where(own)).rowcount


def _overwrite(store: Store) -> None:
    """Let no page of the database hold what was deleted."""
    if not store.is_sqlite:
        return  # PostgreSQL's own vacuum does so, see docs/store.md
    with store.plain() as connection:
        connection.execute("VACUUM")
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise OutputError(
            f"{store.shown}: others read it all the time, so that what was deleted can't be "
            "written over yet.",
            hint="Do it again to finish it, when fewer are at work.",
        )
