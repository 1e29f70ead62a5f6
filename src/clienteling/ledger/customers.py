"""Customers' ids in the store: text, with a mark where they are whole numbers."""

from __future__ import annotations

import hashlib
import hmac

import sqlalchemy as sa

from clienteling.errors import DataError
from clienteling.ledger.schema import settings

__all__ = ["hash_key", "id_of", "id_text", "person_of"]


#: An index of PostgreSQL takes 2,700 bytes.
_LONGEST = 500


def id_text(customer_id: int | str) -> str:
    """Return an id as the store has it.

    Raises
    ------
    DataError
        It is neither a whole number nor text that can be kept.

    Examples
    --------
    >>> id_text(7), id_text("007")
    ('7', '007')
    """
    if isinstance(customer_id, bool) or not isinstance(customer_id, int | str):
        raise DataError(
            f"{customer_id!r} can't be a customer's id.",
            hint="Ids are whole numbers or text; a number with decimals reads differently on "
            "every engine.",
        )
    text = str(customer_id)
    # PostgreSQL keeps no zero bytes, and half of a surrogate pair is no text anywhere.
    halves = any("\ud800" <= sign <= "\udfff" for sign in text)
    if not text or "\0" in text or halves or len(text) > _LONGEST:
        raise DataError(
            f"{text[:40]!r} can't be a customer's id.",
            hint=f"An id has 1 to {_LONGEST} letters, digits and signs.",
        )
    return text


def id_of(text: str, whole: bool) -> int | str:
    """Return an id as it was given."""
    return int(text) if whole else text


def hash_key(connection: sa.Connection) -> bytes:
    """Return the random key of the store, under which those who were forgotten are hashed."""
    query = sa.select(settings.c.value).where(settings.c.key == "hash key")
    return bytes.fromhex(connection.execute(query).scalar_one())


def person_of(customer_id: str, key: bytes) -> str:
    """Return the keyed hash of an id (HMAC-SHA256, RFC 2104): it tells nothing without the key."""
    return hmac.new(key, customer_id.encode(), hashlib.sha256).hexdigest()
