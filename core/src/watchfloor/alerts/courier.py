"""The courier: makes the deliveries that are owed outside, and keeps trying for three days.

Each channel is served by a task of its own, a turn, one try at a time, oldest message first. So a
receiver that hangs, or is owed much, holds up only itself. What cannot be delivered is given up
visibly, with the reason.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import msgspec

from watchfloor.contracts import GiveUp, NotFound, RetryLater, WatchfloorError
from watchfloor.ports.store import Channel, Micros, Outgoing, Store
from watchfloor.ports.world import Carrier, Clock, HttpResponse, HttpSender, Secrets

from .desk import Desk
from .outside import complete
from .signing import signed_headers, signing_key

log = logging.getLogger(__name__)

SCHEDULE_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Waits between tries: the example schedule of Standard Webhooks 1.0.0, "Deliverability and
reliability". Ten tries in 75 hours."""

JITTER = 0.1
"""A wait is lengthened by up to this share, so that receivers are not hit in step."""

MAX_WAIT_S = 86_400.0
"""The longest ``Retry-After`` that a message honours."""

REST_S = 5.0
"""How long a channel rests after a failure: a receiver in trouble is not pressed with the next."""

MAX_REST_S = 300.0
"""The longest ``Retry-After`` that a whole channel honours: a new alert must not wait for a day."""

DEADLINE_S = 20.0
LOOK_EVERY_S = 1.0
TURN = 100
"""Deliveries of one turn; another follows while there is more."""

GONE = 410


class Courier:
    """One per hub; ``run`` it as a task. ``base_url`` is where people reach this hub."""

    def __init__(
        self,
        store: Store,
        http: HttpSender,
        secrets: Secrets,
        clock: Clock,
        desk: Desk,
        base_url: str,
        carrier: Carrier,
    ) -> None:
        self._book = store.alerts
        self._http = http
        self._secrets = secrets
        self._clock = clock
        self._desk = desk
        self._base_url = base_url.rstrip("/")
        self._carrier = carrier
        self._turns: dict[str, asyncio.Task[None]] = {}
        self._rests: dict[str, Micros] = {}

    async def run(self) -> None:
        """Deliver until cancelled; tries under way are then given up and made again later."""
        try:
            while True:
                self._desk.owed.clear()
                await self._look()
                await self._until_owed()
        finally:
            turns = list(self._turns.values())
            for turn in turns:
                turn.cancel()
            await asyncio.gather(*turns, return_exceptions=True)

    async def _look(self) -> None:
        try:
            await self._start_due()
        except Exception as error:  # the store cannot be read; all stays due
            log.error("Deliveries wait: %s", _words(error))

    async def _until_owed(self) -> None:
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._desk.owed.wait()
        except TimeoutError:
            pass

    async def _start_due(self) -> None:
        for channel in await self._book.channels_due(self._clock.now()):
            if channel not in self._turns and not self._resting(channel):
                self._turns[channel] = asyncio.create_task(self._turn(channel))

    async def _turn(self, channel: str) -> None:
        """Deliver what one channel is owed, until a try fails."""
        try:
            for outgoing in await self._book.due(channel, self._clock.now(), TURN):
                await self._deliver(outgoing)
                if self._resting(channel):
                    break
        except Exception as error:  # the store cannot be read or written; the rest stays due
            log.error("Deliveries to the channel %s wait: %s", channel, _words(error))
            self._rest(channel)
        finally:
            del self._turns[channel]
            self._desk.owed.set()  # more may be due

    def _resting(self, channel: str) -> bool:
        return self._clock.now() < self._rests.get(channel, 0)

    def _rest(self, channel: str, retry_after: float | None = None) -> None:
        wait = min(max(REST_S, retry_after or 0.0), MAX_REST_S)
        self._rests[channel] = self._clock.now() + round(wait * 1e6)

    async def _deliver(self, outgoing: Outgoing) -> None:
        """One try."""
        channel = next((c for c in self._desk.channels if c.id == outgoing.channel), None)
        if channel is None or not channel.enabled:
            await self._give_up(outgoing, "The channel was removed or switched off.")
            return
        if not await self._desk.claim(outgoing):
            return
        outgoing.attempts += 1
        try:
            settling = await self._try(channel, outgoing)
        except WatchfloorError as error:
            if _never_passes(error):
                await self._give_up(outgoing, f"Not tried again. {_said(error)}")
            else:
                await self._again(outgoing, _said(error), getattr(error, "retry_after", None))
        except Exception as error:  # a fault of ours is no reason to try every second
            log.error("Delivery %d failed: %s", outgoing.id, type(error).__name__)
            await self._again(outgoing, f"The hub failed ({type(error).__name__}).", None)
        else:
            await _to_the_end(settling)

    async def _try(self, channel: Channel, outgoing: Outgoing) -> Coroutine[Any, Any, None]:
        """Answers what is then to be noted. Raises when the message did not arrive."""
        if channel.source is None:
            return self._settle(channel, outgoing, await self._post(channel, outgoing))
        message = msgspec.json.decode(complete(outgoing, self._base_url))
        receipt = await self._carrier.carry(channel.source, message_id(outgoing), message)
        return self._delivered(outgoing, receipt)

    async def _post(self, channel: Channel, outgoing: Outgoing) -> HttpResponse:
        body = complete(outgoing, self._base_url)
        key = await signing_key(self._secrets, channel.id)
        headers = signed_headers(key, message_id(outgoing), self._clock.now() // 1_000_000, body)
        return await self._http.post(channel.url, headers, body, DEADLINE_S)

    async def _settle(self, channel: Channel, outgoing: Outgoing, answer: HttpResponse) -> None:
        if 200 <= answer.status < 300:
            await self._delivered(outgoing)
        elif answer.status == GONE:
            await self._book.put_channel(replace(channel, enabled=False))
            await self._desk.use_channels()
            await self._give_up(
                outgoing, "The receiver wants no more messages (410): the channel is switched off."
            )
        else:
            why = f"The receiver answered {answer.status}."
            await self._again(outgoing, why, answer.retry_after)

    async def _delivered(self, outgoing: Outgoing, receipt: str | None = None) -> None:
        outgoing.state, outgoing.error, outgoing.receipt = "delivered", None, receipt
        await self._desk.settle(outgoing)

    async def _again(self, outgoing: Outgoing, why: str, retry_after: float | None) -> None:
        self._rest(outgoing.channel, retry_after)
        if outgoing.attempts > len(SCHEDULE_S):
            await self._give_up(outgoing, f"Given up after {outgoing.attempts} tries. {why}")
            return
        wait = SCHEDULE_S[outgoing.attempts - 1] * (1 + JITTER * random.random())  # noqa: S311
        wait = max(wait, min(retry_after or 0.0, MAX_WAIT_S))
        outgoing.next_try, outgoing.error = self._clock.now() + round(wait * 1e6), why
        await self._desk.settle(outgoing)

    async def _give_up(self, outgoing: Outgoing, why: str) -> None:
        outgoing.state, outgoing.error = "given_up", why
        await self._desk.settle(outgoing)


async def _to_the_end(noting: Coroutine[Any, Any, None]) -> None:
    """Note an answer even where the hub is ending: what came would otherwise be sent again."""
    task = asyncio.ensure_future(noting)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


def _never_passes(error: WatchfloorError) -> bool:
    """Whether the message itself is what is wrong: nobody who waits, and no setting, mends that.
    What is missing may be back; a rule that says no may be changed."""
    return isinstance(error, GiveUp) and not isinstance(error, NotFound)


def _said(error: WatchfloorError) -> str:
    """What happened, and what a person has to do about it, if anything."""
    waits = isinstance(error, RetryLater)
    return error.detail if waits else f"{error.detail} {error.remedy}".rstrip()


def _words(error: Exception) -> str:
    """What may be said of an error: the text of one that is not ours could quote an alert."""
    return error.detail if isinstance(error, WatchfloorError) else type(error).__name__


def message_id(outgoing: Outgoing) -> str:
    """The same over all tries, and unlike any of another hub or of a hub set up anew."""
    return f"msg_{outgoing.id}_{outgoing.created}"
