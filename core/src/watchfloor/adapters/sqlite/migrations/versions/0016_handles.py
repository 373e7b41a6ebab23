"""Whose a handle is."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_handle",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
    )
