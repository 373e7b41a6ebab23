"""The gate lets in what it can bear, passes it on, and answers each what the hub says of it."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aiohttp import ClientSession, web
from yarl import URL

from watchfloor.gate import MAX_BODY, Knock, Reply, Wire, program
from watchfloor.gate.program import Gate


class Hub:
    """The other end of the wire. It answers 202 unless told to be silent."""

    def __init__(self) -> None:
        self.frames: list[list[Knock]] = []
        self.silent = False
        self.heard = asyncio.Event()
        self.wire: Wire[Reply, Knock]

    async def run(self) -> None:
        while True:
            knocks = await self.wire.receive()
            self.frames.append(knocks)
            self.heard.set()
            if not self.silent:
                self.wire.send([self.reply(knock) for knock in reversed(knocks)])

    def reply(self, knock):
        if word := knock.headers.get("x-hook-secret"):
            return Reply(knock.number, 200, headers={"x-hook-secret": word})
        return Reply(knock.number, 202)


@pytest.fixture
async def hub():
    return Hub()


@pytest.fixture
async def port(hub):
    """Of a gate that is wired to the hub."""
    ours, theirs = socket.socketpair()
    wire = Wire(*await asyncio.open_unix_connection(sock=theirs), Reply)
    gate = Gate(wire)
    hub.wire = Wire(*await asyncio.open_unix_connection(sock=ours), Knock)
    tasks = [asyncio.create_task(gate.listen()), asyncio.create_task(hub.run())]
    runner = web.ServerRunner(web.Server(gate.handle), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()
    hub.wire.close()
    wire.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def post(hub, port):
    """Posts to the gate."""
    async with ClientSession() as client:

        async def post(body, path="/hooks/gate", **more):
            url = URL(f"http://127.0.0.1:{port}{path}", encoded=True)
            async with client.post(url, data=body, **more) as answer:
                text = await answer.text()
                code = (await answer.json())["error"]["code"] if text else None
                hub.answered = answer.headers
                return answer.status, code, answer.headers.get("Retry-After")

        yield post


async def test_a_webhook_goes_to_the_hub_as_it_came(hub, post):
    headers = {"X-Signature": "é", "x-more": "1"}
    assert await post(b"\x00\xff", headers=headers) == (202, None, None)
    [[knock]] = hub.frames
    assert (knock.source, knock.body) == ("gate", b"\x00\xff")
    assert knock.headers["x-signature"].encode("latin-1").decode() == "é"
    assert knock.headers["x-more"] == "1"


async def test_the_query_goes_along_as_it_was_written(hub, post):
    await post(b"{}", "/hooks/gate?a=%2f&b=1+2&a")
    [[knock]] = hub.frames
    assert (knock.source, knock.query) == ("gate", "a=%2f&b=1+2&a")


async def test_a_handshake_gets_its_header_back(hub, post):
    assert await post(b"", headers={"X-Hook-Secret": "word-1"}) == (200, None, None)
    assert hub.answered["X-Hook-Secret"] == "word-1"


async def test_what_comes_together_goes_together_and_each_has_its_own_answer(hub, post):
    answers = await asyncio.gather(*(post(b"%d" % number) for number in range(50)))
    assert answers == [(202, None, None)] * 50
    assert len(hub.frames) < 50
    bodies = sorted(int(knock.body) for frame in hub.frames for knock in frame)
    assert bodies == list(range(50))


@pytest.mark.parametrize("path", ["/", "/hooks", "/hooks/", "/hooks/a/b", "/api/v1/hub"])
async def test_nothing_else_is_here(hub, post, path):
    assert await post(b"{}", path) == (404, "no_such_path", None)
    assert hub.frames == []


async def test_a_hub_that_does_not_answer_is_said_to_be_busy(hub, post, monkeypatch):
    monkeypatch.setattr(program, "ANSWER_S", 0.05)
    hub.silent = True
    assert await post(b"{}") == (503, "hub_busy", "1")
    hub.silent = False
    assert await post(b"{}") == (202, None, None)


async def test_a_body_that_does_not_come_is_not_waited_for(hub, post, monkeypatch):
    monkeypatch.setattr(program, "READ_S", 0.05)

    async def slow():
        yield b"{"
        await asyncio.sleep(5)

    assert await post(slow()) == (503, "too_slow", "1")
    assert hub.frames == []


async def test_there_is_room_for_so_many_and_again_when_they_have_gone(hub, post, monkeypatch):
    monkeypatch.setattr(program, "MOST", 3)
    monkeypatch.setattr(program, "ANSWER_S", 0.5)
    hub.silent = True
    waiting = [asyncio.create_task(post(b"{}")) for _ in range(3)]
    await hub.heard.wait()
    await asyncio.sleep(0.1)
    assert await post(b"{}") == (503, "hub_busy", "1")
    assert {answer[0] for answer in await asyncio.gather(*waiting)} == {503}
    hub.silent = False
    assert await post(b"{}") == (202, None, None)


async def test_large_ones_keep_out_large_ones_only(hub, post, monkeypatch):
    monkeypatch.setattr(program, "MOST_LARGE", 1)
    hub.silent = True
    large = asyncio.create_task(post(b" " * (program.LARGE + 1)))
    await hub.heard.wait()
    assert (await post(b" " * (program.LARGE + 1)))[:2] == (503, "hub_busy")
    hub.silent = False
    assert await post(b"{}") == (202, None, None)
    large.cancel()
    await asyncio.gather(large, return_exceptions=True)


async def test_a_body_beyond_the_limit_does_not_reach_the_hub(hub, post):
    async def endless():
        while True:
            yield b" " * 2**16

    status, code, _ = await post(endless())
    assert (status, code) == (413, "too_large")
    assert hub.frames == []


@pytest.mark.parametrize("said", [b"\xff" * 8, b"\0\0\0\1\xc1", b"\0\0\0\2\x91\x01", b"\0\0"])
async def test_who_makes_no_sense_has_gone(said):
    ours, theirs = socket.socketpair()
    wire = Wire(*await asyncio.open_unix_connection(sock=ours), Knock)
    with theirs:
        theirs.sendall(said)
    with pytest.raises(EOFError):
        await wire.receive()
    wire.close()


async def test_the_wire_says_when_the_other_end_has_gone():
    ours, theirs = socket.socketpair()
    wire = Wire(*await asyncio.open_unix_connection(sock=ours), Knock)
    knock = Knock(1, "gate", {}, b"x" * MAX_BODY)
    other = Wire(*await asyncio.open_unix_connection(sock=theirs), Reply)
    other.send([knock])
    assert await wire.receive() == [knock]
    other.close()
    with pytest.raises(EOFError):
        await wire.receive()
    wire.close()


@pytest.mark.parametrize("target", [b"/hooks/gate?\xff=\xfe", b"/hooks/\xff", b"/hooks/%ff?%ff"])
async def test_bytes_that_are_no_text_in_an_address_hold_nobody_up(hub, port, post, target):
    """Of who sends them a refusal or a plain answer; others that came with it are answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = b"POST " + target + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
    writer.write(head)
    async with asyncio.timeout(2):
        assert await post(b"{}") == (202, None, None)
        assert (await reader.readline()).split()[1] in (b"202", b"400", b"404")
    writer.close()
    await writer.wait_closed()
