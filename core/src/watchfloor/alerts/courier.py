"""The courier: makes the deliveries that are owed outside, and keeps trying for three days.

A channel is served by one try at a time, oldest message first, so that a receiver that hangs holds
up only itself. What cannot be delivered is given up visibly, with the reason.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from watchfloor.contracts import AskAPerson, RetryLater, WatchfloorError
from watchfloor.ports.store import Channel, Micros, Outgoing, Store
from watchfloor.ports.world import Clock, HttpResponse, HttpSender, Secrets

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
"""The longest ``Retry-After`` that is honoured."""

DEADLINE_S = 20.0
LOOK_EVERY_S = 1.0
AT_ONCE = 500
GONE = 410


class Courier:
    """One per hub; ``run`` it as a task. ``base_url`` is where people reach this hub.
    ``trouble`` says why it waits, if it does."""

    def __init__(
        self,
        store: Store,
        http: HttpSender,
        secrets: Secrets,
        clock: Clock,
        desk: Desk,
        base_url: str,
    ) -> None:
        self._book = store.alerts
        self._http = http
        self._secrets = secrets
        self._clock = clock
        self._desk = desk
        self._base_url = base_url.rstrip("/")
        self._busy: dict[str, asyncio.Task[None]] = {}
        self.trouble: WatchfloorError | None = None

    async def run(self) -> None:
        """Deliver until cancelled; tries under way are then given up and made again later."""
        try:
            while True:
                self._desk.owed.clear()
                try:
                    await self._start_due()
                    self.trouble = None
                except (RetryLater, AskAPerson) as error:
                    self.trouble = error
                await self._until_owed()
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _until_owed(self) -> None:
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._desk.owed.wait()
        except TimeoutError:
            pass

    async def _start_due(self) -> None:
        channels = {channel.id: channel for channel in self._desk.channels}
        by_channel: dict[str, list[Outgoing]] = defaultdict(list)
        for outgoing in await self._book.due(self._clock.now(), AT_ONCE):
            by_channel[outgoing.channel].append(outgoing)
        self._busy = {name: task for name, task in self._busy.items() if not task.done()}
        for name, due in by_channel.items():
            if name not in self._busy:
                self._busy[name] = asyncio.create_task(self._serve(channels.get(name), due))

    async def _serve(self, channel: Channel | None, due: Sequence[Outgoing]) -> None:
        """Deliver what one channel is owed. After a failure the rest waits as long: a receiver in
        trouble is not pressed."""
        try:
            for position, outgoing in enumerate(due):
                if not await self._deliver(channel, outgoing):
                    await self._hold(due[position + 1 :], outgoing.next_try)
                    break
            else:
                self._desk.owed.set()
        except (RetryLater, AskAPerson) as error:  # the store cannot write; all stays due
            self.trouble = error

    async def _deliver(self, channel: Channel | None, outgoing: Outgoing) -> bool:
        """One try; ``False`` when the channel is in trouble."""
        if channel is None or not channel.enabled:
            await self._give_up(outgoing, "The channel was removed or switched off.")
            return True
        if not await self._desk.claim(outgoing):
            return True
        outgoing.attempts += 1
        try:
            answer = await self._post(channel, outgoing)
        except WatchfloorError as error:
            await self._again(outgoing, error.detail, getattr(error, "retry_after", None))
            return False
        except Exception as error:  # a fault of ours must not press the receiver every second
            log.error("Delivery %d failed: %s", outgoing.id, type(error).__name__)
            await self._again(outgoing, f"The hub failed ({type(error).__name__}).", None)
            return False
        return await self._settle(channel, outgoing, answer)

    async def _post(self, channel: Channel, outgoing: Outgoing) -> HttpResponse:
        body = complete(outgoing, self._base_url)
        key = await signing_key(self._secrets, channel.id)
        headers = signed_headers(key, message_id(outgoing), self._clock.now() // 1_000_000, body)
        return await self._http.post(channel.url, headers, body, DEADLINE_S)

    async def _settle(self, channel: Channel, outgoing: Outgoing, answer: HttpResponse) -> bool:
        if 200 <= answer.status < 300:
            outgoing.state, outgoing.error = "delivered", None
            await self._desk.settle(outgoing)
            return True
        if answer.status == GONE:
            await self._book.put_channel(replace(channel, enabled=False))
            await self._desk.use_channels()
            await self._give_up(
                outgoing, "The receiver wants no more messages (410): the channel is switched off."
            )
            return False
        await self._again(outgoing, f"The receiver answered {answer.status}.", answer.retry_after)
        return False

    async def _again(self, outgoing: Outgoing, why: str, retry_after: float | None) -> None:
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

    async def _hold(self, rest: Sequence[Outgoing], until: Micros) -> None:
        for outgoing in rest:
            outgoing.next_try = max(outgoing.next_try, until)
            await self._desk.settle(outgoing)


def message_id(outgoing: Outgoing) -> str:
    """The same over all tries, and unlike any of another hub or of a hub set up anew."""
    return f"msg_{outgoing.id}_{outgoing.created}"
