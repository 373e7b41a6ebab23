"""A hub whose people sign in by the demo's provider."""

from __future__ import annotations

import contextlib
import socket
from datetime import date

import aiohttp
from sign_on import Visitor
from yarl import URL

from watchfloor.bootstrap import Options, running_hub
from watchfloor.ports.signon import CALLBACK, LOGGED_OUT
from watchfloor.web import COOKIE
from watchfloor.web.csrf import HEADER
from watchfloor_city.demo.provider import GROUPS, Client, demo_people, start_provider

TODAY = date.today()
SETTINGS = """
agency = "ex-pd"
{banner}
outgoing_hosts = ["{host}"]
[sign_on]
issuer = "{issuer}"
client_id = "watchfloor"
client_auth = "none"
contact = "the help desk"
[sign_on.roles]
{roles}
"""
BANNER = "This system is restricted, monitored and audited."


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Browser:
    """A browser with the hub's cookies and the provider's."""

    def __init__(self, url):
        self.url = url
        jar = aiohttp.CookieJar(unsafe=True)
        self.http = aiohttp.ClientSession(cookie_jar=jar, headers={HEADER: "1"})
        self.visitor = Visitor()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.http.close()
        await self.visitor.__aexit__()

    async def ask(self, method, path, **more):
        async with self.http.request(
            method, f"{self.url}/api/v1{path}", allow_redirects=False, **more
        ) as answer:
            body = await answer.json() if answer.content_type == "application/json" else None
            return answer.status, body, answer.headers

    async def depart(self, query=""):
        status, _, headers = await self.ask("GET", f"/sign-in{query}")
        assert status == 302
        return headers["Location"]

    async def come_back(self, query):
        status, _, headers = await self.ask("GET", "/sign-in/callback", params=query)
        assert status == 302
        return headers["Location"]

    async def sign_in(self, person, query="?to=/%23/live"):
        url = await self.depart(query)
        return await self.come_back(await self.visitor.sign_in(url, person))

    def session(self):
        [cookie] = [each for each in self.http.cookie_jar if each.key == COOKIE]
        return cookie.value


@contextlib.asynccontextmanager
async def agency(tmp_path, banner=""):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    client = Client(
        "watchfloor", [f"{url}{CALLBACK}"], backchannel_logout_uri=f"{url}{LOGGED_OUT}",
        post_logout_redirect_uris=[f"{url}/"],
    )  # fmt: skip
    async with start_provider("127.0.0.1", 0, [client], demo_people(TODAY)) as provider:
        roles = "\n".join(f'"{group}" = "{role}"' for role, group in GROUPS.items())
        said = SETTINGS.format(
            issuer=provider.issuer, roles=roles, banner=banner and f'sign_in_banner = "{banner}"',
            host=URL(provider.issuer).authority,
        )  # fmt: skip
        (tmp_path / "hub.toml").write_text(said)
        async with running_hub(Options(tmp_path, port=port, hooks_port=0)) as hub:
            yield hub, provider
