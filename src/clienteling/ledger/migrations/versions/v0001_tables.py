"""The tables of the first version."""

import sqlalchemy as sa
from alembic import op

from clienteling.ledger.moments import Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "clienteling_campaigns",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clienteling_campaigns")),
    )
    op.create_table(
        "clienteling_consents",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("said_at", Moment(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "consent", name=op.f("pk_clienteling_consents")),
    )
    op.create_table(
        "clienteling_counters",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("limit", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "owner", "key", name=op.f("pk_clienteling_counters")),
    )
    op.create_table(
        "clienteling_documents",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("kept_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_clienteling_documents")),
    )
    op.create_table(
        "clienteling_forgotten",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("forgotten_at", Moment(), nullable=False),
        sa.Column("contact_again", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_clienteling_forgotten")),
    )
    op.create_table(
        "clienteling_opt_outs",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("out", sa.Boolean(), nullable=False),
        sa.Column("said_at", Moment(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_clienteling_opt_outs")),
    )
    op.create_table(
        "clienteling_reservations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clienteling_reservations")),
    )
    op.create_index(
        op.f("ix_clienteling_reservations_state"),
        "clienteling_reservations",
        ["state", "expires_at"],
        unique=False,
    )
    op.create_table(
        "clienteling_settings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_clienteling_settings")),
    )
    op.create_table(
        "clienteling_decisions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("whole_id", sa.Boolean(), nullable=False),
        sa.Column("segment_id", sa.BigInteger(), nullable=True),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("propensity", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_batch", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("features", sa.Text(), nullable=False),
        sa.Column("replay", sa.Text(), nullable=False),
        sa.Column("model_fingerprint", sa.Text(), nullable=False),
        sa.Column("catalogue_fingerprint", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.Column("reservation", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign"],
            ["clienteling_campaigns.id"],
            name=op.f("fk_clienteling_decisions_campaign"),
        ),
        sa.ForeignKeyConstraint(
            ["reservation"],
            ["clienteling_reservations.id"],
            name=op.f("fk_clienteling_decisions_reservation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clienteling_decisions")),
        sa.UniqueConstraint("campaign", "asked_by", name=op.f("uq_clienteling_decisions_campaign")),
    )
    op.create_index(
        op.f("ix_clienteling_decisions_customer_id"),
        "clienteling_decisions",
        ["customer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_clienteling_decisions_reservation"),
        "clienteling_decisions",
        ["reservation"],
        unique=False,
    )
    op.create_table(
        "clienteling_erasures",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("segment_id", sa.BigInteger(), nullable=True),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign"],
            ["clienteling_campaigns.id"],
            name=op.f("fk_clienteling_erasures_campaign"),
        ),
        sa.ForeignKeyConstraint(
            ["person"],
            ["clienteling_forgotten.person"],
            name=op.f("fk_clienteling_erasures_person"),
        ),
        sa.PrimaryKeyConstraint("person", "campaign", name=op.f("pk_clienteling_erasures")),
    )
    op.create_table(
        "clienteling_forgotten_sums",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("from_batch", sa.Boolean(), nullable=False),
        sa.Column("segment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("customers", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("squares", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign"],
            ["clienteling_campaigns.id"],
            name=op.f("fk_clienteling_forgotten_sums_campaign"),
        ),
        sa.PrimaryKeyConstraint(
            "campaign",
            "from_batch",
            "segment_id",
            "arm",
            "offer",
            "name",
            name=op.f("pk_clienteling_forgotten_sums"),
        ),
    )
    op.create_table(
        "clienteling_outcomes",
        sa.Column("outcome_id", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("whole_id", sa.Boolean(), nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("happened_at", Moment(), nullable=False),
        sa.Column("taken_in_at", Moment(), nullable=False),
        sa.Column("intake", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign"],
            ["clienteling_campaigns.id"],
            name=op.f("fk_clienteling_outcomes_campaign"),
        ),
        sa.PrimaryKeyConstraint("outcome_id", name=op.f("pk_clienteling_outcomes")),
    )
    op.create_index(
        op.f("ix_clienteling_outcomes_campaign"),
        "clienteling_outcomes",
        ["campaign", "customer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_clienteling_outcomes_customer_id"),
        "clienteling_outcomes",
        ["customer_id"],
        unique=False,
    )
    op.create_table(
        "clienteling_receipts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"],
            ["clienteling_forgotten.person"],
            name=op.f("fk_clienteling_receipts_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clienteling_receipts")),
    )
    op.create_index(
        op.f("ix_clienteling_receipts_person"), "clienteling_receipts", ["person"], unique=False
    )
    op.create_table(
        "clienteling_reserved_amounts",
        sa.Column("reservation", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reservation"],
            ["clienteling_reservations.id"],
            name=op.f("fk_clienteling_reserved_amounts_reservation"),
        ),
        sa.PrimaryKeyConstraint(
            "reservation", "kind", "owner", "key", name=op.f("pk_clienteling_reserved_amounts")
        ),
    )
