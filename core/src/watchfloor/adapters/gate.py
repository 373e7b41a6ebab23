"""Keeps the gate going, and brings what it hands over to the hub."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence

from watchfloor.contracts import WatchfloorError
from watchfloor.gate import PROGRAM, Knock, Reply, Wire
from watchfloor.tls import CertificateFiles, ServerTls

from .sidecar import Sidecar

log = logging.getLogger(__name__)

MEMORY = 512 * 1024 * 1024
"""Bytes that it may take: several times what it lets wait."""

Answer = Callable[[Sequence[Knock]], Awaitable[Sequence[Reply]]]


class GateKeeper:
    """``listener`` listens already. ``answer`` says what to answer to some webhooks; it is asked
    for more meanwhile. With ``files`` the gate speaks TLS. Raises ``AskAPerson``
    (``bad_certificate``)."""

    def __init__(
        self, listener: socket.socket, answer: Answer, files: CertificateFiles | None = None
    ) -> None:
        if files is not None:
            ServerTls(files)  # the gate reads them itself; here somebody is told
        self._gate = Sidecar(
            "gate", "webhooks wait until it is back", PROGRAM, MEMORY, listener, Knock,
            [str(files.certificate), str(files.key)] if files else [],
        )  # fmt: skip
        self._answer = answer

    async def run(self) -> None:
        """Until cancelled."""
        await self._gate.keep(self._attend)

    async def _attend(self, wire: Wire[Reply, Knock]) -> None:
        """Answer until it has gone. Those it has handed over are kept, though nobody hears so."""
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(self._reply(wire, await wire.receive()))

    async def _reply(self, wire: Wire[Reply, Knock], knocks: Sequence[Knock]) -> None:
        try:
            replies = await self._answer(knocks)
        except Exception:
            log.exception("unexpected error with webhooks")
            failed = WatchfloorError("The hub failed on this.", code="internal")
            replies = [Reply.refusing(knock.number, failed) for knock in knocks]
        wire.send(replies)
