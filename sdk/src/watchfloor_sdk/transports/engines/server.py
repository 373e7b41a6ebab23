"""What sessions with a server share: a socket of ours, which any thread can shut."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any


class Closing:
    """A session's end. ``dialled`` is the socket that its connection speaks on."""

    def __init__(self, connection: Any, dialled: socket.socket) -> None:
        self._connection = connection
        self._dialled = dialled

    def stop(self) -> None:
        """Break off what runs; from any thread."""
        with contextlib.suppress(OSError):
            self._dialled.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it."""
        # The connection's own close says goodbye on a socket that is shut.
        with contextlib.suppress(Exception):
            self._connection.close()
        _shut(self._dialled)


@contextmanager
def shut_unless_opened(dialled: socket.socket) -> Iterator[None]:
    """Around the opening of a session: where it fails, the socket is of no use any more."""
    with contextlib.ExitStack() as undoing:
        undoing.callback(_shut, dialled)
        yield
        undoing.pop_all()


def _shut(dialled: socket.socket) -> None:
    """Close it, even where the driver forgot a file object on it."""
    if (handle := dialled.detach()) >= 0:
        os.close(handle)


def is_far(host: str) -> bool:
    """Whether others could listen on the way: then TLS, verified, without exception."""
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
