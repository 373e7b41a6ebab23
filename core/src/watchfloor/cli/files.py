"""Files that are named on the command line."""

from __future__ import annotations

from pathlib import Path

from watchfloor.contracts import GiveUp


def content(path: Path) -> bytes:
    """What a file holds. Raises ``GiveUp`` (``usage``)."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise GiveUp(f"{path} cannot be read: {error.strerror}.", code="usage") from None


def text(path: Path) -> str:
    """Its text, without the line's end that editors put last. Raises ``GiveUp`` (``usage``)."""
    try:
        return content(path).decode().rstrip("\n")
    except UnicodeDecodeError:
        raise GiveUp(f"{path} cannot be read: it is no text.", code="usage") from None
