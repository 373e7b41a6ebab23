"""What nobody asks the hub for, and what happens beside it: recorded when it is first seen.

Credentials run out, budgets are reached, backups are taken and put back by a command. The audit log
itself says what was recorded before, so that a restart records nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from watchfloor.adapters import backup
from watchfloor.audit import AuditEvent, Entry, Object, Outcome, Where
from watchfloor.web import Hub, all_repairs

_OF_REPAIRS = {
    "credential_ran_out": AuditEvent.CREDENTIAL_EXPIRED,
    "budget_near": AuditEvent.BUDGET_REACHED,
    "budget_spent": AuditEvent.BUDGET_REACHED,
}
_EVENTS = {*_OF_REPAIRS.values(), AuditEvent.BACKUP_MADE, AuditEvent.BACKUP_RESTORED}


async def look(hub: Hub, data_dir: Path) -> None:
    """Record what is new. Raises as ``AuditLog.read`` does."""
    before = {
        each.entry.object.id
        for event in _EVENTS
        async for each in hub.audit.each(Where(event=event))
        if each.entry.object
    }
    async for entry in _seen(hub, data_dir):
        if entry.object and entry.object.id not in before:
            hub.audit.note(entry)


async def _seen(hub: Hub, data_dir: Path) -> AsyncIterator[Entry]:
    for repair in await all_repairs(hub, await hub.sources.views()):
        if (event := _OF_REPAIRS.get(repair.code)) is not None:
            yield _entry(event, "upkeep", f"{repair.source}/{repair.code}/{repair.since}")
    for entry in await asyncio.to_thread(lambda: [*_backups(data_dir / backup.FOLDER)]):
        yield entry


def _backups(folder: Path) -> Iterator[Entry]:
    for taken in backup.Register(folder).all():
        yield _entry(AuditEvent.BACKUP_MADE, "backup", Path(taken.file).name)
    if (restored := folder / backup.RESTORED).exists():
        yield _entry(
            AuditEvent.BACKUP_RESTORED, "backup", f"restored {restored.read_text('utf-8')}"
        )


def _entry(event: AuditEvent, kind: str, id: str) -> Entry:
    return Entry(event=event, outcome=Outcome.DONE, object=Object(kind=kind, id=id))
