"""The hub's own programs beside it (the gate, the egress): each a process of its own that the hub
speaks with over a socket pair and starts again when it has ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from msgspec import Struct

from watchfloor.gate import Wire

from .processes import bare_environment, launched

log = logging.getLogger(__name__)

AGAIN_S = (0.1, 0.1, 1.0, 5.0)
"""Seconds until it is started again, the longer the more often it ended soon."""
STEADY_S = 10.0
"""Having run for so long, it has not ended soon."""

Heard = TypeVar("Heard", bound=Struct)


@dataclass(frozen=True, slots=True)
class Sidecar(Generic[Heard]):
    """A program and what it is given. ``module`` is run by Python with ``arguments`` and may take
    ``memory`` bytes; ``hears`` is what the hub hears from it. ``listener`` listens already: who
    comes while the program does not run waits in the system's queue. The log calls it ``name`` and
    says what happens ``meanwhile``."""

    name: str
    meanwhile: str
    module: str
    memory: int
    listener: socket.socket
    hears: type[Heard]
    arguments: Sequence[str] = ()

    async def keep(self, attend: Callable[[Wire[Any, Heard]], Awaitable[None]]) -> None:
        """Keep it running until cancelled. ``attend`` speaks with it, until the wire's
        ``EOFError``, each time that it was started."""
        loop = asyncio.get_running_loop()
        fast_ends = 0
        while True:
            begun = loop.time()
            try:
                await self._life(attend)
                log.error("the %s has ended; %s", self.name, self.meanwhile)
            except OSError as error:
                log.error("the %s cannot be started: %s", self.name, error.strerror)
            fast_ends = 0 if loop.time() - begun > STEADY_S else fast_ends + 1
            await asyncio.sleep(AGAIN_S[min(fast_ends, len(AGAIN_S) - 1)])

    async def _life(self, attend: Callable[[Wire[Any, Heard]], Awaitable[None]]) -> None:
        async with self._started() as channel:
            reader, writer = await asyncio.open_unix_connection(sock=channel, limit=1024 * 1024)
            wire: Wire[Any, Heard] = Wire(reader, writer, self.hears)
            with contextlib.closing(wire):
                try:
                    await attend(wire)
                except* EOFError:
                    pass

    @contextlib.asynccontextmanager
    async def _started(self) -> AsyncIterator[socket.socket]:
        """Our end of the pair, while its process runs; then that is ended."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    *launched(self.memory), sys.executable, "-I", "-m", self.module,
                    *self.arguments,
                    stdin=theirs.fileno(), stdout=asyncio.subprocess.DEVNULL,
                    env=bare_environment(), start_new_session=True,
                )  # fmt: skip
            try:
                socket.send_fds(ours, [b"\0"], [self.listener.fileno()])
                yield ours
            finally:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
