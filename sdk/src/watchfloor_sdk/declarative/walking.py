"""From page to page of one source, the next one on its way while the last one is being filed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from watchfloor.contracts import GiveUp, NotFound, RetryLater
from watchfloor_sdk import paging

from .asking import Client, Turn, going_on
from .mapper import Mapped, Mapper, Scope
from .plan import Source
from .requests import Paging

if TYPE_CHECKING:
    from watchfloor_sdk.answer import Answer
    from watchfloor_sdk.context import Context

T = TypeVar("T")
_END = object()


@dataclass(slots=True)
class Came:
    """One page: what it came to, its bytes, and the cursor after it where there is one. ``last``:
    it says itself that none follows."""

    mapped: Mapped
    answer: Answer
    cursor: Any = None
    last: bool = False

    @property
    def rows(self) -> Sequence[str]:
        """As many as there were records; two pages are alike only when their bytes are."""
        digest = hashlib.blake2b(self.answer.body, digest_size=8).hexdigest()
        return [digest] * self.mapped.count


class Walk:
    """Walks one source."""

    def __init__(self, ctx: Context[Any], client: Client, source: Source, mapper: Mapper) -> None:
        self._ctx = ctx
        self._client = client
        self._source = source
        self._mapper = mapper

    async def pages(self, checkpoint: Any, scope: Scope) -> AsyncIterator[Came]:
        """All pages from a checkpoint on. Raises what ``ctx.http`` raises, and ``RetryLater``."""
        each = self._each(self._source.paging, Turn(checkpoint), scope)
        async with aclosing(_ahead(each)) as pages:  # type: ignore[type-var]
            async for came in pages:
                yield came

    def _each(self, how: Paging | None, turn: Turn, scope: Scope) -> AsyncIterator[Came]:
        if how is None:
            return self._one(turn, scope)
        if how.way in ("cursor", "version"):
            return self._by_cursor(how, turn, scope)
        if how.way in ("offset", "page"):
            return self._by_number(how, turn, scope)
        return self._by_address(how, turn, scope)

    async def _one(self, turn: Turn, scope: Scope) -> AsyncIterator[Came]:
        yield await self._get(turn, scope)

    async def _by_cursor(self, how: Paging, turn: Turn, scope: Scope) -> AsyncIterator[Came]:
        async def get(cursor: Any) -> Came:
            came = await self._get(going_on(turn, checkpoint=cursor), scope)
            said = self._said(came, how.next)
            came.cursor = cursor if said is None else said
            came.last = how.way == "cursor" and following(came) is None
            return came

        def following(came: Came) -> Any:
            more = how.more is None or bool(self._said(came, how.more))
            return self._said(came, how.next) if more else None

        if how.way == "cursor":
            async for came in paging.by_cursor(get, following, turn.checkpoint):
                yield came
            return
        versions = paging.by_version(
            get, lambda c: c.cursor or "", lambda c: c.mapped.count,
            most=how.size, start=turn.checkpoint,
        )  # fmt: skip
        async for came, _ in versions:
            yield came

    async def _by_number(self, how: Paging, turn: Turn, scope: Scope) -> AsyncIterator[Came]:
        page = how.first - 1

        async def get(offset: int) -> Came:
            nonlocal page
            page += 1
            return await self._get(going_on(turn, offset=offset, page=page), scope)

        def total(came: Came) -> int | None:
            said = self._said(came, how.total)
            return said if isinstance(said, int) else None

        async for came, _ in paging.by_offset(get, lambda came: came.rows, total=total):
            yield came

    async def _by_address(self, how: Paging, turn: Turn, scope: Scope) -> AsyncIterator[Came]:
        assert self._source.request is not None
        first = self._client.address(self._source.request, turn)

        async def get(url: str) -> Came:
            # The first address is asked for with its query; the vendor's own have theirs in them.
            return await self._get(turn if url == first else going_on(turn, url=url), scope)

        def following(came: Came) -> str | None:
            if how.way == "link":
                return paging.link(came.answer.headers.get("link", ""))
            said = self._said(came, how.next)
            return said if isinstance(said, str) else None

        async for came in paging.by_url(get, following, first):
            yield came

    async def _get(self, turn: Turn, scope: Scope) -> Came:
        answer = await self._ask(turn)
        try:
            return Came(self._mapper.page(document(self._source, answer), scope), answer)
        except GiveUp as wrong:
            raise RetryLater(
                f"The vendor's answer is not what it should be: {wrong.detail}",
                code="unreadable_answer",
                remedy="If it stays so, check the address: a proxy's page may be there.",
            ) from None

    async def _ask(self, turn: Turn) -> Answer:
        assert self._source.request is not None
        try:
            return await self._client.ask(self._source.request, turn)
        except NotFound:
            if self._source.forgotten == "report" or turn.checkpoint is None:
                raise
        self._ctx.log.warning(
            f"{self._source.name}: the vendor no longer keeps what followed our last position; "
            "records may be missing."
        )
        return await self._client.ask(self._source.request, going_on(turn, checkpoint=None))

    def _said(self, came: Came, path: str | None) -> Any:
        return None if path is None else self._mapper.said(came.mapped.document, path)


def document(source: Source, answer: Answer) -> bytes:
    """An answer's body. Raises ``RetryLater`` (``html_answer``) for a web page instead of it."""
    if source.layout.format == "xml":
        return answer.body
    return answer.document(f"a document in {source.layout.format}")


async def _ahead(pages: AsyncIterator[T]) -> AsyncIterator[T]:
    """The same pages; while one is being filed, the next is already on its way.

    What goes wrong with a page is raised when its turn comes: those before it are not lost.
    """
    async with aclosing(pages) as open_pages:  # type: ignore[type-var]
        following = asyncio.ensure_future(_next(open_pages))
        try:
            while (page := await following) is not _END:
                following = asyncio.ensure_future(_next(open_pages))
                yield page
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await following


async def _next(pages: AsyncIterator[Any]) -> Any:
    return await anext(pages, _END)
