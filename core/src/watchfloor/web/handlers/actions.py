"""Actions: what can be done outside, doing it, and what was done."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from watchfloor.actions import Doable
from watchfloor.contracts import rfc3339
from watchfloor.ports.store import Deed
from watchfloor.web.routes import LIMIT, Answer, Call, Param, Route, path_param

Short = Annotated[str, Meta(min_length=1, max_length=256)]


class NewDeed(Struct, kw_only=True, forbid_unknown_fields=True):
    """What shall be done. The same ``idempotency_key`` is done at most once."""

    source: Short
    action: Short
    parameters: dict[str, Any] = {}
    idempotency_key: Short | None = None


class DeedView(Struct, kw_only=True):
    """What was asked for and what became of it; ``outcome`` is empty while it is under way."""

    id: str
    source: str
    action: str
    parameters: dict[str, Any]
    requested_by: str
    asked: str
    outcome: str | None
    done: str | None
    reference: str | None
    detail: str | None


class DeedList(Struct):
    """What was done, newest first."""

    items: list[DeedView]
    next: None = None


class DoableList(Struct):
    """What can be done."""

    items: list[Doable]
    next: None = None


async def list_doable(call: Call) -> DoableList:
    """What can be done outside, by source."""
    return DoableList(call.hub.actions.doable())


async def act(call: Call) -> DeedView:
    """Do it once; answers the receipt."""
    body: NewDeed = call.body
    deed = await call.hub.actions.act(
        body.source, body.action, body.parameters, call.actor, body.idempotency_key
    )
    return _view(deed)


async def list_deeds(call: Call) -> DeedList:
    """What was done, newest first."""
    deeds = await call.hub.actions.recent(call.params["limit"], call.params["source"])
    return DeedList([_view(deed) for deed in deeds])


async def undo(call: Call) -> DeedView:
    """Take a deed back, where its source can."""
    return _view(await call.hub.actions.undo(call.params["id"], call.actor))


def _view(deed: Deed) -> DeedView:
    return DeedView(
        id=deed.id,
        source=deed.source,
        action=deed.action,
        parameters=deed.parameters,
        requested_by=deed.requested_by,
        asked=rfc3339(deed.asked),
        outcome=deed.outcome,
        done=rfc3339(deed.done) if deed.done is not None else None,
        reference=deed.reference,
        detail=deed.detail,
    )


ROUTES = (
    Route("GET", "/actions", "actions", "What can be done outside", list_doable,
          answers={200: Answer("Actions by source.", DoableList)}),
    Route("POST", "/deeds", "actions", "Do something outside, once", act, body=NewDeed,
          answers={200: Answer("What became of it.", DeedView)}),
    Route("GET", "/deeds", "actions", "What was done", list_deeds,
          params=(LIMIT, Param("source", "Only by this source.")),
          answers={200: Answer("Deeds.", DeedList)}),
    Route("POST", "/deeds/{id}/undo", "actions", "Take a deed back", undo,
          params=(path_param("id", "The deed's id, its idempotency key."),),
          answers={200: Answer("The deed that took it back.", DeedView)}),
)  # fmt: skip
