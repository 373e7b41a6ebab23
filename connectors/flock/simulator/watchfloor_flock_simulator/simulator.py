"""Flock's v3 API over HTTP, and its alert webhooks, as documented."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, Self
from urllib.parse import urlencode

from aiohttp import web

from watchfloor_city import Asset, Look, PlatePassed
from watchfloor_flock.mapping import hit_id, read
from watchfloor_flock.wire import Alert
from watchfloor_sdk import ActionRequest, LookupRequest, Purpose
from watchfloor_sdk.simulation import HttpSimulator, Setup, WebhookSender, signing

from .accounts import Accounts, NotTaken
from .exports import OWN, Exports
from .organisation import CUSTOM_LIST, Duplicate, Full, Organisation, Record

SCOPES = frozenset({"custom-hotlists:read", "custom-hotlists:write", "plate-reads:lookup"})
MOST_READS, MOST_ENTRIES = 50, 3000
_POINT = (-100.0, 40.0)
USER = "sim-analyst"
"""Who signs in at the simulator's own page."""
_PLATES = 200
"""So many plates pass in a rehearsal, one after the other and again."""


class FlockSimulator(HttpSimulator):
    """``assets`` are the organisation's devices, ``ncic`` the plates that NCIC has.

    ``scheme`` is how its webhooks prove themselves, ``scopes`` what the client may do. Tokens live
    ``token_life_s``: the documents' example says an hour and their text a day. Pages of devices
    are counted from ``first_page``: from where Flock counts is not public. The ledger has every
    hit that was pushed, by the id that the connector gives it.
    """

    connector = "flock"
    records_path = "/api/v3/devices"

    def __init__(
        self,
        assets: Iterable[Asset] = (),
        *,
        ncic: Collection[str] = (),
        scheme: Literal["apiKey", "basic"] = "apiKey",
        scopes: frozenset[str] = SCOPES,
        token_life_s: float = 3600.0,
        most_entries: int = 10_000,
        first_page: int = 1,
    ) -> None:
        super().__init__()
        self.organisation = Organisation(assets, ncic, most_entries)
        self._scheme = scheme
        self._scopes = scopes
        self._first_page = first_page
        self.accounts = Accounts(token_life_s)
        self.exports = Exports()
        self._webhook_key = secrets.token_urlsafe(24)
        self._webhook_login = {"username": "flock-sim", "password": secrets.token_urlsafe(24)}
        self._sender = WebhookSender(self._sign, twice_every=10)
        self._pages: dict[str, tuple[Sequence[Record], int, int]] = {}
        self._pushing: asyncio.Task[None] | None = None
        self._base_url = ""

    @classmethod
    def rehearsing(cls) -> Self:
        """Three devices; every plate of the rehearsal is on NCIC's list, every third on the
        organisation's own."""
        plates = [f"ZZT{number:04}" for number in range(_PLATES)]
        rehearsing = cls(
            [
                Asset(id="gate-1", kind="plate_reader", name="Gate 1", point=_POINT,
                      address="100 Example St"),
                Asset(id="gate-2", kind="plate_reader", name="Gate 2", point=_POINT),
                Asset(id="lobby", kind="camera", name="Lobby", point=_POINT),
            ],
            ncic=frozenset(plates),
        )  # fmt: skip
        own = [
            {"plate": plate, "caseNumber": f"SIM-{number:04}", "reason": "Exercise vehicle"}
            for number, plate in enumerate(plates[::3])
        ]
        rehearsing.organisation.add(own)
        return rehearsing

    def rehearse(self, number: int, at: datetime) -> PlatePassed:
        """A plate on a hot list passes a gate."""
        return PlatePassed(
            at=at, reader=f"gate-{number % 2 + 1}", plate=f"ZZT{number % _PLATES:04}",
            region="US-KS", confidence=0.9, heading_deg=90.0, point=_POINT,
            vehicle=Look("Ford", "F-150", "white", "pickup"),
        )  # fmt: skip

    def demo_requests(self) -> Iterator[LookupRequest | ActionRequest]:
        """Somebody asks about plates, and puts the same ones on the organisation's list."""
        purpose = Purpose("exercise", "analyst-1", case_number="SIM-0001", reason="Exercise")
        for number in itertools.count():
            plate = f"ZZT{number % _PLATES:04}"
            yield LookupRequest(
                id=f"q-{number}", offer="plate-reads", subject_kind="plate", subject=plate,
                purpose=purpose, deadline_s=10.0,
            )  # fmt: skip
            yield ActionRequest(
                idempotency_key=f"SIM-{number}", action="add-hot-list-entry",
                requested_by="analyst-1",
                parameters={"hot_list": CUSTOM_LIST["name"], "plate": f"ZZX{number:04}",
                            "case_number": "SIM-0001", "reason": "Exercise vehicle"},
            )  # fmt: skip

    def lose_asset(self) -> str:
        """The newest device was decommissioned."""
        return self.organisation.devices.popitem()[0]

    def rotate(self) -> Mapping[str, Mapping[str, str]]:
        """A new secret; tokens of the old one end."""
        self.accounts.rotate()
        return {"client": self.accounts.client}

    async def stop(self) -> None:
        """End the webhooks, then the listener."""
        await self._sender.stop()
        await super().stop()
        self.exports.close()

    def push_to(self, url: str) -> None:
        """The subscription's ``callbackUrl``."""
        self._pushing = asyncio.get_running_loop().create_task(self._sender.start(url))

    def feed(self, happening: Any) -> None:
        """Plates that pass; all else Flock does not see."""
        if not isinstance(happening, PlatePassed):
            return
        seen = self.organisation.read(happening)
        if seen is None:
            return
        alert = self.organisation.alert(seen, datetime.now(UTC), f"{self._base_url}/pictures")
        if alert is not None:
            body = json.dumps(alert).encode()
            for listed in read(body, Alert).sources:
                self.handed_out[hit_id(alert["objectId"], listed)] = alert
            self._sender.send(body)

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        self._base_url = base_url
        config = {
            "base_url": base_url,
            "pictures_url": base_url,
            "owner": OWN,
            "authorize_url": f"{base_url}/authorize",
            "exports": str(self.exports.open()),
            "webhook_scheme": self._scheme,
            "webhook_header": "x-api-key" if self._scheme == "apiKey" else "Authorization",
        }
        credentials = {"client": self.accounts.client}
        if self._scheme == "apiKey":
            credentials["webhook_key"] = {"api_key": self._webhook_key}
        else:
            credentials["webhook_login"] = self._webhook_login
        return Setup(self.connector, config, credentials)

    def routes(self) -> Iterable[web.RouteDef]:
        """What of the API a hub needs."""
        entries = "/api/v3/hotlists/{list}/entries"
        return [
            web.get("/authorize", self._get_authorize),
            web.post("/authorize", self._post_authorize),
            web.post("/oauth/token", self._post_token),
            web.get("/api/v3/integrations/lpr/alerts/subscriptions", self._get_subscriptions),
            web.get("/api/v3/devices", self._get_devices),
            web.post("/api/v3/reads/lookup", self._post_lookup),
            web.get("/api/v3/reads/lookup/page/{page}", self._get_page),
            web.get("/api/v3/hotlists", self._get_hot_lists),
            web.get(entries, self._get_entries),
            web.post(f"{entries}/addBatch", self._add_batch),
            web.post(f"{entries}/deleteBatch", self._delete_batch),
            web.get("/pictures/{name}", self._get_picture),
        ]

    def _sign(self, body: bytes) -> Mapping[str, str]:
        """Flock proves who sends, and neither the body nor a time."""
        if self._scheme == "basic":
            return signing.basic(**self._webhook_login)(body)
        return signing.token(self._webhook_key, "x-api-key")(body)

    async def _post_token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            return web.json_response(self.accounts.granted(form))
        except NotTaken as refused:
            status, error = refused.args
            body = {"error": error, "error_description": "made up by the simulator"}
            return web.json_response(body, status=status)

    async def _get_authorize(self, _: web.Request) -> web.Response:
        """Where people sign in. The form goes to the address that it came from, query and all."""
        return web.Response(text=_SIGN_IN, content_type="text/html")

    async def _post_authorize(self, request: web.Request) -> web.Response:
        """Whoever wants to is let in: there is nobody else here."""
        if (await request.post()).get("let_in"):
            answer = self.accounts.approve(request.query, USER)
        else:
            answer = {"error": "access_denied", "state": request.query["state"]}
        raise web.HTTPFound(f"{request.query['redirect_uri']}?{urlencode(answer)}")

    async def _get_subscriptions(self, request: web.Request) -> web.Response:
        self._authorised(request)
        return web.json_response([{
            "id": "33333333-4444-4555-8666-777777777777",
            "name": "Watchfloor",
            "customHotlistAudienceFilter": "organization",
            "enabledFirstResponderJurisdictionAlerts": False,
            "enabled": True,
        }])  # fmt: skip

    async def _get_devices(self, request: web.Request) -> web.Response:
        self._authorised(request)
        rows = list(self.organisation.devices.values())
        size = int(request.query.get("pageSize", 100))
        start = (int(request.query.get("page", self._first_page)) - self._first_page) * size
        return web.json_response({
            "results": rows[start : start + size] if start >= 0 else [],
            "totalItems": len(rows),
            "totalPages": -(-len(rows) // size),
        })  # fmt: skip

    async def _post_lookup(self, request: web.Request) -> web.Response:
        caller = self._authorised(request, "plate-reads:lookup")
        question = await request.json()
        wrong = [name for name in _ASKED if not question.get(name)]
        if wrong or not 1 <= question.get("limit", MOST_READS) <= MOST_READS:
            errors = [{"field": name, "message": "is required"} for name in wrong or ["limit"]]
            return web.json_response({"errors": errors}, status=422)
        self.exports.searched(caller, question)
        rows = self.organisation.found(question)
        return self._page(rows, 0, int(question.get("limit", MOST_READS)))

    async def _get_page(self, request: web.Request) -> web.Response:
        self._authorised(request, "plate-reads:lookup")
        page = self._pages.get(request.match_info["page"])
        if page is None:
            return web.json_response({"errors": [{"message": "no such page"}]}, status=422)
        return self._page(*page)

    def _page(self, rows: Sequence[Record], start: int, size: int) -> web.Response:
        page = {"results": rows[start : start + size], "totalItems": len(rows)}
        if start + size < len(rows):
            page["nextPageId"] = id_ = f"sim/{len(self._pages)}"
            self._pages[id_] = (rows, start + size, size)
        return web.json_response(page)

    async def _get_hot_lists(self, request: web.Request) -> web.Response:
        self._authorised(request, "custom-hotlists:read")
        return web.json_response([CUSTOM_LIST])

    async def _get_entries(self, request: web.Request) -> web.Response:
        self._listed(request, "custom-hotlists:read")
        rows = list(self.organisation.entries.values())
        size, start = (int(request.query.get(name, at)) for name, at in _CURSOR)
        following = start + size if start + size < len(rows) else None
        return web.json_response({
            "entries": rows[start : start + min(size, MOST_ENTRIES)],
            "totalResults": len(rows),
            "nextPage": None if following is None else str(following),
        })  # fmt: skip

    async def _add_batch(self, request: web.Request) -> web.Response:
        self._listed(request, "custom-hotlists:write")
        try:
            added = self.organisation.add((await request.json())["entries"])
        except Duplicate:
            raise _error(web.HTTPBadRequest, "duplicate plate") from None
        except Full:
            raise web.HTTPRequestEntityTooLarge(0, 0, text='{"error":"too many"}') from None
        return web.json_response({"entries": added})

    async def _delete_batch(self, request: web.Request) -> web.Response:
        self._listed(request, "custom-hotlists:write")
        for id_ in (await request.json())["ids"]:
            self.organisation.entries.pop(id_, None)
        return web.Response()

    async def _get_picture(self, request: web.Request) -> web.Response:
        """A drawn vehicle. The address carries its permission, as a signed one does."""
        if int(request.query.get("Expires", 0)) < time.time():
            raise web.HTTPForbidden
        return web.Response(text=_PICTURE, content_type="image/svg+xml")

    def _listed(self, request: web.Request, scope: str) -> None:
        self._authorised(request, scope)
        if request.match_info["list"] != CUSTOM_LIST["id"]:
            raise _error(web.HTTPNotFound, "no such hotlist")

    def _authorised(self, request: web.Request, scope: str | None = None) -> str:
        """Whoever calls."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        caller = self.accounts.caller(token)
        if caller is None:
            raise _error(web.HTTPUnauthorized, "The token is either expired or invalid.")
        if scope is not None and scope not in self._scopes:
            raise _error(web.HTTPForbidden, "insufficient scope")
        return caller


_SIGN_IN = f"""<!doctype html><html lang="en"><title>Flock SIM</title>
<meta name="viewport" content="width=device-width">
<style>body {{ font: 16px sans-serif; max-width: 22em; margin: 4em auto; padding: 0 1em }}
button {{ font: inherit; padding: .4em 1em; margin-right: .5em }}</style>
<h1>Flock SIM</h1><p>SYNTHETIC: a page of the simulator's.</p>
<p>Watchfloor wants to look up plates as <b>{USER}</b>.</p>
<form method="post"><button name="let_in" value="yes">Sign in as {USER}</button>
<button>Not now</button></form></html>"""
_CURSOR = (("limit", MOST_ENTRIES), ("cursor", 0))
_ASKED = ("plate", "startDate", "endDate", "reason")
_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="120"><rect width="240" '
    'height="120" fill="#ddd"/><text x="20" y="66" fill="#a00">SYNTHETIC</text></svg>'
)


def _error(kind: type[web.HTTPClientError], message: str) -> web.HTTPClientError:
    return kind(text=json.dumps({"error": message}), content_type="application/json")
