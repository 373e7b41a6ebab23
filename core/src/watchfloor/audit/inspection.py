"""Checking the log every day, in all its copies, by the stand-alone verifier and nothing else.

It runs beside the hub, as a program of its own: what it reads are the files, as anybody else would,
and of the hub it is told the key and the last checkpoint, so that a log that lost its end is found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from watchfloor.contracts import WatchfloorError, micros, rfc3339
from watchfloor.ports.world import Clock

from . import frames
from .events import AuditEvent, Outcome
from .log import AuditLog
from .notes import Note
from .record import Entry

Check = Callable[[Path, Sequence[str], Note | None], Awaitable[dict[str, Any]]]
"""Folder, verifier keys, the newest checkpoint → ``verify.Report.document``. Raises
``WatchfloorError`` where there was nothing to check."""

EVERY = 24 * 3600 * 1_000_000
"""Microseconds."""
HOLDS = "holds"
_EXCERPT = "it says that it is an excerpt"


class Inspected(Struct):
    """One look at all copies: when (RFC 3339), whether all held, how many records the shortest
    has, and of each copy ``holds`` or what was found first."""

    at: str
    holds: bool
    records: int
    copies: dict[str, str]


class Inspector:
    """Of one log. What it found last stands in the log itself."""

    def __init__(self, log: AuditLog, check: Check, clock: Clock) -> None:
        self._log = log
        self._check = check
        self._clock = clock
        self.last: Inspected | None = None

    async def inspect_daily(self) -> None:
        """Look, unless that was done in the last 24 hours by this hub: while none ran, anybody may
        have changed what is in the files."""
        if self.last is None or self._clock.now() - micros(self.last.at) >= EVERY:
            await self.inspect()

    async def inspect(self) -> Inspected:
        """Look at every copy, and record what was found."""
        at, note = rfc3339(self._clock.now()), self._log.checkpoint
        said = [await self._copy(folder, note) for folder in self._log.folders]
        entry = Entry(
            event=AuditEvent.AUDIT_VERIFIED,
            outcome=Outcome.DONE if all(words == HOLDS for words, _ in said) else Outcome.FAILED,
            count=min(records for _, records in said),
            more={f"copy {number}": words for number, (words, _) in enumerate(said, 1)},
        )
        self._log.note(entry)
        self.last = _inspected(entry, at)
        return self.last

    async def _copy(self, folder: Path, note: Note | None) -> tuple[str, int]:
        try:
            before = await asyncio.to_thread(frames.keys, folder)
            keys = dict.fromkeys([self._log.key, *map(str, before)])
            report = await self._check(folder, [*keys], note)
        except OSError as error:
            return f"not checked: {error.strerror}", 0
        except WatchfloorError as error:
            return f"not checked: {error.code}", 0
        if report["findings"]:
            return _words(report["findings"][0]), report["next"]
        return _EXCERPT if report["excerpt"] else HOLDS, report["next"]


def _words(finding: dict[str, Any]) -> str:
    return f"{finding['wrong']}, records {finding['first']} to {finding['last']}"


def _inspected(entry: Entry, at: str) -> Inspected:
    copies = {name: str(words) for name, words in entry.more.items()}
    return Inspected(at, entry.outcome is Outcome.DONE, entry.count or 0, copies)
