"""Runs the stand-alone verifier as a program of its own, at the lowest priority."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from watchfloor.audit import Note
from watchfloor.contracts import GiveUp

WITHIN_S = 4 * 3600.0
"""A log of ten years and a slow disk."""
_LOWEST = 19


async def checked(folder: Path, keys: Sequence[str], note: Note | None) -> dict[str, Any]:
    """Its report (``verify.Report.document``). Raises ``GiveUp`` (``not_checked``)."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "watchfloor.audit", folder, *keys,
        *(["--checkpoint", "-"] if note else []),
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL,
    )  # fmt: skip
    try:
        os.setpriority(os.PRIO_PROCESS, program.pid, _LOWEST)
        async with asyncio.timeout(WITHIN_S):
            said, _ = await program.communicate(bytes(note) if note else b"")
        report: dict[str, Any] = orjson.loads(said)
    except (OSError, TimeoutError, ValueError) as error:
        raise GiveUp(
            f"The log could not be checked ({type(error).__name__}).", code="not_checked"
        ) from None
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    return report
