"""The export: a CSV file that grows, in the columns of the New Orleans police reports."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from watchfloor_city import ReportFiled
from watchfloor_city.happenings import Code
from watchfloor_sdk.declarative import Plan, Scope
from watchfloor_sdk.finding import find
from watchfloor_sdk.simulation import Setup, Simulator
from watchfloor_sdk.testing import context

COLUMNS = (
    "item_number", "district", "location", "disposition", "signal_type", "signal_description",
    "occurred_date_time", "charge_code", "charge_description", "report_type", "year",
)  # fmt: skip
_LOCAL = ZoneInfo("America/Chicago")


class RmsFileSimulator(Simulator):
    """Appends a row for every report that is filed; ``torn`` leaves half a line for the next."""

    connector = "rms-file"

    def __init__(self, *, torn: bool = False) -> None:
        self._torn = torn
        self._waiting = b""
        self._handed_out: dict[str, Any] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="watchfloor-rms-")
        self.path = Path(self._folder.name, "reports.csv")
        self.path.write_bytes(_line(COLUMNS))
        settings = find(self.connector).connector.settings(path=str(self.path))
        self._mapper = Plan.of("watchfloor_rms_file", context(settings)).mappers["reports"]

    @property
    def ledger(self) -> Mapping[str, Any]:
        """Every row that was written."""
        return self._handed_out

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Setup:  # noqa: ARG002
        """There is nothing to listen on."""
        return Setup(self.connector, {"path": str(self.path)})

    async def stop(self) -> None:
        """Take the file away."""
        self._folder.cleanup()

    def feed(self, happening: Any) -> None:
        """Reports; a records system's export tells of nothing else."""
        if not isinstance(happening, ReportFiled):
            return
        line = _line(_cells(happening))
        self._hand_out(line)
        cut = len(line) // 2 if self._torn else len(line)
        with self.path.open("ab") as file:
            file.write(self._waiting + line[:cut])
        self._waiting = line[cut:]

    def rehearse(self, number: int, at: datetime) -> ReportFiled:
        """A report of its own."""
        return ReportFiled(
            at=at, item_number=f"Z{number % 100_000:05}26", signal=Code("67A", "AUTO THEFT"),
            report_type="Incident Report", address=f"{number:03}XX Example Ave", district="5",
            charge=Code(f"14 {number}", "THEFT"), disposition="OPEN",
        )  # fmt: skip

    def demo(self) -> Iterable[ReportFiled]:
        """A report after the other."""
        return (self.rehearse(number, datetime.now(UTC)) for number in count())

    def settle(self) -> None:
        """Write what waits."""
        with self.path.open("ab") as file:
            file.write(self._waiting)
        self._waiting = b""

    def _hand_out(self, line: bytes) -> None:
        mapped = self._mapper.page(_line(COLUMNS) + line, Scope(datetime.now(UTC)))
        self._handed_out[mapped.events[0].id] = line.decode()


def _cells(report: ReportFiled) -> list[str]:
    local = report.at.astimezone(_LOCAL)
    return [
        re.sub(r"^(\w)(\d{5})(\d{2})$", r"\1-\2-\3", report.item_number),
        report.district or "",
        report.address or "",
        report.disposition or "",
        report.signal.code,
        report.signal.text,
        f"{local.month}/{local.day}/{local.year} {local:%H:%M}",
        report.charge.code if report.charge else "",
        report.charge.text if report.charge else "",
        report.report_type,
        str(local.year),
    ]


def _line(cells: Iterable[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode()
