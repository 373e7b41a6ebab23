"""The class of an alert: the strictest of all its events, and not that of its newest one."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Of an event that is no longer kept nobody knows: it counts as the strictest, whatever the alert's
# kind. A hit on a list of the agency's own is of the kind `read`.
_FROM_EVENTS = """
UPDATE alert SET handling = (
    SELECT CASE max(CASE
        WHEN name.name = 'public' THEN 0
        WHEN name.name = 'agency' THEN 1
        WHEN name.name = 'le-sensitive' THEN 2
        ELSE 3 END)
    WHEN 0 THEN 'public' WHEN 1 THEN 'agency' WHEN 2 THEN 'le-sensitive' ELSE 'cji' END
    FROM json_each(alert.events) AS part
    LEFT JOIN event ON event.seq = part.value
    LEFT JOIN name ON name.no = event.handling_no
)
"""


def upgrade() -> None:
    op.add_column("alert", sa.Column("handling", sa.String(), nullable=False, server_default="cji"))
    op.execute(_FROM_EVENTS)
