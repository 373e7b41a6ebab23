"""Asks the switch when somebody asks, and waits for the states' answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from watchfloor_sdk import (
    ActionReceipt,
    ActionRequest,
    Connector,
    Finding,
    Incomplete,
    LookupRequest,
    LookupResult,
    NotAsked,
    NotFound,
    Purpose,
    Refused,
    RetryLater,
)

from .answers import Message, Outcome, result, silence
from .confirmation import due, ordered, reference_of, same_subject
from .inquiries import Inquiry, inquiry
from .messages import read, written
from .relay import Relay, control_of
from .settings import Settings
from .waiting import Waiting

if TYPE_CHECKING:
    from watchfloor_sdk import Context

CONFIRMATION = "hit-confirmation"
_MARGIN_S = 2.0
"""Before the deadline: who has not answered is told, too, and that takes a moment."""


class NletsStyle(Connector[Settings]):
    """Registrations, licences, histories and hot-list checks; hit confirmation."""

    settings = Settings

    async def lookup(
        self, ctx: Context[Settings], request: LookupRequest
    ) -> AsyncIterator[LookupResult]:
        """One question to one or more states; each answer as it comes, then who did not answer."""
        until = _clock() + request.deadline_s - min(_MARGIN_S, request.deadline_s / 4)
        answers = _confirmation if request.offer == CONFIRMATION else _asked
        async for found in answers(ctx, request, until):
            yield found

    async def act(self, ctx: Context[Settings], request: ActionRequest) -> ActionReceipt:
        """Ask the agency that entered a record to confirm it. The relay sends it once."""
        order, asked = ordered(request)
        control = control_of(request.idempotency_key)
        message = _message(ctx, asked, control)
        asks = request.purpose or Purpose(code="", requester=request.requested_by)
        message["purpose"] = {
            **_purpose(ctx, asks),
            "code": "criminal-justice",
            "case_number": order.case_number,
            "reason": order.reason,
        }
        try:
            await Relay(ctx).send(control, message)
        except Refused as refused:
            return ctx.receipt(request, outcome="refused", detail=refused.detail)
        return ctx.receipt(request, reference=control)

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Asks whether the switch is there, and for which ORI: about nobody."""
        status = await Relay(ctx).status()
        return [
            Finding(
                ok=status.switch == "up",
                what="switch",
                detail=f"The switch is {status.switch}.",
                remedy="" if status.switch == "up" else "Ask those who run the state's switch.",
            ),
            Finding(
                ok=status.ori == ctx.settings.ori,
                what="ori",
                detail="The relay speaks for this ORI."
                if status.ori == ctx.settings.ori
                else "The relay speaks for another ORI than the settings name.",
                remedy="" if status.ori == ctx.settings.ori else "Correct the setting ori.",
            ),
        ]


async def _asked(
    ctx: Context[Settings], request: LookupRequest, until: float
) -> AsyncIterator[LookupResult]:
    asked = inquiry(request, ctx.settings, ctx.now())
    relay, control = Relay(ctx), control_of(request.id)
    await relay.send(
        control, {**_message(ctx, asked, control), "purpose": _purpose(ctx, request.purpose)}
    )
    waiting = Waiting(asked.awaits, until, ctx.settings.settle_s)
    strays, lost = 0, False
    while (left := waiting.left_s(_clock())) > 0:
        try:
            arrived = await relay.arrived(control, after=waiting.last, wait_s=left)
        except RetryLater:
            lost = True  # what has been found stays found
            break
        waiting.last = arrived.last
        for message in filter(waiting.new, arrived.answers):
            if _strays(message, control):
                strays += 1
                continue
            outcome, found = result(ctx, asked, control, message)
            waiting.heard(message.sender, outcome, _clock())
            yield found
    ending: Outcome = "unavailable" if lost else "timeout"
    for told in silence(ctx, control, waiting.close(ending), ending):
        yield told
    await _dropped(ctx, relay, control)
    waiting.end()
    if strays:
        raise Incomplete("An answer to somebody else's question was not passed on.")


async def _confirmation(
    ctx: Context[Settings], request: LookupRequest, until: float
) -> AsyncIterator[LookupResult]:
    """What has been answered to a YQ so far; waits for the first while there is time."""
    if not (request.purpose.case_number or "").strip():
        raise NotAsked("Nothing is asked without a case number.", code="purpose_incomplete")
    control, relay = reference_of(request), Relay(ctx)
    try:
        await relay.note_reader(control, control_of(request.id), _purpose(ctx, request.purpose))
        arrived = await relay.arrived(control, after=0, wait_s=0.0)
        asked = same_subject(request, arrived)
        while not arrived.answers and (left := until - _clock()) > 0:
            arrived = await relay.arrived(control, after=0, wait_s=left)
    except NotFound:
        raise NotFound(
            "The switch knows no such request for confirmation.", code="no_such_reference"
        ) from None
    for message in arrived.answers:
        yield result(ctx, asked, control, message)[1]
    if arrived.answers:
        return
    ends = arrived.sent + due(asked)
    if ctx.now() < ends:
        raise Incomplete(f"No answer yet; it is due by {ends:%H:%M:%S} UTC.")
    for told in silence(ctx, control, read(arrived.question).to, "timeout"):
        yield told
    raise Incomplete(f"No answer, which was due by {ends:%H:%M:%S} UTC. The hit is not confirmed.")


async def _dropped(ctx: Context[Settings], relay: Relay, control: str) -> None:
    """Answers are shown and dropped. One that could not be dropped goes when the relay clears."""
    try:
        await relay.drop(control)
    except RetryLater as error:
        ctx.log.warning(f"The relay still holds a question's answers ({error.code}).")


def _strays(message: Message, control: str) -> bool:
    """Whether its own control field says that it answers another question."""
    return read(message.text).control not in (None, control)


def _message(ctx: Context[Settings], asked: Inquiry, control: str) -> dict[str, Any]:
    message = {
        "key": asked.key,
        "ori": ctx.settings.ori,
        "to": list(asked.to),
        "text": written(asked.key, ctx.settings.ori, asked.to, control, asked.fields),
    }
    return {**message, "niem": asked.niem} if asked.niem else message


def _purpose(ctx: Context[Settings], purpose: Purpose) -> dict[str, Any]:
    """Passed on whole: the legacy text has ``ATN`` in KQ alone (documented), and no place for a
    case number. The ORI is that of who asks, where the hub knows it."""
    return {
        "code": purpose.code,
        "case_number": purpose.case_number,
        "reason": purpose.reason,
        "requester": purpose.requester,
        "requester_name": purpose.requester_name,
        "agency": purpose.agency,
        "ori": purpose.ori or ctx.settings.ori,
        "on_behalf_of": purpose.on_behalf_of,
        "on_behalf_of_person": purpose.on_behalf_of_person,
        "call_number": purpose.call_number,
        "request": purpose.request,
        "record": purpose.record,
    }


def _clock() -> float:
    return asyncio.get_running_loop().time()
