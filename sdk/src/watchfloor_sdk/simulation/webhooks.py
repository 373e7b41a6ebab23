"""Sends webhooks as vendors do: signed, several at once, retried on a schedule, sometimes twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import aiohttp

Sign = Callable[[bytes], Mapping[str, str]]
"""The body as it is sent → the headers that prove it."""


WAITING = 10_000
"""Deliveries that wait at most; beyond that the oldest are given up, as vendors do."""


class WebhookSender:
    """Posts bodies to one address.

    ``sign`` makes the headers anew for each try, as vendors do. ``retries`` are the waits in
    seconds before each further try; after the last the vendor gives up. ``twice_every``: every
    so many deliveries, one is sent again although it was taken. Statuses in ``final`` are not
    tried again.
    """

    def __init__(
        self,
        sign: Sign,
        *,
        retries: Sequence[float] = (0.2, 0.5, 1.0, 2.0, 5.0),
        at_once: int = 8,
        deadline_s: float = 10.0,
        twice_every: int = 0,
        final: frozenset[int] = frozenset(),
    ) -> None:
        self.delivered = 0
        self.given_up = 0
        self._sign = sign
        self._retries = retries
        self._at_once = at_once
        self._deadline_s = deadline_s
        self._twice_every = twice_every
        self._final = final
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(WAITING)
        self._tasks: list[asyncio.Task[None]] = []

    def send(self, body: bytes) -> None:
        """Send it in its turn. Never blocks; may be called before ``start``."""
        while self._queue.full():
            self._queue.get_nowait()
            self._queue.task_done()
            self.given_up += 1
        self._queue.put_nowait(body)

    async def start(self, url: str) -> None:
        """Begin to deliver to ``url``; what is queued goes first."""
        await self.stop()
        self._tasks = [asyncio.create_task(self._work(url)) for _ in range(self._at_once)]

    async def idle(self) -> None:
        """Wait until everything was delivered or given up."""
        await self._queue.join()

    async def stop(self) -> None:
        """End at once. What is queued stays queued."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _work(self, url: str) -> None:
        limit = aiohttp.ClientTimeout(total=self._deadline_s)
        async with aiohttp.ClientSession(timeout=limit) as client:
            while True:
                body = await self._queue.get()
                try:
                    await self._deliver(client, url, body)
                except asyncio.CancelledError:
                    self.send(body)
                    raise
                finally:
                    self._queue.task_done()

    async def _deliver(self, client: aiohttp.ClientSession, url: str, body: bytes) -> None:
        for wait in (*self._retries, None):
            status = await self._post(client, url, body)
            if status is not None and status < 300:
                await self._taken(client, url, body)
                return
            if wait is None or status in self._final:
                break
            await asyncio.sleep(wait)
        self.given_up += 1

    async def _taken(self, client: aiohttp.ClientSession, url: str, body: bytes) -> None:
        self.delivered += 1
        if self._twice_every and self.delivered % self._twice_every == 0:
            await self._post(client, url, body)

    async def _post(self, client: aiohttp.ClientSession, url: str, body: bytes) -> int | None:
        headers = {"Content-Type": "application/json", **self._sign(body)}
        try:
            async with client.post(url, data=body, headers=headers) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return None
