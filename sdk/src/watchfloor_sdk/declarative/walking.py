"""From page to page of one source, the next one on its way while the last one is being filed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from watchfloor.contracts import GiveUp, NotFound, RetryLater

from .asking import Client, Turn, going_on
from .mapper import Mapped, Mapper, Scope
from .plan import Paging, Source

if TYPE_CHECKING:
    from watchfloor_sdk.answer import Answer
    from watchfloor_sdk.context import Context

_LINK = re.compile(r'<([^>]*)>[^,]*?;\s*rel="?next"?')
MOST_PAGES = 10_000
"""Pages of one round. A vendor that has more is asked again in the next one."""


@dataclass(slots=True)
class Came:
    """One page: what it came to, its bytes, the turn after it (``None``: it was the last)."""

    mapped: Mapped
    answer: Answer
    after: Turn | None
    cursor: Any
    """The vendor's cursor after this page, where paging is by cursor."""


class Walk:
    """Walks one source."""

    def __init__(self, ctx: Context[Any], client: Client, source: Source, mapper: Mapper) -> None:
        self._ctx = ctx
        self._client = client
        self._source = source
        self._mapper = mapper
        self._paging = source.paging

    async def pages(self, turn: Turn, scope: Scope) -> AsyncIterator[Came]:
        """All pages from this turn on. Raises what ``ctx.http`` raises, and ``RetryLater``."""
        fetch = asyncio.ensure_future(self._ask(turn))
        try:
            for _ in range(MOST_PAGES):
                came = self._read(await fetch, turn, scope)
                if came.after is None:
                    yield came
                    return
                turn = came.after
                fetch = asyncio.ensure_future(self._ask(turn))
                yield came
        finally:
            fetch.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await fetch

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

    def _read(self, answer: Answer, turn: Turn, scope: Scope) -> Came:
        if answer.status == 304:
            return Came(Mapped(), answer, None, None)
        try:
            mapped = self._mapper.page(answer.body, scope)
        except GiveUp as wrong:
            raise RetryLater(
                f"The vendor's answer is not what it should be: {wrong.detail}",
                code="unreadable_answer",
                remedy="If it stays so, check the address: a proxy's page may be there.",
            ) from None
        if self._paging is None:
            return Came(mapped, answer, None, None)
        return self._onward(self._paging, mapped, answer, turn)

    def _onward(self, paging: Paging, mapped: Mapped, answer: Answer, turn: Turn) -> Came:
        following = self._said(mapped, paging.next)
        if paging.way == "cursor":
            return self._by_cursor(paging, mapped, answer, turn, following)
        after: Turn | None = None
        if paging.way == "link":
            following = _next_link(answer)
        if paging.way in ("link", "next_url"):
            after = self._to_address(turn, following)
        elif self._goes_on(paging, mapped, turn):
            after = going_on(turn, page=turn.page + 1, offset=turn.offset + mapped.count)
        return Came(mapped, answer, after, None)

    def _by_cursor(
        self, paging: Paging, mapped: Mapped, answer: Answer, turn: Turn, following: Any
    ) -> Came:
        moved = following is not None and following != turn.checkpoint
        more = mapped.count > 0 and moved
        if paging.more is not None:
            more = bool(self._said(mapped, paging.more))
            if more and not moved:
                raise RetryLater(
                    "The vendor says there is more, but its cursor stays.", code="stuck_cursor"
                )
        after = going_on(turn, checkpoint=following) if more else None
        cursor = turn.checkpoint if following is None else following
        return Came(mapped, answer, after, cursor)

    def _to_address(self, turn: Turn, following: Any) -> Turn | None:
        if not isinstance(following, str) or not following:
            return None
        base = turn.url or str(getattr(self._ctx.settings, "base_url", "") or "")
        url = urljoin(base.rstrip("/") + "/" if turn.url is None else base, following)
        return None if url == turn.url else going_on(turn, url=url)

    def _goes_on(self, paging: Paging, mapped: Mapped, turn: Turn) -> bool:
        if mapped.count == 0:
            return False
        total = self._said(mapped, paging.total)
        if isinstance(total, int):
            return (turn.offset + mapped.count) < total
        return mapped.count >= paging.size

    def _said(self, mapped: Mapped, path: str | None) -> Any:
        return None if path is None else self._mapper.said(mapped.document, path)


def _next_link(answer: Answer) -> str | None:
    found = _LINK.search(answer.headers.get("link", ""))
    return found[1] if found else None
