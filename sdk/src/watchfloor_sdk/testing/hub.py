"""A hub in memory: the other end of a worker's line, which believes in nothing but the protocol."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from watchfloor.contracts import AskAPerson
from watchfloor.contracts import protocol as p
from watchfloor_sdk.emitter import as_text
from watchfloor_sdk.peer import Peer

Row = p.Delivery


class HubDouble:
    """Keeps what workers send, by event id, as a hub with its log would over their restarts.

    ``events`` holds each event as decoded JSON; ``repeats`` counts how often a known one came
    again (allowed); ``conflicts`` lists ids that came again with other content (a fault);
    ``inventories`` counts lists of assets. Credits are small on purpose, so that back-pressure is
    part of every test.
    """

    def __init__(
        self,
        credentials: Mapping[str, Mapping[str, str]] | None = None,
        *,
        credits: p.Credits | None = None,
        delay_s: float = 0.0,
    ) -> None:
        self.credentials = dict(credentials or {})
        self.events: dict[str, dict[str, Any]] = {}
        self.repeats = 0
        self.conflicts: list[str] = []
        self.rejected: list[p.RejectedRecord] = []
        self.assets: dict[str, dict[str, Any]] = {}
        self.inventories = 0
        self.checkpoint: Any = None
        self.heartbeats: list[p.Heartbeat] = []
        self.logged: list[p.LogLine] = []
        self.inbox: dict[int, p.Delivery] = {}
        self.window = credits or p.Credits(events=500, bytes=4 * 1024 * 1024)
        self.overdrawn = False
        self._delay_s = delay_s
        self._balance = self.window.events
        self._numbers = itertools.count(1)
        self._filing = asyncio.Lock()
        self._arrived = asyncio.Event()

    def attach(self, peer: Peer) -> None:
        """Answer a worker on this line; it starts with full credit."""
        self._balance = self.window.events
        peer.handlers["emit"] = lambda raw: self._emit(peer, raw)
        peer.handlers["assets"] = self._assets
        peer.handlers["credential"] = self._credential
        peer.handlers["credential_renewed"] = self._credential_renewed
        peer.listeners["heartbeat"] = self._heartbeat
        peer.listeners["log"] = self._log

    async def until(self, condition: Callable[[], bool], deadline_s: float = 20.0) -> None:
        """Wait until ``condition`` holds. Raises ``TimeoutError``."""
        async with asyncio.timeout(deadline_s):
            while not condition():
                self._arrived.clear()
                try:
                    async with asyncio.timeout(0.05):
                        await self._arrived.wait()
                except TimeoutError:
                    continue

    def deliver(self, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """A webhook came in; it stays until a worker has mapped it."""
        number = next(self._numbers)
        text, encoding = as_text(body)
        names = {name.lower(): value for name, value in (headers or {}).items()}
        received = "2026-05-01T00:00:00Z"
        self.inbox[number] = p.Delivery(
            id=number, received=received, headers=names, body=text, encoding=encoding
        )

    async def hand_over(self, peer: Peer, deadline_s: float = 20.0) -> None:
        """Give the worker what waits in the inbox, and keep what it makes of it."""
        rows = list(self.inbox.values())[:100]
        if not rows:
            return
        answer = await peer.request("webhook", p.WebhookParams(deliveries=rows), deadline_s)
        for outcome in msgspec.json.decode(answer, type=p.WebhookResult).outcomes:
            self._keep(outcome.events)
            if outcome.error is not None:
                self.rejected.append(outcome.error)
            self.inbox.pop(outcome.id)
        self._arrived.set()

    def door(self) -> web.Application:
        """An address for a simulator's webhooks: ``POST`` anything. Signatures are not checked
        here; the hub's own tests do that."""

        async def take(request: web.Request) -> web.Response:
            self.deliver(await request.read(), request.headers)
            return web.Response(status=200)

        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/{path:.*}", take)
        return app

    async def _emit(self, peer: Peer, raw: msgspec.Raw) -> p.Emitted:
        emit = msgspec.json.decode(raw, type=p.Emit)
        self.overdrawn |= self._balance <= 0
        self._balance -= len(emit.events)
        async with self._filing:
            await asyncio.sleep(self._delay_s)
            known = self._keep(emit.events)
            self.rejected += emit.rejected
            if emit.checkpoint is not None:
                self.checkpoint = emit.checkpoint
        self._balance += len(emit.events)
        peer.notify("credit", p.Credits(events=len(emit.events), bytes=len(raw)))
        self._arrived.set()
        accepted = len(emit.events) - known
        return p.Emitted(accepted=accepted, duplicates=known, dead=len(emit.rejected))

    def _keep(self, raws: list[msgspec.Raw]) -> int:
        known = 0
        for raw in raws:
            event = msgspec.json.decode(raw)
            before = self.events.setdefault(event["id"], event)
            if before is not event:
                known += 1
                if before != event:
                    self.conflicts.append(event["id"])
        self.repeats += known
        return known

    async def _assets(self, raw: msgspec.Raw) -> dict[str, Any]:
        params = msgspec.json.decode(raw, type=p.AssetsParams)
        listed = {asset["id"]: asset for asset in map(msgspec.json.decode, params.assets)}
        self.inventories += 1
        self.assets = listed if params.complete else {**self.assets, **listed}
        self._arrived.set()
        return {"changed": len(listed)}

    async def _credential(self, raw: msgspec.Raw) -> dict[str, str]:
        name = msgspec.json.decode(raw, type=p.CredentialParams).name
        if name not in self.credentials:
            raise AskAPerson(f"The credential {name} is not set.", code="credential_missing")
        return dict(self.credentials[name])

    async def _credential_renewed(self, raw: msgspec.Raw) -> dict[str, Any]:
        renewed = msgspec.json.decode(raw, type=p.CredentialRenewed)
        self.credentials[renewed.name] = {**self.credentials[renewed.name], **renewed.fields}
        return {}

    def _heartbeat(self, raw: msgspec.Raw) -> None:
        self.heartbeats.append(msgspec.json.decode(raw, type=p.Heartbeat))
        self._arrived.set()

    def _log(self, raw: msgspec.Raw) -> None:
        self.logged.append(msgspec.json.decode(raw, type=p.LogLine))
