"""Notes on one thing of somebody's are found at once: a source's credential among all leases."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX note_name ON note (kind, who, json_extract(what, '$.name'), id)"
        " WHERE json_extract(what, '$.name') IS NOT NULL"
    )
