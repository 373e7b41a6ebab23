"""Who made a break-glass account, as histories call them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "local_account", sa.Column("maker", sa.String(), nullable=False, server_default="")
    )
