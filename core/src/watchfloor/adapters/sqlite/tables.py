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
