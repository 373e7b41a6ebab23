"""The dispatch system's interface: an incident's EIDO is read, and written whole.

``GET /EIDO/{IncidentId}`` is the standard's dereference. ``PUT`` to the same address is ours, with
the conditions of RFC 9110, section 13.1: a change replaces only the state that it was made from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from watchfloor_sdk import GiveUp, NotFound, RetryLater
from watchfloor_sdk.answer import VendorRejected
from watchfloor_sdk.auth import ApiKey
from watchfloor_sdk.eido import MIME

from .eido import Json

if TYPE_CHECKING:
    from watchfloor_sdk import Context

    from .settings import Settings

TRIES = 5
"""Of a change, while others change the same incident."""
_OVERTAKEN = 412


class Client:
    """One call to the system for one action; ``key`` is passed on with every change."""

    def __init__(self, ctx: Context[Settings], key: str) -> None:
        self._ctx = ctx
        self._key = key
        self._auth = ApiKey(ctx, "token", header="authorization", prefix="Bearer ")

    async def change(self, incident: str, made: Callable[[Json], Json]) -> None:
        """Read, change, write; again where somebody was faster. What is as it should be is not
        written. Raises ``NotFound``, and ``RetryLater`` (code ``cad_contended``)."""
        for _ in range(TRIES):
            before, tag = await self._read(incident)
            after = made(before)
            if after is before:
                return
            try:
                if await self._written(incident, after, {"if-match": tag}):
                    return
            except RetryLater as error:
                now = await self._after_silence(incident)
                if now is None or made(now) is not now:
                    raise error from None
                return
        raise RetryLater(
            "Others change this incident all the time; nothing was written.", code="cad_contended"
        )

    async def create(self, eido: Json) -> None:
        """A new incident; one that is there already under this id is the one that was asked for:
        the id follows from the key."""
        try:
            await self._written(eido["$id"], eido, {"if-none-match": "*"})
        except RetryLater as error:
            if await self._after_silence(eido["$id"]) is None:
                raise error from None

    async def look(self) -> None:
        """Ask for the list of incidents (ours, as in ``eido-cad``), and change nothing."""
        answer = await self._ctx.http.get("/Incidents", auth=self._auth)
        answer.json()

    async def _read(self, incident: str) -> tuple[Json, str]:
        answer = await self._ctx.http.get(_path(incident), auth=self._auth)
        eido: Any = answer.json()
        tag = answer.headers.get("etag", "")
        if not isinstance(eido, dict) or eido.get("$id") != incident or not tag:
            raise GiveUp(
                "The system answered with no EIDO of this incident, or without its ETag.",
                code="bad_eido",
                remedy="Ask whoever runs it: without an ETag a change could undo another's.",
            )
        return eido, tag

    async def _after_silence(self, incident: str) -> Json | None:
        """The incident as it is after a write that was not answered well; ``None`` where there is
        none. A write that may have been done must not be called undone: raises ``GiveUp`` (code
        ``cad_doubtful``) when nobody can say."""
        try:
            return (await self._read(incident))[0]
        except NotFound:
            return None
        except RetryLater:
            raise GiveUp(
                "Whether it was written is not known: the dispatch system does not answer.",
                code="cad_doubtful",
                remedy="Look there before you do it again.",
            ) from None

    async def _written(self, incident: str, eido: Json, condition: dict[str, str]) -> bool:
        """Whether it was; not when the condition does not hold."""
        headers = {"content-type": MIME, "idempotency-key": self._key, **condition}
        try:
            await self._ctx.http.request(
                "PUT",
                _path(incident),
                body=msgspec.json.encode(eido),
                headers=headers,
                auth=self._auth,
            )
        except VendorRejected as rejected:
            if rejected.status == _OVERTAKEN:
                return False
            raise
        return True


def _path(incident: str) -> str:
    return f"/EIDO/{quote(incident, safe='')}"
