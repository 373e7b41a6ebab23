"""What a second person is shown, and when their yes was used up."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("approval", sa.Column("shown", sa.String(), nullable=False, server_default=""))
    op.add_column("approval", sa.Column("used", sa.BigInteger(), nullable=True))
