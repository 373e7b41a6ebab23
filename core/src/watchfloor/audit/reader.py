"""Reading the log back: pages of records, newest first, by what they were about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

from watchfloor.contracts import GiveUp, RetryLater, micros, rfc3339
from watchfloor.ports.audit import AuditIndex, Indexed, Where

from . import frames
from .hands import Hand
from .record import Entry, decode
from .waiting import unavailable

_CHUNK = 4 * 1024 * 1024


@dataclass(frozen=True)
class Numbered:
    """A record and its place in the log."""

    index: int
    entry: Entry


@dataclass(frozen=True)
class Page:
    """Records, newest first; ``next`` is what to give as ``before`` for the page after it."""

    items: Sequence[Numbered]
    next: int | None


class Reader:
    """Keeps the index up with the log, and reads records by it."""

    def __init__(self, index: AuditIndex, folders: Sequence[Path]) -> None:
        self._index = index
        self._folders = folders
        self._hand = Hand("audit-reading")

    async def open(self) -> None:
        """Take the index."""
        await self._hand.do(self._index.open)

    async def close(self) -> None:
        """Let go of it."""
        await self._hand.do(self._index.close)
        self._hand.end()

    async def forget_beyond(self, size: int) -> None:
        """An index that goes further is of another log: made anew."""
        if (await self._hand.do(self._index.end))[0] > size:
            await self.clear()

    async def clear(self) -> None:
        """Have the index made anew."""
        await self._hand.do(self._index.clear)

    async def catch_up(self, size: int) -> None:
        """Index the first ``size`` records."""
        await self._hand.do(lambda: self._catch_up(size))

    async def page(self, where: Where, before: int | None, limit: int, size: int) -> Page:
        """Of the first ``size`` records, as far as they are indexed. Raises ``RetryLater``
        (``audit_unavailable``) when no copy can be read, ``GiveUp`` (``bad_parameter``) for a time
        that is none."""
        asked = replace(where, since=_as_logged(where.since), until=_as_logged(where.until))
        return await self._hand.do(lambda: self._page(asked, before, limit, size))

    async def line(self, index: int, size: int) -> bytes:
        """One record as it was written. Raises as ``page``, also where it is not indexed."""
        return await self._hand.do(lambda: self._line(self._row(index, size)))

    def _page(self, where: Where, before: int | None, limit: int, size: int) -> Page:
        rows = self._found(where, before, limit + 1, size)
        items = [Numbered(row.index, decode(self._line(row))) for row in rows[:limit]]
        return Page(items, items[-1].index if len(rows) > limit else None)

    def _found(self, where: Where, before: int | None, limit: int, size: int) -> Sequence[Indexed]:
        return self._index.find(where, size if before is None else min(size, before), limit)

    def _row(self, index: int, size: int) -> Indexed:
        for row in self._found(Where(), index + 1, 1, size):
            if row.index == index:
                return row
        raise unavailable(diverged=True)

    def _catch_up(self, size: int) -> None:
        index, first, offset = self._index.end()
        while index < size:
            if rows := self._rows(index, first, offset, size):
                self._index.add(rows)
                index, offset = rows[-1].index + 1, rows[-1].offset + rows[-1].length + 1
            elif first != index and self._begins(index):
                first, offset = index, 0
            else:
                raise frames.diverged(self._folders[0], index)

    def _begins(self, index: int) -> bool:
        """Whether a file begins with that record."""
        return any(frames.segment(folder, index).exists() for folder in self._folders)

    def _rows(self, index: int, first: int, offset: int, size: int) -> list[Indexed]:
        """The next ones, of the first copy that has them."""
        for content in self._contents(first, offset, _CHUNK):
            whole = takewhile(
                lambda found: found.index < size and found.entry is not None,
                frames.frames(content, index),
            )
            if rows := [_indexed(found, first, offset) for found in whole]:
                return rows
        return []

    def _line(self, row: Indexed) -> bytes:
        """Raises ``AskAPerson`` (``audit_diverged``) when it is another than was indexed, in every
        copy."""
        for content in self._contents(row.segment, row.offset, row.length):
            with suppress(ValueError):
                found = frames.parse(content)
                if found.index == row.index and found.entry is not None:
                    return found.entry
        raise frames.diverged(self._folders[0], row.index)

    def _contents(self, first: int, offset: int, length: int) -> Iterator[bytes]:
        """Of each copy that can be read."""
        readable = False
        for folder in self._folders:
            with suppress(OSError):
                with frames.segment(folder, first).open("rb") as file:
                    file.seek(offset)
                    content = file.read(length)
                readable = True
                yield content
        if not readable:
            raise RetryLater("No copy of the audit log can be read.", code="audit_unavailable")


def _as_logged(moment: str | None) -> str | None:
    """The same moment, as records write theirs."""
    try:
        return rfc3339(micros(moment)) if moment is not None else None
    except (ValueError, OverflowError):
        raise GiveUp("That is no time with its offset.", code="bad_parameter") from None


def _indexed(found: frames.Frame, first: int, offset: int) -> Indexed:
    entry = decode(found.entry or b"")
    purpose = entry.purpose
    return Indexed(
        found.index, entry.at, first, offset + found.offset, found.length,
        (
            entry.operator.id if entry.operator else None,
            entry.event.value,
            entry.outcome.value,
            purpose.code if purpose else None,
            purpose.case if purpose else None,
            purpose.request if purpose else None,
            entry.subject.key if entry.subject else None,
        ),
    )  # fmt: skip
