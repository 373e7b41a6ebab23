"""Live updates: what a console missed is told again, whole and once; too much is a ``reset``."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest
import pytest_asyncio
from hub import until
from made_up import call, push_source, read

from watchfloor.live import feed

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Stream:
    """An open stream: messages as (position, event, data). Keep-alives are passed over."""

    def __init__(self, response):
        self.response = response
        self.last = None

    async def next(self):
        fields = {}
        async with asyncio.timeout(10):
            while True:
                line = (await self.response.content.readline()).decode().rstrip("\n")
                if not line and "data" in fields:
                    break
                name, _, value = line.partition(": ")
                if name in ("id", "event", "data"):
                    fields[name] = value
        position = int(fields["id"]) if "id" in fields else None
        self.last = position or self.last
        return position, fields["event"], json.loads(fields["data"])

    async def of(self, event):
        """The next message of one kind."""
        while (message := await self.next())[1] != event:
            pass
        return message

    async def calls(self, count):
        """The next so many events' ids."""
        ids = []
        while len(ids) < count:
            ids += [summary["id"] for summary in (await self.of("summaries"))[2]]
        return ids


@contextlib.asynccontextmanager
async def listening(api, after=None):
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    async with api.client.get(f"{api.url}/api/v1/stream", headers=headers) as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert response.headers["Cache-Control"] == "no-store"
        assert await response.content.readline() == b"retry: 2000\n"
        yield Stream(response)


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def source(api):
    return await push_source(api)


async def test_what_is_recorded_is_told_with_its_position(api):
    async with listening(api) as stream:
        await api.push("push-1", [call(1), call(2)])
        position, _, summaries = await stream.of("summaries")
        assert [summary["id"] for summary in summaries] == ["call-1", "call-2"]
        assert position == summaries[-1]["seq"]
        assert summaries[0]["headline"] == "Armed robbery at 100 Main St"


async def test_plate_reads_are_counted_and_never_told(api):
    async with listening(api) as stream:
        await api.push("push-1", [read(100), read(101)])
        _, _, reads = await stream.of("reads")
        assert reads["push-1/gate-1"]["count"] == 2
        assert "ZZT" not in json.dumps(reads)


async def test_it_resumes_without_loss_and_without_doubling(api):
    """A console that goes away in the middle of a busy hour and comes back, again and again."""
    wanted = [f"call-{number}" for number in range(1000, 1300)]
    seen, last = [], None

    async def busy():
        for number in range(1000, 1300, 3):
            await api.push("push-1", [call(number + step) for step in range(3)])

    async with listening(api) as stream:
        pushing = asyncio.create_task(busy())
        seen += await stream.calls(3)
        last = stream.last
    while len(seen) < 300:
        async with listening(api, after=last) as stream:
            seen += await stream.calls(min(40, 300 - len(seen)))
            last = stream.last
    await pushing
    assert seen == wanted


async def test_a_position_that_is_current_tells_nothing_twice(api):
    head = (await api.get("/live"))["seq"]
    async with listening(api, after=head) as stream:
        await api.push("push-1", [call(2000)])
        assert await stream.calls(1) == ["call-2000"]


async def test_too_much_missed_is_a_reset(api, monkeypatch):
    await api.push("push-1", [call(number) for number in range(3000, 3010)])
    head = (await api.get("/live"))["seq"]
    monkeypatch.setattr(feed, "MAX_CATCH_UP", 5)
    async with listening(api, after=head - 6) as stream:
        position, event, data = await stream.next()
        assert (event, position) == ("reset", None)
        assert data["reason"]
        await api.push("push-1", [call(3100)])
        assert await stream.calls(1) == ["call-3100"]


async def test_a_position_of_another_hub_is_a_reset(api):
    """After a hub was set up anew, its log is shorter than what a console remembers."""
    async with listening(api, after=10**12) as stream:
        assert (await stream.next())[1] == "reset"


async def test_a_slow_console_costs_itself_only(api, hub, monkeypatch):
    """It is told to start over; one beside it misses nothing."""
    monkeypatch.setattr(feed, "MAX_PENDING", 20_000)
    others = set(hub.hub.feed._subscribers)
    async with listening(api) as slow, listening(api) as quick:
        mine = await until(lambda: set(hub.hub.feed._subscribers) - others)
        for number in range(200):
            next(iter(mine)).push(feed.message("summaries", [{"id": "x" * 200}], number))
        await api.push("push-1", [call(4000)])
        told = [await first(stream, "reset", "summaries") for stream in (slow, quick)]
        assert sorted(told) == ["reset", "summaries"]


async def first(stream, *names):
    """The first message of these names: an earlier test's alerts may come between."""
    while (name := (await stream.next())[1]) not in names:
        pass
    return name


@pytest.mark.parametrize("position", ["here", "-1", "1.5", "9" * 19])
async def test_what_is_no_position_is_422(api, position):
    answer = await api.call("GET", "/stream", headers={"Last-Event-ID": position})
    assert (answer.status, answer.code) == (422, "bad_parameter")


async def test_the_banner_is_told_at_once(api):
    async with listening(api) as stream:
        await api.send("PUT", "/banner", {"text": "Training", "tone": "training"})
        assert (await stream.of("banner"))[2] == {"text": "Training", "tone": "training"}
        await api.send("PUT", "/banner", {"text": "", "tone": "notice"})
        assert (await stream.of("banner"))[2] is None


async def test_a_console_that_goes_away_is_forgotten(api, hub):
    def mine():
        return set(hub.hub.feed._subscribers) - others

    others = set(hub.hub.feed._subscribers)
    async with listening(api):
        await until(mine)
    await api.push("push-1", [call(5000)])
    await until(lambda: not mine())


async def test_a_source_that_changes_is_told_alone_and_all_are_told_again_and_again(api):
    config = {"base_url": "http://127.0.0.1:9", "owner": "Example", "lpr_cameras": ["none"]}
    async with listening(api) as stream:
        wanted = {"connector": "verkada", "name": "Gate", "config": config}
        await api.send("PUT", "/sources/gate", wanted)
        assert (await stream.of("source"))[2]["id"] == "gate"
        everyone = {source["id"] for source in (await stream.of("sources"))[2]}
        assert {"gate"} < everyone
        await api.send("DELETE", "/sources/gate")
        assert {source["id"] for source in (await stream.of("sources"))[2]} == everyone - {"gate"}
