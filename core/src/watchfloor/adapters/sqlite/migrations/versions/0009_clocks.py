"""Since when a request's texts are kept: their time is up before that of its figures. Who agreed to
a retention schedule, by id and not by a handle, which may become somebody else's."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request", sa.Column("texts_since", sa.BigInteger(), nullable=True))
    op.execute("UPDATE request SET texts_since = json_extract(CAST(body AS TEXT), '$.closed')")
    op.create_index("request_texts", "request", ["texts_since"])
    op.add_column("retention_schedule", sa.Column("proposer", sa.String(), nullable=True))
    op.add_column("retention_schedule", sa.Column("approver", sa.String(), nullable=True))
    op.execute("UPDATE retention_schedule SET proposer = proposed_by, approver = approved_by")
