"""The sources of an alert: of all events that it was made of."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Of an event that is no longer kept nobody knows: its source has an empty name.
_FROM_EVENTS = """
UPDATE alert SET sources = (
    SELECT json_group_array(DISTINCT coalesce(name.name, ''))
    FROM json_each(alert.events) AS part
    LEFT JOIN event ON event.seq = part.value
    LEFT JOIN name ON name.no = event.source_no
)
"""


def upgrade() -> None:
    sources = sa.Column("sources", sa.JSON(), nullable=False, server_default='[""]')
    op.add_column("alert", sources)
    op.execute(_FROM_EVENTS)
