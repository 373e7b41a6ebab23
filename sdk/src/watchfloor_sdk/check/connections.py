"""Which addresses a process is connected to, by the system's own tables (Linux, proc(5))."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import sys
from asyncio.subprocess import Process
from collections.abc import Iterator
from pathlib import Path

_EVERY_S = 0.01
_LISTENS = "0A"
_SOCKET = re.compile(r"socket:\[(\d+)\]")


async def watch(process: Process | None, seen: set[str]) -> None:
    """Add each ``host:port`` that the process is connected to, or tries to be, until cancelled.

    Looks a hundred times a second: what is over sooner is not seen.
    """
    if process is None or not sys.platform.startswith("linux"):
        return
    while process.returncode is None:
        seen.update(connected(process.pid))
        await asyncio.sleep(_EVERY_S)


def connected(pid: int) -> set[str]:
    """The far ends of its TCP sockets now."""
    try:
        own = set(_sockets(Path(f"/proc/{pid}/fd")))
        return {
            end for table in ("tcp", "tcp6") for end in _ends(Path(f"/proc/{pid}/net/{table}"), own)
        }
    except OSError:
        return set()  # it has ended


def _sockets(folder: Path) -> Iterator[str]:
    for path in folder.iterdir():
        try:
            found = _SOCKET.fullmatch(str(path.readlink()))
        except OSError:
            continue  # closed since
        if found:
            yield found[1]


def _ends(table: Path, own: set[str]) -> Iterator[str]:
    for line in table.read_text().splitlines()[1:]:
        (
            _,
            _,
            far,
            state,
            *_,
        ) = line.split()
        if state != _LISTENS and line.split()[9] in own and not far.endswith(":0000"):
            yield _readable(far)


def _readable(end: str) -> str:
    """``0100007F:1F90`` is ``127.0.0.1:8080``: each 32-bit word in the machine's byte order."""
    words, _, port = end.partition(":")
    raw = b"".join(bytes.fromhex(words[at : at + 8])[::-1] for at in range(0, len(words), 8))
    address = ipaddress.ip_address(raw)
    mapped = getattr(address, "ipv4_mapped", None)
    return f"{mapped or address}:{int(port, 16)}"
