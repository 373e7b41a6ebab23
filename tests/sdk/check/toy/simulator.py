"""The toy's vendor: four of five reads are polled, the fifth is pushed."""

import asyncio
import hmac
import itertools
import json
import secrets
import time
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from aiohttp import web

from watchfloor_sdk import ActionRequest, LookupRequest, Purpose
from watchfloor_sdk.simulation import HttpSimulator, Setup, WebhookSender

LOCAL = ZoneInfo("America/Chicago")


class ToySimulator(HttpSimulator):
    connector = "toy-check"
    records_path = "/reads"

    def __init__(self):
        super().__init__()
        self.rows = []
        self.token = secrets.token_urlsafe(16)
        self.secret = secrets.token_urlsafe(16)
        self.readers = ["r-0", "r-1", "r-2"]
        self.sender = WebhookSender(self.signed)
        self.pushing = None
        self.denying = False

    def rehearse(self, number, at):
        return {
            "id": f"read-{number}",
            "at": at.astimezone(LOCAL).isoformat(),
            "plate": f"ZZT{number:04}",
            "reader": f"r-{number % 3}",
            "region": "US-LA",
            "note": "seen",
        }

    def feed(self, happening):
        self.handed_out[happening["id"]] = happening
        pushes = self.pushing is not None and len(self.handed_out) < 2_000
        if pushes and len(self.handed_out) % 5 == 0:
            self.sender.send(json.dumps(happening).encode())
        else:
            self.rows.append(happening)

    def lose_asset(self):
        return self.readers.pop()

    def rotate(self):
        self.token = secrets.token_urlsafe(16)
        return {"token": {"token": self.token}}

    def deny(self):
        self.denying = True

    def demo(self):
        return ()

    def demo_requests(self):
        purpose = Purpose("exercise", requester="analyst-1", case_number="SIM-1")
        for number in itertools.count():
            yield LookupRequest(
                id=f"q-{number}", offer="owner", subject_kind="plate", subject=f"ZZT{number:04}",
                purpose=purpose, deadline_s=10.0,
            )  # fmt: skip
            yield ActionRequest(
                idempotency_key=f"a-{number}", action="add-note", requested_by="analyst-1",
                parameters={"text": f"Note {number} about ZZT{number:04}."},
            )  # fmt: skip

    def setup(self, base_url):
        credentials = {"token": {"token": self.token}, "secret": {"secret": self.secret}}
        return Setup(self.connector, {"base_url": base_url}, credentials)

    def push_to(self, url):
        self.pushing = asyncio.ensure_future(self.sender.start(url))

    async def stop(self):
        await self.sender.stop()
        await super().stop()

    def routes(self):
        return [
            web.get("/reads", self.get_reads),
            web.get("/readers", self.get_readers),
            web.get("/owners/{plate}", self.get_owner),
            web.post("/notes/{key}", self.post_note),
        ]

    async def get_owner(self, request):
        self.authorised(request)
        if self.denying or not request.query.get("case"):
            return web.json_response({"denied": "no case, no answer"})
        return web.json_response({"owner": "Zed Example"})

    async def post_note(self, request):
        self.authorised(request)
        self.handed_out[request.match_info["key"]] = await request.json()
        return web.json_response({"note": request.match_info["key"]})

    async def get_reads(self, request):
        self.authorised(request)
        after = int(request.query.get("after", 0))
        rows = self.rows[after : after + 1000]
        following = after + len(rows)
        more = following < len(self.rows)
        return web.json_response({"reads": rows, "next": following, "more": more})

    async def get_readers(self, request):
        self.authorised(request)
        return web.json_response({"readers": [{"id": id_, "name": id_} for id_ in self.readers]})

    def authorised(self, request):
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise web.HTTPUnauthorized(text='{"error": "unauthorised"}')

    def signed(self, body):
        now = str(int(time.time()))
        proof = hmac.digest(self.secret.encode(), f"{now}.".encode() + body, "sha256").hex()
        return {"X-Timestamp": now, "X-Signature": proof}


class InXml(ToySimulator):
    """One that answers in XML, and pushes nothing."""

    def push_to(self, url):
        pass

    async def get_reads(self, request):
        page = json.loads((await super().get_reads(request)).body)
        reads = "".join(f"<read>{elements(row)}</read>" for row in page.pop("reads"))
        body = f"<page xmlns='urn:example:toy'>{elements(page)}<reads>{reads}</reads></page>"
        return web.Response(text=body, content_type="application/xml")


def elements(row):
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in row.items())


class Mute(ToySimulator):
    """One that cannot rehearse."""

    def rehearse(self, number, at):
        raise NotImplementedError("it is mute")
