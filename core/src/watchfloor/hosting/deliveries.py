"""Takes webhooks from the inbox to the worker and its events to ingest.

A row stays in the inbox until what became of it is durable (``settles``), so a worker's or the
hub's end at any moment only means that rows are mapped again, and known events are known.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from watchfloor.contracts import AskAPerson, GiveUp, RetryLater, WatchfloorError, rfc3339
from watchfloor.contracts import protocol as p
from watchfloor.ingest import Origin
from watchfloor.ports.store import Inbox, StoredDelivery

from .line import Line
from .services import Services
from .states import Ended, Limits, SessionOver

BATCH = 500
"""Deliveries in one request."""
BATCH_BYTES = 4 * 1024 * 1024
GATHER_S = 0.02
"""Seconds that what comes next gets to become more: a batch costs much the same, large or small."""
IN_FLIGHT = 3
"""Requests that the worker has at the same time: one is mapped, one filed, one on its way."""
IDLE_S = 5.0
"""Longest wait for a nudge before the inbox is looked at all the same."""
MOST_DEATHS = 3


class Suspects:
    """Which deliveries a worker died over, kept between its runs.

    After a death the rows that were in its hands go one by one; one that ends it alone three
    times is given up, so that it does not hold up the rest.
    """

    def __init__(self) -> None:
        self._deaths: dict[int, int] = {}

    def died_over(self, batches: Sequence[Sequence[StoredDelivery]]) -> None:
        """The worker ended with these in its hands."""
        alone = sum(map(len, batches)) == 1
        for row in (row for batch in batches for row in batch):
            self._deaths[row.id] = self._deaths.get(row.id, 0) + alone

    def cleared(self, rows: Sequence[StoredDelivery]) -> None:
        """These are dealt with."""
        for row in rows:
            self._deaths.pop(row.id, None)

    def __contains__(self, row: StoredDelivery) -> bool:
        return row.id in self._deaths

    def condemned(self, row: StoredDelivery) -> bool:
        """Whether it has ended too many runs."""
        return self._deaths.get(row.id, 0) >= MOST_DEATHS


class Deliveries:
    """The pump of one worker's run. ``nudge`` says that the inbox has something new."""

    def __init__(
        self,
        line: Line,
        origin: Origin,
        inbox: Inbox,
        services: Services,
        limits: Limits,
        suspects: Suspects,
        blocked: Callable[[WatchfloorError | None], None],
    ) -> None:
        self._line = line
        self._origin = origin
        self._inbox = inbox
        self._services = services
        self._limits = limits
        self._suspects = suspects
        self._blocked = blocked
        self._news = asyncio.Event()
        self.in_hand: list[list[StoredDelivery]] = []
        """What the worker has been given and has not answered."""

    def nudge(self) -> None:
        """Look at the inbox now."""
        self._news.set()

    async def run(self) -> None:
        """Pump until cancelled. A batch that the store refused is taken up again; one that the
        worker refused ends the session (``SessionOver``)."""
        while True:
            ended: BaseException | None = None
            try:
                async with asyncio.TaskGroup() as group:
                    await self._pump(group)
            except* SessionOver as over:
                ended = over.exceptions[0]  # raised here, older 3.11 would wrap it in a group
            except* (RetryLater, AskAPerson):
                pass
            if ended is not None:
                raise ended from None
            _heed_cancellation()
            await asyncio.sleep(1.0)

    async def _pump(self, group: asyncio.TaskGroup) -> None:
        room = asyncio.Semaphore(IN_FLIGHT)
        self.in_hand.clear()
        after = 0
        while True:
            self._news.clear()
            rows = await self._inbox.waiting(self._origin.source, after, BATCH)
            if not rows:
                await self._wait()
                continue
            after = rows[-1].id
            for batch in self._batches(rows):
                await self._start(batch, room, group)
            if len(rows) < BATCH:
                await asyncio.sleep(GATHER_S)

    async def _start(
        self, batch: list[StoredDelivery], room: asyncio.Semaphore, group: asyncio.TaskGroup
    ) -> None:
        """Deal with a batch while others are under way; with a suspect while none is."""
        alone = batch[0] in self._suspects
        shares = IN_FLIGHT if alone else 1
        for _ in range(shares):
            await room.acquire()
        dealing = group.create_task(self._deal(batch))
        for _ in range(shares):
            dealing.add_done_callback(lambda _: room.release())

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(IDLE_S):
                await self._news.wait()
        except TimeoutError:
            return

    def _batches(self, rows: Sequence[StoredDelivery]) -> Iterator[list[StoredDelivery]]:
        batch: list[StoredDelivery] = []
        size = 0
        for row in rows:
            alone = row in self._suspects
            if batch and (alone or size + len(row.body) > BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(row)
            size += len(row.body)
            if alone:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    async def _deal(self, rows: list[StoredDelivery]) -> None:
        emit = _emit(rows, await self._outcomes(rows))
        await self._file(emit, [row.id for row in rows])
        self._suspects.cleared(rows)
        await self._services.gaps.assured(self._origin.source)

    async def _file(self, emit: p.Emit, settles: Sequence[int]) -> None:
        try:
            await self._services.ingest.accept(self._origin, emit, settles)
        except (RetryLater, AskAPerson) as error:
            self._blocked(error)
            raise
        self._blocked(None)

    async def _outcomes(self, rows: list[StoredDelivery]) -> dict[int, p.WebhookOutcome]:
        if self._suspects.condemned(rows[0]):
            return {rows[0].id: _condemned(rows[0])}
        params = p.WebhookParams(deliveries=[_delivery(row) for row in rows])
        self.in_hand.append(rows)
        try:
            result = await self._line.request(
                "webhook", params, p.WebhookResult, self._limits.webhook_s
            )
        except (AskAPerson, GiveUp):
            reason = "The worker refused webhooks instead of mapping them."
            raise SessionOver(Ended("webhooks_refused", reason)) from None
        self.in_hand.remove(rows)
        return {outcome.id: outcome for outcome in result.outcomes}


def _heed_cancellation() -> None:
    """A task group that is cancelled while one of its tasks fails reports the failure alone."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _condemned(row: StoredDelivery) -> p.WebhookOutcome:
    detail = f"The worker ended {MOST_DEATHS} times over this delivery."
    return p.WebhookOutcome(id=row.id, error=_failed(row, "ends_the_worker", detail))


def _emit(rows: Sequence[StoredDelivery], outcomes: dict[int, p.WebhookOutcome]) -> p.Emit:
    """What the deliveries came to. The raw page is the array of their bodies; each event points
    to its own."""
    events: list[msgspec.Raw] = []
    pointers: list[str] = []
    rejected: list[p.RejectedRecord] = []
    for index, row in enumerate(rows):
        outcome = outcomes.get(row.id)
        if outcome is None:
            rejected.append(_failed(row, "no_answer", "The worker said nothing about it."))
        elif outcome.error is not None:
            rejected.append(_failed(row, outcome.error.code, outcome.error.detail))
        else:
            events += outcome.events
            pointers += [f"/{index}"] * len(outcome.events)
    raw = p.RawPage(body=_array(rows)) if events else None
    return p.Emit(events=events, raw=raw, pointers=pointers, rejected=rejected)


def _array(rows: Sequence[StoredDelivery]) -> str:
    return "[" + ",".join(_as_json(row.body) for row in rows) + "]"


def _as_json(body: bytes) -> str:
    """A JSON body as it is; any other as a JSON string (base64 where it is not text)."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
        return body.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return json.dumps(_text(body)[0])


def _text(body: bytes) -> tuple[str, Literal["text", "base64"]]:
    """As the protocol carries it."""
    try:
        return body.decode(), "text"
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"


def _delivery(row: StoredDelivery) -> p.Delivery:
    text, encoding = _text(row.body)
    return p.Delivery(
        id=row.id,
        received=_moment(row.received),
        headers=_headers(row.headers),
        body=text,
        encoding=encoding,
    )


_moment = lru_cache(maxsize=64)(rfc3339)
"""Those that were kept together have the same one."""


@lru_cache(maxsize=64)
def _headers(text: str) -> dict[str, str]:
    headers: dict[str, str] = msgspec.json.decode(text, type=dict[str, str])
    return headers


def _failed(row: StoredDelivery, code: str, detail: str) -> p.RejectedRecord:
    text, encoding = _text(row.body)
    return p.RejectedRecord(raw=text, code=code, detail=detail, encoding=encoding)
