"""Deeds done outside; channels that a connector serves; deliveries with their receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deed",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
    )
    op.create_index("deed_asked", "deed", ["asked"])
    op.add_column("channel", sa.Column("source", sa.String(), nullable=True))
    op.add_column("outgoing", sa.Column("receipt", sa.String(), nullable=True))
    op.drop_index("outgoing_due", "outgoing")
    op.create_index("outgoing_due", "outgoing", ["state", "channel", "next_try"])
