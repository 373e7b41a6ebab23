"""The connector: subscribes to incidents, or asks which are active and fetches what changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

from watchfloor_sdk import Connector, Context, Finding, Page, Rejected, WatchfloorError
from watchfloor_sdk.eido import decode

from .client import Active, Client
from .known import Register
from .settings import Settings
from .subscription import incidents_now, listen


class EidoCad(Connector[Settings]):
    """Incidents and units from EIDOs: pushed over a WebSocket, or as snapshots."""

    settings = Settings

    def __init__(self) -> None:
        self._odd: set[str | bytes] = set()

    async def stream(self, ctx: Context[Settings], checkpoint: Any) -> AsyncIterator[Page]:
        """One subscription (NENA-STA-024). Its first notification has all that is active."""
        if not ctx.settings.subscribes:
            await _for_ever()
        async with aclosing(listen(ctx, Register(ctx, checkpoint))) as pages:
            async for page in pages:
                yield page

    async def poll(self, ctx: Context[Settings], checkpoint: Any) -> AsyncIterator[Page]:
        """What changed since the checkpoint (``{incident id: Known}``, active ones only)."""
        if ctx.settings.subscribes:
            await _for_ever()
        started, client, register = ctx.now(), Client(ctx), Register(ctx, checkpoint)
        active = await client.active()
        yield register.page(rejected=self._new(active.odd))
        for one in active.listed:
            before = register.known.get(one.id)
            if before and one.mark and one.mark == before.stamp:
                continue
            if (raw := await client.eido(one.id)) is not None:  # else closed since it was listed
                yield register.changed(one.id, raw, one.mark)
        async for page in _vanished(client, register, active):
            yield page
        yield register.page(assured_until=started)

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Ask for the active incidents, and read one of them."""
        try:
            count = await (_subscribed(ctx) if ctx.settings.subscribes else _listed(ctx))
        except WatchfloorError as error:
            return [Finding(ok=False, what=error.code, detail=error.detail, remedy=error.remedy)]
        return [Finding(ok=True, what="incidents", detail=f"{count} are active.")]

    def _new(self, odd: list[Rejected]) -> list[Rejected]:
        """Lines that were not told with the list before."""
        known, self._odd = self._odd, {line.raw for line in odd}
        return [line for line in odd if line.raw not in known]


async def _vanished(client: Client, register: Register, active: Active) -> AsyncIterator[Page]:
    """What the list no longer has, unless a line that cannot be read may be it."""
    if active.odd:
        return
    for gone in register.known.keys() - {one.id for one in active.listed}:
        if (raw := await client.eido(gone)) is None:
            register.forget(gone)
        else:
            yield register.vanished(gone, raw)


async def _listed(ctx: Context[Settings]) -> int:
    client = Client(ctx)
    active = (await client.active()).listed
    found = await client.eido(active[0].id) if active else None
    if found:
        decode(found)
    return len(active)


async def _subscribed(ctx: Context[Settings]) -> int:
    found = await incidents_now(ctx)
    for raw in found[:1]:
        decode(raw)
    return len(found)


async def _for_ever() -> None:
    """The other way was chosen: this one has nothing to do, and assures nothing."""
    await asyncio.get_running_loop().create_future()
