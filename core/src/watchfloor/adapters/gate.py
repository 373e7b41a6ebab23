"""Keeps the gate's process going, and brings what it hands over to the hub."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence

from watchfloor.contracts import WatchfloorError
from watchfloor.gate import PROGRAM, Knock, Reply, Wire

from .processes import bare_environment, launched

log = logging.getLogger(__name__)

MEMORY = 512 * 1024 * 1024
"""Bytes that it may take: several times what it lets wait."""
AGAIN_S = (0.1, 0.1, 1.0, 5.0)
"""Seconds until it is started again, the longer the more often it ended soon."""
STEADY_S = 10.0
"""Having run for so long, it has not ended soon."""

Answer = Callable[[Sequence[Knock]], Awaitable[Sequence[Reply]]]


class GateKeeper:
    """``listener`` listens already: who comes while no gate runs waits in the system's queue.
    ``answer`` says what to answer to some webhooks; it is asked for more meanwhile."""

    def __init__(self, listener: socket.socket, answer: Answer) -> None:
        self._listener = listener
        self._answer = answer

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        fast_ends = 0
        while True:
            begun = loop.time()
            try:
                await self._life()
                log.error("the gate has ended; webhooks wait until it is back")
            except OSError as error:
                log.error("the gate cannot be started: %s", error.strerror)
            fast_ends = 0 if loop.time() - begun > STEADY_S else fast_ends + 1
            await asyncio.sleep(AGAIN_S[min(fast_ends, len(AGAIN_S) - 1)])

    async def _life(self) -> None:
        """One gate, from its start to its end."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    *launched(MEMORY), sys.executable, "-I", "-m", PROGRAM,
                    stdin=theirs.fileno(), stdout=asyncio.subprocess.DEVNULL,
                    env=bare_environment(), start_new_session=True,
                )  # fmt: skip
            try:
                socket.send_fds(ours, [b"\0"], [self._listener.fileno()])
                reader, writer = await asyncio.open_unix_connection(sock=ours, limit=1024 * 1024)
                await self._attend(Wire(reader, writer, Knock))
            finally:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    async def _attend(self, wire: Wire[Reply, Knock]) -> None:
        """Answer until it has gone. Those it has handed over are kept, though nobody hears so."""
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    group.create_task(self._reply(wire, await wire.receive()))
        except* EOFError:
            pass
        finally:
            wire.close()

    async def _reply(self, wire: Wire[Reply, Knock], knocks: Sequence[Knock]) -> None:
        try:
            replies = await self._answer(knocks)
        except Exception:
            log.exception("unexpected error with webhooks")
            failed = WatchfloorError("The hub failed on this.", code="internal")
            replies = [Reply.refusing(knock.number, failed) for knock in knocks]
        wire.send(replies)
