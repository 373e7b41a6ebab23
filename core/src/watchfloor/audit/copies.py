"""The copies of the log, made one again: after a crash, an outage, or a disk that was away.

Copies are the same byte by byte, so that one that stopped earlier is the beginning of the other
and is brought up from it. Anything else is for a person: it may be somebody's doing. Of files that
are full, sizes are compared; of the last two, every byte. ``watchfloor audit verify`` looks at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from watchfloor.ports.audit import End, Sink

from . import frames

_LAST = 2
_CHUNK = 4 * 1024 * 1024


def opened(sinks: Sequence[Sink]) -> tuple[End, Sink]:
    """Open all copies: how far the log goes, and the copy that goes so far.

    Raises ``OSError``, and ``AskAPerson`` (``audit_diverged``, ``audit_in_use``)."""
    ends = [sink.open() for sink in sinks]
    return max(zip(ends, sinks, strict=True), key=lambda each: each[0])


def bring_up(sinks: Sequence[Sink], longest: Sink) -> None:
    """Those that are behind, all of them open.

    Raises ``OSError``, and ``AskAPerson`` (``audit_diverged``) with the first record that differs.
    """
    for sink in sinks:
        if sink is not longest:
            known = frames.segments(sink.folder)[-_LAST:]
            _bring_up(sink, longest)
            _even_checkpoints(sink, longest, known[0] if known else 0)


def _bring_up(short: Sink, long: Sink) -> None:
    there, wanted = frames.segments(short.folder), frames.segments(long.folder)
    for number, first in enumerate(wanted):
        if number < len(there) and there[number] != first:
            raise frames.diverged(short.folder, min(there[number], first))
        have = frames.segment(short.folder, first)
        whole = frames.segment(long.folder, first)
        size = have.stat().st_size if number < len(there) else 0
        last = number >= len(there) - 1
        if not last and size != whole.stat().st_size:
            raise frames.diverged(short.folder, _first_difference(have, whole, first))
        if size and number >= len(there) - _LAST:
            _refuse_difference(short, have, whole, first)
        if last:
            _copy(short, whole, first, size)


def _copy(short: Sink, whole: Path, first: int, size: int) -> None:
    with whole.open("rb") as file:
        file.seek(size)
        while chunk := file.read(_CHUNK):
            short.append(first, chunk)


def _refuse_difference(short: Sink, have: Path, whole: Path, first: int) -> None:
    content = have.read_bytes()
    if whole.read_bytes()[: len(content)] != content:
        raise frames.diverged(short.folder, _first_difference(have, whole, first))


def _first_difference(have: Path, whole: Path, first: int) -> int:
    """The index of the first record that is not the same in both."""
    pairs = zip(have.read_bytes().split(b"\n"), whole.read_bytes().split(b"\n"), strict=False)
    return next((first + n for n, (one, other) in enumerate(pairs) if one != other), first)


def _even_checkpoints(one: Sink, other: Sink, since: int) -> None:
    """What was signed in one copy only is put into the other, from the file ``since`` on."""
    for first in (each for each in frames.segments(one.folder) if each >= since):
        contents = [_signed(sink, first) for sink in (one, other)]
        short, long = sorted(contents, key=len)
        if not long.startswith(short):
            raise frames.diverged(one.folder, first)
        behind = one if len(contents[0]) < len(contents[1]) else other
        if missing := long[len(short) :]:
            behind.sign(first, missing)


def _signed(sink: Sink, first: int) -> bytes:
    path = frames.segment(sink.folder, first, frames.SIGNED)
    return path.read_bytes() if path.exists() else b""
