"""The contract test of look-ups and actions: a connector's real worker against its simulator."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

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


async def run_requests(
    connector: str,
    simulator: Simulator,
    requests: Iterable[LookupRequest | ActionRequest],
    *,
    happenings: Iterable[Any] = (),
    config: Mapping[str, Any] | None = None,
    deadline_s: float = 60.0,
) -> list[LookupAnswer | ActionReceipt]:
    """Feeds ``happenings`` to the simulator, has a worker do the requests one after the other, and
    answers what became of each.

    Every action is asked for a second time, of a worker that was started anew: whoever asked could
    not know what became of it. Asserts that it is the same receipt, that answers and receipts are
    those of their requests and fit their JSON Schema, and that results are this source's.
    """
    hub, setup = HubDouble(), await simulator.start()
    hub.credentials.update(setup.credentials)
    settings = {**setup.config, **(config or {})}
    wanted = list(requests)
    try:
        async with asyncio.timeout(deadline_s):
            for happening in happenings:
                simulator.feed(happening)
            async with running(connector, settings, WORKER, hub) as worker:
                answers = [await _checked(worker, request) for request in wanted]
                worker.kill()
            async with running(connector, settings, WORKER, hub) as worker:
                for request, answer in zip(wanted, answers, strict=True):
                    if isinstance(request, ActionRequest):
                        _check_same(answer, await _checked(worker, request))
    finally:
        await simulator.stop()
    return answers


async def _checked(
    worker: Worker, request: LookupRequest | ActionRequest
) -> LookupAnswer | ActionReceipt:
    try:
        return await _done(worker, request)
    except WatchfloorError as error:
        raise AssertionError(f"{_name(request)}: {error.detail} ({error.code})") from error


async def _done(
    worker: Worker, request: LookupRequest | ActionRequest
) -> LookupAnswer | ActionReceipt:
    if isinstance(request, ActionRequest):
        receipt = await worker.act(request)
        assert receipt.idempotency_key == request.idempotency_key
        _check_shape("action-receipt", receipt)
        return receipt
    answer = await worker.ask(request)
    assert answer.request == request.id
    strangers = {result.source for result in answer.results} - {SOURCE}
    assert not strangers, f"{request.id}: results of another source: {strangers}"
    _check_shape("lookup-answer", answer)
    return answer


def _check_shape(schema: str, answer: LookupAnswer | ActionReceipt) -> None:
    wrong = schemas.explain(schema, msgspec.json.decode(msgspec.json.encode(answer)))
    assert not wrong, wrong


def _check_same(first: LookupAnswer | ActionReceipt, second: LookupAnswer | ActionReceipt) -> None:
    assert isinstance(first, ActionReceipt)
    assert isinstance(second, ActionReceipt)
    same = (first.outcome, first.reference) == (second.outcome, second.reference)
    assert same, f"{first.idempotency_key} was done twice: {first.reference}, {second.reference}"


def _name(request: LookupRequest | ActionRequest) -> str:
    return request.id if isinstance(request, LookupRequest) else request.idempotency_key
