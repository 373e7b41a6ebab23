"""When a vendor's log was read and compared to the end for the last time."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "vendor_log", sa.Column("visited", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.execute(
        "UPDATE vendor_log SET visited = CASE WHEN problem IS NULL THEN tried ELSE compared END"
    )
