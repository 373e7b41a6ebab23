"""What everybody may see and do: the form, and where the links in letters lead.

A link only shows a page with a button: mail scanners follow links, and press no buttons.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
import secrets
import sqlite3
from collections.abc import Iterable, Mapping
from functools import partial
from importlib import resources
from typing import get_args

from aiohttp import web

from .desk import Desk
from .form import FIELDS, HEADINGS, LEVELS, LOOKS_AT, SITE_KINDS, read_form
from .guards import HEADERS, Handler, RateLimit, from_elsewhere
from .mailbag import Purpose

log = logging.getLogger(__name__)

MAX_BYTES = 16 * 1024
_PURPOSES: Mapping[str, Purpose] = {one: one for one in get_args(Purpose)}
_SUBMISSION = re.compile(r"[A-Za-z0-9_-]{16,64}")
_CHOICES = {"site_kinds": SITE_KINDS, "looks_at": LOOKS_AT, "headings": HEADINGS, "levels": LEVELS}


class Pages:
    """The handlers of one desk."""

    def __init__(self, desk: Desk, limit: RateLimit | None = None) -> None:
        self._desk = desk
        self._limit = limit or RateLimit()
        self._style = resources.files(__package__).joinpath("static/style.css").read_text("utf-8")

    def routes(self) -> Iterable[web.RouteDef]:
        """For an application of the desk's own, or a simulator's."""
        link = f"/{{what:{'|'.join(_PURPOSES)}}}/{{token:[A-Za-z0-9_-]{{16,64}}}}"
        yield web.get("/", self._guarded(self._blank))
        yield web.post("/", self._guarded(self._register))
        yield web.get("/sent", self._guarded(self._sent))
        yield web.get("/style.css", self._guarded(self._stylesheet))
        yield web.get(link, self._guarded(self._follow))
        yield web.post(link, self._guarded(self._press))

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            answer = await self._checked(request, handler)
            answer.headers.update(HEADERS)
            return answer

        return guarded

    async def _checked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "POST":
            if from_elsewhere(request):
                return self._page("message", 403, title="This form came from another site",
                                  text="Open this page itself, and fill it in there.")  # fmt: skip
            if wait_s := self._limit.wait_s(request.remote or ""):
                answer = self._page("message", 429, title="Too many forms came from your address",
                                    text="Please try again in ten minutes.")  # fmt: skip
                answer.headers["Retry-After"] = str(math.ceil(wait_s))
                return answer
        try:
            return await handler(request)
        except LookupError:
            return self._page("gone", 404)
        except (web.HTTPUnsupportedMediaType, web.HTTPRequestEntityTooLarge) as refused:
            return self._page("message", refused.status, title="This is not our form",
                              text="Open this page, and fill it in there.")  # fmt: skip
        except sqlite3.Error as error:
            log.error("Nothing could be kept: %s.", type(error).__name__)
            return self._page("message", 503, title="Please try again later",
                              text="Something is wrong on our side. Nothing was kept.")  # fmt: skip

    async def _blank(self, _: web.Request) -> web.Response:
        return self._form({}, {})

    async def _register(self, request: web.Request) -> web.StreamResponse:
        typed = await _typed(request)
        entry = read_form(typed, self._desk.settings.bounds)
        if isinstance(entry, dict):
            return self._form(typed, entry)
        submission = typed.get("submission", "")
        if not _SUBMISSION.fullmatch(submission):
            return self._form(typed, {"name": "Please send the form once more."})
        await asyncio.to_thread(self._desk.registry.register, entry, submission)
        return web.Response(status=303, headers={"Location": "/sent"})

    async def _sent(self, _: web.Request) -> web.Response:
        return self._page("sent")

    async def _stylesheet(self, _: web.Request) -> web.Response:
        return web.Response(text=self._style, content_type="text/css")

    async def _follow(self, request: web.Request) -> web.Response:
        what, token = request.match_info["what"], request.match_info["token"]
        purpose = _PURPOSES[what]
        owner = await asyncio.to_thread(self._desk.registry.owner_of, purpose, token)
        if purpose != "answer":
            return self._page(purpose, owner=owner)
        asked = await asyncio.to_thread(self._desk.footage.request_of, token)
        return self._page(purpose, owner=owner, asked=asked)

    async def _press(self, request: web.Request) -> web.Response:
        what, token = request.match_info["what"], request.match_info["token"]
        if what == "confirm":
            owner = await asyncio.to_thread(self._desk.registry.confirm, token)
            return self._page("confirmed", owner=owner)
        if what == "withdraw":
            await asyncio.to_thread(self._desk.registry.withdraw, token)
            return self._page("withdrawn")
        helps = (await _typed(request)).get("answer") == "yes"
        answer = partial(self._desk.footage.answer, token, helps=helps)
        return self._page("answered", asked=await asyncio.to_thread(answer), helps=helps)

    def _form(self, typed: Mapping[str, str], wrong: Mapping[str, str]) -> web.Response:
        values = {name: typed.get(name, "") for name in FIELDS}
        submission = typed.get("submission") or secrets.token_urlsafe(24)
        return self._page("form", 422 if wrong else 200, values=values, wrong=wrong,
                          submission=submission, **_CHOICES)  # fmt: skip

    def _page(self, name: str, status: int = 200, **values: object) -> web.Response:
        text = self._desk.wording.page(name, **values)
        return web.Response(text=text, content_type="text/html", status=status)


async def _typed(request: web.Request) -> Mapping[str, str]:
    """The fields of a form, of each the first; files are none. Raises ``HTTPException`` (413,
    415)."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise web.HTTPUnsupportedMediaType
    if (request.content_length or 0) > MAX_BYTES:
        raise web.HTTPRequestEntityTooLarge(MAX_BYTES, request.content_length or 0)
    fields = await request.post()
    return {name: text for name, text in fields.items() if isinstance(text, str)}
