"""A polled vendor that goes wrong: each fault has a source of its own, all on one hub at once. Its
state says why, it goes on by itself (or once a person has acted), nothing is lost, and the source
beside it never notices."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict

import pytest
import pytest_asyncio
from aiohttp import web
from hub import until
from made_up import connect, ids, passed, push_source

from watchfloor_lpr_rest_simulator import LprRestSimulator
from watchfloor_sdk.http import TRIES
from watchfloor_sdk.simulation import Fault

pytestmark = pytest.mark.asyncio(loop_scope="module")

READS = 2500
"""More than two pages, so that a fault can hit one in the middle."""


def answering(name, body, content_type="application/json"):
    """A fault that answers with a body of ours."""

    async def play(_request, _handler):
        return web.Response(body=body, content_type=content_type)

    return Fault(name, play)


def page(**changes):
    return json.dumps({"reads": [], "next": "0", "more": False, "as_of": None, **changes}).encode()


PASSING = {
    "html": (Fault.html(), "is no page of reads"),
    "a 429 that says how long": (Fault.status(429, retry_after=1), "status 429"),
    "a 429 that does not": (Fault.status(429), "status 429"),
    "500": (Fault.status(500), "status 500"),
    "503 with a date": (
        Fault.status(503, retry_after="Sun, 22 Nov 2020 08:00:00 GMT"), "status 503",
    ),
    "half a page": (Fault.half_body(), "broke off"),
    "nothing": (answering("nothing", b""), "is no page of reads"),
    "a list": (answering("a list", b"[]"), "is no page of reads"),
    "no cursor": (answering("no cursor", b'{"reads": []}'), "is no page of reads"),
    "bytes that are no text": (answering("bytes", b'{"reads":"\xff\xfe'), "is no page of reads"),
    "nested without end": (answering("nested", b"[" * 500_000), "is no page of reads"),
    "a cursor that stays": (answering("stays", page(next="1000", more=True)), "cursor stays"),
}  # fmt: skip
"""What passes by itself, and words of the reason that the source shows meanwhile. Each is played so
often that the tries within one call do not outlast it."""

LASTING = {
    "401": (Fault.status(401), "status 401"),
    "404": (Fault.status(404), "status 404"),
    "403": (Fault.status(403), "status 403"),
    "a page of 40 MB": (answering("huge", b" " * 40_000_000), "more than"),
}
"""What takes a person."""


class Sources:
    """A simulator a source, and every state that the hub has shown of each."""

    def __init__(self, api):
        self.api = api
        self.vendors = {}
        self.seen = defaultdict(list)

    async def add(self, id, fault=None, **when):
        vendor = self.vendors[id] = LprRestSimulator()
        setup = await vendor.start()
        for number in range(READS):
            vendor.feed(passed(number))
        if fault is not None:
            vendor.faults.add(fault, path="/reads", **when)
        await connect(self.api, id, setup, every_s=0.3)

    async def watch(self):
        while True:
            for source in (await self.api.get("/sources"))["items"]:
                now = {name: source[name] for name in ("state", "reason", "remedy")}
                if now not in self.seen[source["id"]]:
                    self.seen[source["id"]].append(now)
            await asyncio.sleep(0.05)

    async def complete(self, id):
        """Whether the hub has all that the vendor has, each once."""
        found = ids(await self.api.events(source=id))
        assert len(found) == len(set(found))
        return len(found) == READS and found == sorted(self.vendors[id].ledger)

    async def well(self, id):
        """Whether nothing is wrong with it any more."""
        source = await self.api.source(id)
        return source["state"] == "running" and not source["reason"]

    def shown(self, id, *states):
        """The reasons that the source has shown in these states."""
        return [now for now in self.seen[id] if now["state"] in states]


def id_of(what):
    return "p-" + "".join(letter if letter.isalnum() else "-" for letter in what.lower())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sources(api):
    sources = Sources(api)
    watching = asyncio.create_task(sources.watch())
    try:
        await push_source(api)
        await sources.add("healthy")
        for what, (fault, _) in PASSING.items():
            await sources.add(id_of(what), fault, after=1, times=TRIES)
        for what, (fault, _) in LASTING.items():
            await sources.add(id_of(what), fault, after=1, times=10**6)
        yield sources
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await asyncio.gather(*(vendor.stop() for vendor in sources.vendors.values()))


@pytest.mark.parametrize("what", PASSING)
async def test_what_passes_is_said_and_passes(sources, what):
    id, words = id_of(what), PASSING[what][1]
    await until(lambda: sources.complete(id), deadline_s=45, every_s=0.3)
    shown = await until(lambda: sources.shown(id, "degraded", "needs_attention"))
    assert all(now["reason"] for now in shown)
    assert words in shown[0]["reason"]
    await until(lambda: sources.well(id))
    assert await sources.api.dead(id) == []


@pytest.mark.parametrize("what", LASTING)
async def test_what_takes_a_person_is_said_with_what_to_do(sources, what):
    id, words = id_of(what), LASTING[what][1]
    shown = await until(lambda: sources.shown(id, "needs_attention"), deadline_s=30)
    assert words in shown[-1]["reason"]
    sources.vendors[id].faults.clear()
    await sources.api.send("POST", f"/sources/{id}/restart")
    await until(lambda: sources.complete(id), deadline_s=30, every_s=0.3)


async def test_a_redirect_to_an_internal_address_is_not_followed(api, sources):
    asked = []

    async def secrets(request):
        asked.append(request.path)
        return web.json_response({"reads": [], "next": "1", "more": False})

    inside = web.Application()
    inside.router.add_get("/{tail:.*}", secrets)
    runner = web.AppRunner(inside, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/latest/meta-data"
    await sources.add("redirected", Fault.redirect(address), after=1, times=10**6)
    shown = await until(lambda: sources.shown("redirected", "needs_attention"), deadline_s=20)
    assert "redirects" in shown[-1]["reason"]
    assert shown[-1]["remedy"]
    assert asked == []
    sources.vendors["redirected"].faults.clear()
    await api.send("POST", "/sources/redirected/restart")
    await until(lambda: sources.complete("redirected"), deadline_s=30, every_s=0.3)
    await runner.cleanup()


@pytest.mark.slow
async def test_a_vendor_that_hangs_is_let_go(sources):
    await sources.add("hanging", Fault.hang(), after=1, times=TRIES)
    shown = await until(lambda: sources.shown("hanging", "degraded"), deadline_s=60)
    assert "did not answer" in shown[-1]["reason"]
    await until(lambda: sources.complete("hanging"), deadline_s=30, every_s=0.3)


async def test_an_answer_that_comes_twice_is_one(sources):
    await sources.add("twice", Fault.duplicate(), after=1, times=1)
    await until(lambda: sources.complete("twice"), deadline_s=30, every_s=0.3)


async def test_the_source_beside_them_never_noticed(api, sources):
    await until(lambda: sources.complete("healthy"), deadline_s=30, every_s=0.3)
    assert {now["state"] for now in sources.seen["healthy"]} <= {"starting", "running", "stopped"}
    assert not [now for now in sources.seen["push-1"] if now["state"] != "running"]
    assert await api.dead("healthy") == []
