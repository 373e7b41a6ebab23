"""The interface's requests. Each carries the bearer token; the host is the configured one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchfloor_sdk import NotFound
from watchfloor_sdk.auth import ApiKey

from .mapping import PAGE_SIZE
from .settings import Settings

if TYPE_CHECKING:
    from watchfloor_sdk import Context
    from watchfloor_sdk.http import Answer


class Client:
    """Three requests: reads after a cursor, all readers, one picture."""

    def __init__(self, ctx: Context[Settings]) -> None:
        self._log = ctx.log
        token = ApiKey(ctx, "token", header="authorization", prefix="Bearer ")
        self._http = ctx.http.vendor(auth=token)

    async def reads(self, after: str | None) -> bytes:
        """A page of reads after the cursor; without one, from the oldest that is kept.

        A cursor that the vendor has forgotten is answered from the oldest, too: better late and
        with a hole that is said than never again.
        """
        try:
            return (await self._get("/reads", after=after, limit=PAGE_SIZE)).body
        except NotFound:
            if after is None:
                raise
        self._log.warning(
            "The vendor no longer keeps what followed our last cursor; reads may be missing."
        )
        return (await self._get("/reads", limit=PAGE_SIZE)).body

    async def readers(self) -> bytes:
        """The list of all readers."""
        return (await self._get("/readers")).body

    async def picture(self, path: str) -> Answer:
        """The picture at a path that a read named. Raises ``NotFound`` for what is no path."""
        if not path.startswith("/"):
            raise NotFound("A picture's path starts with a slash.", code="bad_picture_path")
        return await self._get(path)

    async def _get(self, path: str, **params: str | int | None) -> Answer:
        return await self._http.get(path, params=params)
