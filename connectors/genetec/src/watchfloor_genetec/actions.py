"""Actions: an alarm is triggered, a custom event is raised.

Security Center takes no key by which it would know a repeated request: each is sent once, and where
it is not known what became of it the receipt says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from watchfloor_sdk import ActionReceipt, ActionRequest, AskAPerson, Refused, RetryLater

from .client import Client
from .mapping import Ctx

TRIGGER, RAISE = "trigger-alarm", "raise-custom-event"
ENTITY = (
    r"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|LogicalID\([A-Za-z]{1,32},[0-9]{1,7}\))\Z"
)
"""A GUID, or ``LogicalID(Type,n)`` with n up to 9,999,999 (documented). Nothing else: it goes into
an address that is a program."""
EntityId = Annotated[str, Meta(pattern=ENTITY)]


class Trigger(Struct):
    """Which alarm, and the camera that shows why."""

    alarm: EntityId
    source: EntityId


class Raise(Struct):
    """Which custom event, at what entity, and what to say."""

    event: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    entity: EntityId
    message: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f/\\]*\Z")]


async def act(ctx: Ctx, client: Client, request: ActionRequest) -> ActionReceipt:
    """Do it once. Raises ``Refused`` for what is told wrongly."""
    try:
        if request.action == TRIGGER:
            alarm = _told(request.parameters, Trigger)
            await client.trigger_alarm(alarm.alarm, alarm.source)
        else:
            event = _told(request.parameters, Raise)
            await client.raise_custom_event(event.event, event.entity, event.message)
    except RetryLater as error:
        if error.code == "rate_limited":  # after all other troubles it may have been done
            raise
        return ctx.receipt(request, outcome="failed", detail=f"{_UNKNOWN} {error.detail}")
    except AskAPerson as error:
        if error.code != "websdk_failed":
            raise
        return ctx.receipt(request, outcome="refused", detail=error.detail)
    return ctx.receipt(request)


_UNKNOWN = "It is not known whether Security Center did it: look there."


def _told(parameters: Mapping[str, Any], shape: type[Any]) -> Any:
    try:
        return msgspec.convert(dict(parameters), shape)
    except msgspec.ValidationError as wrong:
        raise Refused(f"Not as declared: {wrong}", code="bad_parameters") from None
