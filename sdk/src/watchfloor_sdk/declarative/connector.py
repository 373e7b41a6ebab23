"""The connector that a mapping file makes: its manifest says what it is, the file what it does."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, ClassVar

from watchfloor.contracts import (
    ActionReceipt,
    ActionRequest,
    AskAPerson,
    Asset,
    Event,
    GiveUp,
    NotFound,
    WatchfloorError,
)
from watchfloor.contracts.protocol import Finding
from watchfloor_sdk.connector import Connector, Delivery, Inventory, MediaAnswer, Page, Rejected
from watchfloor_sdk.context import Context
from watchfloor_sdk.exports import Follower

from . import values
from .asking import Turn
from .database import DatabaseTable
from .files import Files
from .loading import Plan, TableAt
from .mapper import Mapped, Scope
from .pages import mapped_of, page_of
from .plan import NOW, Source
from .requests import Check
from .walking import Walk, document


class Declarative(Connector[Any]):
    """A connector without code of its own. ``package`` holds its two files."""

    package: ClassVar[str]

    def __init__(self) -> None:
        self._plan: Plan | None = None
        self._followers: defaultdict[str, Follower] = defaultdict(Follower)

    def _ready(self, ctx: Context[Any]) -> Plan:
        """The mapping, compiled for this source at its first use. Raises ``AskAPerson``."""
        if self._plan is None:
            self._plan = Plan.of(self.package, ctx)
        return self._plan

    # --- Events --------------------------------------------------------------------------------

    async def poll(self, ctx: Context[Any], checkpoint: Any) -> AsyncIterator[Page]:
        """What is new in each source that has events (checkpoint: one for each, by its name)."""
        plan = self._ready(ctx)
        kept: dict[str, Any] = dict(checkpoint or {})
        for source in plan.file.sources:
            if not plan.has(source, "event"):
                continue
            before = kept.get(source.name)
            pages: AsyncIterator[Page]
            if source.file:
                pages = self._kept(ctx, plan, source).pages(before)
            else:
                pages = self._asked(ctx, plan, source, before)
            started = ctx.now()
            async with aclosing(pages) as open_pages:  # type: ignore[type-var]
                async for page in open_pages:
                    kept = {**kept, source.name: page.checkpoint}
                    page.checkpoint = kept
                    yield page
            if source.assured == NOW:
                yield Page(checkpoint=kept, assured_until=started)

    def _kept(self, ctx: Context[Any], plan: Plan, source: Source) -> Files | DatabaseTable:
        """Where somebody else keeps what the source has."""
        where = plan.where(source)
        if isinstance(where, TableAt):
            return DatabaseTable(ctx, plan, source, where)
        return Files(ctx, plan, source, where, self._followers[source.name])

    async def _asked(
        self, ctx: Context[Any], plan: Plan, source: Source, before: Any
    ) -> AsyncIterator[Page]:
        if source.paging is None and source.newest is None:
            async for page in self._whole(ctx, plan, source, before):
                yield page
            return
        scope, reached, assured, last = Scope(ctx.now()), before, None, False
        pages = self._walk(ctx, plan, source).pages(before, scope)
        async with aclosing(pages) as open_pages:  # type: ignore[type-var]
            async for came in open_pages:
                reached = reached if came.cursor is None else came.cursor
                assured, last = plan.moment(source, came.mapped), came.last
                page = page_of(source, came.mapped, came.answer.body, reached)
                page.assured_until = assured if last else None
                yield page
        if source.newest is not None:  # counts when the round is whole
            reached = values.later(before, scope.newest)
        if not last or source.newest is not None:
            yield Page(checkpoint=reached, assured_until=assured)

    async def _whole(
        self, ctx: Context[Any], plan: Plan, source: Source, before: Any
    ) -> AsyncIterator[Page]:
        """A document that is fetched whole: told again only when it has changed."""
        before = before or {}
        turn = Turn(headers={"if-none-match": before["etag"]} if before.get("etag") else {})
        answer = await plan.client.ask(plan.request(source), turn)
        if answer.status == 304:
            yield Page(checkpoint=before)
            return
        digest = hashlib.blake2b(answer.body, digest_size=16).hexdigest()
        now = {"digest": digest, "etag": answer.headers.get("etag")}
        if digest == before.get("digest"):
            yield Page(checkpoint=now)
            return
        mapped = await asyncio.to_thread(mapped_of, plan, source, document(source, answer), ctx)
        yield page_of(source, mapped, answer.body, now)

    def _walk(self, ctx: Context[Any], plan: Plan, source: Source) -> Walk:
        return Walk(ctx, plan.client, source, plan.mappers[source.name])

    # --- Assets --------------------------------------------------------------------------------

    async def inventory(self, ctx: Context[Any]) -> Inventory:
        """The assets of all sources that have some. What is listed twice counts once."""
        plan = self._ready(ctx)
        found: dict[str, Asset] = {}
        rejected: list[Rejected] = []
        sources = [source for source in plan.file.sources if plan.has(source, "asset")]
        for source in sources:
            for mapped in await self._all(ctx, plan, source):
                rejected += mapped.rejected
                for asset in mapped.assets:
                    found.setdefault(asset.id, asset)
        complete = all(source.complete for source in sources)
        return Inventory(list(found.values()), complete=complete, rejected=rejected)

    async def _all(self, ctx: Context[Any], plan: Plan, source: Source) -> list[Mapped]:
        if source.file:
            return await self._kept(ctx, plan, source).whole()
        walk = self._walk(ctx, plan, source)
        pages = walk.pages(None, Scope(ctx.now()))
        return [came.mapped async for came in pages]

    # --- Webhooks, media, actions, check ----------------------------------------------------------

    def webhook(self, ctx: Context[Any], delivery: Delivery) -> Sequence[Event]:
        """What was pushed. One bad record refuses the delivery: it is kept whole, as it came."""
        hook = self._ready(ctx).hook
        if hook is None:
            raise NotImplementedError
        mapped = hook.page(delivery.body, Scope(ctx.now(), delivery.headers))
        if mapped.rejected:
            bad = mapped.rejected[0]
            raise GiveUp(bad.detail, code=bad.code)
        if mapped.untold:
            raise GiveUp(
                "No output of the mapping takes this document.",
                code="unknown_document",
                remedy="Ask the vendor what it sends; a further kind of document needs a mapping.",
            )
        return mapped.events

    async def media(self, ctx: Context[Any], handle: str) -> MediaAnswer:
        """A picture, clip or recording, while it can be had."""
        plan = self._ready(ctx)
        pictures = plan.file.media
        if pictures is None:
            raise NotImplementedError
        if pictures.by == "address":
            return await ctx.http.media(handle)
        try:
            if not handle.startswith("/"):
                raise NotFound("A path begins with a slash.", code="bad_picture_path")
            answer = await plan.client.get(handle)
        except NotFound as gone:
            return MediaAnswer(None, state="expired" if gone.code == "vendor_gone" else "missing")
        return MediaAnswer(answer.body, answer.content_type)

    async def act(self, ctx: Context[Any], request: ActionRequest) -> ActionReceipt:
        """The request that the mapping file has for it, and what its answer means."""
        plan = self._ready(ctx)
        if request.action not in plan.deeds:
            raise GiveUp("There is no such action.", code="unknown_action")
        return await plan.deeds[request.action].done(ctx, plan.client, request)

    async def check(self, ctx: Context[Any]) -> Sequence[Finding]:
        """The mapping, one answer of each source, and what can be fetched."""
        try:
            plan = self._ready(ctx)
        except AskAPerson as error:
            return [_wrong(error, "mapping")]
        findings = [Finding(ok=True, what="mapping", detail="It is well-formed.")]
        tried = [self._tried(ctx, plan, source) for source in plan.file.sources]
        if plan.file.check is not None:
            tried.append(_probed(plan, plan.file.check))
        pictures = plan.file.media
        if pictures is not None and pictures.setting is not None:
            tried.append(_fetchable(ctx, pictures.setting, plan.settings))
        return [*findings, *await asyncio.gather(*tried)]

    async def _tried(self, ctx: Context[Any], plan: Plan, source: Source) -> Finding:
        try:
            mapped = await self._tasted(ctx, plan, source)
        except WatchfloorError as error:
            return _wrong(error, source.name)
        bad = f", {len(mapped.rejected)} of them unreadable" if mapped.rejected else ""
        where = "at the beginning" if source.file else "in the first answer"
        detail = f"{mapped.count} records {where}{bad}."
        ok = not mapped.rejected or bool(mapped.events or mapped.assets)
        return Finding(ok=ok, what=source.name, detail=detail)

    async def _tasted(self, ctx: Context[Any], plan: Plan, source: Source) -> Mapped:
        if source.file:
            return await self._kept(ctx, plan, source).beginning()
        pages = self._walk(ctx, plan, source).pages(None, Scope(ctx.now()))
        async with aclosing(pages) as open_pages:  # type: ignore[type-var]
            return (await anext(open_pages)).mapped


def _wrong(error: WatchfloorError, what: str) -> Finding:
    detail = f"{error.detail} ({error.code})"
    return Finding(ok=False, what=what, detail=detail, remedy=error.remedy)


async def _probed(plan: Plan, check: Check) -> Finding:
    """Whether the vendor would take what is asked of it."""
    try:
        failure = plan.client.failure(await plan.client.asked(check.request, Turn()))
    except WatchfloorError as error:
        return _wrong(error, "connection")
    if failure is None or failure.word in map(values.text, check.good):
        return Finding(ok=True, what="connection", detail=check.detail)
    told, setting = failure.error(), failure.trouble.setting
    what = f"setting {setting}" if setting else "connection"
    return Finding(ok=False, what=what, detail=told.detail, remedy=told.remedy)


async def _fetchable(ctx: Context[Any], setting: str, settings: Mapping[str, Any]) -> Finding:
    """Whether the host of media can be reached: any answer says so, also that there is nothing."""
    url = settings.get(setting)
    if not url:
        return Finding(
            ok=True,
            what="media",
            detail=f"The setting {setting} is empty: no media will be fetched.",
            remedy=f"Set {setting} if media shall be seen or heard here.",
        )
    try:
        await ctx.http.get(url)
    except WatchfloorError as error:
        if not isinstance(error, GiveUp) and error.code != "vendor_refused":
            return _wrong(error, "media")
    return Finding(ok=True, what="media", detail="Media are fetched on demand.")
