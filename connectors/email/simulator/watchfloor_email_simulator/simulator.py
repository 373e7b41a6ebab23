"""The server: what it accepts, and what it does wrong to order."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from watchfloor_sdk import ActionRequest
from watchfloor_sdk.simulation import Setup, Simulator, made_up_alert

from .authority import server_context
from .conversation import Conversation
from .letters import Letter, Play

SENDER = "alerts@agency.example.org"
RECIPIENTS = ("watch@agency.example.org", "desk@agency.example.org")


class EmailSimulator(Simulator):
    """Submission with a log-in; by STARTTLS, or (``secure``) with TLS from the start.

    The ledger has each letter by the text of its answer. ``play`` goes wrong to order.
    """

    connector = "email"

    def __init__(self, *, secure: bool = False) -> None:
        self.play = Play()
        self.letters: dict[str, Letter] = {}
        self.logins = 0
        self.password = secrets.token_hex(12)
        self._secure = secure
        self._numbers = itertools.count(1)
        self._folder = tempfile.TemporaryDirectory(prefix="watchfloor-email-")
        self.tls = server_context(Path(self._folder.name))
        self._server: asyncio.Server | None = None
        self.talks: set[Conversation] = set()
        self._upgrades: set[asyncio.Task[None]] = set()

    @property
    def ledger(self) -> Mapping[str, Any]:
        """Letters by the answer that each was given."""
        return self.letters

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Setup:
        """Listen; answers how to configure the connector."""
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Conversation(self, secure=self._secure),
            host,
            port,
            ssl=self.tls if self._secure else None,
        )
        port = self._server.sockets[0].getsockname()[1]
        scheme = "smtps" if self._secure else "smtp"
        config = {
            "server": f"{scheme}://{host}:{port}",
            "sender": SENDER,
            "recipients": list(RECIPIENTS),
            "authority_file": str(Path(self._folder.name) / "authority.pem"),
        }
        return Setup(self.connector, config, {"mailbox": self._credential()})

    async def cut(self) -> None:
        """The net is down: connections end, new ones are refused."""
        if self._server is not None:
            self._server.close()
        for talk in self.talks:
            talk.transport.abort()
        await asyncio.gather(*self._upgrades)
        await asyncio.sleep(0)  # until they have noticed

    async def stop(self) -> None:
        """Close the listener and every connection, for good."""
        await self.cut()
        self._folder.cleanup()

    def feed(self, happening: Any) -> None:
        """Nothing that happens in the city is a mail server's to know."""

    def rehearse(self, number: int, at: datetime) -> int:  # noqa: ARG002
        """Nothing happens here but what is sent."""
        return number

    def demo_requests(self) -> Iterable[ActionRequest]:
        """One alert after the other."""
        return (made_up_alert(number) for number in itertools.count(1))

    def rotate(self) -> Mapping[str, Mapping[str, str]]:
        """Another password."""
        self.password = secrets.token_hex(12)
        return {"mailbox": self._credential()}

    def take(self, letter: Letter) -> str:
        """The letter is theirs now; answers what it is called."""
        name = f"2.0.0 Ok: queued as SIM{next(self._numbers):04X}"
        self.letters[name] = letter
        return name

    def _credential(self) -> dict[str, str]:
        return {"username": "alerts", "password": self.password}

    def upgrade(self, talk: Conversation) -> None:
        """STARTTLS was said: TLS is put on the connection."""
        task = asyncio.create_task(self._secured(talk))
        self._upgrades.add(task)
        task.add_done_callback(self._upgrades.discard)

    async def _secured(self, talk: Conversation) -> None:
        loop, plain = asyncio.get_running_loop(), talk.transport
        try:
            secure = await loop.start_tls(plain, talk, self.tls, server_side=True)
        except OSError:  # the client does not trust the certificate, and has gone
            plain.abort()
            return
        if secure is not None:
            talk.secured(secure)
