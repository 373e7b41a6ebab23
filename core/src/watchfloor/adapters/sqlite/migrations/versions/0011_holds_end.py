"""What became of a hold before its end: who gave it more time, or said that it may end."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hold", sa.Column("let_go", sa.BigInteger(), nullable=True))
    op.add_column("hold", sa.Column("let_go_by", sa.String(), nullable=True))
    op.add_column("hold", sa.Column("extensions", sa.JSON(), nullable=False, server_default="[]"))
