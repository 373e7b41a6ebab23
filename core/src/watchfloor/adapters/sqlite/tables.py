"""The tables of what people edit, as SQLModel classes: what the migrations must arrive at.

Imported by the migrations and their tests only. SQLModel costs a second and 40 MB to import, which
a hub that must answer two seconds after its start does not pay to read six small tables; at
run time ``rows.py`` maps them to the ports' own classes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index
from sqlmodel import Field, MetaData, SQLModel

metadata: MetaData = SQLModel.metadata


def _micros() -> Any:
    return Field(sa_type=BigInteger)


class InstanceRow(SQLModel, table=True):
    """A configured connector."""

    __tablename__ = "instance"
    id: str = Field(primary_key=True)
    connector: str
    name: str
    config: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    enabled: bool
    synthetic: bool
    created: int = _micros()
    created_by: str


class RuleRow(SQLModel, table=True):
    """An alert rule."""

    __tablename__ = "rule"
    id: str = Field(primary_key=True)
    document: str
    enabled: bool
    changed: int = _micros()
    changed_by: str


class HotListRow(SQLModel, table=True):
    """A hot list without its entries, which are a million rows and have a table of their own."""

    __tablename__ = "hot_list"
    id: str = Field(primary_key=True)
    name: str
    owner: str
    reason: str
    changed: int = _micros()
    severity: str
    share_unverified: bool
    entries: int


class ChannelRow(SQLModel, table=True):
    """Where alerts go outside."""

    __tablename__ = "channel"
    id: str = Field(primary_key=True)
    url: str
    include_details: bool
    min_severity: str
    enabled: bool
    source: str | None


class AlertRow(SQLModel, table=True):
    """An alert."""

    __tablename__ = "alert"
    __table_args__ = (
        Index("alert_state", "state", "id"),
        Index("alert_dedupe", "dedupe", "state"),
        {"sqlite_autoincrement": True},
    )
    id: int = Field(primary_key=True)
    rule: str
    kind: str
    severity: str
    title: str
    reason: str
    raised: int = _micros()
    occurred: int = _micros()
    point: list[float] | None = Field(sa_column=Column(JSON, nullable=True))
    events: list[int] = Field(sa_column=Column(JSON, nullable=False))
    handling: str
    sources: list[str] = Field(sa_column=Column(JSON, nullable=False))
    state: str
    verification: str
    hot_list: str | None
    dedupe: str
    count: int
    history: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))


class OutgoingRow(SQLModel, table=True):
    """A delivery owed because of an alert."""

    __tablename__ = "outgoing"
    __table_args__ = (
        Index("outgoing_due", "state", "channel", "next_try"),
        Index("outgoing_alert", "alert"),
        {"sqlite_autoincrement": True},
    )
    id: int = Field(primary_key=True)
    channel: str
    alert: int
    body: bytes
    created: int = _micros()
    attempts: int
    next_try: int = _micros()
    state: str
    error: str | None
    receipt: str | None


class DeedRow(SQLModel, table=True):
    """Something done outside."""

    __tablename__ = "deed"
    __table_args__ = (Index("deed_asked", "asked"),)
    id: str = Field(primary_key=True)
    source: str
    action: str
    parameters: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    requested_by: str
    asked: int = _micros()
    outcome: str | None
    done: int | None = Field(sa_type=BigInteger)
    reference: str | None
    detail: str | None
    person: str


class LeaseRow(SQLModel, table=True):
    """A credential in the hands of a process."""

    __tablename__ = "lease"
    __table_args__ = (
        Index("lease_open", "until", "source", "process"),
        Index("lease_credential", "source", "name", "last"),
        {"sqlite_autoincrement": True},
    )
    id: int = Field(primary_key=True)
    source: str
    name: str
    connector: str
    fingerprint: str
    process: int
    since: int = _micros()
    last: int = _micros()
    times: int
    until: int | None = _micros()
    ended: str | None


class TermRow(SQLModel, table=True):
    """Until when a credential serves."""

    __tablename__ = "credential_term"
    owner: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    expires: int | None = _micros()
    said: int | None = _micros()
    said_by: str | None
    overlap_until: int | None = _micros()


class ChargeRow(SQLModel, table=True):
    """A paid question."""

    __tablename__ = "charge"
    __table_args__ = (
        Index("charge_month", "source", "at"),
        Index("charge_at", "at"),
        Index("charge_request", "request"),
        {"sqlite_autoincrement": True},
    )
    id: int = Field(primary_key=True)
    at: int = _micros()
    source: str
    offer: str
    request: str
    person: str
    purpose: str
    cents: int = _micros()
    currency: str
    emergency: bool
    outcome: str | None


class BudgetRow(SQLModel, table=True):
    """What a source may cost in a month."""

    __tablename__ = "budget"
    source: str = Field(primary_key=True)
    cents: int | None = _micros()
    currency: str
    lookups: int | None
    each_cents: int = _micros()
    changed: int = _micros()
    changed_by: str


class ScheduleRow(SQLModel, table=True):
    """A retention schedule as it was proposed, and perhaps approved."""

    __tablename__ = "retention_schedule"
    __table_args__ = {"sqlite_autoincrement": True}
    version: int = Field(primary_key=True)
    document: str
    proposed: int = _micros()
    proposed_by: str
    proposer: str | None
    approved: int | None = _micros()
    approved_by: str | None
    approver: str | None


class HoldRow(SQLModel, table=True):
    """What must stay although its time is up."""

    __tablename__ = "hold"
    id: str = Field(primary_key=True)
    case_number: str
    reason: str
    approver: str
    made: int = _micros()
    expires: int = _micros()
    what: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    released: int | None = _micros()
    released_by: str | None
    let_go: int | None = _micros()
    let_go_by: str | None
    extensions: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))


class IntelRecordRow(SQLModel, table=True):
    """A record of criminal intelligence."""

    __tablename__ = "intel_record"
    id: str = Field(primary_key=True)
    subject: str
    activity: str
    suspicion: str
    offence: str
    submitter: str
    agency: str
    control_official: str
    sensitivity: str
    confidence: str
    entered: int = _micros()
    entered_by: str
    review_by: int = _micros()
    version: int


class IntelReviewRow(SQLModel, table=True):
    """That a record was looked at and kept."""

    __tablename__ = "intel_review"
    __table_args__ = (
        Index("intel_review_record", "record"),
        {"sqlite_autoincrement": True},
    )
    id: int = Field(primary_key=True)
    record: str
    reviewer: str
    at: int = _micros()
    reason: str
    review_by: int = _micros()


class DisseminationRow(SQLModel, table=True):
    """Who got a record."""

    __tablename__ = "intel_dissemination"
    __table_args__ = (
        Index("intel_dissemination_record", "record"),
        {"sqlite_autoincrement": True},
    )
    id: int = Field(primary_key=True)
    record: str
    recipient: str
    agency: str
    address: str
    released_by: str
    why: str
    at: int = _micros()
    version: int


class IntelNoticeRow(SQLModel, table=True):
    """What a recipient has to be told."""

    __tablename__ = "intel_notice"
    __table_args__ = (
        Index("intel_notice_waiting", "sent", "id"),
        {"sqlite_autoincrement": True},
    )
    id: int = Field(primary_key=True)
    dissemination: int
    record: str
    address: str
    kind: str
    words: str
    made: int = _micros()
    sent: int | None = _micros()
