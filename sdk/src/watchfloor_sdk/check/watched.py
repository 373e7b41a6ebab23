"""The SDK's worker, with a note of every address that it connects to.

``python -m watchfloor_sdk.check.watched <file> <connector-id>``. Python's own audit events see
what goes past ``ctx.network``, too; what native code does on its own they do not.
"""

from __future__ import annotations

import os
import sys
from typing import Any


def watch(path: str) -> None:
    """Append ``host port`` to the file for every connection and every name that is asked for."""
    notes = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo":
            host, port = arguments[0], arguments[1]
        elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
            host, port = arguments[1][:2]
        else:
            return
        os.write(notes, f"{host} {port}\n".encode())

    sys.addaudithook(note)


if __name__ == "__main__":
    watch(sys.argv.pop(1))
    from watchfloor_sdk.worker import main

    main()
