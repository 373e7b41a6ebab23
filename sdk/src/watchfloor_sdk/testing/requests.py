"""The contract tests of look-ups and actions: a connector's real worker against its simulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, TypeAlias

import msgspec

from watchfloor.contracts import (
    ActionReceipt,
    ActionRequest,
    LookupAnswer,
    LookupRequest,
    WatchfloorError,
    schemas,
)
from watchfloor_sdk.simulation import Simulator

from .contract import running
from .harness import SOURCE, WORKER, Worker
from .hub import HubDouble

DEADLINE_S = 60.0
"""For all requests of a test."""

Start: TypeAlias = Callable[[], AbstractAsyncContextManager[Worker]]


async def run_lookups(
    connector: str,
    simulator: Simulator,
    questions: Iterable[LookupRequest],
    *,
    happenings: Iterable[Any] = (),
    config: Mapping[str, Any] | None = None,
) -> list[LookupAnswer]:
    """Feeds ``happenings`` to the simulator, has a worker ask one question after the other, and
    gives back how each was answered.

    Asserts that an answer is that of its question, that what was found is this source's, and that
    it fits its JSON Schema. ``config`` is laid over the simulator's own.
    """
    async with _vendor(connector, simulator, happenings, config) as start, start() as worker:
        return [await _asked(worker, question) for question in questions]


async def run_actions(
    connector: str,
    simulator: Simulator,
    orders: Iterable[ActionRequest],
    *,
    happenings: Iterable[Any] = (),
    config: Mapping[str, Any] | None = None,
) -> list[ActionReceipt]:
    """The same for actions; each is asked for a second time, of a worker that was started after
    the first was killed: whoever asked could not know what had become of it.

    Asserts that the second receipt says the same as the first, and that both fit their JSON
    Schema. That nothing was done twice is for the test to see in the simulator's ledger.
    """
    wanted = list(orders)
    async with _vendor(connector, simulator, happenings, config) as start:
        async with start() as worker:
            first = [await _done(worker, order) for order in wanted]
            worker.kill()
        async with start() as worker:
            second = [await _done(worker, order) for order in wanted]
    for one, again in zip(first, second, strict=True):
        same = (one.outcome, one.reference) == (again.outcome, again.reference)
        assert same, f"{one.idempotency_key}: first {one.reference}, then {again.reference}"
    return first


@asynccontextmanager
async def _vendor(
    connector: str,
    simulator: Simulator,
    happenings: Iterable[Any],
    config: Mapping[str, Any] | None,
) -> AsyncIterator[Start]:
    """The simulator, started and fed. Yields how to start a worker for it."""
    hub, setup = HubDouble(), await simulator.start()
    hub.credentials.update(setup.credentials)
    try:
        async with asyncio.timeout(DEADLINE_S):
            for happening in happenings:
                simulator.feed(happening)
            yield partial(running, connector, {**setup.config, **(config or {})}, WORKER, hub)
    finally:
        await simulator.stop()


async def _asked(worker: Worker, question: LookupRequest) -> LookupAnswer:
    answer = await worker.ask(question)
    assert answer.request == question.id
    strangers = {result.source for result in answer.results} - {SOURCE}
    assert not strangers, f"{question.id}: results of another source: {strangers}"
    _check_shape("lookup-answer", answer)
    return answer


async def _done(worker: Worker, order: ActionRequest) -> ActionReceipt:
    try:
        receipt = await worker.act(order)
    except WatchfloorError as error:
        raise AssertionError(f"{order.action}: {error.detail} ({error.code})") from error
    assert receipt.idempotency_key == order.idempotency_key
    _check_shape("action-receipt", receipt)
    return receipt


def _check_shape(schema: str, answer: LookupAnswer | ActionReceipt) -> None:
    wrong = schemas.explain(schema, msgspec.json.decode(msgspec.json.encode(answer)))
    assert not wrong, wrong
