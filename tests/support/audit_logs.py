"""Audit logs for tests: real files in a folder, made-up people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from memory_store import MemorySecrets

from watchfloor.adapters.audit import FileHashes, FileSink, SqliteIndex
from watchfloor.adapters.clock import SettableClock
from watchfloor.audit import AuditEvent, AuditLog, Entry, LastHead, Operator, Outcome, Pace, Signer
from watchfloor.contracts import micros

ORIGIN = "ex-pd.example.org/audit"
NOW = micros("2026-11-23T02:00:00Z")
SIGNER = Signer(ORIGIN, bytes(range(32)))
KEY = SIGNER.verifier


def entry(number: int = 0, **fields: Any) -> Entry:
    """A search by one of three people."""
    said: dict[str, Any] = {
        "event": AuditEvent.SEARCH_ASKED,
        "outcome": Outcome.DONE,
        "operator": Operator(id=f"SIM-{number % 3}", agency="ex-pd", ori="ZZ0000000"),
        "count": number,
    }
    return Entry(**said | fields)


class Ticking(SettableClock):
    """A millisecond later each time that it is looked at."""

    def now(self) -> int:
        self.advance(0.001)
        return super().now()


def sinks_in(folder: Path) -> list[FileSink]:
    return [FileSink(folder / "audit"), FileSink(folder / "audit-copy")]


@asynccontextmanager
async def audit_log(
    folder: Path, *, clock: Any = None, pace: Pace | None = None, sinks: Any = None,
    signer: Signer = SIGNER, secrets: MemorySecrets | None = None,
) -> AsyncIterator[AuditLog]:  # fmt: skip
    """An open log; closed as a hub that ends does. ``secrets`` is the keyring: what it knows of the
    log outlasts the files."""
    log = AuditLog(
        signer,
        sinks or sinks_in(folder),
        FileHashes(folder / "audit-index" / "tree"),
        SqliteIndex(folder / "audit-index" / "found.sqlite"),
        clock or Ticking(NOW),
        LastHead(secrets or MemorySecrets()),
        pace,
    )
    await log.open()
    try:
        yield log
    finally:
        await log.close()


async def written(folder: Path, count: int, every: int = 10, **pace: Any) -> Path:
    """A log of ``count`` records with a checkpoint after ``every`` of them; its folder."""
    steady = Pace(sign_every=every, batch=1, sign_s=3600, **pace)
    async with audit_log(folder, pace=steady) as log:
        for number in range(count):
            await log.record(entry(number))
    return folder / "audit"
