"""The store's tables. What a database holds that was made earlier is in ``migrations/``.

Customers' ids are text everywhere, since 7 and "7" are one customer (their hashes agree); where
an id is given back, ``whole_id`` tells that it was a whole number. Amounts that are counted
(stock, money) are whole numbers of millionths, so that no sum ever misses by a rounding.
"""

from __future__ import annotations

import sqlalchemy as sa

from clienteling.ledger.moments import Moment

__all__ = [
    "campaigns",
    "consents",
    "counters",
    "decisions",
    "documents",
    "erasures",
    "forgotten",
    "forgotten_sums",
    "metadata",
    "opt_outs",
    "outcomes",
    "receipts",
    "reservations",
    "reserved_amounts",
    "settings",
]

#: A shop's own database may have a table called "campaigns".
_PREFIX = "clienteling_"

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _table(name: str, *parts: sa.Column[object] | sa.Constraint | sa.Index) -> sa.Table:
    return sa.Table(f"{_PREFIX}{name}", metadata, *parts)


#: The store's own: the random key of its hashes.
settings = _table(
    "settings",
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

#: Models and catalogues, as text, by their fingerprint.
documents = _table(
    "documents",
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("kept_at", Moment, nullable=False),
)

campaigns = _table(
    "campaigns",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
)

#: One count for batch and real time: the stock of an offer, the budget of a campaign.
counters = _table(
    "counters",
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("limit", sa.BigInteger, nullable=False),
    sa.Column("reserved", sa.BigInteger, nullable=False),
    sa.Column("confirmed", sa.BigInteger, nullable=False),
)

reservations = _table(
    "reservations",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Index(None, "state", "expires_at"),
)

reserved_amounts = _table(
    "reserved_amounts",
    sa.Column("reservation", sa.Text, sa.ForeignKey(reservations.c.id), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
)

#: Decisions of one customer, in real time; those of a batch lie where the campaign says. Every
#: contact has a reservation, which says whether it counts.
decisions = _table(
    "decisions",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("campaign", sa.Text, sa.ForeignKey(campaigns.c.id), nullable=False),
    sa.Column("asked_by", sa.Text),
    sa.Column("customer_id", sa.Text, nullable=False),
    sa.Column("whole_id", sa.Boolean, nullable=False),
    sa.Column("segment_id", sa.BigInteger),
    sa.Column("arm", sa.Text, nullable=False),
    sa.Column("offer", sa.Text, nullable=False),
    sa.Column("propensity", sa.Double, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("from_batch", sa.Boolean, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("features", sa.Text, nullable=False),
    sa.Column("replay", sa.Text, nullable=False),
    sa.Column("model_fingerprint", sa.Text, nullable=False),
    sa.Column("catalogue_fingerprint", sa.Text, nullable=False),
    sa.Column("decided_at", Moment, nullable=False),
    sa.Column("reservation", sa.Text, sa.ForeignKey(reservations.c.id)),
    sa.UniqueConstraint("campaign", "asked_by"),
    sa.Index(None, "customer_id"),
    sa.Index(None, "reservation"),
)

outcomes = _table(
    "outcomes",
    sa.Column("outcome_id", sa.Text, primary_key=True),
    sa.Column("campaign", sa.Text, sa.ForeignKey(campaigns.c.id), nullable=False),
    sa.Column("customer_id", sa.Text, nullable=False),
    sa.Column("whole_id", sa.Boolean, nullable=False),
    sa.Column("decision_id", sa.Text),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("value", sa.Double, nullable=False),
    sa.Column("happened_at", Moment, nullable=False),
    sa.Column("taken_in_at", Moment, nullable=False),
    sa.Column("intake", sa.Text, nullable=False),
    sa.Index(None, "campaign", "customer_id"),
    sa.Index(None, "customer_id"),
)

consents = _table(
    "consents",
    sa.Column("customer_id", sa.Text, primary_key=True),
    sa.Column("consent", sa.Text, primary_key=True),
    sa.Column("given", sa.Boolean, nullable=False),
    sa.Column("said_at", Moment, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
)

opt_outs = _table(
    "opt_outs",
    sa.Column("customer_id", sa.Text, primary_key=True),
    sa.Column("out", sa.Boolean, nullable=False),
    sa.Column("said_at", Moment, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
)

#: Those who were forgotten, as a keyed hash of their id: they are not contacted, unless they
#: opted in again later.
forgotten = _table(
    "forgotten",
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("forgotten_at", Moment, nullable=False),
    sa.Column("contact_again", sa.Boolean, nullable=False),
)

#: What is to be done, or was done, for one of them in the decisions of a batch.
erasures = _table(
    "erasures",
    sa.Column("person", sa.Text, sa.ForeignKey(forgotten.c.person), primary_key=True),
    sa.Column("campaign", sa.Text, sa.ForeignKey(campaigns.c.id), primary_key=True),
    sa.Column("segment_id", sa.BigInteger),
    sa.Column("arm", sa.Text, nullable=False),
    sa.Column("offer", sa.Text, nullable=False),
)

#: What those who were forgotten did, in sums: a row with an empty name counts the customers.
forgotten_sums = _table(
    "forgotten_sums",
    sa.Column("campaign", sa.Text, sa.ForeignKey(campaigns.c.id), primary_key=True),
    sa.Column("from_batch", sa.Boolean, primary_key=True),
    sa.Column("segment_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("arm", sa.Text, primary_key=True),
    sa.Column("offer", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("customers", sa.BigInteger, nullable=False),
    sa.Column("total", sa.Double, nullable=False),
    sa.Column("squares", sa.Double, nullable=False),
)

receipts = _table(
    "receipts",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, sa.ForeignKey(forgotten.c.person), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Index(None, "person"),
)
