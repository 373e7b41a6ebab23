"""Files that somebody else writes: what is new in them since the last reading."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from watchfloor.contracts import AskAPerson, RetryLater
from watchfloor_sdk import csv_text

from .plan import Layout

MAX_BYTES = 64 * 1024 * 1024
PORTION = 500
"""Rows that go to the hub together."""


class Position(Struct, omit_defaults=True):
    """How far a file was read. ``digest`` says that what stands before ``size`` is still the same;
    ``stamp`` changes when the file is written."""

    stamp: str = ""
    size: int = 0
    digest: str = ""


def load(path: Path) -> tuple[str, bytes]:
    """A file's stamp and content. Raises ``RetryLater`` (``no_file``) or ``AskAPerson``."""
    try:
        with path.open("rb") as stream:
            body = stream.read(MAX_BYTES + 1)
            stat = path.stat()
    except FileNotFoundError:
        raise RetryLater(
            f"There is no file at {path}.",
            code="no_file",
            remedy="If it stays so: check the path in the settings, and what writes the file.",
        ) from None
    except OSError as error:
        raise AskAPerson(
            f"The file at {path} cannot be read: {error.strerror}.",
            code="file_unreadable",
            remedy="Name a file that the hub's user may read.",
        ) from None
    if len(body) > MAX_BYTES:
        raise AskAPerson(
            f"The file at {path} is larger than {MAX_BYTES} bytes.",
            code="file_too_large",
            remedy="Split it into several sources.",
        )
    return f"{stat.st_size}:{stat.st_mtime_ns}", body


def news(stamp: str, body: bytes, layout: Layout, before: Position) -> Iterator[tuple[bytes, Any]]:
    """Documents with what is new, and the position after each.

    Of a CSV file that was appended to, only the new rows, each portion under the header; half a
    line waits until the file has been left alone between two readings. Of all else, the whole.
    """
    settled = stamp == before.stamp
    if settled and before.size == len(body):
        return
    if layout.format != "csv":
        yield body, Position(stamp, len(body), _digest(body))
        return
    header, rest = _resumed(body, before)
    end = len(body) if settled else body.rfind(b"\n") + 1
    hasher = hashlib.blake2b(body[:rest], digest_size=16)
    for start, stop in _portions(body[:end], rest, layout):
        hasher.update(body[start:stop])
        yield body[:header] + body[start:stop], Position(stamp, stop, hasher.hexdigest())
    if end <= rest:  # nothing new: remember that the file was looked at
        yield b"", Position(stamp, rest, hasher.hexdigest())


def _resumed(body: bytes, before: Position) -> tuple[int, int]:
    """Where the header ends, and where to read on: after it, when the file is another one."""
    header = body.find(b"\n") + 1 or len(body)
    same = before.size >= header and _digest(body[: before.size]) == before.digest
    return header, before.size if same else header


def _portions(body: bytes, start: int, layout: Layout) -> Iterator[tuple[int, int]]:
    """Offsets of portions of whole records from ``start`` on."""
    stream = io.BytesIO(body)
    stream.seek(start)
    declared = csv_text.Layout(layout.encoding, layout.delimiter)
    layout_now = csv_text.layout_of(stream, declared)
    for count, record in enumerate(csv_text.records(stream, layout_now, settled=True), start=1):
        if count % PORTION == 0:
            yield start, record.end
            start = record.end
    if start < len(body):
        yield start, len(body)


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()
