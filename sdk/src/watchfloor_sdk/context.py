"""What a connector is handed with every call: its settings and its ways out.

There are no others: no socket, no file, no environment that the hub did not mean to give.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

from msgspec import Struct

from watchfloor.contracts import (
    BY_DATA,
    ActionReceipt,
    ActionRequest,
    Contract,
    Event,
    GiveUp,
    Handling,
    LookupResult,
    Place,
    schemas,
)

from .skew import Skew

if TYPE_CHECKING:
    from .http import Http
    from .network import Network

S = TypeVar("S", bound=Struct)
Level = Literal["debug", "info", "warning", "error"]


class Hub(Protocol):
    """What a context needs of the hub; the worker and the test kit each have one."""

    async def credential(self, name: str, *, fresh: bool = False) -> Mapping[str, str]:
        """Lease a declared credential. Raises ``AskAPerson`` when it is not set."""

    async def renew_credential(self, name: str, fields: Mapping[str, str]) -> None:
        """Have what the vendor replaced kept for good. Raises our errors."""

    def log(self, level: Level, message: str) -> None:
        """Show a line in the source's log."""


class Log:
    """Lines for the source's log. The hub takes leased credentials out of them."""

    def __init__(self, write: Callable[[Level, str], None]) -> None:
        self._write = write

    def debug(self, message: str) -> None:
        """For whoever writes the connector."""
        self._write("debug", message)

    def info(self, message: str) -> None:
        """Worth knowing afterwards."""
        self._write("info", message)

    def warning(self, message: str) -> None:
        """Odd, and dealt with."""
        self._write("warning", message)

    def error(self, message: str) -> None:
        """Went wrong."""
        self._write("error", message)


@cache
def _named(data: type[Struct]) -> tuple[str, str | None]:
    """The event type of a data class, and its schema's address. Raises ``KeyError``."""
    kind = BY_DATA[data]
    name = kind.type.removeprefix("watchfloor.")
    return kind.type, schemas.schema(name).get("$id") if name in schemas.names() else None


class Context(Generic[S]):
    """One source's surroundings.

    ``settings`` is the configuration as the connector's own class; ``source`` is the name under
    which events are filed; ``instance`` is this run of it; ``http`` starts relative addresses at
    ``settings.base_url`` where there is one; ``network`` is for what is not HTTP.
    """

    def __init__(
        self,
        hub: Hub,
        *,
        settings: S,
        source: str,
        instance: str,
        http: Callable[[], Http],
        network: Network,
        handling: Handling,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.settings = settings
        self.source = source
        self.instance = instance
        self.network = network
        self.log = Log(hub.log)
        self.skew = Skew()
        self._hub = hub
        self._make_http = http
        self._http: Http | None = None
        self._handling: Handling = handling
        self._clock = clock
        self._unbroken = 0
        self._whole = asyncio.Event()
        self._whole.set()

    @property
    def http(self) -> Http:
        """The HTTP client, made at its first use: its import is most of a worker's memory."""
        if self._http is None:
            self._http = self._make_http()
            self._http.skew = self.skew
        return self._http

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._clock()

    async def credential(self, name: str, *, fresh: bool = False) -> Mapping[str, str]:
        """A declared credential's fields. Ask each time: it is held in memory only, and renewed.

        ``fresh``: not the one of a minute ago, because the vendor has just refused that. Raises
        ``AskAPerson`` (code ``credential_missing``) when it is not set.
        """
        return await self._hub.credential(name, fresh=fresh)

    async def renew_credential(self, name: str, fields: Mapping[str, str]) -> None:
        """Hand over what the vendor put in the place of a leased credential's ``fields``.

        The hub has sealed it when this returns: before that, use it for nothing. Raises
        ``RetryLater`` and ``AskAPerson`` when it could not be kept; with the code
        ``credential_changed`` because somebody has set it anew, so that it is to be leased again.
        """
        await self._hub.renew_credential(name, fields)

    @contextmanager
    def unbroken(self) -> Iterator[None]:
        """What is done inside is finished before the worker stops, where it is asked to stop."""
        self._unbroken += 1
        self._whole.clear()
        try:
            yield
        finally:
            self._unbroken -= 1
            if not self._unbroken:
                self._whole.set()

    async def whole(self) -> None:
        """Wait until nothing is ``unbroken`` any more."""
        await self._whole.wait()

    def event(
        self,
        data: Contract,
        *,
        id: str,
        time: datetime,
        subject: str | None = None,
        observed: datetime | None = None,
        handling: Handling | None = None,
        expires: datetime | None = None,
        time_error_s: float | None = None,
    ) -> Event:
        """An event of this source. Type and schema follow from the class of ``data``.

        ``id`` must come from the vendor's record, so that the same record is the same event.
        Raises ``GiveUp`` (code ``time_without_zone``) for a time that has no zone.
        """
        if time.tzinfo is None or (observed is not None and observed.tzinfo is None):
            raise GiveUp("The time has no zone.", code="time_without_zone")
        type_, schema = _named(type(data))
        return Event(
            id=id,
            source=self.source,
            type=type_,
            time=time,
            data=data,
            dataclassification=handling or self._handling,
            subject=subject,
            dataschema=schema,
            observedtime=observed,
            expirytime=expires,
            timeerror=time_error_s,
        )

    def result(
        self,
        title: str,
        data: Mapping[str, Any],
        *,
        id: str,
        confidence: float | None = None,
        handling: Handling | None = None,
        place: Place | None = None,
        device: str | None = None,
    ) -> LookupResult:
        """One thing that a look-up found: in a line, and in the connector's own terms. Of a plate
        that was read, say where, and by which asset: the hub leaves out what was read in a
        sensitive zone."""
        return LookupResult(
            id=id,
            source=self.source,
            retrieved=self.now(),
            handling=handling or self._handling,
            title=title,
            data=dict(data),
            confidence=confidence,
            place=place,
            device=device,
        )

    def receipt(
        self,
        request: ActionRequest,
        *,
        outcome: Literal["done", "refused", "failed"] = "done",
        reference: str | None = None,
        detail: str | None = None,
    ) -> ActionReceipt:
        """What became of an action; ``reference`` is the other system's name for it."""
        return ActionReceipt(
            idempotency_key=request.idempotency_key,
            outcome=outcome,
            done=self.now(),
            reference=reference,
            detail=detail,
        )

    async def aclose(self) -> None:
        """Close what was opened."""
        if self._http is not None:
            await self._http.aclose()
