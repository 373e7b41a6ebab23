"""What memory a process takes, by the system's own account (Linux, proc(5))."""

from __future__ import annotations

from asyncio.subprocess import Process
from pathlib import Path

from .rule import Inapplicable


def peak_mb(process: Process | None) -> float:
    """The most that it ever had resident."""
    return _read(process, "VmHWM")


def resident_mb(process: Process | None) -> float:
    """What it has resident now."""
    return _read(process, "VmRSS")


def _read(process: Process | None, name: str) -> float:
    try:
        lines = Path(f"/proc/{process.pid if process else 0}/status").read_text().splitlines()
    except OSError:
        raise Inapplicable("This system does not tell what memory a process takes.") from None
    line = next(line for line in lines if line.startswith(name))
    return int(line.split()[1]) / 1024
