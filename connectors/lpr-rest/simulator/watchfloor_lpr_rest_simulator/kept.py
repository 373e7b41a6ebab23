"""The reads that the simulated vendor keeps: encoded once when they happen, served as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from watchfloor_city.happenings import PlatePassed

PAGE_SIZE = 1000


class CursorExpired(Exception):
    """The reads after this cursor are no longer kept."""


class KeptReads(Mapping[str, Mapping[str, Any]]):
    """The newest reads, at least ``keep`` of them, by id. A cursor is the next read's number."""

    def __init__(self, keep: int, pictures_for: timedelta, first: int = 0) -> None:
        self._keep = keep
        self._pictures_for = pictures_for
        self._rows: list[bytes] = []
        self._first = first

    @property
    def count(self) -> int:
        """The number of the next read."""
        return self._first + len(self._rows)

    def add(self, happening: PlatePassed) -> None:
        """Keep one more; forget the oldest in large steps, so that it costs nothing per read."""
        self._rows.append(_encoded(self.count, happening, self._pictures_for))
        if len(self._rows) > 2 * self._keep:
            del self._rows[: self._keep]
            self._first += self._keep

    def page(self, after: int | None, limit: int) -> tuple[bytes, int, bool]:
        """(rows joined by commas, cursor after them, whether there is more).

        Raises ``CursorExpired``.
        """
        start = self._first if after is None else after
        if not self._first <= start <= self.count:
            raise CursorExpired
        index = start - self._first
        rows = self._rows[index : index + limit]
        following = start + len(rows)
        return b",".join(rows), following, following < self.count

    def read(self, number: int) -> Mapping[str, Any] | None:
        """One read as it was served; ``None`` when it is not kept or never was."""
        if not self._first <= number < self.count:
            return None
        row: Mapping[str, Any] = msgspec.json.decode(self._rows[number - self._first])
        return row

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        digits = name.removeprefix("r-")
        read = self.read(int(digits)) if digits.isdecimal() else None
        if read is None:
            raise KeyError(name)
        return read

    def __iter__(self) -> Iterator[str]:
        return (f"r-{number}" for number in range(self._first, self.count))

    def __len__(self) -> int:
        return len(self._rows)


def _encoded(number: int, happening: PlatePassed, pictures_for: timedelta) -> bytes:
    longitude, latitude = happening.point
    look = happening.vehicle
    until = happening.at + pictures_for
    return msgspec.json.encode(
        {
            "id": f"r-{number}",
            "read_at": happening.at,
            "reader": happening.reader,
            "plate": happening.plate,
            "region": happening.region,
            "confidence": happening.confidence,
            "heading_deg": happening.heading_deg,
            "longitude": longitude,
            "latitude": latitude,
            "vehicle": {
                "make": look.make,
                "model": look.model,
                "colour": look.colour,
                "body": look.body,
            },
            "picture": {"path": _picture_path(happening, until), "expires": until},
        }
    )


def _picture_path(happening: PlatePassed, until: datetime) -> str:
    """The address says all that is drawn: pictures outlive a restart, as a vendor's do."""
    return f"/pictures/{happening.region}/{happening.plate}/{int(until.timestamp())}"


def whole(text: str | None) -> int | None:
    """A number out of a query; ``None`` when it is absent. Raises ``CursorExpired`` for others."""
    if text is None:
        return None
    if not text.isdecimal():
        raise CursorExpired
    return int(text)
