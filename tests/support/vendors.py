"""Vendors at work for survival tests: plates that never stop passing, webhooks that keep count."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
from made_up import passed

from watchfloor_verkada.mapping import read_id, to_time
from watchfloor_verkada_simulator.webhooks import envelope, sign

FIRST_SECOND = int(time.time())


@contextlib.asynccontextmanager
async def traffic(
    feed: Callable[[Any], None], a_second: float, first: int = 0
) -> AsyncIterator[list[int]]:
    """Feeds plates at a rate while the block runs; how many there were stands in the list."""
    count = [first]

    async def drive() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            while count[0] - first < (loop.time() - began) * a_second:
                feed(passed(count[0]))
                count[0] += 1
            await asyncio.sleep(0.02)

    driving = asyncio.create_task(drive())
    try:
        yield count
    finally:
        driving.cancel()
        await asyncio.gather(driving, return_exceptions=True)


class SignedWebhooks:
    """Posts signed plate reads, one try each, and remembers which were sent and which taken.

    A delivery without an answer may or may not have been taken: that is how webhooks are.
    """

    def __init__(self, url: str, secret: str, at_once: int = 4) -> None:
        self.sent: dict[str, str] = {}
        """Event id → plate."""
        self.taken: set[str] = set()
        self.refused: list[int] = []
        """Statuses other than 2xx."""
        self._url, self._secret = url, secret
        self._at_once = at_once
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> SignedWebhooks:
        self._tasks = [asyncio.create_task(self._post_on()) for _ in range(self._at_once)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        for error in ended:
            if not isinstance(error, asyncio.CancelledError):
                raise AssertionError("a sender ended early") from error

    async def _post_on(self) -> None:
        deadline = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(timeout=deadline) as client:
            while True:
                name, body, headers = self.signed()
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with client.post(self._url, data=body, headers=headers) as answer:
                        if answer.status < 300:
                            self.taken.add(name)
                        else:
                            self.refused.append(answer.status)
                await asyncio.sleep(0.02)

    def signed(self) -> tuple[str, bytes, dict[str, str]]:
        """The next delivery: event id, body, headers."""
        number = len(self.sent)
        second, plate = FIRST_SECOND + number // 10, f"ZZW{number:06}"
        data = {
            "camera_id": "cam-1",
            "created": second,
            "detected": second * 1000,
            "license_plate_number": plate,
        }
        name = read_id("cam-1", to_time(second), plate)
        self.sent[name] = plate
        body = envelope("lpr", data)
        return name, body, sign(self._secret, body)


async def webhook_source(api: Any, secret: str, id: str = "gate") -> str:
    """A source that has its reads from webhooks alone: no history is asked. Its id."""
    config = {"base_url": "http://127.0.0.1:9", "owner": "Example", "lpr_cameras": ["none-of-them"]}
    await api.send("PUT", f"/sources/{id}", {"connector": "verkada", "name": id, "config": config})
    value = {"value": {"secret": secret}}
    await api.send("PUT", f"/sources/{id}/credentials/webhook_secret", value)
    return id
