"""Who used an account and had something done, not guessed; and until when a session lasts."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Its first use brought an account's end nearer, from 90 days to 72 hours. In its last 72 hours it
# did not: of such a use nothing is known.
_USED = """
UPDATE local_account SET used = until - 72 * 3600000000 WHERE until < enabled + 90 * 86400000000
"""
# A handle has been one person's since hubs know whose it is. Who did not sign in since is nobody.
_PERSON = """
UPDATE deed SET person = known_handle.person FROM known_handle
WHERE known_handle.id = lower(trim(deed.requested_by))
OR known_handle.handle = deed.requested_by
"""
_LASTS = """
UPDATE session SET body = json_set(body, '$.until', local_account.until) FROM local_account
WHERE json_extract(body, '$.person.id') = 'break-glass|' || local_account.id
AND json_extract(body, '$.until') IS NULL AND local_account.removed IS NULL
"""
_GONE = """
DELETE FROM session WHERE json_extract(body, '$.person.id') LIKE 'break-glass|%'
AND json_extract(body, '$.until') IS NULL
"""


def upgrade() -> None:
    op.add_column("local_account", sa.Column("used", sa.BigInteger(), nullable=True))
    op.add_column("deed", sa.Column("person", sa.String(), nullable=False, server_default=""))
    for statement in (_USED, _PERSON, _LASTS, _GONE):
        op.execute(sa.text(statement.replace(":", r"\:")))
