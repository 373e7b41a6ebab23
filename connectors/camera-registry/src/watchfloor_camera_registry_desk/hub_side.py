"""What the hub's connector may see and do, with a bearer token (RFC 6750): the list of cameras,
without their owners, and requests for footage."""

from __future__ import annotations

import asyncio
import hmac
import logging
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct

from .book import FootageRequest, Registration
from .desk import Desk
from .footage import Asked, Denied, Questioner
from .form import LOOKS_AT, SITE_KINDS
from .guards import HEADERS, Handler

log = logging.getLogger(__name__)

T = TypeVar("T", bound=Struct)
Feature = Mapping[str, Any]


class HubSide:
    """The handlers of one desk, for whoever has the token."""

    def __init__(self, desk: Desk, token: str) -> None:
        self.token = token
        self._desk = desk

    def routes(self) -> Iterable[web.RouteDef]:
        """All of them below ``/hub/``: a listener for the public leaves that out. The reference of
        a request is made by the hub, so that it is made once."""
        yield web.get("/hub/cameras", self._guarded(self._cameras))
        one = "/hub/footage-requests/{reference:FR-[0-9A-F]{12}}"
        yield web.get("/hub/footage-requests", self._guarded(self._of_case))
        yield web.get(one, self._guarded(self._asked))
        yield web.put(one, self._guarded(self._ask))
        yield web.delete(one, self._guarded(self._take_back))

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            shown = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(shown, f"Bearer {self.token}".encode()):
                refused = web.json_response(
                    _error("unauthorized", "The token is wrong."), status=401
                )
                refused.headers["WWW-Authenticate"] = "Bearer"
                return refused
            try:
                answer = await handler(request)
            except Denied as denied:
                answer = web.json_response(_error(denied.code, denied.detail), status=denied.status)
            except sqlite3.Error as error:
                log.error("The hub was not answered: %s.", type(error).__name__)
                answer = web.json_response(_error("disk", "Nothing was kept."), status=503)
            answer.headers.update(HEADERS)
            return answer

        return guarded

    def features(self) -> Sequence[Feature]:
        """The list, as GeoJSON has it (RFC 7946); nothing in it is about owners. Blocking."""
        return [_feature(camera) for camera in self._desk.registry.cameras()]

    async def _cameras(self, request: web.Request) -> web.Response:
        body = collection(await asyncio.to_thread(self.features))
        etag = sha256(body).hexdigest()[:32]
        if request.if_none_match and any(one.value == etag for one in request.if_none_match):
            answer = web.Response(status=304)
        else:
            answer = web.Response(body=body, content_type="application/geo+json")
        answer.etag = etag
        return answer

    async def _ask(self, request: web.Request) -> web.Response:
        asked = _decoded(await request.read(), Asked)
        reference = request.match_info["reference"]
        made = await asyncio.to_thread(self._desk.footage.ask, reference, asked)
        return web.json_response(told(made))

    async def _asked(self, request: web.Request) -> web.Response:
        reference = request.match_info["reference"]
        found = await asyncio.to_thread(self._desk.footage.asked, reference)
        return web.json_response(told(found))

    async def _take_back(self, request: web.Request) -> web.Response:
        reference = request.match_info["reference"]
        found = await asyncio.to_thread(self._desk.footage.take_back, reference)
        return web.json_response(told(found))

    async def _of_case(self, request: web.Request) -> web.Response:
        by = _converted(dict(request.query), Questioner)
        found = await asyncio.to_thread(
            self._desk.footage.of_case, request.query.get("case", ""), by
        )
        return web.json_response({"requests": [told(one) for one in found]})


def collection(features: Sequence[Feature]) -> bytes:
    """With the counts of OGC 17-069r4, section 7.16: so an empty list says that it is whole."""
    return msgspec.json.encode(
        {
            "type": "FeatureCollection",
            "numberMatched": len(features),
            "numberReturned": len(features),
            "features": features,
        }
    )


def _feature(camera: Registration) -> Feature:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [camera.longitude, camera.latitude]},
        "properties": {
            "camera_id": camera.id,
            "label": f"{SITE_KINDS[camera.site_kind]}: {LOOKS_AT[camera.looks_at].lower()}",
            "site_kind": camera.site_kind,
            "covers": [camera.looks_at],
            "heading_deg": camera.heading_deg,
            "retention_days": camera.kept_days,
            "consent": {
                "level": camera.level,
                "given_at": _time(camera.confirmed),
                "text_version": camera.text_version,
            },
        },
    }


def told(request: FootageRequest) -> dict[str, Any]:
    """A request as the hub is told of it."""
    return {
        "reference": request.reference,
        "camera": request.camera,
        "requested_by": request.requested_by,
        "case_number": request.case_number,
        "reason": request.reason,
        "start": _time(request.window_start),
        "end": _time(request.window_end),
        "state": request.state,
        "asked": _time(request.asked),
        "sent": _time(request.sent),
        "answered": _time(request.answered),
    }


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise Denied(422, "bad_request", str(error)) from None


def _converted(value: Mapping[str, str], kind: type[T]) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise Denied(422, "bad_request", str(error)) from None


def _error(word: str, detail: str) -> dict[str, dict[str, str]]:
    return {"error": {"code": word, "detail": detail}}
