"""Credentials are lent to workers, and none was ever lent for a person."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("lease_person", "lease")
    op.drop_column("lease", "person")
