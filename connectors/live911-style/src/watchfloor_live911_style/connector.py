"""The connector: what is said of a call, in either shape, becomes the state of the call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

from watchfloor_sdk import (
    Connector,
    Context,
    Delivery,
    Event,
    Finding,
    GiveUp,
    MediaAnswer,
    Page,
    Refused,
)

from .calls import Anything, Calls
from .mapping import state, too_late
from .prepared import read, said
from .settings import Settings

PATIENCE_S = 10.0
"""How long a delivery waits until the hub has what it said for good."""


class Live911Style(Connector[Settings]):
    """911 calls, as EIDOs that are subscribed to or as webhooks.

    What was said of them is kept in the checkpoint of ``stream``; with webhooks, which have no
    checkpoint of their own, that is all it is for, and it listens to nobody.
    """

    settings = Settings

    def __init__(self) -> None:
        self._calls: Calls | None = None
        self._loaded = asyncio.Event()
        self._changed = asyncio.Event()
        self._waiting: list[asyncio.Event] = []
        self._unread: set[str] = set()

    async def stream(self, ctx: Context[Settings], checkpoint: Any) -> AsyncIterator[Page]:
        """The subscription; or no news, but what was said of the calls, whenever more was said."""
        url = ctx.settings.base_url
        pages = self._subscribed(ctx, url, checkpoint) if url else self._kept_pages(checkpoint)
        async with aclosing(pages):
            async for page in pages:
                yield page

    async def webhook(self, ctx: Context[Settings], delivery: Delivery) -> Sequence[Event]:
        """The call's state as far as it is known with this message. Raises ``GiveUp``."""
        if ctx.settings.base_url:
            raise GiveUp("Calls are subscribed to here, not pushed.", code="unknown_message")
        message = read(delivery.body)
        if message is None:
            return []
        call, one = said(message)
        known = await self._known(ctx, call, one)
        if not known:
            return []
        data = state(call, known, ctx.settings.owner)
        return [ctx.event(data, id=f"{call}:{one.key}", time=one.at, subject=f"911/{call}")]

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Subscribes once; of webhooks there is nobody to ask: the vendor pushes."""
        if url := ctx.settings.base_url:
            from .subscription import count

            return [
                Finding(ok=True, what="incidents", detail=f"{await count(ctx, url)} are active.")
            ]
        return [
            Finding(
                ok=True,
                what="webhook",
                detail="Settings are well-formed. Whether calls come is seen with the first one.",
            )
        ]

    async def media(self, ctx: Context[Settings], handle: str) -> MediaAnswer:  # noqa: ARG002
        """Audio is a reference only: it is heard where it is, under the vendor's own log-in."""
        raise Refused(
            "The audio of a 911 call is not fetched.",
            code="audio_by_reference",
            remedy="Open it in the call-taking system, with your own log-in there.",
        )

    async def _subscribed(
        self, ctx: Context[Settings], url: str, checkpoint: Any
    ) -> AsyncGenerator[Page, None]:
        from .subscription import Reader, listen  # takes memory that webhooks can spare

        reader = Reader(ctx, Calls(checkpoint), self._unread)
        async with aclosing(listen(ctx, url, reader)) as pages:
            async for page in pages:
                yield page

    async def _kept_pages(self, checkpoint: Any) -> AsyncGenerator[Page, None]:
        if self._calls is None:
            self._calls = Calls(checkpoint)
            self._loaded.set()
        while True:
            await self._changed.wait()
            self._changed.clear()
            waiting, self._waiting = self._waiting, []
            yield Page(checkpoint=self._calls.checkpoint, on_durable=partial(_tell, waiting))

    async def _known(self, ctx: Context[Settings], call: str, one: Anything) -> Sequence[Anything]:
        """What was said of the call up to this message, which is kept for good first: the same
        message must become the same event after a restart. Nothing where it is too late."""
        await self._loaded.wait()
        if self._calls is None:
            raise TypeError("loaded without calls")
        if too_late(one, self._calls.of(call)):
            return ()
        if not self._calls.knows(call, one.key):
            self._calls.add(call, one)
            known = self._calls.until(call, one.key)
            await self._kept(ctx)
            return known
        return self._calls.until(call, one.key)

    async def _kept(self, ctx: Context[Settings]) -> None:
        durable = asyncio.Event()
        self._waiting.append(durable)
        self._changed.set()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await durable.wait()
        except TimeoutError:
            ctx.log.warning("What was said of a call is not kept yet; its event goes on without.")


def _tell(waiting: list[asyncio.Event]) -> None:
    for one in waiting:
        one.set()
