"""A worker's work: answers the hub's requests, runs the loops, beats."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from watchfloor.contracts import (
    ActionReceipt,
    ActionRequest,
    AskAPerson,
    AuditLogParams,
    Event,
    GiveUp,
    LookupRequest,
    RetryLater,
    Sharing,
    UserParams,
    UserSignedInParams,
    UserSignIn,
    UserSignInParams,
    UserSignInState,
    VendorLog,
    WatchfloorError,
)
from watchfloor.contracts import protocol as p

from .connector import Connector, Delivery, Rejected
from .context import Context, Level
from .drift import DriftWatch
from .emitter import CreditPool, Emitter, rejected_record
from .faces import events_without_faces
from .finding import Found
from .health import Health
from .lookups import Lookups
from .loops import InventoryLoop, Loop, PollLoop, StreamLoop, place_of
from .network import Network
from .peer import Peer

T = TypeVar("T")

BEAT_S = 5.0
CREDENTIAL_S = 30.0
"""Deadline of a lease, and of a renewal."""
MAPPED_AT_ONCE = 50
"""Deliveries; heartbeats and loops go between."""
CREDENTIAL_FRESH_S = 60.0
"""A leased credential is asked for again after this, so that a changed one is soon used."""


class _Outcome(Struct, kw_only=True, omit_defaults=True):
    """``protocol.WebhookOutcome`` with events that are not encoded yet."""

    id: int
    events: Sequence[Event] = ()
    error: p.RejectedRecord | None = None


class _Outcomes(Struct):
    outcomes: list[_Outcome]


class Service:
    """One connector at work for one source. Made by ``worker.py``; ended by the hub's ``stop``."""

    def __init__(self, peer: Peer, find: Callable[[], Found]) -> None:
        self._peer = peer
        self._find = find
        self._leases: dict[str, tuple[float, Mapping[str, str]]] = {}
        self._leasing = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._emitters: list[Emitter] = []
        self._health = Health(self._beat)
        self._pool = CreditPool(p.Credits(events=0, bytes=0))
        self._stopped = asyncio.Event()
        self._connector: Connector[Any]
        self._ctx: Context[Any]
        self._found: Found
        peer.listeners["credit"] = lambda raw: self._pool.grant(_read(raw, p.Credits))
        peer.handlers["initialize"] = _typed(p.Initialize, self.initialize)

    async def run(self) -> None:
        """Until stopped, or until a loop gives the connector up. Raises ``ConnectorFailed``."""
        serving = asyncio.create_task(self._peer.serve())
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            while not (serving.done() or stopped.done()):
                await asyncio.wait(
                    [serving, stopped, *self._tasks],
                    timeout=BEAT_S,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                self._raise_failed()
            if serving.done():
                serving.result()
        finally:
            await self._end([serving, stopped])

    async def initialize(self, params: p.Initialize) -> p.Initialized:
        """Take settings, credits and checkpoint; start the loops behind the answer."""
        if params.protocol != p.PROTOCOL:
            raise AskAPerson(
                f"The hub speaks protocol {params.protocol}, this worker {p.PROTOCOL}.",
                code="protocol_version",
                remedy="Upgrade the older of the two.",
            )
        self._found = self._find()
        manifest = self._found.manifest
        self._connector = self._found.connector()
        self._health.drift = DriftWatch(self._connector.watched)
        self._ctx = self._context(params)
        self._health.skew = self._ctx.skew
        self._pool.grant(params.credits)
        self._peer.handlers.update(
            webhook=_typed(p.WebhookParams, self.webhook),
            check=_typed(dict[str, Any], self.check),
            fetch_media=_typed(p.MediaParams, self.fetch_media),
            stop=_typed(p.StopParams, self.stop),
            act=_typed(ActionRequest, self.act),
            lookup=_typed(LookupRequest, Lookups(self._connector, self._ctx, self._peer).lookup),
            audit_log=_typed(AuditLogParams, self.audit_log),
            sharing=_typed(p.Message, self.sharing),
            user_sign_in=_typed(UserSignInParams, self.user_sign_in),
            user_signed_in=_typed(UserSignedInParams, self.user_signed_in),
            user_sign_in_state=_typed(UserParams, self.user_sign_in_state),
            user_sign_out=_typed(UserParams, self.user_sign_out),
        )
        asyncio.get_running_loop().call_soon(self._start, params)
        return p.Initialized(
            protocol=p.PROTOCOL,
            connector=manifest.id,
            version=manifest.version,
            capabilities=list(manifest.capabilities),
            knows=["person"],
        )

    async def webhook(self, params: p.WebhookParams) -> _Outcomes:
        """Map deliveries one by one: a bad one becomes an error, the rest goes on. Some are begun
        at once, in their order, so that those that wait for something wait together."""
        outcomes: list[_Outcome] = []
        for first in range(0, len(params.deliveries), MAPPED_AT_ONCE):
            some = params.deliveries[first : first + MAPPED_AT_ONCE]
            outcomes += await asyncio.gather(*map(self._mapped, some))
        return _Outcomes(outcomes)

    async def check(self, _: dict[str, Any]) -> p.CheckResult:
        """Credentials first, then whatever the connector tries."""
        findings = [await self._credential_finding(d.name) for d in self._declared(required=True)]
        try:
            findings += await self._connector.check(self._ctx)
        except NotImplementedError:
            findings.append(p.Finding(ok=True, what="settings", detail="Well-formed."))
        except WatchfloorError as error:
            findings.append(_finding(error, "connection"))
        return p.CheckResult(findings=findings)

    async def fetch_media(self, params: p.MediaParams) -> p.MediaResult:
        """One picture, clip or recording."""
        answer = await self._connector.media(self._ctx, params.handle)
        if answer.body is None:
            state = "expired" if answer.state == "expired" else "missing"
            return p.MediaResult(state=state)  # type: ignore[arg-type]
        if len(answer.body) > p.MAX_LINE * 3 // 4 - 4096:
            raise GiveUp("The file is too large to be handed over.", code="media_too_large")
        body = base64.b64encode(answer.body).decode()
        return p.MediaResult(state="fetched", body=body, content_type=answer.content_type)

    async def act(self, request: ActionRequest) -> ActionReceipt:
        """Do it outside, once. Raises the connector's errors."""
        if request.expires is not None and request.expires < self._ctx.now():
            return self._ctx.receipt(request, outcome="refused", detail="It came too late.")
        return await self._connector.act(self._ctx, request)

    async def audit_log(self, params: AuditLogParams) -> VendorLog:
        """The vendor's own log of searches."""
        return await self._connector.audit_log(self._ctx, params.since)

    async def sharing(self, _: p.Message) -> Sharing:
        """How the vendor is set to share."""
        return Sharing(settings=list(await self._connector.sharing(self._ctx)))

    async def user_sign_in(self, params: UserSignInParams) -> UserSignIn:
        """Somebody wants to sign in at the vendor."""
        url = await self._connector.begin_sign_in(self._ctx, params.person, params.return_to)
        return UserSignIn(url=url)

    async def user_signed_in(self, params: UserSignedInParams) -> dict[str, str]:
        """They are back from there."""
        await self._connector.end_sign_in(self._ctx, params.person, params.answer)
        return {}

    async def user_sign_in_state(self, params: UserParams) -> UserSignInState:
        """Until when somebody is signed in at the vendor."""
        return await self._connector.sign_in_state(self._ctx, params.person)

    async def user_sign_out(self, params: UserParams) -> dict[str, str]:
        """Somebody signs out there."""
        await self._connector.sign_out(self._ctx, params.person)
        return {}

    async def stop(self, params: p.StopParams) -> dict[str, Any]:
        """Start nothing new, let what is in flight become durable, answer, end."""
        for task in self._tasks:
            task.cancel()
        try:
            async with asyncio.timeout(params.deadline_s):
                await asyncio.gather(*self._tasks, return_exceptions=True)
                await self._ctx.whole()
                for emitter in self._emitters:
                    await emitter.drain()
        except (TimeoutError, WatchfloorError):
            self.log("warning", "Stopped before all was durable; it is read again next time.")
        asyncio.get_running_loop().call_later(0.05, self._stopped.set)  # after the answer
        return {}

    async def credential(self, name: str, *, fresh: bool = False) -> Mapping[str, str]:
        """Lease a declared credential. Raises ``AskAPerson``."""
        now = asyncio.get_running_loop().time()
        leased, value = self._leases.get(name, (float("-inf"), {}))
        if not fresh and now - leased <= CREDENTIAL_FRESH_S:
            return value
        async with self._leasing:  # a lease from before a renewal must not come after it
            params = p.CredentialParams(name=name)
            answer = await self._peer.request("credential", params, CREDENTIAL_S)
            value = msgspec.json.decode(answer, type=dict[str, str])
            self._leases[name] = (now, value)
            return value

    async def renew_credential(self, name: str, fields: Mapping[str, str]) -> None:
        """Wait until the hub has sealed what the vendor replaced. Raises the hub's errors, and
        ``RetryLater`` when it does not answer."""
        params = p.CredentialRenewed(name=name, fields=dict(fields))
        async with self._leasing:
            try:
                await self._peer.request("credential_renewed", params, CREDENTIAL_S)
            except TimeoutError:
                raise RetryLater("The hub has not kept the renewed credential yet.") from None
            leased, value = self._leases.get(name, (float("-inf"), {}))
            self._leases[name] = (leased, {**value, **fields})

    def log(self, level: Level, message: str) -> None:
        """A line for the source's log."""
        self._peer.notify("log", p.LogLine(level=level, message=message[:2000]))

    def _context(self, params: p.Initialize) -> Context[Any]:
        settings = _settings(self._found.connector, params.config)
        network = Network(params.hosts, params.internal_hosts, params.egress)
        base_url = getattr(settings, "base_url", "")

        def http() -> Any:
            from .http import Http  # imported when first used: half of a worker's memory

            return Http(network, base_url=base_url)

        return Context(
            self,
            settings=settings,
            source=params.source,
            instance=params.instance,
            http=http,
            network=network,
            handling=self._found.manifest.handling,
        )

    def _start(self, params: p.Initialize) -> None:
        self._tasks.append(asyncio.create_task(self._beat_on()))
        self._tasks += [asyncio.create_task(loop.run()) for loop in self._loops(params)]

    def _loops(self, params: p.Initialize) -> list[Loop]:
        manifest = self._found.manifest
        every_s = float(params.config.get("every_s", manifest.cadence.every_s))
        common = (self._connector, self._ctx, self._health)
        loops: list[Loop] = []
        for capability, loop in (("poll", PollLoop), ("stream", StreamLoop)):
            if capability in manifest.capabilities:
                loops.append(loop(*common, self._emitter(params.checkpoint), every_s))
        if "assets" in manifest.capabilities:
            again_s = max(every_s, self._connector.inventory_every_s)
            loops.append(InventoryLoop(*common, self._peer, self._emitter(), again_s))
        return loops

    def _emitter(self, checkpoint: Any = None) -> Emitter:
        emitter = Emitter(self._peer, self._pool, checkpoint)
        self._emitters.append(emitter)
        return emitter

    async def _beat_on(self) -> None:
        while True:
            self._beat()
            await asyncio.sleep(BEAT_S)

    def _beat(self) -> None:
        self._peer.notify("heartbeat", self._health.heartbeat())

    async def _mapped(self, delivery: p.Delivery) -> _Outcome:
        try:
            events = self._connector.webhook(self._ctx, _delivery(delivery))
            if isinstance(events, Awaitable):
                events = await events
            events = events_without_faces(list(events))
            self._health.saw(events, self._ctx.now(), "webhook")
            outcome = _Outcome(id=delivery.id, events=events)
            msgspec.json.encode(outcome)
            return outcome
        except WatchfloorError as error:
            why = Rejected("", error.code, error.detail)
        except Exception as error:
            why = Rejected("", "mapping_failed", place_of(error))
        return _Outcome(id=delivery.id, error=rejected_record(why))

    def _declared(self, *, required: bool) -> list[Any]:
        return [c for c in self._found.manifest.credentials if c.required or not required]

    async def _credential_finding(self, name: str) -> p.Finding:
        try:
            await self.credential(name)
        except WatchfloorError as error:
            return _finding(error, f"credential {name}")
        return p.Finding(ok=True, what=f"credential {name}", detail="It is set.")

    def _raise_failed(self) -> None:
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()

    async def _end(self, tasks: list[asyncio.Task[Any]]) -> None:
        for task in (*tasks, *self._tasks):
            task.cancel()
        await asyncio.gather(*tasks, *self._tasks, return_exceptions=True)
        if hasattr(self, "_ctx"):
            await self._ctx.aclose()


def _settings(connector: type[Connector[Any]], config: dict[str, Any]) -> Struct:
    wanted = {field.encode_name for field in msgspec.structs.fields(connector.settings)}
    own = {name: value for name, value in config.items() if name in wanted or name != "every_s"}
    try:
        return msgspec.convert(own, connector.settings)
    except msgspec.ValidationError as error:
        raise AskAPerson(
            f"The settings do not fit this connector: {error}",
            code="bad_settings",
            remedy="Correct the source's settings.",
        ) from None


def _delivery(delivery: p.Delivery) -> Delivery:
    received = datetime.fromisoformat(delivery.received)
    return Delivery(delivery.id, received, delivery.headers, delivery.content)


def _finding(error: WatchfloorError, what: str) -> p.Finding:
    return p.Finding(ok=False, what=what, detail=error.detail, remedy=error.remedy)


def _read(raw: msgspec.Raw, type_: type[T]) -> T:
    return msgspec.json.decode(raw, type=type_)


def _typed(
    type_: type[T], handler: Callable[[T], Awaitable[Any]]
) -> Callable[[msgspec.Raw], Awaitable[Any]]:
    """Decode the params (an absent one is an empty object) before the handler sees them."""
    decoder = msgspec.json.Decoder(type_)

    async def handle(raw: msgspec.Raw) -> Any:
        return await handler(decoder.decode(bytes(raw) or b"{}"))

    return handle
