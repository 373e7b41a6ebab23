"""Outcomes of the time before this hub, from a CSV file that a centre kept."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from watchfloor.contracts import GiveUp, rfc3339
from watchfloor.ports.store import Micros, Outcome


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column says what. ``outcomes``: the file's words and what they mean here; a row whose
    outcome is empty has none. ``time_format`` is ``strptime``'s, ISO 8601 where it is empty."""

    opened: str
    outcome: str
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    purpose: str | None = None
    agency: str | None = None
    channel: str | None = None
    time_format: str = ""


class PastRow(NamedTuple):
    """One row, as it is sent to the hub."""

    opened: str
    outcome: Outcome | None
    purpose: str | None
    agency: str | None
    channel: str | None


def read_past(lines: Iterable[str], columns: Columns, zone: ZoneInfo) -> Iterator[PastRow]:
    """The file's rows. Times without an offset are the agency's own.

    Raises ``GiveUp`` (code ``bad_import``), naming the line and the column: nothing of a file that
    cannot be read whole is taken.
    """
    reader = csv.DictReader(lines)
    named = (columns.opened, columns.outcome, columns.purpose, columns.agency, columns.channel)
    for name in filter(None, named):
        if name not in (reader.fieldnames or ()):
            raise GiveUp(f"The file has no column {name!r}.", code="bad_import")
    for row in reader:
        yield PastRow(
            rfc3339(_moment(row[columns.opened], columns, zone, reader.line_num)),
            _outcome(row[columns.outcome], columns, reader.line_num),
            *(row[name] or None if name else None for name in named[2:]),
        )


def _moment(text: str, columns: Columns, zone: ZoneInfo, line: int) -> Micros:
    try:
        moment = (
            datetime.strptime(text, columns.time_format)
            if columns.time_format
            else datetime.fromisoformat(text)
        )
    except ValueError:
        raise GiveUp(
            f"Line {line}: column {columns.opened!r} holds no time of the format.",
            code="bad_import",
            remedy="Name the format with --time-format, such as “%m/%d/%Y %H:%M”.",
        ) from None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1_000_000)


def _outcome(text: str, columns: Columns, line: int) -> Outcome | None:
    if not text:
        return None
    if text not in columns.outcomes:
        raise GiveUp(
            f"Line {line}: what column {columns.outcome!r} says has no meaning here.",
            code="bad_import",
            remedy="Name the file's own words with --found, --not-found and --not-used.",
        )
    return columns.outcomes[text]
