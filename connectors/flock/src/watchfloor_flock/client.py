"""Flock's v3 API: its token, its pace and its ways of paging (all documented).

Look-ups page by an id in the path, hot lists by a cursor, devices by number. The fourth way
(``limit`` and ``offset``) belongs to alerts that others put in, which are not read here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from watchfloor_sdk import Limit, Pace, RetryLater
from watchfloor_sdk.auth import Auth, ClientCredentials
from watchfloor_sdk.paging import by_cursor

from .settings import Settings
from .users import TOKEN
from .wire import Devices, Entries, Entry, HotList, Reads, Subscription

if TYPE_CHECKING:
    from watchfloor_sdk import Context

T = TypeVar("T")

API = "/api/v3"
PAGE_SIZE = 100
ENTRIES = 3000
READS = 50
LIMIT = Limit(5, per_s=1)
"""Flock counts by the second and publishes no number (documented); this one is ours."""


class Client:
    """One per worker: it holds the token."""

    def __init__(self, ctx: Context[Settings]) -> None:
        self._ctx = ctx
        token = ClientCredentials(ctx, "client", TOKEN, extra={"audience": ctx.settings.audience})
        self._http = ctx.http.vendor(auth=token, pace=Pace(LIMIT))

    def signed_in(self, user: Auth) -> Client:
        """The same, asking as one user."""
        theirs = copy(self)
        theirs._http = self._ctx.http.vendor(auth=user)
        return theirs

    async def devices(self) -> AsyncIterator[Devices]:
        """The organisation's devices, page by page.

        Whether Flock counts pages from 0 or from 1 is not public: when all from 1 on were fewer
        than it says there are, page 0 is asked for, too.
        """
        number, rows = 1, 0

        async def get(wanted: int | None) -> Devices:
            nonlocal number, rows
            number = wanted or 0
            page = await self._get("/devices", Devices, page=number, pageSize=PAGE_SIZE)
            rows += len(page.results)
            return page

        def following(page: Devices) -> int | None:
            if 0 < number < page.total_pages:
                return number + 1
            return 0 if number and rows < page.total_items else None

        async for page in by_cursor(get, following, 1):
            yield page
        if rows < page.total_items:
            raise RetryLater(
                "Flock's list of devices was changed while it was read.", code="page_changed"
            )

    async def reads(self, question: Mapping[str, Any]) -> AsyncIterator[Reads]:
        """What a look-up finds, page by page."""

        async def get(page_id: str | None) -> Reads:
            if page_id is None:
                return await self._post("/reads/lookup", Reads, {**question, "limit": READS})
            return await self._get(f"/reads/lookup/page/{quote(page_id, safe='')}", Reads)

        async for page in by_cursor(get, lambda page: page.next_page_id):
            yield page

    async def subscriptions(self) -> list[Subscription]:
        """The organisation's subscriptions to alerts."""
        return await self._get("/integrations/lpr/alerts/subscriptions", list[Subscription])

    async def hot_lists(self) -> list[HotList]:
        """The organisation's custom hot lists."""
        return await self._get("/hotlists", list[HotList])

    async def entries(self, hot_list: str) -> AsyncIterator[Entry]:
        """All entries of one hot list."""
        path = f"/hotlists/{quote(hot_list, safe='')}/entries"

        async def get(cursor: str | None) -> Entries:
            return await self._get(path, Entries, limit=ENTRIES, cursor=cursor)

        async for page in by_cursor(get, lambda page: page.next_page):
            for entry in page.entries:
                yield entry

    async def add_entry(self, hot_list: str, entry: Mapping[str, Any]) -> None:
        """One new entry. Raises ``VendorRejected``: 400 for a duplicate, 413 at the limit."""
        path = f"{API}/hotlists/{quote(hot_list, safe='')}/entries/addBatch"
        await self._http.post(path, json={"entries": [entry]})

    async def delete_entries(self, hot_list: str, ids: list[str]) -> None:
        """Take entries off; ids that are not there are ignored (documented)."""
        path = f"{API}/hotlists/{quote(hot_list, safe='')}/entries/deleteBatch"
        await self._http.post(path, json={"ids": ids})

    async def _get(self, path: str, shape: type[T], **params: Any) -> T:
        said = {name: value for name, value in params.items() if value is not None}
        answer = await self._http.get(API + path, params=said)
        return answer.read(shape)

    async def _post(self, path: str, shape: type[T], body: Any) -> T:
        answer = await self._http.post(API + path, json=body)
        return answer.read(shape)
