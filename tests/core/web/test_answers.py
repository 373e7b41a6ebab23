"""What does not fit is said in one shape, with the right status, and every answer is guarded."""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib
from urllib.parse import urlsplit

import pytest

from watchfloor.answers import SECURITY_HEADERS
from watchfloor.web import COOKIE, ROUTES
from watchfloor.web.csrf import HEADER

pytestmark = pytest.mark.asyncio(loop_scope="module")

BEYOND_UTC = "9999-12-31T23:59:59-12:00"


def _path(route):
    path = route.path.replace("{verb}", "close").replace("{index}", "0")
    path = path.replace("{no}", "1").replace("{version}", "1")
    path = path.replace("/intelligence/{id}", "/intelligence/CI-0123456789ab")
    path = path.replace("/requests/{id}", "/requests/R-26-000001")
    path = path.replace("/approvals/{id}", "/approvals/A-0123456789ab")
    path = path.replace("/complaints/{id}", "/complaints/C-26-000001")
    path = path.replace("/oversight/reviews/{id}", "/oversight/reviews/V-0123456789ab")
    path = path.replace("/registrations/{id}", "/registrations/S-0123456789ab")
    path = path.replace("/holds/{id}", "/holds/H-01234567")
    path = path.replace("{device}", "01234567").replace("{agency}", "x")
    return path.replace("{name}", "token").replace("{handle}", "x")


def _fill(path, value):
    return path.replace("{id}", value).replace("{seq}", value).replace("{source}", value)


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if not route.any_query],
    ids=lambda route: f"{route.method} {route.path}",
)
async def test_an_unknown_parameter_is_refused_not_ignored(api, route):
    path = _fill(_path(route), "1" if "alerts" in route.path else "a1")
    path = path.replace("/events/a1", "/events/1").replace("/media/a1", "/media/1")
    answer = await api.call(route.method, path, b"{}", surprise="1")
    assert (answer.status, answer.code) == (422, "unknown_parameter")
    assert "surprise" in answer.json["error"]["detail"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/events", {"limit": "many"}),
        ("/events", {"limit": "0"}),
        ("/events", {"limit": "1001"}),
        ("/events", {"limit": "1.5"}),
        ("/events", {"since": "yesterday"}),
        ("/events", {"since": "2026-05-02T21:14:07"}),
        ("/events", {"kind": "rumour"}),
        ("/events", {"cursor": "here"}),
        ("/events", {"cursor": "9" * 60 + ".1"}),
        ("/events", {"source": ""}),
        ("/events/0", {}),
        ("/events/-1", {}),
        ("/events/one", {}),
        ("/events/99999999999999999999", {}),
        ("/events/1/cameras", {"radius_m": "NaN"}),
        ("/events/1/cameras", {"radius_m": "inf"}),
        ("/events/1/cameras", {"radius_m": "-1"}),
        ("/media/1/x", {}),
        ("/search", {}),
        ("/search", {"q": ""}),
        ("/search", {"q": "x" * 2001}),
        ("/dead-letters", {"state": "gone"}),
        ("/alerts", {"state": "open"}),
        ("/gaps", {"since": "2026-13-01T00:00:00Z"}),
        ("/gaps", {"since": BEYOND_UTC}),
        ("/events", {"since": BEYOND_UTC}),
        ("/events", {"until": "0001-01-01T00:00:00+05:00"}),
        ("/requests/figures", {"since": BEYOND_UTC}),
        ("/reports/figures", {"since": "2026-01-01T00:00:00Z", "until": BEYOND_UTC}),
    ],
)  # fmt: skip
async def test_a_parameter_that_does_not_fit_is_422(api, path, query):
    answer = await api.call("GET", path, **query)
    assert answer.status == 422, answer.body
    assert answer.code in ("bad_parameter", "missing_parameter")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/sources/a1", b""),
        ("PUT", "/sources/a1", b"{"),
        ("PUT", "/sources/a1", b"\xff\xfe"),
        ("PUT", "/sources/a1", b"[]"),
        ("PUT", "/sources/a1", b'{"connector": "push"}'),
        ("PUT", "/sources/a1", b'{"connector": "push", "name": 7}'),
        ("PUT", "/sources/a1", b'{"connector": "push", "name": "A", "more": 1}'),
        ("PUT", "/sources/a1", b"[" * 100_000),
        ("PUT", "/sources/UPPER", b'{"connector": "push", "name": "A"}'),
        ("PUT", "/sources/a%2Fb", b'{"connector": "push", "name": "A"}'),
        ("PUT", "/banner", b'{"text": "Hi", "tone": "loud"}'),
        ("POST", "/dead-letters/drop", b'{"ids": []}'),
        ("POST", "/dead-letters/drop", b'{"ids": ["1"]}'),
        ("POST", "/alerts/1/dance", b"{}"),
        ("PUT", "/hot-lists/stolen", b'{"name": "A", "owner": "B", "reason": "C", "severity": 1}'),
        ("PUT", "/rules/gun", b'{"document": ""}'),
        ("PUT", "/rules/gun", b'{"document": "a: [1"}'),
        ("PUT", "/channels/desk", b'{"url": 5}'),
    ],
)
async def test_a_body_that_does_not_fit_is_422(api, method, path, body):
    answer = await api.call(method, path, body)
    assert answer.status == 422, answer.body
    assert answer.code


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/events/9007199254740991"),
        ("GET", "/events/9007199254740991/raw"),
        ("GET", "/events/9007199254740991/cameras"),
        ("GET", "/media/9007199254740991/0"),
        ("GET", "/assets/nowhere/nothing"),
        ("GET", "/alerts/9007199254740991"),
        ("GET", "/alerts/9007199254740991/context"),
        ("GET", "/dead-letters/9007199254740991"),
        ("DELETE", "/sources/nothing"),
        ("POST", "/sources/nothing/restart"),
        ("POST", "/sources/nothing/check"),
        ("DELETE", "/rules/nothing"),
        ("DELETE", "/channels/nothing"),
        ("PUT", "/hot-lists/nothing/entries"),
        ("GET", "/nothing/here"),
        ("POST", "/nothing"),
    ],
)
async def test_what_is_not_there_is_404(api, method, path):
    answer = await api.call(method, path, b"plate\nZZT1\n" if method == "PUT" else None)
    assert answer.status == 404, (answer.status, answer.body)
    assert answer.code


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_a_wrong_method_is_405_and_says_which_are_right(api, method):
    answer = await api.call(method, "/alerts/1/close")
    assert (answer.status, answer.code) == (405, "http_405")
    assert answer.headers["Allow"] == "POST"


async def _raw(api, head, body=b""):
    """An answer to bytes as they are, on a connection of their own; and how much was
    taken before it came."""
    url = urlsplit(api.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(f"{head}\r\nHost: {url.netloc}\r\n{HEADER}: 1\r\n".encode())
    writer.write(f"Cookie: {COOKIE}={api.session}\r\n".encode())
    writer.write(b"Content-Type: application/json\r\nConnection: close\r\n")
    answer = asyncio.create_task(reader.readuntil(b"}}"))
    taken = 0
    with contextlib.suppress(ConnectionError):
        for chunk in body or [b"\r\n"]:
            writer.write(chunk)
            await writer.drain()
            taken += len(chunk)
            if answer.done():
                break
    async with asyncio.timeout(20):
        await answer
    writer.close()
    return answer.result(), taken


@pytest.mark.parametrize("route", [r for r in ROUTES if r.body], ids=lambda r: r.path)
async def test_a_body_over_its_limit_is_413_before_it_is_sent(api, route):
    path = _fill(_path(route), "1" if "alerts" in route.path else "a1")
    source = "?source=a1" if route.path == "/events" else ""
    head = f"{route.method} /api/v1{path}{source} HTTP/1.1\r\nContent-Length: {route.max_body + 1}"
    answer, _ = await _raw(api, head)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"too_large"' in answer


async def test_a_body_of_unknown_length_is_stopped_at_the_limit(api):
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    endless = [b"\r\n", *[chunk] * 1024]
    head = "PUT /api/v1/banner HTTP/1.1\r\nTransfer-Encoding: chunked"
    answer, taken = await _raw(api, head, endless)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert taken < 16 * 1024 * 1024


async def test_a_compressed_bomb_is_stopped_at_the_limit(api):
    bomb = zlib.compress(b" " * 64 * 1024 * 1024)
    headers = {"Content-Encoding": "deflate"}
    answer = await api.call("PUT", "/banner", bomb, headers=headers)
    assert (answer.status, answer.code) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "base"),
    [
        ("GET", "/hub", "/api/v1"),
        ("GET", "/openapi.json", "/api/v1"),
        ("GET", "/basemap", "/api/v1"),
        ("GET", "/search?q=zzt1", "/api/v1"),
        ("GET", "/nothing", "/api/v1"),
        ("POST", "/hub", "/api/v1"),
        ("GET", "/events/1", "/api/v1"),
        ("PUT", "/banner", "/api/v1"),
        ("POST", "/hooks/nothing", ""),
        ("GET", "/", ""),
        ("GET", "/some/page/of/the/console", ""),
    ],
)
async def test_every_answer_carries_the_security_headers(api, method, path, base):
    answer = await api.call(method, path, base=base)
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value


async def test_scripts_from_elsewhere_are_not_allowed():
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy  # the default holds: no inline, no eval


async def test_no_answer_opens_the_hub_to_other_sites(api):
    answer = await api.call("GET", "/hub", headers={"Origin": "https://evil.example.org"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


async def test_an_error_shows_nothing_of_the_inside(api, monkeypatch):
    """An unexpected failure is 500 in our shape: no trace, no text of the exception."""

    def fails(*_):
        raise ZeroDivisionError("plate ZZT1234")

    monkeypatch.setattr("watchfloor.web.handlers.hub.rfc3339", fails)
    answer = await api.call("GET", "/hub")
    assert (answer.status, answer.code) == (500, "internal")
    assert "ZZT1234" not in json.dumps(answer.json)
