"""What Flock exports of its own side, out of a folder: its audit log, and how it is set to share.

Documented is that every search is logged with a reason and its user; reported, which columns an
exported log had (user, organisation, networks searched, reason, case number, plate, time), and that
names, plates and vehicle marks were taken out of the log between agencies in December 2025. How
the columns are written is not public: these spellings are our reading, and a column that is not
there is told to the hub. v3 has no operation for either, so somebody, or a job, puts the exports
into the folder each day: ``audit*.csv``, and ``sharing*.csv`` with the columns ``Setting`` and
``Value``, whose layout is ours.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from watchfloor_sdk import (
    GiveUp,
    Refused,
    Rejected,
    SharingSetting,
    VendorLog,
    VendorLook,
    csv_text,
)
from watchfloor_sdk import mapping as times
from watchfloor_sdk.exports import Export, Where, exports

from .settings import Settings

if TYPE_CHECKING:
    from watchfloor_sdk import Context

COLUMNS: Mapping[str, str] = {
    "id": "id", "auditid": "id",
    "time": "at", "timestamp": "at", "searchtime": "at",
    "user": "user", "username": "user",
    "organization": "organisation", "organisation": "organisation",
    "reason": "reason",
    "case": "case_number", "casenumber": "case_number",
    "plate": "subject", "licenseplate": "subject",
}  # fmt: skip
"""A column's name in small letters, without what stands between → a field of ``VendorLook``."""
MOST = 20_000
"""Rows of one answer: the hub asks on from the last."""
_RECORD = re.compile(r"\bwf:([0-9a-f]{8,64})\b")
"""The hub writes it last; words before it are anybody's."""


@dataclass
class _Read:
    """What was read so far."""

    since: datetime
    until: datetime | None = None
    rows: dict[str, VendorLook] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
    unreadable: int = 0


async def audit_log(ctx: Context[Settings], since: datetime) -> VendorLog:
    """Searches from ``since`` on. ``until`` is when the newest export was written. Raises
    ``Refused`` (``not_set_up``) and what reading a folder raises."""
    read = _Read(since)
    async with aclosing(_files(ctx, "*audit*.csv")) as found:
        async for export in found:
            await asyncio.to_thread(_read_log, export, ctx.settings.owner, read)
    rows = sorted(read.rows.values(), key=lambda row: row.at)
    until = rows[MOST - 1].at if len(rows) > MOST else read.until or since
    return VendorLog(
        until=until, rows=rows[:MOST], fields=sorted(read.fields), unreadable=read.unreadable
    )


async def sharing(ctx: Context[Settings]) -> list[SharingSetting]:
    """The settings of the newest export. Raises as ``audit_log`` does."""
    newest: dict[str, SharingSetting] = {}
    async with aclosing(_files(ctx, "*sharing*.csv")) as found:
        async for export in found:  # oldest first
            newest = {one.name: one for one in _settings(export)}
    return list(newest.values())


def searchers(rows: list[VendorLook]) -> Iterator[SharingSetting]:
    """Other organisations that searched the agency's devices: who did, can."""
    for name in sorted({row.organisation for row in rows if row.organisation}):
        yield SharingSetting(
            name=f"searched_by:{name}"[:256],
            value="yes",
            title=f"{name} searches our devices"[:1024],
        )


def _files(ctx: Context[Settings], pattern: str) -> AsyncGenerator[Export, None]:
    if ctx.settings.exports is None:
        raise Refused(
            "No folder of Flock's exports is set.",
            code="not_set_up",
            remedy="Set exports, and have Flock's audit log exported into it every day.",
        )
    return exports(ctx, Where(path=ctx.settings.exports, pattern=pattern), {})


def _read_log(export: Export, owner: str, read: _Read) -> None:
    read.until = export.written or read.until
    columns: set[str] = set()
    for row in csv_text.rows(export.stream):
        if isinstance(row, Rejected):
            read.unreadable += 1
            continue
        cells = {_column(name): text.strip() for name, text in row.cells.items()}
        said = {COLUMNS[name]: text for name, text in cells.items() if name in COLUMNS}
        columns |= said.keys() - {"id", "at"}
        try:
            look = to_look(said, owner)
        except GiveUp:
            read.unreadable += 1
            continue
        if look.at >= read.since:
            read.rows[look.id] = look
    read.fields = columns or read.fields  # of the newest that has rows


def to_look(said: Mapping[str, str], owner: str) -> VendorLook:
    """One row. Raises ``GiveUp`` for one whose time cannot be read."""
    organisation = said.get("organisation") or None
    own = organisation is None or organisation.casefold() == owner.casefold()
    records = _RECORD.findall(said.get("reason", ""))
    plate = said.get("subject") or None
    return VendorLook(
        id=said.get("id") or _digest(said),
        at=times.moment(said.get("at")).time,
        user=_cut(said.get("user")),
        organisation=None if own else _cut(organisation),
        subject_kind="plate" if plate else None,
        subject=_cut(plate),
        reason=(said.get("reason") or None) and said["reason"][:4000],
        case_number=_cut(said.get("case_number")),
        record=records[-1] if records else None,
    )


def _settings(export: Export) -> Iterator[SharingSetting]:
    for row in csv_text.rows(export.stream):
        if isinstance(row, Rejected):
            continue
        cells = {_column(name): text.strip() for name, text in row.cells.items()}
        title = cells.get("setting", "")
        name = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
        if name:
            value = cells.get("value", "").lower() or "off"
            yield SharingSetting(name=name[:256], value=value[:1024], title=title[:1024])


def _column(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _cut(text: str | None) -> str | None:
    return text[:256] if text else None


def _digest(said: Mapping[str, str]) -> str:
    """Flock's log is not known to number its rows."""
    row = "\0".join(f"{name}={said[name]}" for name in sorted(said))
    return blake2b(row.encode(), digest_size=12).hexdigest()
