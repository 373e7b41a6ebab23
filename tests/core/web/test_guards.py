"""Headers, names and origins: what guards a person's browser."""

from __future__ import annotations

import pytest
from aiohttp import ClientError, ClientSession, web
from certificates import certificate_in, trusting

from watchfloor.tls import ServerTls
from watchfloor.web.csrf import HEADER, check_same_origin
from watchfloor.web.forwarded import Proxies
from watchfloor.web.headers import Names, secure
from watchfloor.web.limits import Limits
from watchfloor.web.server import in_shape

OWN = {HEADER: "1"}


def _origin():
    @web.middleware
    async def middleware(request, handler):
        check_same_origin(request)
        return await handler(request)

    return middleware


@pytest.mark.parametrize("headers", [
    OWN,
    OWN | {"Sec-Fetch-Site": "same-origin"},
    OWN | {"Sec-Fetch-Site": "same-origin", "Origin": "http://hub.test"},
    OWN | {"Origin": "http://HUB.test"},
])  # fmt: skip
async def test_the_hub_s_own_pages_and_programs_may_act(guarded, headers):
    async with guarded(_origin()) as ask:
        answer = await ask("POST", "/api/v1/banner", headers={"Host": "hub.test"} | headers)
    assert answer.status == 200


@pytest.mark.parametrize("headers", [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    OWN | {"Sec-Fetch-Site": "cross-site"},
    OWN | {"Sec-Fetch-Site": "same-site"},
    OWN | {"Sec-Fetch-Site": "none"},
    OWN | {"Origin": "null"},
    OWN | {"Origin": "http://evil.test"},
    OWN | {"Origin": "https://hub.test"},
    OWN | {"Origin": "http://hub.test:8081"},
    OWN | {"Origin": "http://hub.test.evil.test"},
    OWN | {"Origin": "http://evil.test//hub.test"},
])  # fmt: skip
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_pages_of_other_sites_may_not(guarded, method, headers):
    async with guarded(_origin()) as ask:
        answer = await ask(method, "/api/v1/banner", headers={"Host": "hub.test"} | headers)
    assert (answer.status, answer.code) == (403, "cross_origin")


async def test_behind_tls_the_origin_is_https(guarded):
    passed_on = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "Host": "hub.test"}
    async with guarded(_origin(), trusted=["127.0.0.1"]) as ask:
        for origin, status in (("https://hub.test", 200), ("http://hub.test", 403)):
            headers = passed_on | OWN | {"Origin": origin}
            assert (await ask("POST", "/x", headers=headers)).status == status


async def test_reading_needs_no_header(guarded):
    async with guarded(_origin()) as ask:
        assert (await ask("GET", "/x", headers={"Sec-Fetch-Site": "none"})).status == 200


@pytest.mark.parametrize(("host", "status"), [
    ("hub.example.org", 200),
    ("HUB.example.org:8443", 200),
    ("127.0.0.1:8080", 200),
    ("[::1]:8080", 200),
    ("localhost", 200),
    ("evil.example.org", 421),
    ("hub.example.org.evil.test", 421),
    ("[::1", 421),
])  # fmt: skip
async def test_the_hub_answers_under_its_own_names(guarded, host, status):
    """A page that has its own name lead to the hub's address (DNS rebinding) gets nothing."""
    async with guarded(Names(["https://hub.example.org"]).middleware) as ask:
        answer = await ask("GET", "/api/v1/hub", headers={"Host": host})
    assert answer.status == status


async def test_from_outside_loopback_is_no_name_of_the_hub(guarded):
    names = Names(["https://hub.example.org"])
    async with guarded(names.middleware, trusted=["127.0.0.1"]) as ask:
        headers = {"Host": "127.0.0.1", "X-Forwarded-For": "203.0.113.9"}
        answer = await ask("GET", "/api/v1/hub", headers=headers)
    assert (answer.status, answer.code) == (421, "wrong_host")


async def test_answers_of_the_api_are_kept_nowhere(guarded):
    async with guarded() as ask:
        assert (await ask("GET", "/api/v1/hub")).headers["Cache-Control"] == "no-store"
        assert "Cache-Control" not in (await ask("GET", "/assets/app.js")).headers


async def test_over_tls_browsers_are_told_to_stay_with_it(guarded):
    async with guarded(trusted=["127.0.0.1"]) as ask:
        passed_on = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
        said = (await ask("GET", "/", headers=passed_on)).headers["Strict-Transport-Security"]
        assert int(said.partition("=")[2]) >= 180 * 86_400
        assert "Strict-Transport-Security" not in (await ask("GET", "/")).headers


async def test_all_guards_together_on_a_server_with_its_own_certificate(tmp_path):
    """As the hub puts them: over TLS people are let in, and told to stay with it; another name is
    refused, and so is in clear."""
    files = certificate_in(tmp_path)
    guards = [Proxies().middleware, Names([]).middleware, Limits([]).middleware]
    app = web.Application(middlewares=[in_shape, *guards])
    app.router.add_get("/api/v1/health", _empty)
    app.on_response_prepare.append(secure)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=ServerTls(files).context).start()
        port = runner.addresses[0][1]
        async with ClientSession() as client:

            async def ask(host, scheme="https"):
                url = f"{scheme}://127.0.0.1:{port}/api/v1/health"
                context = trusting(files)
                return await client.get(url, headers={"Host": host}, ssl=context)

            said = await ask(f"localhost:{port}")
            assert said.status == 200
            assert "Strict-Transport-Security" in said.headers
            assert said.headers["Cache-Control"] == "no-store"
            assert (await ask("evil.example.org")).status == 421
            with pytest.raises(ClientError):
                await ask("localhost", "http")
    finally:
        await runner.cleanup()


async def _empty(_request):
    return web.Response()
