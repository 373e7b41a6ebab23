"""Outgoing HTTP: reaches whom it may, and nobody inside the network."""

import asyncio
import socket
from datetime import UTC, datetime

import pytest
from aiohttp import web

from watchfloor.adapters import http_out
from watchfloor.adapters.http_out import HttpOut, is_internal, retry_after
from watchfloor.contracts import AskAPerson, GiveUp, Refused, RetryLater
from watchfloor.egress import Proxy


@pytest.fixture
async def receiver():
    """A receiver on loopback; its port, and what it got."""
    got = []

    async def take(request):
        got.append((request.path, dict(request.headers), await request.read()))
        return web.Response(status=202)

    async def redirect(request):
        got.append((request.path, {}, b""))
        return web.Response(status=307, headers={"Location": "/take", "Retry-After": "9"})

    async def hang(_):
        await asyncio.sleep(30)

    async def drop(request):
        request.transport.abort()
        return web.Response()

    app = web.Application()
    for name, handler in (("take", take), ("redirect", redirect), ("hang", hang), ("drop", drop)):
        app.router.add_post(f"/{name}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    listening = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listening).start()
    yield listening.getsockname()[1], got
    await runner.cleanup()


@pytest.fixture
async def sender(receiver):
    out = HttpOut({f"127.0.0.1:{receiver[0]}"})
    yield out
    await out.close()


async def test_an_allowed_receiver_gets_headers_and_body_as_given(receiver, sender):
    port, got = receiver
    answer = await sender.post(f"http://127.0.0.1:{port}/take", {"webhook-id": "m"}, b"{}", 5)
    assert answer.status == 202
    [(path, headers, body)] = got
    assert (path, headers["webhook-id"], body) == ("/take", "m", b"{}")


async def test_a_redirect_is_an_answer_and_is_not_followed(receiver, sender):
    port, got = receiver
    answer = await sender.post(f"http://127.0.0.1:{port}/redirect", {}, b"", 5)
    assert (answer.status, answer.retry_after) == (307, 9.0)
    assert [path for path, *_ in got] == ["/redirect"]


async def test_what_is_fetched_is_read_up_to_a_limit_and_no_redirect_is_followed(receiver, sender):
    port, got = receiver
    there = f"http://127.0.0.1:{port}"
    assert (await sender.fetch(f"{there}/redirect", {}, 5, 1000, b"")).status == 307
    assert [path for path, *_ in got] == ["/redirect"]
    missing = await sender.fetch(f"{there}/take", {}, 5, 1000)
    assert (missing.status, missing.body) == (405, b"405: Method Not Allowed")
    with pytest.raises(GiveUp, match="larger"):
        await sender.fetch(f"{there}/take", {}, 5, 10)


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_authorities_that_can_t_be_read_are_named(tmp_path, content):
    file = tmp_path / "authorities.pem"
    if content:
        file.write_text(content)
    out = HttpOut(["127.0.0.1:9"], str(file))
    with pytest.raises(AskAPerson) as raised:
        await out.fetch("http://127.0.0.1:9/", {}, 1, 10)
    assert raised.value.code == "bad_settings"
    await out.close()


async def test_a_receiver_that_hangs_ends_at_the_deadline(receiver, sender):
    with pytest.raises(RetryLater) as raised:
        await sender.post(f"http://127.0.0.1:{receiver[0]}/hang", {}, b"", 0.2)
    assert raised.value.code == "no_answer"


async def test_a_broken_connection_is_tried_later_and_the_error_names_no_address(receiver, sender):
    with pytest.raises(RetryLater) as raised:
        await sender.post(f"http://127.0.0.1:{receiver[0]}/drop", {}, b"", 5)
    assert raised.value.code == "unreachable"
    assert "127.0.0.1" not in str(raised.value)


async def test_an_address_inside_is_refused_without_a_connection(receiver, sender):
    port, got = receiver
    for url in (f"https://127.0.0.1:{port + 1}/take", "https://[::1]/", "https://169.254.169.254/"):
        with pytest.raises(Refused) as raised:
            await sender.post(url, {}, b"", 5)
        assert raised.value.code == "internal_address"
    assert got == []


async def test_a_name_that_leads_inside_is_refused(receiver, sender):
    port, got = receiver
    with pytest.raises(Refused) as raised:
        await sender.post(f"https://localhost:{port}/take", {}, b"", 5)
    assert raised.value.code == "internal_address"
    assert got == []


async def test_a_name_with_one_address_inside_among_public_ones_is_refused(sender, monkeypatch):
    async def resolve(self, host, port=0, family=socket.AF_INET):
        return [{"host": host, "hostname": "", "port": port, "family": family, "proto": 0,
                 "flags": 0} for host in ("93.184.215.14", "10.0.0.7")]  # fmt: skip

    monkeypatch.setattr(http_out.ThreadedResolver, "resolve", resolve)
    with pytest.raises(Refused):
        await sender.post("https://partner.example.org/", {}, b"", 5)


async def test_plain_http_is_refused_but_for_allowed_receivers(sender):
    with pytest.raises(Refused) as raised:
        await sender.post("http://partner.example.org/", {}, b"", 5)
    assert raised.value.code == "not_https"


async def test_a_name_that_does_not_exist_is_tried_later(sender):
    with pytest.raises(RetryLater):
        await sender.post("https://nobody.invalid/", {}, b"", 5)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.0.1", "100.64.0.1", "0.0.0.0",
     "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1",
     "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"],
)  # fmt: skip
def test_addresses_inside(host):
    assert is_internal(host)


@pytest.mark.parametrize(
    "host", ["93.184.215.14", "2606:2800:21f::1", "64:ff9b::5db8:d70e", "name"]
)
def test_addresses_outside(host):
    assert not is_internal(host)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(None, None), ("", None), ("120", 120.0), (" 5 ", 5.0), ("soon", None), ("-5", None),
     ("Sat, 02 May 2026 12:01:00 GMT", 60.0), ("Sat, 02 May 2026 11:00:00 GMT", 0.0)],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(text, seconds):
    assert retry_after(text, datetime(2026, 5, 2, 12, tzinfo=UTC)) == seconds


@pytest.fixture
async def proxy():
    """The agency's proxy: what it was asked, and what came through it. It knows every name."""
    asked, came = [], []

    async def serve(reader, writer):
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode().splitlines())
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        came.append(await reader.read(4096))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield Proxy("127.0.0.1", port, "Basic c2ltOnNpbQ=="), asked, came
    server.close()
    await server.wait_closed()


async def test_what_is_outside_is_reached_by_the_agency_s_proxy(proxy, receiver):
    """Names that are not known here, too; what the hub may call inside is reached as ever."""
    known, asked, came = proxy

    async def of_the_agency():
        return known

    out = HttpOut({f"127.0.0.1:{receiver[0]}"}, proxy=of_the_agency)
    try:
        with pytest.raises(RetryLater):
            await out.fetch("https://idp.example.invalid/keys", {}, 5, 1000)
        [[connect, *headers]] = asked
        assert connect == "CONNECT idp.example.invalid:443 HTTP/1.1"
        assert "Proxy-Authorization: Basic c2ltOnNpbQ==" in headers
        assert b"idp.example.invalid" in came[0], "TLS with the receiver, not with the proxy"
        url = f"http://127.0.0.1:{receiver[0]}/take"
        assert (await out.post(url, {}, b"{}", 5)).status == 202
        assert len(asked) == 1
    finally:
        await out.close()


async def test_no_proxy_is_asked_for_what_is_inside(proxy):
    known, asked, _ = proxy

    async def of_the_agency():
        return known

    out = HttpOut(proxy=of_the_agency)
    for url in ("https://localhost/x", "https://127.0.0.1/x"):
        with pytest.raises(Refused) as refused:
            await out.fetch(url, {}, 5, 1000)
        assert refused.value.code == "internal_address"
    assert asked == []
    await out.close()
