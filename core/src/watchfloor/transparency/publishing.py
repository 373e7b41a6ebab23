"""The public page: made once a day from the log, kept as files, handed out as they are.

It covers the last whole month. A window that moved every day would give small counts away: what
one day's page shows more than the day before's is that one day.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from watchfloor.contracts import NotFound, rfc3339
from watchfloor.ports.store import Micros
from watchfloor.ports.world import Clock

from .figures import entries_of, figures_of
from .model import About, Head, Report
from .page import page
from .paper import MAIN, paper
from .sheets import as_csv, as_json

PAGE, JSON, CSV, PDF = "index.html", "report.json", "report.csv", "report.pdf"

FOLDER = "transparency"
"""Where the page is kept in the data directory."""

Typeset = Callable[[Mapping[str, bytes], str], bytes]


@dataclass(frozen=True, slots=True)
class Publication:
    """``log`` is the folder of the audit log, ``folder`` where the page is kept; ``head`` answers
    with the log's key and newest checkpoint, ``about`` with what the agency says of its systems."""

    log: Path
    folder: Path
    head: Callable[[], Head | None]
    about: Callable[[], Awaitable[About]]
    typeset: Typeset
    clock: Clock

    async def refresh(self) -> None:
        """Make it anew: the daily chore."""
        now = self.clock.now()
        report = await self.report(*last_month(now))
        await asyncio.to_thread(self._keep, report)

    async def report(self, since: str, until: str) -> Report:
        """A report of some time. Raises ``AskAPerson`` (``audit_diverged``)."""
        figures = await asyncio.to_thread(lambda: figures_of(self.log, since, until))
        first = await asyncio.to_thread(lambda: next(entries_of(self.log), None))
        return Report(
            made=rfc3339(self.clock.now()),
            about=await self.about(),
            figures=figures,
            log=self.head(),
            begins=first.at if first and first.at >= until else None,
        )

    def _keep(self, report: Report) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, content in rendered(report, self.typeset).items():
            fresh = self.folder / f".{name}"
            fresh.write_bytes(content)
            fresh.replace(self.folder / name)  # who reads meanwhile has the old one whole


async def published(folder: Path, name: str) -> bytes:
    """One of the files. Raises ``NotFound`` (``not_published``) before the first is made."""
    try:
        return await asyncio.to_thread((folder / name).read_bytes)
    except FileNotFoundError:
        raise NotFound("No report has been published yet.", code="not_published") from None


def rendered(report: Report, typeset: Typeset) -> dict[str, bytes]:
    """The report in every form, by file name."""
    return {
        PAGE: page(report).encode(),
        JSON: as_json(report),
        CSV: as_csv(report).encode(),
        PDF: typeset(paper(report), MAIN),
    }


def last_month(now: Micros) -> tuple[str, str]:
    """The last whole calendar month in UTC, RFC 3339."""
    here = datetime.fromtimestamp(now / 1_000_000, UTC)
    until = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year, month = (until.year, until.month - 1) if until.month > 1 else (until.year - 1, 12)
    return _written(until.replace(year=year, month=month)), _written(until)


def _written(moment: datetime) -> str:
    return rfc3339(int(moment.timestamp()) * 1_000_000)
