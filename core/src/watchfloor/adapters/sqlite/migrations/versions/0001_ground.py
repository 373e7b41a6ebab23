"""The ground: event log, indexes, inbox, registers, alert book."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_EVENT_TABLES = """
CREATE TABLE name (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, filed INTEGER NOT NULL,
    listed INTEGER NOT NULL
) STRICT;
INSERT INTO head VALUES (1, 0, 0, 0);
CREATE TABLE raw (
    no INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, content_type TEXT NOT NULL,
    packed INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE TABLE event (
    seq INTEGER PRIMARY KEY, source_no INTEGER NOT NULL, id TEXT NOT NULL,
    type_no INTEGER NOT NULL, subject TEXT, time INTEGER NOT NULL, observed INTEGER,
    recorded INTEGER NOT NULL, expires INTEGER, lon REAL, lat REAL, handling_no INTEGER NOT NULL,
    connector_no INTEGER NOT NULL, keys TEXT, doc INTEGER, raw_no INTEGER, pointer TEXT,
    changes TEXT, body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_identity ON event (source_no, id);
CREATE INDEX event_stream ON event (source_no, type_no, time);
CREATE TABLE stream (
    source_no INTEGER NOT NULL, type_no INTEGER NOT NULL, PRIMARY KEY (source_no, type_no)
) STRICT, WITHOUT ROWID;
CREATE TABLE event_key (
    kind_no INTEGER NOT NULL, value ANY NOT NULL, time INTEGER NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (kind_no, value, time, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE key (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE VIRTUAL TABLE key_fts USING fts5(value, content='', tokenize='trigram', detail='none');
CREATE TABLE event_text (
    doc INTEGER PRIMARY KEY, time INTEGER NOT NULL, seq INTEGER NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE event_fts USING fts5(
    text, content='event_text', content_rowid='doc', tokenize='unicode61'
);
CREATE TABLE latest (
    type_no INTEGER NOT NULL, subject TEXT NOT NULL, time INTEGER NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (type_no, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX latest_time ON latest (type_no, time, seq);
CREATE TABLE checkpoint (source_no INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE position (consumer TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source_no INTEGER NOT NULL, received INTEGER NOT NULL,
    headers TEXT NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX inbox_source ON inbox (source_no);
CREATE TABLE delivered (
    source_no INTEGER NOT NULL, dedupe TEXT NOT NULL, inbox_id INTEGER NOT NULL,
    PRIMARY KEY (source_no, dedupe)
) STRICT, WITHOUT ROWID;
CREATE TABLE dead_letter (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, stage TEXT NOT NULL,
    raw BLOB NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, connector TEXT NOT NULL,
    hub_version TEXT NOT NULL, received INTEGER NOT NULL, attempts INTEGER NOT NULL,
    state TEXT NOT NULL
) STRICT;
CREATE INDEX dead_letter_state ON dead_letter (state, source);
CREATE TABLE asset (
    source TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
    seen INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (source, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_kind ON asset (kind, state);
CREATE TABLE assured (source TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE gap (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, start INTEGER NOT NULL,
    "end" INTEGER, reason TEXT NOT NULL, filled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX gap_open ON gap (source) WHERE "end" IS NULL;
CREATE INDEX gap_start ON gap (start);
CREATE TABLE hot_list_edition (
    no INTEGER PRIMARY KEY AUTOINCREMENT, hot_list TEXT NOT NULL,
    current INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE hot_list_entry (
    edition INTEGER NOT NULL, no INTEGER NOT NULL, plate TEXT NOT NULL, region TEXT, reason TEXT,
    expires INTEGER, PRIMARY KEY (edition, no)
) STRICT, WITHOUT ROWID;
CREATE TABLE media (
    source TEXT NOT NULL, handle TEXT NOT NULL, sha256 TEXT NOT NULL, content_type TEXT NOT NULL,
    kept INTEGER NOT NULL, PRIMARY KEY (source, handle)
) STRICT, WITHOUT ROWID;
CREATE TABLE note (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, who TEXT NOT NULL,
    at INTEGER NOT NULL, what TEXT NOT NULL
) STRICT;
CREATE INDEX note_kind ON note (kind, id);
"""


def upgrade() -> None:
    for statement in _EVENT_TABLES.split(";"):
        if statement.strip():
            op.execute(sa.text(statement))
    op.create_table(
        "instance",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("connector", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
    )
    op.create_table(
        "rule",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
    )
    op.create_table(
        "hot_list",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("share_unverified", sa.Boolean(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
    )
    op.create_table(
        "channel",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("include_details", sa.Boolean(), nullable=False),
        sa.Column("min_severity", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("raised", sa.BigInteger(), nullable=False),
        sa.Column("occurred", sa.BigInteger(), nullable=False),
        sa.Column("point", sa.JSON(), nullable=True),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("verification", sa.String(), nullable=False),
        sa.Column("hot_list", sa.String(), nullable=True),
        sa.Column("dedupe", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("history", sa.JSON(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("alert_state", "alert", ["state", "id"])
    op.create_index("alert_dedupe", "alert", ["dedupe", "state"])
    op.create_table(
        "outgoing",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("alert", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("outgoing_due", "outgoing", ["state", "next_try"])
    op.create_index("outgoing_alert", "outgoing", ["alert"])
