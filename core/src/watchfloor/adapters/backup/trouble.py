"""What the backups' work shares: how far it is, and what it means when the disk says no."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from watchfloor.adapters import disk

Step: TypeAlias = Callable[[int, int], None]
"""Hears how many bytes are done, and of how many."""


@contextmanager
def trouble_with_files() -> Iterator[None]:
    """Raises ``AskAPerson`` (``disk_full``, ``disk_error``)."""
    try:
        yield
    except OSError as error:
        raise disk.trouble(error, "the backup's files") from error
