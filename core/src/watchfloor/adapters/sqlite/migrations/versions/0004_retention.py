"""Retention: its schedule, holds, what was deleted; criminal intelligence, a class of its own."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_DELETED = """
CREATE INDEX event_raw ON event (raw_no) WHERE raw_no IS NOT NULL;
CREATE TABLE deletion_key (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL) STRICT;
CREATE TABLE deletion_receipt (
    no INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, source TEXT NOT NULL,
    rule TEXT NOT NULL, schedule INTEGER NOT NULL, before INTEGER NOT NULL, count INTEGER NOT NULL,
    oldest INTEGER NOT NULL, newest INTEGER NOT NULL, begun INTEGER NOT NULL, ended INTEGER,
    frontier BLOB NOT NULL, root BLOB
) STRICT;
CREATE INDEX deletion_receipt_open ON deletion_receipt (kind, source) WHERE root IS NULL;
CREATE TABLE deletion_leaves (
    receipt INTEGER NOT NULL, first INTEGER NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL,
    oldest INTEGER NOT NULL, newest INTEGER NOT NULL, at INTEGER NOT NULL, entries BLOB NOT NULL,
    PRIMARY KEY (receipt, first)
) STRICT;
CREATE INDEX deletion_leaves_time ON deletion_leaves (source, kind, newest, oldest);
CREATE TABLE media_doomed (sha256 TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
"""


def _column(name: str, type_: Any, *, null: bool = False) -> Any:
    return sa.Column(name, type_(), nullable=null)


def _texts(*names: str) -> list[Any]:
    return [_column(name, sa.String) for name in names]


def upgrade() -> None:
    for statement in _DELETED.split(";"):
        if statement.strip():
            op.execute(sa.text(statement))
    op.create_table(
        "retention_schedule",
        sa.Column("version", sa.Integer(), primary_key=True),
        _column("document", sa.String),
        _column("proposed", sa.BigInteger),
        _column("proposed_by", sa.String),
        _column("approved", sa.BigInteger, null=True),
        _column("approved_by", sa.String, null=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.String(), primary_key=True),
        *_texts("case_number", "reason", "approver"),
        _column("made", sa.BigInteger),
        _column("expires", sa.BigInteger),
        _column("what", sa.JSON),
        _column("released", sa.BigInteger, null=True),
        _column("released_by", sa.String, null=True),
    )
    _criminal_intelligence()


def _criminal_intelligence() -> None:
    op.create_table(
        "intel_record",
        sa.Column("id", sa.String(), primary_key=True),
        *_texts("subject", "activity", "suspicion", "offence", "submitter", "agency"),
        *_texts("control_official", "sensitivity", "confidence"),
        _column("entered", sa.BigInteger),
        _column("entered_by", sa.String),
        _column("review_by", sa.BigInteger),
        _column("version", sa.Integer),
    )
    op.create_table(
        "intel_review",
        sa.Column("id", sa.Integer(), primary_key=True),
        *_texts("record", "reviewer"),
        _column("at", sa.BigInteger),
        _column("reason", sa.String),
        _column("review_by", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_index("intel_review_record", "intel_review", ["record"])
    op.create_table(
        "intel_dissemination",
        sa.Column("id", sa.Integer(), primary_key=True),
        *_texts("record", "recipient", "agency", "address", "released_by", "why"),
        _column("at", sa.BigInteger),
        _column("version", sa.Integer),
        sqlite_autoincrement=True,
    )
    op.create_index("intel_dissemination_record", "intel_dissemination", ["record"])
    op.create_table(
        "intel_notice",
        sa.Column("id", sa.Integer(), primary_key=True),
        _column("dissemination", sa.Integer),
        *_texts("record", "address", "kind", "words"),
        _column("made", sa.BigInteger),
        _column("sent", sa.BigInteger, null=True),
        sqlite_autoincrement=True,
    )
    op.create_index("intel_notice_waiting", "intel_notice", ["sent", "id"])
