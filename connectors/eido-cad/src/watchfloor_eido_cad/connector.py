"""The connector: subscribes to incidents, or asks which are active and fetches what changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

from watchfloor_sdk import Connector, Context, Finding, Page, WatchfloorError

from .client import Client
from .conveyance import CHECK_S, incidents_now, listen
from .eido import decode
from .known import Register
from .settings import Settings


class EidoCad(Connector[Settings]):
    """Incidents and units from EIDOs: pushed over a WebSocket, or as snapshots."""

    settings = Settings

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
        for one in active:
            before = register.known.get(one.id)
            if before is None or one.stamp is None or one.stamp != before.stamp:
                raw = await client.eido(one.id)
                if raw is None:  # closed between list and question: gone from the next list
                    yield register.page()
                else:
                    yield register.changed(one.id, raw, one.stamp)
        for gone in register.known.keys() - {one.id for one in active}:
            raw = await client.eido(gone)
            yield register.gone(gone) if raw is None else register.vanished(gone, raw)
        yield register.page(assured_until=started)

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Ask for the active incidents, and read one of them."""
        try:
            async with asyncio.timeout(CHECK_S):
                count = await (_subscribed(ctx) if ctx.settings.subscribes else _listed(ctx))
        except WatchfloorError as error:
            return [Finding(ok=False, what=error.code, detail=error.detail, remedy=error.remedy)]
        except TimeoutError:
            return [
                Finding(
                    ok=False,
                    what="subscription",
                    detail="The dispatch system did not answer the subscription.",
                    remedy="Check the address: it must be that of the EIDO subscription.",
                )
            ]
        return [Finding(ok=True, what="incidents", detail=f"{count} are active.")]


async def _listed(ctx: Context[Settings]) -> int:
    client = Client(ctx)
    active = await client.active()
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
