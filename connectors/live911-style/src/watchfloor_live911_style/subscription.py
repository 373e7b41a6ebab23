"""911 calls of EIDOs that are pushed over a subscription (NENA-STA-024.1a)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from watchfloor_sdk import Context, Event, GiveUp, Page, Rejected, RetryLater
from watchfloor_sdk.auth import Auth
from watchfloor_sdk.eido import conveyance, decode

from .calls import Calls, digest
from .eido import Heard, heard
from .mapping import state, too_late
from .settings import Settings

MOST_UNREAD = 1_000


async def listen(ctx: Context[Settings], url: str, reader: Reader) -> AsyncGenerator[Page, None]:
    """Pages of one connection: what is news of each call.

    Raises as ``conveyance.listen`` does, and ``RetryLater`` (``subscription_lost``) at its end: the
    next one must not wait for the cadence, which is that of news.
    """
    async with aclosing(conveyance.listen(ctx, url, _proof(ctx), reader.calls.incidents)) as said:
        async for one in said:
            if isinstance(one, conveyance.Notification):
                yield reader.page(one)
            elif isinstance(one, Rejected):
                yield Page(checkpoint=reader.calls.checkpoint, rejected=[one])
            else:
                ctx.log.warning("A call that had not ended is told no more; its end is not known.")
    raise RetryLater("The call-taking system ended the subscription.", code="subscription_lost")


async def count(ctx: Context[Settings], url: str) -> int:
    """Subscribes, and reads one of the active incidents. How many there are."""
    found = await conveyance.incidents_now(ctx, url, _proof(ctx))
    for raw in found[:1]:
        list(heard(decode(raw)))
    return len(found)


class Reader:
    """What is news of ``calls``. ``unread`` are digests of documents that could not be read: each
    is told once, although it comes again with every connection."""

    def __init__(self, ctx: Context[Settings], calls: Calls, unread: set[str]) -> None:
        self.calls = calls
        self._ctx = ctx
        self._unread = unread

    def page(self, said: conveyance.Notification) -> Page:
        """One notification. The documents stay out of it: a caller's number is for the call's own
        view alone."""
        found = [one for raw in said.eidos for one in self._read(bytes(raw))]
        return Page(
            events=[one for one in found if isinstance(one, Event)],
            rejected=[one for one in found if isinstance(one, Rejected)],
            checkpoint=self.calls.checkpoint,
            assured_until=None if said.incident else self._ctx.now(),
            on_durable=said.answer,
        )

    def _read(self, raw: bytes) -> Iterator[Event | Rejected]:
        try:
            several = list(heard(decode(raw)))
        except GiveUp as error:
            yield from self._odd(raw, error)
            return
        for one in several:
            if event := self._event(one):
                yield event
            if one.problem:
                yield from self._odd(raw, one.problem)

    def _odd(self, raw: bytes, error: GiveUp) -> Iterator[Rejected]:
        if (mark := digest(raw)) not in self._unread:
            if len(self._unread) >= MOST_UNREAD:
                self._unread.clear()
            self._unread.add(mark)
            yield Rejected(raw, error.code, error.detail)

    def _event(self, one: Heard) -> Event | None:
        """The call as it stands, unless all of it was said before."""
        news = [said for said in one.said if not self.calls.knows(one.call, said.key)]
        known = [*self.calls.of(one.call), *news]
        fresh = [said for said in news if not too_late(said, known)]
        for said in fresh:
            self.calls.add(one.call, said)
        if not fresh:
            return None
        data = state(one.call, self.calls.of(one.call), self._ctx.settings.owner)
        time = max(said.at for said in fresh)
        return self._ctx.event(data, id=one.id, time=time, subject=f"911/{one.call}")


def _proof(ctx: Context[Settings]) -> Auth:
    return conveyance.proof(ctx, certificate=ctx.settings.client_certificate)
