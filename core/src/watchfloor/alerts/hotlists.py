"""The agency's hot lists: owner, reason and terms of each, and entries imported from CSV."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo

from watchfloor.contracts import GiveUp, NotFound, Refused, micros
from watchfloor.contracts.normal import normal_plate
from watchfloor.contracts.words import says_something
from watchfloor.ports.store import HotList, HotListEntry, Micros, Store
from watchfloor.ports.world import Clock

from .rules import SEVERITIES
from .watch import Watch

COLUMNS = ("plate", "region", "reason", "expires")

SHOWN = 1000
"""Bad lines that a report names; all are counted."""

STEP = 500
"""Lines between two turns of the event loop."""

LONGEST = timedelta(days=90)
"""For so long a plate stays on a list that is kept by hand, unless somebody puts it there anew."""

_ID = re.compile(r"[a-z][a-z0-9-]{1,63}")
_REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was not taken and why; never what stands in it. Lines count from 1."""

    line: int
    reason: str


@dataclass(slots=True)
class ImportReport:
    """What became of a file of entries."""

    taken: int = 0
    bad: int = 0
    expired: int = 0
    """Of those taken: entries that have expired already and raise nothing."""
    bad_lines: list[BadLine] = field(default_factory=list)


Listing = Callable[[Sequence[HotListEntry]], Awaitable[None]]
"""Is told of entries that somebody puts on a list, before they stand there."""


class HotLists:
    """Hot lists of one hub. ``zone`` is where a plain date in a file ends."""

    def __init__(self, store: Store, clock: Clock, zone: tzinfo, watch: Watch) -> None:
        self._book = store.alerts
        self._ledger = store.ledger
        self._clock = clock
        self._zone = zone
        self._watch = watch

    @property
    def in_force(self) -> bool:
        """Whether reads are checked against the lists as they are now; ``False`` while the hub
        still reads them, at the start or after a change."""
        return self._watch.newest

    async def all(self) -> Sequence[HotList]:
        """Every list with how many entries it has."""
        return await self._book.hot_lists()

    async def get(self, id: str) -> HotList:
        """One list. Raises ``NotFound``."""
        for hot_list in await self._book.hot_lists():
            if hot_list.id == id:
                return hot_list
        raise NotFound(f"There is no hot list {id!r}.", code="no_such_hot_list")

    async def put(self, hot_list: HotList) -> HotList:
        """Add a list or change its terms; its entries stay. Raises ``Refused`` for a list without
        an owner or a reason: nobody could answer for it."""
        if not _ID.fullmatch(hot_list.id):
            raise Refused(
                "A hot list's id has small letters, digits and hyphens.", code="bad_hot_list_id"
            )
        for what in ("name", "owner", "reason"):
            if not says_something(getattr(hot_list, what)):
                raise Refused(f"A hot list needs a {what}.", code=f"no_{what}")
        if hot_list.severity not in SEVERITIES:
            raise Refused(f"Severity is one of {', '.join(SEVERITIES)}.", code="bad_severity")
        await self._book.put_hot_list(replace(hot_list, changed=self._clock.now()))
        await self._take_hold()
        return await self.get(hot_list.id)

    async def import_csv(
        self, id: str, text: str, by: str, listing: Listing | None = None, *, by_hand: bool = False
    ) -> ImportReport:
        """Replace a list's entries by those of a CSV file with the columns plate, region, reason
        and expires (in any order, only plate required). In force when this returns.
        ``listing`` is told of what was not on it as it is. ``by_hand``: somebody answers for each.

        Raises ``NotFound``; ``GiveUp`` where there is no plate column, or more lines are bad than
        good: then it is the wrong file, and the old entries stay; ``Refused`` (code
        ``entry_incomplete``) where a plate is put there by hand without a reason or an end."""
        hot_list = await self.get(id)
        entries, report = await self._read(text)
        if report.bad > report.taken:
            first = report.bad_lines[0]
            raise GiveUp(
                f"{report.bad} of {report.bad + report.taken} lines are bad, the first is line "
                f"{first.line}: {first.reason}. Nothing was changed.",
                code="bad_file",
                remedy="Check that it is the right file, with commas and a header line.",
            )
        if listing is not None:
            new = await self._new(id, entries)
            if by_hand:
                self._check_by_hand(new)
            await listing(new)
        noted = {"list": id, "taken": report.taken, "bad": report.bad}
        try:
            await self._book.replace_entries(id, entries)
            await self._book.put_hot_list(replace(hot_list, changed=self._clock.now()))
            await self._ledger.note("hot_list_imported", by, noted)
        except BaseException:  # the new entries may stand already, whatever failed
            self._watch.plates_changed()
            raise
        await self._take_hold()
        return report

    async def _new(self, id: str, entries: Sequence[HotListEntry]) -> Sequence[HotListEntry]:
        """Those that do not stand on the list as they are."""
        before = {each async for _, old in self._book.entries(id) for each in old}
        new = dict[HotListEntry, None]()
        for number, each in enumerate(entries):
            if each not in before:
                new[each] = None
            if number % STEP == 0:
                await asyncio.sleep(0)
        return list(new)

    def _check_by_hand(self, new: Sequence[HotListEntry]) -> None:
        latest = self._clock.now() + LONGEST // timedelta(microseconds=1)
        lacking = [
            each for each in new
            if not says_something(each.reason) or each.expires is None or each.expires > latest
        ]  # fmt: skip
        if lacking:
            raise Refused(
                f"{len(lacking)} of {len(new)} new plates have no reason, or none of the next"
                f" {LONGEST.days} days as their end. Nothing was changed.",
                code="entry_incomplete",
                remedy="Add both. A file that another system made is imported as it is while no"
                " request is open, by two people.",
            )

    async def _take_hold(self) -> None:
        self._watch.plates_changed()
        await self._watch.in_force()
        await self._watch.use_rules()

    async def _read(self, text: str) -> tuple[list[HotListEntry], ImportReport]:
        rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
        columns = _columns(next(rows, []))
        report, entries = ImportReport(), list[HotListEntry]()
        now, texts = self._clock.now(), dict[str, str]()
        while True:
            try:
                row = next(rows, None)
                if row is None:
                    break
                if row:
                    entry = _entry(row, columns, self._zone, texts)
                    entries.append(entry)
                    report.expired += entry.expires is not None and entry.expires <= now
            except (ValueError, csv.Error) as error:
                report.bad += 1
                if report.bad <= SHOWN:
                    report.bad_lines.append(BadLine(rows.line_num, str(error)))
            if rows.line_num % STEP == 0:
                await asyncio.sleep(0)
        report.taken = len(entries)
        return entries, report


def _columns(header: list[str]) -> dict[str, int]:
    """Where each known column stands. Raises ``GiveUp`` without a plate column."""
    found = {name.strip().lower(): index for index, name in enumerate(header)}
    if "plate" not in found:
        raise GiveUp(
            "The first line names no column 'plate'.",
            code="no_plate_column",
            remedy=f"The first line must name the columns: {','.join(COLUMNS)}",
        )
    return {name: found[name] for name in COLUMNS if name in found}


def _entry(
    row: list[str], columns: dict[str, int], zone: tzinfo, texts: dict[str, str]
) -> HotListEntry:
    """One line. Raises ``ValueError`` with why not. ``texts`` keeps equal texts once: a million
    lines have few different regions and reasons."""
    plate, region, reason, expires = (_cell(row, columns.get(name)) for name in COLUMNS)
    if "?" in plate or "*" in plate:
        raise ValueError("a plate on a list is written whole")
    normal = normal_plate(plate)
    if not 1 <= len(normal) <= 32:
        raise ValueError("no plate" if not normal else "the plate is longer than 32 characters")
    region = region.upper()
    if region and not _REGION.fullmatch(region):
        raise ValueError("the region is not one of ISO 3166-2, such as US-LA")
    if len(reason) > 1024:
        raise ValueError("the reason is longer than 1024 characters")
    return HotListEntry(
        normal,
        texts.setdefault(region, region) or None,
        texts.setdefault(reason, reason) or None,
        _expiry(expires, zone) if expires else None,
    )


def _cell(row: list[str], index: int | None) -> str:
    return row[index].strip() if index is not None and index < len(row) else ""


def _expiry(text: str, zone: tzinfo) -> Micros:
    """RFC 3339, or a plain date: to the end of that day where the hub is."""
    try:
        if len(text) == len("2026-01-01"):
            day_after = date.fromisoformat(text) + timedelta(days=1)
            return micros(datetime.combine(day_after, time(), zone).isoformat())
        return micros(text)
    except (ValueError, OverflowError):
        raise ValueError("expires is neither a date nor a time with its offset") from None
