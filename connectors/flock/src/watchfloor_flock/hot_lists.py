"""Actions on custom hot lists: an entry is put on one, and taken off.

Flock has no idempotency key, so the action's own is written into the entry's note: by that the
entry is known again when nobody could say whether it had been added, and it says to whoever reads
it in Flock where it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from watchfloor_sdk import ActionReceipt, ActionRequest, NotFound, Refused
from watchfloor_sdk.answer import VendorRejected

from .client import Client
from .lookup import to_plate, zeros
from .mapping import Ctx
from .states import to_state
from .wire import Entry

ADD, REMOVE = "add-hot-list-entry", "remove-hot-list-entry"
Words = Annotated[str, Meta(min_length=1, max_length=256)]


class Addition(Struct, kw_only=True):
    """What is put on a hot list; ``hot_list`` is its name in Flock, or its id."""

    hot_list: Words
    plate: Words
    case_number: Words
    reason: Words
    state: str | None = None
    expires: str | None = None


class Removal(Struct, kw_only=True):
    """What is taken off: the entry that a receipt names, or all of a plate's."""

    reference: str | None = None
    hot_list: str | None = None
    plate: str | None = None


class HotLists:
    """The custom hot lists of the organisation."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def add(self, ctx: Ctx, request: ActionRequest) -> ActionReceipt:
        """Put a plate on. Where it is on that list already it stays as it is, refused: whoever put
        it there may have another case, and taking this one back must not take that one off."""
        wanted = _told(request.parameters, Addition)
        entry = to_entry(wanted, request)
        hot_list = await self._named(wanted.hot_list)
        if hot_list is None:
            return ctx.receipt(request, outcome="refused", detail=_NO_LIST)
        known = await self._of_plate(hot_list, entry["plate"])
        if not known:
            try:
                await self._client.add_entry(hot_list, entry)
            except VendorRejected as error:
                if error.status == 413:
                    return ctx.receipt(request, outcome="refused", detail=_FULL)
                if error.status != 400:  # 400 is a duplicate, too: see who it is
                    raise
            known = await self._of_plate(hot_list, entry["plate"])
        return _added(ctx, request, hot_list, known)

    async def remove(self, ctx: Ctx, request: ActionRequest) -> ActionReceipt:
        """Take off. What is not there (any more) is off."""
        wanted = _told(request.parameters, Removal)
        if wanted.reference:
            hot_list, _, entry = wanted.reference.partition("/")
            await self._delete(hot_list, [entry])
            return ctx.receipt(request, reference=wanted.reference)
        if not wanted.hot_list or not wanted.plate:
            raise Refused(
                "It is not said which entry.",
                code="bad_parameters",
                remedy="Name a reference, or hot list and plate.",
            )
        found = await self._named(wanted.hot_list)
        if found is None:
            return ctx.receipt(request, outcome="refused", detail=_NO_LIST)
        entries = await self._of_plate(found, zeros(to_plate(wanted.plate)))
        await self._delete(found, [entry.id for entry in entries if entry.id])
        return ctx.receipt(request)

    async def _delete(self, hot_list: str, ids: list[str]) -> None:
        if ids:
            try:
                await self._client.delete_entries(hot_list, ids)
            except NotFound:
                return  # the whole list is gone, and the entry with it

    async def _named(self, name: str) -> str | None:
        """The id of the one list of that name or id."""
        wanted = name.strip().casefold()
        lists = await self._client.hot_lists()
        ids = [
            one.id for one in lists if wanted in (one.name.strip().casefold(), one.id.casefold())
        ]
        return ids[0] if len(ids) == 1 else None

    async def _of_plate(self, hot_list: str, plate: str) -> list[Entry]:
        entries = self._client.entries(hot_list)
        return [entry async for entry in entries if _normal(entry.plate) == plate]


def to_entry(wanted: Addition, request: ActionRequest) -> dict[str, Any]:
    """As Flock wants it, with the letters that it would make of it. Raises ``Refused``."""
    entry = {
        "plate": zeros(to_plate(wanted.plate)),
        "caseNumber": wanted.case_number,
        "reason": wanted.reason,
        "note": {"message": f"Watchfloor {request.idempotency_key}, by {request.requested_by}"},
    }
    if wanted.state:
        entry["state"] = to_state(wanted.state)
    if wanted.expires:
        entry["expiry"] = wanted.expires
    return entry


_NO_LIST = "Flock has no custom hot list of that name, or several."
_FULL = "The organisation's hot lists hold as many entries as Flock allows."
_THERE = "The plate is on that hot list already, put there by somebody else."


def _added(ctx: Ctx, request: ActionRequest, hot_list: str, known: list[Entry]) -> ActionReceipt:
    note = f"Watchfloor {request.idempotency_key}, "
    for entry in known:
        if entry.note is not None and entry.note.message.startswith(note):
            return ctx.receipt(request, reference=f"{hot_list}/{entry.id}")
    if known:
        return ctx.receipt(request, outcome="refused", detail=_THERE)
    return ctx.receipt(request, outcome="failed", detail="Flock did not take the entry.")


def _normal(plate: str) -> str:
    return zeros("".join(letter for letter in plate.upper() if letter.isalnum()))


def _told(parameters: Mapping[str, Any], shape: type[Any]) -> Any:
    try:
        return msgspec.convert(dict(parameters), shape)
    except msgspec.ValidationError as wrong:
        raise Refused(f"Not as declared: {wrong}", code="bad_parameters") from None
