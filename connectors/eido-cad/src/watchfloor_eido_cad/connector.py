"""The connector: asks which incidents are active, fetches those that changed."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from watchfloor_sdk import (
    CadIncident,
    Connector,
    Context,
    Finding,
    GiveUp,
    Note,
    Page,
    Rejected,
    WatchfloorError,
)

from .client import Client, Listed
from .eido import MIME, decode
from .history import History
from .mapping import ENDED, Told, told
from .settings import Settings

VANISHED = "No longer on the list of active incidents; how it ended is not known."


class Known(Struct, omit_defaults=True):
    """What was told of an active incident: its stamp on the list, and the ids of its events.

    ``bad`` is the hash of a document that could not be read: told once, and asked for again.
    """

    stamp: str | None = None
    told: list[str] = []
    bad: str | None = None
    history: History = History()


class EidoCad(Connector[Settings]):
    """Incidents and units from EIDO snapshots."""

    settings = Settings

    async def poll(self, ctx: Context[Settings], checkpoint: Any) -> AsyncIterator[Page]:
        """What changed since the checkpoint (``{incident id: Known}``, active ones only)."""
        started, client = ctx.now(), Client(ctx)
        known = msgspec.convert(checkpoint or {}, dict[str, Known])
        active = await client.active()
        for one in active:
            before = known.get(one.id)
            if before is None or one.stamp is None or one.stamp != before.stamp:
                yield await self._changed(ctx, client, one, known)
        for gone in known.keys() - {one.id for one in active}:
            yield await self._vanished(ctx, client, gone, known)
        yield Page(checkpoint=_kept(known), assured_until=started)

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Ask for the list, and for one incident on it."""
        client = Client(ctx)
        try:
            active = await client.active()
            found = await client.eido(active[0].id) if active else None
            if found:
                decode(found)
        except WatchfloorError as error:
            return [Finding(ok=False, what=error.code, detail=error.detail, remedy=error.remedy)]
        return [Finding(ok=True, what="incidents", detail=f"{len(active)} are active.")]

    async def _changed(
        self, ctx: Context[Settings], client: Client, one: Listed, known: dict[str, Known]
    ) -> Page:
        raw = await client.eido(one.id)
        if raw is None:  # closed between list and question: gone from the next list
            return Page(checkpoint=_kept(known))
        before = known.get(one.id, Known())
        try:
            news = list(told(decode(raw), ctx.settings.bounds))
        except GiveUp as error:
            bad = hashlib.blake2b(raw, digest_size=8).hexdigest()
            known[one.id] = Known(None, before.told, bad, before.history)
            rejected = [_rejected(raw, error)] if bad != before.bad else []
            return Page(checkpoint=_kept(known), rejected=rejected)
        news, history = _with_history(news, before.history)
        known[one.id] = Known(one.stamp, [each.id for each in news], history=history)
        return _page(ctx, raw, news, before, known)

    async def _vanished(
        self, ctx: Context[Settings], client: Client, gone: str, known: dict[str, Known]
    ) -> Page:
        """Fetched once more: closed is its end; anything else is said in a note."""
        raw, before = await client.eido(gone), known.pop(gone)
        if raw is None:
            ctx.log.warning("An incident left the list of active ones and could not be had again.")
            return Page(checkpoint=_kept(known))
        try:
            news = list(told(decode(raw), ctx.settings.bounds))
        except GiveUp as error:
            return Page(checkpoint=_kept(known), rejected=[_rejected(raw, error)])
        news, _ = _with_history(news, before.history)
        return _page(ctx, raw, [_noted(each) for each in news], before, known)


def _with_history(news: list[Told], before: History) -> tuple[list[Told], History]:
    """The call (it stands first) with what earlier snapshots told."""
    first, *units = news
    if not isinstance(first.data, CadIncident):
        raise TypeError("the call stands first")
    history = before.after(first.data, first.time)
    return [first._replace(data=history.told_in(first.data)), *units], history


def _noted(each: Told) -> Told:
    """A call that left the list without having ended says so itself."""
    if not isinstance(each.data, CadIncident) or each.data.status in ENDED:
        return each
    notes = [*each.data.notes, Note(text=VANISHED)]
    data = msgspec.structs.replace(each.data, notes=notes)
    return each._replace(data=data, id=f"{each.id}.unlisted")


def _page(
    ctx: Context[Settings], raw: bytes, news: list[Told], before: Known, known: dict[str, Known]
) -> Page:
    fresh = [each for each in news if each.id not in before.told]
    return Page(
        events=[
            ctx.event(each.data, id=each.id, time=each.time, subject=each.subject) for each in fresh
        ],
        checkpoint=_kept(known),
        raw=raw if fresh else None,
        content_type=MIME,
        pointers=[each.pointer for each in fresh],
        rejected=[_rejected(raw, each.problem) for each in fresh if each.problem],
    )


def _rejected(raw: bytes, error: GiveUp) -> Rejected:
    return Rejected(raw, error.code, error.detail)


def _kept(known: dict[str, Known]) -> dict[str, Any]:
    return {name: msgspec.to_builtins(one) for name, one in known.items()}
