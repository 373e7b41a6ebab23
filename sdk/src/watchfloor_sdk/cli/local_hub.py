"""A hub of one's own: the command ``watchfloor serve`` on a data directory that goes when it ends.

The SDK knows the hub by its public API alone, as everybody does.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aiohttp

from watchfloor.contracts import AskAPerson

RUN_FILE = "run.json"
"""Written by the running hub for its owner: address and a session."""
START_S = 60.0
STOP_S = 15.0


class LocalHub:
    """The API of a running hub. All raise ``AskAPerson`` with what the hub answered."""

    def __init__(self, client: aiohttp.ClientSession, process: asyncio.subprocess.Process) -> None:
        self._client = client
        self._process = process

    async def get(self, path: str) -> Any:
        """A JSON answer."""
        return await self._send("GET", path, None)

    async def put(self, path: str, body: Any) -> None:
        """Set something."""
        await self._send("PUT", path, body)

    async def post(self, path: str) -> None:
        """Have something done."""
        await self._send("POST", path, {})

    def check_alive(self) -> None:
        """Raises ``AskAPerson`` (``hub_ended``)."""
        if self._process.returncode is not None:
            raise _ended()

    async def _send(self, method: str, path: str, body: Any) -> Any:
        try:
            async with self._client.request(method, f"/api/v1{path}", json=body) as answer:
                text = await answer.text()
        except aiohttp.ClientError:
            raise _ended() from None
        document: Any = json.loads(text) if text else None
        if answer.status >= 400:
            error = document["error"]
            raise AskAPerson(error["detail"], code=error["code"], remedy=error["remedy"])
        return document


@asynccontextmanager
async def local_hub(port: int) -> AsyncIterator[LocalHub]:
    """A hub that answers; it prints its address and a sign-in link itself. Ended with the block.

    Raises ``AskAPerson``: ``no_hub`` where the hub is not installed, ``hub_ended``.
    """
    if find_spec("sqlmodel") is None or find_spec("uvloop") is None:
        raise AskAPerson(
            "The hub is not installed beside the SDK.",
            code="no_hub",
            remedy="Install it: pip install 'watchfloor[server]'",
        )
    with tempfile.TemporaryDirectory(prefix="watchfloor-dev-") as folder:
        async with _served(Path(folder), port) as process:
            run = await _run_file(Path(folder), process)
            cookie = {"Cookie": f"watchfloor_session={run['session']}", "Watchfloor-Request": "1"}
            limit = aiohttp.ClientTimeout(total=30)
            async with aiohttp.ClientSession(run["url"], headers=cookie, timeout=limit) as client:
                yield LocalHub(client, process)


@asynccontextmanager
async def _served(folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "watchfloor", "serve", "--data-dir", str(folder),
        "--port", str(port), "--hooks-port", "0", "--log-level", "warning", "--development",
        start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _run_file(folder: Path, process: asyncio.subprocess.Process) -> dict[str, str]:
    """Address and session, once the hub has written them."""
    async with asyncio.timeout(START_S):
        while process.returncode is None:
            with contextlib.suppress(OSError, ValueError):
                run: dict[str, str] = json.loads((folder / RUN_FILE).read_text("utf-8"))
                return run
            await asyncio.sleep(0.1)
    raise _ended()


def _ended() -> AskAPerson:
    return AskAPerson(
        "The hub has ended; what it said stands above.",
        code="hub_ended",
        remedy="Mend that, and start again. Is its port taken? Choose another with --port.",
    )
