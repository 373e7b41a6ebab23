"""Requests for footage, and what became of them: the registration desk writes to the owners."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from msgspec import Meta, Struct

from watchfloor_sdk import (
    ActionReceipt,
    ActionRequest,
    Context,
    GiveUp,
    LookupRequest,
    LookupResult,
    NotFound,
    Refused,
    RetryLater,
)
from watchfloor_sdk.answer import VendorRejected

from .document import at_desk
from .settings import Settings

REQUESTS = "/hub/footage-requests"

TRIES = 2
"""After a third failure in a row the host gets a rest, and nobody could ask whether it was done."""

STATES = {
    "waiting": "no answer yet",
    "will_help": "the owner will help",
    "declined": "the owner declines",
    "taken_back": "taken back",
    "undeliverable": "the letter could not be delivered",
    "owner_gone": "the owner has withdrawn the camera",
}

_NOT_TAKEN = {
    409: "This camera's owner does not want to be asked for footage.",
    422: "The window has not begun, or is longer than a day.",
}
"""The desk's statuses, in words."""


class Wanted(Struct):
    """What is wanted of whom, from when to when, and why."""

    camera: str
    start: Annotated[datetime, Meta(tz=True)]
    end: Annotated[datetime, Meta(tz=True)]
    case_number: str
    reason: str


async def ask_owner(ctx: Context[Settings], request: ActionRequest) -> ActionReceipt:
    """One request. Its reference follows from the key, so that it is made once."""
    try:
        wanted = msgspec.convert(request.parameters, Wanted)
    except msgspec.ValidationError as wrong:
        raise GiveUp(f"The parameters do not fit: {wrong}", code="bad_parameters") from None
    reference = f"FR-{sha256(request.idempotency_key.encode()).hexdigest()[:12].upper()}"
    body = {**msgspec.to_builtins(wanted), "requested_by": request.requested_by}
    try:
        await _put(ctx, reference, body)
    except NotFound:
        detail = "No such camera is registered at this desk, or no longer."
        return ctx.receipt(request, outcome="refused", detail=detail)
    except VendorRejected as rejected:
        if rejected.status not in _NOT_TAKEN:
            raise
        return ctx.receipt(request, outcome="refused", detail=_NOT_TAKEN[rejected.status])
    return ctx.receipt(request, reference=reference)


async def take_back(ctx: Context[Settings], request: ActionRequest) -> ActionReceipt:
    """The owner is told that nothing is needed any more."""
    reference = str(request.parameters.get("reference"))
    try:
        await at_desk(ctx).request("DELETE", f"{REQUESTS}/{quote(reference, safe='')}")
    except NotFound:
        detail = "The desk knows no such request."
        return ctx.receipt(request, outcome="failed", detail=detail)
    return ctx.receipt(request, reference=reference)


async def of_case(ctx: Context[Settings], request: LookupRequest) -> AsyncIterator[LookupResult]:
    """A case's requests, newest first. The desk notes who asks, and why."""
    purpose = request.purpose
    asked = {
        "case": request.subject,
        "requester": purpose.requester,
        "purpose": purpose.code,
        "case_number": purpose.case_number,
        "reason": purpose.stated,
    }
    answer = await at_desk(ctx).get(REQUESTS, params=asked, deadline_s=request.deadline_s)
    for one in answer.json()["requests"]:
        state = STATES.get(one["state"], one["state"])
        yield ctx.result(f"Footage of {one['camera']}: {state}", one, id=one["reference"])


def needs_desk(ctx: Context[Settings]) -> None:
    """Raises ``Refused`` where this source is a list and nothing more."""
    if not ctx.settings.desk:
        raise Refused(
            "Nobody can be asked through this source: it is a list, and no registration desk.",
            code="no_desk",
            remedy="Ask whoever keeps the list.",
        )


async def _put(ctx: Context[Settings], reference: str, body: dict[str, Any]) -> None:
    """Raises ``RetryLater`` only where nothing was done, and ``GiveUp`` (code
    ``footage_doubtful``) where nobody can say."""
    try:
        await at_desk(ctx).request("PUT", f"{REQUESTS}/{reference}", json=body, tries=TRIES)
    except RetryLater as error:
        try:
            await at_desk(ctx).get(f"{REQUESTS}/{reference}")
        except NotFound:
            raise error from None
        except RetryLater:
            raise GiveUp(
                "Whether the owner is written to is not known: the desk does not answer.",
                code="footage_doubtful",
                remedy="Look for the case's requests before you ask again.",
            ) from None
