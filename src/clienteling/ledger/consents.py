"""Consents and opt-outs: what a customer said last, with its time and where it came from.

A message that comes late doesn't undo a newer one; of two of the same time the "no" holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from clienteling.errors import DataError, InputError
from clienteling.ledger.batch import is_whole
from clienteling.ledger.customers import hash_key, id_text, person_of
from clienteling.ledger.dialects import insert, one_at_a_time
from clienteling.ledger.moments import as_utc, now_utc
from clienteling.ledger.schema import consents, forgotten, opt_outs
from clienteling.ledger.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "consented",
    "consents_of",
    "forgotten_among",
    "is_forgotten",
    "is_opted_out",
    "opt_in",
    "opt_out",
    "opted_out",
    "set_consent",
]


def opt_out(
    store: Store, customer_id: int | str, *, at: dt.datetime | None = None, source: str = ""
) -> bool:
    """Keep that a customer must not be contacted; true where nothing newer says otherwise.

    Parameters
    ----------
    store : the store
    customer_id : whose
    at : when the customer said so; by default now
    source : where it came from, such as ``unsubscribe link``

    Examples
    --------
    >>> import tempfile
    >>> from clienteling.ledger.store import open_store
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open_store(f"{folder}/shop.db", create=True) as store:
    ...         _ = opt_in(store, 7, at=dt.datetime(2026, 3, 1), source="shop")
    ...         late = opt_out(store, 7, at=dt.datetime(2026, 2, 1), source="letter")
    ...         late, is_opted_out(store, 7)
    (False, False)
    """
    return _say_out(store, customer_id, True, at, source)


def opt_in(
    store: Store, customer_id: int | str, *, at: dt.datetime | None = None, source: str = ""
) -> bool:
    """Keep that a customer may be contacted again; see :func:`opt_out`.

    One who was forgotten before that time is a customer again.
    """
    return _say_out(store, customer_id, False, at, source)


def _say_out(
    store: Store, customer_id: int | str, out: bool, at: dt.datetime | None, source: str
) -> bool:
    customer, said_at = id_text(customer_id), _said_at(at)
    row = {"customer_id": customer, "out": out, "said_at": said_at, "source": source}
    with store.writing() as connection:
        one_at_a_time(connection, f"customer {customer}")
        person = person_of(customer, hash_key(connection))
        own = forgotten.c.person == person
        since = connection.execute(sa.select(forgotten.c.forgotten_at).where(own)).scalar()
        if since is not None and (out or said_at <= since):
            return out  # as it is already, and nothing more is kept of them
        if since is not None:
            back = sa.update(forgotten).where(own).values(contact_again=True)
            connection.execute(back)
        new = insert(connection, opt_outs).values(row)
        table, sent = opt_outs.c, new.excluded
        newer = sa.or_(
            sent.said_at > table.said_at, sa.and_(sent.said_at == table.said_at, sent.out)
        )
        kept = new.on_conflict_do_update(
            index_elements=["customer_id"],
            set_={each: sent[each] for each in ("out", "said_at", "source")},
            where=newer,
        )
        return connection.execute(kept.returning(table.customer_id)).first() is not None


def set_consent(
    store: Store,
    customer_id: int | str,
    consent: str,
    given: bool,
    *,
    at: dt.datetime | None = None,
    source: str = "",
) -> bool:
    """Keep that a customer gave a consent, or took it back; true where nothing newer is there.

    Parameters
    ----------
    store : the store
    customer_id : whose
    consent : its name in the catalogue, such as ``email``
    given : whether it was given
    at : when the customer said so; by default now
    source : where it came from
    """
    if not consent.strip():
        raise InputError("The consent has no name.", hint='Give it one, such as "email".')
    row = {
        "customer_id": id_text(customer_id),
        "consent": consent,
        "given": given,
        "said_at": _said_at(at),
        "source": source,
    }
    with store.writing() as connection:
        new = insert(connection, consents).values(row)
        table, sent = consents.c, new.excluded
        newer = sa.or_(
            sent.said_at > table.said_at,
            sa.and_(sent.said_at == table.said_at, sa.not_(sent.given)),
        )
        kept = new.on_conflict_do_update(
            index_elements=["customer_id", "consent"],
            set_={each: sent[each] for each in ("given", "said_at", "source")},
            where=newer,
        )
        return connection.execute(kept.returning(table.customer_id)).first() is not None


def _said_at(at: dt.datetime | None) -> dt.datetime:
    now = now_utc()
    moment = as_utc(at) if at is not None else now
    if moment > now + dt.timedelta(minutes=5):
        # It would hold against whatever the customer says until then.
        raise DataError(f"It was said in the future, at {moment:%Y-%m-%d %H:%M} UTC.")
    return moment


def is_opted_out(store: Store, customer_id: int | str) -> bool:
    """Whether a customer must not be contacted: opted out, or forgotten."""
    with store.reading() as connection:
        return out_now(connection, id_text(customer_id))


def out_now(connection: sa.Connection, customer: str) -> bool:
    """Whether a customer must not be contacted, within what a connection sees."""
    said = sa.select(opt_outs.c.out).where(opt_outs.c.customer_id == customer)
    out = connection.execute(said).scalar_one_or_none()
    if out is not None:
        return bool(out)
    return is_forgotten(connection, customer)


def is_forgotten(connection: sa.Connection, customer: str) -> bool:
    """Whether nothing may be kept of a customer, within what a connection sees."""
    person = person_of(customer, hash_key(connection))
    gone = sa.select(forgotten.c.person).where(
        forgotten.c.person == person, sa.not_(forgotten.c.contact_again)
    )
    return connection.execute(gone).first() is not None


def consents_of(connection: sa.Connection, customer: str) -> frozenset[str]:
    """Return the consents that a customer gave, within what a connection sees."""
    query = sa.select(consents.c.consent).where(
        consents.c.customer_id == customer, consents.c.given
    )
    return frozenset(connection.execute(query).scalars())


def opted_out(store: Store, *, whole: bool = False) -> pa.Table:
    """Return the customers who opted out, for the planning of a batch.

    Those who were forgotten are not among them, since nobody knows their ids any more: see
    :func:`forgotten_among`.

    Parameters
    ----------
    store : the store
    whole : whether the customers' ids are whole numbers; else they are text

    Returns
    -------
    pyarrow.Table
        ``customer_id``, each once.
    """
    query = sa.select(opt_outs.c.customer_id).where(opt_outs.c.out)
    return _ids(store, query, whole)


def consented(store: Store, consent: str, *, whole: bool = False) -> pa.Table:
    """Return the customers who gave a consent; see :func:`opted_out`."""
    query = sa.select(consents.c.customer_id).where(consents.c.consent == consent, consents.c.given)
    return _ids(store, query, whole)


def _ids(store: Store, query: sa.Select[tuple[Any]], whole: bool) -> pa.Table:
    with store.reading() as connection:
        found = connection.execute(query.order_by("customer_id")).scalars().all()
    return _id_table(found, whole)


def _id_table(found: Iterable[str], whole: bool) -> pa.Table:
    import pyarrow as pa

    if whole:
        ids = pa.array([int(each) for each in found if is_whole(each)], pa.int64())
    else:
        ids = pa.array(list(found), pa.string())
    return pa.table({"customer_id": ids})


def forgotten_among(
    store: Store, batches: Iterable[pa.Array | pa.ChunkedArray], *, whole: bool = False
) -> pa.Table:
    """Return those of many customers who were forgotten and must not be contacted.

    Only where somebody was forgotten are the batches looked at: a keyed hash of each id, about
    a microsecond and a half each.

    Parameters
    ----------
    store : the store
    batches : of ids, of a length (customers,) each; whole numbers or text
    whole : whether the ids are whole numbers

    Returns
    -------
    pyarrow.Table
        ``customer_id``, each once.
    """
    with store.reading() as connection:
        key = hash_key(connection)
        query = sa.select(forgotten.c.person).where(sa.not_(forgotten.c.contact_again))
        gone = set(connection.execute(query).scalars())
    found: set[str] = set()
    for batch in batches if gone else ():
        ids = (str(each) for each in batch.to_pylist() if each is not None)
        found.update(each for each in ids if person_of(each, key) in gone)
    return _id_table(sorted(found), whole)
