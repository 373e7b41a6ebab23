"""A context without a hub, for tests of a connector's own functions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from watchfloor.contracts import AskAPerson, Handling
from watchfloor_sdk.context import Context, Level
from watchfloor_sdk.http import Http
from watchfloor_sdk.network import Network, host_port, join
from watchfloor_sdk.simulation import Simulator

S = TypeVar("S", bound=Struct)

_PORTS = {
    "http": 80, "https": 443, "ws": 80, "wss": 443, "mqtt": 1883, "mqtts": 8883, "sftp": 22,
    "postgresql": 5432, "mssql": 1433, "smtp": 587, "smtps": 465,
}  # fmt: skip


class TestHub:
    """Answers with given credentials and keeps the log lines as ``(level, message)``."""

    __test__ = False  # not a test case, whatever its name looks like

    def __init__(self, credentials: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.credentials = dict(credentials or {})
        self.logged: list[tuple[Level, str]] = []

    async def credential(self, name: str, *, fresh: bool = False) -> Mapping[str, str]:  # noqa: ARG002
        """As the hub does. Raises ``AskAPerson`` when it was not given."""
        if name not in self.credentials:
            raise AskAPerson(f"The credential {name} is not set.", code="credential_missing")
        return self.credentials[name]

    async def renew_credential(self, name: str, fields: Mapping[str, str]) -> None:
        """Keep what the vendor replaced."""
        self.credentials[name] = {**self.credentials[name], **fields}

    def log(self, level: Level, message: str) -> None:
        """Keep it."""
        self.logged.append((level, message))


def context(
    settings: S,
    *,
    source: str = "test",
    handling: Handling = "le-sensitive",
    credentials: Mapping[str, Mapping[str, str]] | None = None,
    hosts: Iterable[str] = (),
    now: datetime | None = None,
    hub: TestHub | None = None,
) -> Context[S]:
    """A context as a worker would make it. ``now`` stops its clock.

    ``hosts`` are allowed besides the host of ``settings.base_url``; internal addresses are
    allowed for all of them. Pass a ``TestHub`` to look at what was logged. Its ``http`` tries each
    call once, so that a test sees each fault that it ordered.
    """
    base_url = getattr(settings, "base_url", "")
    allowed = [*hosts, *([host_port(base_url)] if base_url else [])]
    network = Network(allowed, internal=allowed)
    return Context(
        hub or TestHub(credentials),
        settings=settings,
        source=source,
        instance=f"{source}-test",
        http=lambda: Http(network, base_url=base_url, tries=1),
        network=network,
        handling=handling,
        clock=lambda: now or datetime.now(UTC),
    )


@asynccontextmanager
async def simulated(
    simulator: Simulator,
    settings: type[S],
    *,
    source: str = "test",
    hub: TestHub | None = None,
    **config: Any,
) -> AsyncIterator[Context[S]]:
    """Starts the simulator, and a context that is set up for it as agency IT would do it.

    ``config`` is laid over the simulator's own. Both end with the block.
    """
    setup = await simulator.start()
    hub = hub or TestHub()
    hub.credentials = {**setup.credentials, **hub.credentials}
    configured = msgspec.convert({**setup.config, **config}, settings)
    ctx = context(configured, source=source, hosts=named_hosts(setup.config), hub=hub)
    try:
        yield ctx
    finally:
        await ctx.aclose()
        await simulator.stop()


def named_hosts(config: Mapping[str, Any]) -> list[str]:
    """The ``host:port`` of every address in a configuration."""
    parts = [urlsplit(value) for value in config.values() if isinstance(value, str)]
    return [
        join(part.hostname, part.port or _PORTS[part.scheme])
        for part in parts
        if part.hostname and part.scheme in _PORTS
    ]
