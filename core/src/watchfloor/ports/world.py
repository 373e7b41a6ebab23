"""Small ports: the clock, the secrets, worker processes, and HTTP going out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from watchfloor.contracts import protocol as p

from .store import Micros


class Clock(Protocol):
    """The time of day. Deadlines use the event loop's own monotonic clock, not this."""

    def now(self) -> Micros:
        """Microseconds since the epoch, UTC."""


class Secrets(Protocol):
    """Where credentials are held. Values are JSON objects of strings, kept sealed."""

    async def get(self, instance: str, name: str) -> Mapping[str, str]:
        """Raises ``AskAPerson`` (code ``credential_missing``)."""

    async def put(self, instance: str, name: str, value: Mapping[str, str]) -> None: ...

    async def swap(
        self, instance: str, name: str, before: Mapping[str, str], after: Mapping[str, str]
    ) -> bool:
        """Put ``after`` in the place of ``before``, in one step and durably. ``False``, with
        nothing changed, when it is neither of them that is kept."""

    async def remove(self, instance: str, name: str) -> None: ...

    async def names(self, instance: str) -> Sequence[str]: ...


class WorkerProcess(Protocol):
    """A started worker: lines in, lines out, and a way to end it."""

    pid: int
    confinement: Sequence[str]
    """What it is held to (``docs/operations.md``); empty until its first line."""

    async def write(self, line: bytes) -> None:
        """Send one line (without its newline). Raises ``BrokenPipeError`` when it is gone."""

    def lines(self) -> AsyncIterator[bytes]:
        """Its lines, until it closes its output. Raises ``ValueError`` on one over the limit."""

    def complaints(self) -> Sequence[str]:
        """The last lines of its standard error, for the reason that is shown."""

    def memory_mb(self) -> float | None:
        """Its resident size; ``None`` when that cannot be told."""

    async def wait(self) -> int:
        """Its exit status; negative for a signal."""

    def terminate(self) -> None:
        """SIGTERM."""

    def kill(self) -> None:
        """SIGKILL to the whole process group."""


class Workers(Protocol):
    """Starts worker processes."""

    async def start(
        self,
        connector: str,
        instance: str,
        memory_mb: int,
        python: Path | None = None,
        paths: Sequence[str] = (),
    ) -> WorkerProcess:
        """Start the worker of one instance. Raises ``AskAPerson`` when it cannot be started.

        ``python``: the interpreter of the connector's own environment; ``None`` is the hub's own.
        ``paths``: files and folders that its settings name, for it to read.
        """


class WaysOut(Protocol):
    """Lets workers out to the hosts that they may reach, and nowhere else."""

    def admitted(
        self,
        source: str,
        pid: int,
        hosts: Sequence[str],
        internal: Sequence[str],
        told: Callable[[p.Problem | None], None],
    ) -> AbstractContextManager[p.Egress]:
        """A way out for the process ``pid`` while it lasts. ``hosts`` are ``host:port``; the names
        of those in ``internal`` may lead inside. ``told`` hears of a host that was refused, and
        ``None`` when all that were refused have since been reached."""


class HttpResponse(Protocol):
    """What a delivery's receiver said."""

    @property
    def status(self) -> int: ...

    @property
    def retry_after(self) -> float | None:
        """Seconds."""


class HttpSender(Protocol):
    """Outgoing HTTP of the hub itself (alert webhooks). Connectors have their own."""

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, deadline_s: float
    ) -> HttpResponse:
        """Raises ``RetryLater`` when it did not arrive, ``Refused`` for a host not allowed."""


class Carrier(Protocol):
    """Takes alerts to people by a connector (chat, mail)."""

    async def carry(self, source: str, key: str, message: dict[str, Any]) -> str | None:
        """Answers the receiver's own name for the message. ``key`` is the same over all tries.

        Raises ``RetryLater`` when it was not delivered, ``GiveUp`` when the receiver refused it,
        ``NotFound`` for a source that delivers no alerts, and what the connector raised."""
