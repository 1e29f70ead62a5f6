"""Models and catalogues, kept with the decisions that were made by them."""

from __future__ import annotations

import sqlalchemy as sa

from clienteling.errors import DataError, near_names
from clienteling.ledger.dialects import insert
from clienteling.ledger.moments import now_utc
from clienteling.ledger.schema import documents
from clienteling.ledger.store import Store

__all__ = ["document", "keep_document"]


def keep_document(store: Store, kind: str, fingerprint: str, text: str) -> None:
    """Keep a document; one that is there already stays as it is.

    Parameters
    ----------
    store : the store
    kind : ``model`` or ``catalogue``
    fingerprint : of its content
    text : the document, as it is saved

    Examples
    --------
    >>> import tempfile
    >>> from clienteling.ledger.store import open_store
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open_store(f"{folder}/shop.db", create=True) as store:
    ...         keep_document(store, "model", "5d41402a", '{"k": 5}')
    ...         document(store, "5d41402a")
    '{"k": 5}'
    """
    row = {"fingerprint": fingerprint, "kind": kind, "content": text, "kept_at": now_utc()}
    with store.writing() as connection:
        kept = insert(connection, documents).values(row)
        connection.execute(kept.on_conflict_do_nothing())


def document(store: Store, fingerprint: str) -> str:
    """Return the text of a document.

    Raises
    ------
    DataError
        The store has none with this fingerprint.
    """
    with store.reading() as connection:
        query = sa.select(documents.c.content).where(documents.c.fingerprint == fingerprint)
        text = connection.execute(query).scalar_one_or_none()
        if text is None:
            there = connection.execute(sa.select(documents.c.fingerprint)).scalars()
            raise DataError(
                f'{store.shown}: holds no document with the fingerprint "{fingerprint}".',
                hint=near_names(fingerprint, there),
            )
    return str(text)
