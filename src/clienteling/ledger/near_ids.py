"""Ids that are written nearly as one of which nothing is kept: it may have been a slip."""

from __future__ import annotations

import sqlalchemy as sa

from clienteling.ledger.batch import batch_decisions
from clienteling.ledger.campaigns import campaigns
from clienteling.ledger.schema import consents, decisions, opt_outs, outcomes
from clienteling.ledger.store import Store

__all__ = ["near_ids", "spellings"]

#: So long are ids that are filled up with zeros, at most.
_FILLED = 12


def spellings(customer_id: str) -> list[str]:
    """Return how else an id may be written: without what surrounds it, with other zeros before it.

    Examples
    --------
    >>> spellings(" 0042 ")[:3]
    ['0042', '42', '042']
    >>> spellings("'Zoe@example.com'")
    ['Zoe@example.com', 'zoe@example.com']
    """
    bare = customer_id.strip().strip("\"'").strip()
    found = [bare, bare.lower()]
    # A spreadsheet makes 42.0 of a whole number.
    digits = bare.removesuffix(".0")
    if digits.isdecimal():
        plain = digits.lstrip("0") or "0"
        found += [plain.zfill(length) for length in range(len(plain), _FILLED + 1)]
    return [each for each in dict.fromkeys(found) if each and each != customer_id]


def near_ids(store: Store, customer_id: str) -> list[str]:
    """Return the ids that are written nearly as this one and of which something is kept, sorted.

    Parameters
    ----------
    store : the store; the decisions of its batches are looked up where they lie
    customer_id : as it was given, as text

    Raises
    ------
    SourceError
        The store or a batch can't be read.

    Examples
    --------
    >>> import tempfile
    >>> from clienteling.ledger.consents import set_consent
    >>> from clienteling.ledger.store import open_store
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open_store(f"{folder}/shop.db", create=True) as store:
    ...         _ = set_consent(store, "0042", "email", True)
    ...         near_ids(store, "42")
    ['0042']
    """
    asked = spellings(customer_id)
    found: set[str] = set()
    with store.reading() as connection:
        for table in (decisions, outcomes, consents, opt_outs):
            own = table.c.customer_id
            found |= set(connection.execute(sa.select(own).where(own.in_(asked))).scalars())
    for each in campaigns(store):
        found |= batch_decisions(each, asked, store=store).keys()
    return sorted(found)
