"""What the audit log costs: recording, proving, checking."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from audit_logs import KEY, NOW, SIGNER, audit_log
from hub_process import percentiles, row
from memory_store import MemorySecrets

from watchfloor.adapters.clock import SystemClock
from watchfloor.audit import (
    AuditEvent,
    AuditLog,
    Checkpoint,
    Decision,
    Entry,
    Lookback,
    Note,
    Operator,
    Origin,
    Outcome,
    PurposeRecord,
    Sealed,
    Sealer,
    Where,
    encode,
    frames,
)  # fmt: skip
from watchfloor.audit.tree import Range
from watchfloor.audit.verify import verify
from watchfloor.contracts import rfc3339

RECORDERS = 200
EVERY = 1000
_SEGMENT = 64 * 1024 * 1024


def search(number: int, subject: Sealed, at: str = "") -> Entry:
    """A search as the hub records it, about 850 bytes."""
    return Entry(
        at=at, event=AuditEvent.SEARCH_ASKED, outcome=Outcome.DONE,
        operator=Operator(id=f"SIM-{number % 50}", handle="aruiz", agency="ex-pd", ori="ZZ0000000"),
        requester="SIM-9", session="SIM-S", origin=Origin(address="192.0.2.7", device="console"),
        purpose=PurposeRecord(code="investigation", offence="120", case=f"SIM-26-{number % 500}",
                              request=f"R-26-{number % 5000:06}", checked="rms:match"),
        decision=Decision(id=f"SIM-{number}", rules=["analysts-may-search"]), subject=subject,
        lookback=Lookback(since="2026-11-01T00:00:00.000Z"), scope=["lpr-north", "lpr-south"],
        count=number, sha256="0" * 64, took_ms=3.2,
    )  # fmt: skip


def audit(folder: Path, appended: int, checked: int) -> list[dict[str, Any]]:
    """Append, then read, prove and check a log of ``checked`` records."""
    rows = asyncio.run(appending(folder / "append", appended))
    made(folder / "log" / "audit", checked)
    return [*rows, *asyncio.run(asking(folder / "log", checked)), checking(folder / "log", checked)]


async def appending(folder: Path, count: int) -> list[dict[str, Any]]:
    """Many who record at once; each with a subject to be sealed. Synced in both copies."""
    sealer = Sealer(MemorySecrets(), SystemClock())  # type: ignore[arg-type]
    waits: list[float] = []

    async def recorder(log: AuditLog, numbers: range) -> None:
        for number in numbers:
            entry = search(number, await sealer.seal("plate", f"ZZT{number:04}"))
            started = time.perf_counter()
            await log.record(entry)
            waits.append(time.perf_counter() - started)

    async with audit_log(folder, clock=SystemClock()) as log:
        started = time.perf_counter()
        spans = (range(n, count, RECORDERS) for n in range(RECORDERS))
        await asyncio.gather(*(recorder(log, span) for span in spans))
        took = time.perf_counter() - started
        alone = [await _alone(log, number) for number in range(100)]
    rate = round(count / took)
    return [
        row(
            f"audit: append, {RECORDERS} at once, synced in both copies",
            rate,
            "records/s",
            5000,
            "",
        ),
        row("  from record to receipt meanwhile", percentiles(waits), "ms", "", ""),
        row("  from record to receipt, one alone", percentiles(alone), "ms", "", ""),
    ]


async def _alone(log: AuditLog, number: int) -> float:
    started = time.perf_counter()
    await log.record(search(number, Sealed(kind="plate", month="2026-11", key="0" * 64, box="")))
    return time.perf_counter() - started


def made(folder: Path, count: int) -> None:
    """A log of that size, as the hub would have written it; and its copy."""
    (folder / frames.RECORDS).mkdir(parents=True)
    (folder / frames.KEYS).write_text(f"{KEY}\n")
    tree, first, lines, notes = Range(), 0, bytearray(), bytearray()
    for number, entry in enumerate(_lines(count)):
        line, leaf = frames.frame(number, entry)
        lines += line
        tree.add(leaf)
        if tree.size % EVERY == 0 or tree.size == count:
            text = str(Checkpoint(KEY.name, tree.size, tree.root()))
            notes += bytes(Note(text, (SIGNER.sign(text),))) + b"\n"
        if len(lines) >= _SEGMENT or tree.size == count:
            frames.segment(folder, first).write_bytes(lines)
            frames.segment(folder, first, frames.SIGNED).write_bytes(notes)
            first, lines, notes = tree.size, bytearray(), bytearray()


def _lines(count: int) -> Iterator[bytes]:
    for number in range(count):
        subject = Sealed(kind="plate", month="2026-11", key=f"{number % 9973:064x}", box="A" * 48)
        yield encode(search(number, subject, rfc3339(NOW + number * 1000)))


async def asking(folder: Path, count: int) -> list[dict[str, Any]]:
    """Proofs and pages. Opening brings up the second copy and makes tree and index."""
    async with audit_log(folder, clock=SystemClock()) as log:
        await log.read(limit=1)
        await log.proof(0)
        proofs = [await _proof(log, number * 7919 % count) for number in range(500)]
        pages = [
            await _page(log, where)
            for number in range(100)
            for where in (
                Where(operator=f"SIM-{number % 50}"),
                Where(subject=f"{number:064x}"),
                Where(case=f"SIM-26-{number}", operator=f"SIM-{number % 50}"),
            )
        ]
    return [
        row(f"audit: proof of inclusion in {count:,} records", percentiles(proofs), "ms", 5, ""),
        row(
            f"audit: a page of up to 50 of {count:,} records, by who, whom, case",
            percentiles(pages),
            "ms",
            "",
            "",
        ),
    ]


async def _proof(log: AuditLog, index: int) -> float:
    started = time.perf_counter()
    await log.proof(index)
    return time.perf_counter() - started


async def _page(log: AuditLog, where: Where) -> float:
    started = time.perf_counter()
    page = await log.read(where, limit=50)
    assert page.items
    return time.perf_counter() - started


def checking(folder: Path, count: int) -> dict[str, Any]:
    """Every record, hash, checkpoint and time, from the files."""
    started = time.perf_counter()
    report = verify(folder / "audit", [KEY])
    took = time.perf_counter() - started
    assert report.holds
    assert report.next >= count
    return row(f"audit: verify {report.next:,} records", round(took, 2), "s", 5, "")
