"""Writes notes and calls into a dispatch system, as EIDOs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from watchfloor_sdk import ActionReceipt, ActionRequest, Connector, Finding, GiveUp, NotFound
from watchfloor_sdk.eido import Author, tracking_id

from . import eido
from .client import Client
from .orders import AddNote, CancelCall, CreateCall, RemoveNote, UpdateCall, read
from .settings import Settings

if TYPE_CHECKING:
    from watchfloor_sdk import Context


class CadWrite(Connector[Settings]):
    """Every id follows from the idempotency key, and what is as asked is left alone: so a deed that
    is asked for again is done once, whether or not the system knows keys."""

    settings = Settings

    async def act(self, ctx: Context[Settings], request: ActionRequest) -> ActionReceipt:
        """One action. A call that is not there is a failure that the receipt tells."""
        client = Client(ctx, request.idempotency_key)
        author = Author(ctx.settings.agency, request.requested_by, ctx.now())
        try:
            reference = await _done(client, request, author)
        except NotFound:
            detail = "The dispatch system has no such call."
            return ctx.receipt(request, outcome="failed", detail=detail)
        return ctx.receipt(request, reference=reference)

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Asks for the list of incidents, and changes nothing. Whether it may write shows at the
        first deed."""
        await Client(ctx, "check").look()
        return [Finding(ok=True, what="connection", detail="The dispatch system answers.")]


async def _done(client: Client, request: ActionRequest, author: Author) -> str:
    """What the receipt refers to. Raises ``NotFound``, and ``GiveUp`` for what was not declared."""
    match request.action:
        case "add-note":
            return await _add_note(client, request, author)
        case "remove-note":
            note = read(request, RemoveNote).reference
            incident = eido.incident_of(note)
            await client.change(incident, lambda now: eido.without_note(now, note, author))
            return note
        case "create-call":
            id_ = eido.new_id(request.idempotency_key, author.agency)
            new = read(request, CreateCall)
            await client.create(eido.created(id_, request.idempotency_key, new, author))
            return id_
        case "cancel-call":
            cancelled = UpdateCall(call=read(request, CancelCall).reference, status="Cancelled")
            return await _update(client, cancelled, author)
        case "update-call":
            return await _update(client, read(request, UpdateCall), author)
    raise GiveUp("There is no such action.", code="unknown_action")


async def _add_note(client: Client, request: ActionRequest, author: Author) -> str:
    order = read(request, AddNote)
    incident = tracking_id(order.call, author.agency)
    note = eido.note_id(request.idempotency_key, incident)
    await client.change(incident, lambda now: eido.with_note(now, note, order.text, author))
    return note


async def _update(client: Client, order: UpdateCall, author: Author) -> str:
    incident = tracking_id(order.call, author.agency)
    await client.change(incident, lambda now: eido.updated(now, order, author))
    return incident
