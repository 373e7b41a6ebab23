"""Look-ups and actions: what goes out with them, what comes back, how often a thing is done."""

from __future__ import annotations

import secrets
from contextlib import suppress
from urllib.parse import unquote

import msgspec
from aiohttp import web

from watchfloor.contracts import (
    ActionReceipt,
    ActionRequest,
    LookupAnswer,
    LookupRequest,
    WatchfloorError,
)
from watchfloor_sdk.check.rule import Broken, rule
from watchfloor_sdk.check.stage import Stage, stage
from watchfloor_sdk.check.subject import Subject
from watchfloor_sdk.simulation import Fault
from watchfloor_sdk.simulation.faults import Handler
from watchfloor_sdk.testing.harness import Worker

_PARTS = ("case_number", "reason", "on_behalf_of", "requester")
_ANSWERED = ("ok", "partial", "gap")


@rule(
    "WF104",
    why="An agency must be able to show why it asked; the other side keeps that, and refuses by "
    "it.",
    mend="Send request.purpose with the question. Exempt a system that takes no purpose.",
)
async def the_purpose_goes_along(subject: Subject) -> str:
    """The purpose of a look-up reaches the system that is asked: every part that the manifest
    needs, and where it needs none, some part."""
    subject.needs("lookup")
    needs = {one.name: one.needs for one in subject.manifest.lookups}
    async with stage(subject) as scene, scene.worker() as worker:
        questions = scene.questions()
        for question in questions:
            told = await _told_of(scene, worker, question)
            if missing := [part for part in needs.get(question.offer, []) if part not in told]:
                raise Broken(f"{question.offer} asks without: {', '.join(missing)}.")
            if not told:
                raise Broken(f"{question.offer} asks without any part of the purpose.")
    return f"{len(questions)} look-ups, each with its purpose"


@rule(
    "WF112",
    why="Nothing found and not allowed are two things: whoever reads an empty list believes that "
    "there is nothing.",
    mend="Raise Refused where the system says no; let the SDK's errors through. Give the simulator "
    "deny, where its vendor has a way of its own to refuse.",
    exemptable=False,
)
async def a_refused_lookup_says_so(subject: Subject) -> str:
    """A look-up that the asked system refuses in its own way ends as denied; one that is answered
    with 403, as denied or unavailable. Both say why, and neither finds anything."""
    subject.needs("lookup")
    async with stage(subject) as scene, scene.worker() as worker:
        questions = scene.questions()
        with suppress(NotImplementedError):
            scene.simulator.deny()
            for question in questions:
                _refused(await worker.ask(_anew(question)), "denied")
        scene.vendor.faults.always(Fault.status(403))
        for question in questions:
            _refused(await worker.ask(_anew(question)), "denied", "unavailable")
    return f"{len(questions)} look-ups that were refused said so"


@rule(
    "WF214",
    why="A hub that has lost the answer asks again: a unit sent twice, or an alert that comes "
    "three times, is worse than none.",
    mend="Pass idempotency_key on where the system takes one; else look first whether it is done. "
    "Exempt a system that has neither way.",
)
async def actions_are_done_once(subject: Subject) -> str:
    """An action that is asked for again with the same key, of a worker that was started after the
    first was killed, is done once, and both receipts say the same."""
    subject.needs("action")
    async with stage(subject) as scene:
        orders = scene.orders()
        async with scene.worker() as worker:
            first = [await _done(worker, order) for order in orders]
            worker.kill()
        done = len(scene.simulator.ledger)
        async with scene.worker() as worker:
            again = [await _done(worker, order) for order in orders]
        if twice := len(scene.simulator.ledger) - done:
            raise Broken(f"{twice} of {len(orders)} actions were done a second time.")
    for one, other in zip(first, again, strict=True):
        if (one.outcome, one.reference) != (other.outcome, other.reference):
            raise Broken("The second receipt for the same key says something else.")
    return f"{len(orders)} actions, each done once"


async def all_answered(scene: Stage, worker: Worker) -> int:
    """Each look-up and action of the rehearsal is answered well. Says how many. Raises
    ``Broken``."""
    questions, orders = scene.questions(), scene.orders()
    for question in questions:
        answer = await worker.ask(question)
        if answer.status not in _ANSWERED:
            raise Broken(f"{question.offer} ended as {answer.status}: {answer.detail}")
        if {result.source for result in answer.results} - {scene.source}:
            raise Broken(f"{question.offer} found something of another source.")
    for order in orders:
        receipt = await _done(worker, order)
        if receipt.outcome != "done":
            raise Broken(f"{order.action} ended as {receipt.outcome}: {receipt.detail}")
    return len(questions) + len(orders)


async def _told_of(scene: Stage, worker: Worker, question: LookupRequest) -> set[str]:
    """The parts of the purpose that the vendor heard."""
    heard: list[str] = []
    canaries = {part: f"SIM-{secrets.token_hex(4).upper()}" for part in _PARTS}
    purpose = msgspec.structs.replace(question.purpose, **canaries)
    scene.vendor.faults.always(_noting(heard))
    await worker.ask(msgspec.structs.replace(_anew(question), purpose=purpose))
    scene.vendor.faults.clear()
    text = "\n".join(heard).upper()
    return {part for part, canary in canaries.items() if canary in text}


def _noting(heard: list[str]) -> Fault:
    """The right answer; what was asked is noted: address, headers, body."""

    async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
        body = await request.read()
        heard.extend([unquote(request.path_qs), *request.headers.values()])
        heard.append(body.decode("utf-8", "replace"))
        return await handler(request)

    return Fault("noted", play)


def _anew(question: LookupRequest) -> LookupRequest:
    """The same question, asked another time."""
    return msgspec.structs.replace(question, id=f"q-{secrets.token_hex(6)}")


def _refused(answer: LookupAnswer, *ways: str) -> None:
    if answer.status not in ways:
        raise Broken(f"A look-up that was refused ended as {answer.status}.")
    if answer.results or not (answer.detail or "").strip():
        raise Broken("A look-up that was refused found something, or does not say why.")


async def _done(worker: Worker, order: ActionRequest) -> ActionReceipt:
    try:
        return await worker.act(order)
    except WatchfloorError as error:
        raise Broken(f"{order.action}: {error.detail} ({error.code})") from None
