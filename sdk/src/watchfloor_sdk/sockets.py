"""Sockets that are handed on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from socket import socket

__all__ = ["handed_on"]


@contextmanager
def handed_on(opened: socket) -> Iterator[socket]:
    """Closed where the block fails or is cancelled; else it is whoever's the block made it."""
    with ExitStack() as undo:
        yield undo.enter_context(opened)
        undo.pop_all()
