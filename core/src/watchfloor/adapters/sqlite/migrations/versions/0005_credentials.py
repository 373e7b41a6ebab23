"""Credentials: who had them in hand, until when they serve; what questions cost."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("connector", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.String(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("lease_open", "lease", ["until", "source", "process"])
    op.create_index("lease_credential", "lease", ["source", "name", "last"])
    op.create_index("lease_person", "lease", ["person"])
    op.create_table(
        "credential_term",
        sa.Column("owner", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.BigInteger(), nullable=True),
        sa.Column("said_by", sa.String(), nullable=True),
        sa.Column("overlap_until", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "charge",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("offer", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("charge_month", "charge", ["source", "at"])
    op.create_index("charge_at", "charge", ["at"])
    op.create_index("charge_request", "charge", ["request"])
    op.create_table(
        "budget",
        sa.Column("source", sa.String(), primary_key=True),
        sa.Column("cents", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("lookups", sa.Integer(), nullable=True),
        sa.Column("each_cents", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
    )
