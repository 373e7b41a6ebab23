"""``watchfloor sign-in``: a person at the command line, by the agency's provider."""

from __future__ import annotations

import asyncio
import re
import stat
from html import unescape

import aiohttp
import pytest
import typer
from with_provider import BANNER, Browser, agency

from watchfloor.cli import signed_in


class Desktop:
    """Opens a browser where the command asks for one, and somebody signs in there."""

    def __init__(self, browser, monkeypatch):
        self.browser = browser
        self.read_the_notice = True
        self._loop = asyncio.get_running_loop()
        monkeypatch.setattr("webbrowser.open", self._open)
        monkeypatch.setattr("watchfloor.cli.sign_in.typer.confirm", self._confirm)

    def _open(self, url):
        asyncio.run_coroutine_threadsafe(self._visit(url), self._loop)

    def _confirm(self, *_, **__):
        if not self.read_the_notice:
            raise typer.Abort

    async def _visit(self, url):
        async with self.browser.http.get(url, allow_redirects=False) as answer:
            to_provider = answer.headers["Location"]
        assert "prompt=login" in to_provider
        back = await self.browser.visitor.sign_in(to_provider, "aruiz")
        url = f"{self.browser.url}/api/v1/sign-in/callback"
        async with self.browser.http.get(url, params=back) as answer:
            [loopback] = re.findall(r'href="(http://127\.0\.0\.1:[^"]+)"', await answer.text())
        loopback = unescape(loopback)
        async with aiohttp.ClientSession() as session:
            await (await session.get(f"{loopback}x")).read()  # another sign-in's mark
            await (await session.get(loopback)).read()


@pytest.fixture
async def hub(data_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    data_dir.mkdir()
    async with agency(data_dir, BANNER) as (running, _):
        yield running


def terminals(hub):
    return [each for each in hub.hub.sessions.all() if each.person.handle == "aruiz"]


async def test_a_person_signs_in_works_and_signs_out(hub, run, data_dir, tmp_path, monkeypatch):
    async with Browser(hub.url) as browser:
        desktop = Desktop(browser, monkeypatch)
        desktop.read_the_notice = False
        assert (await run("sign-in")).code == 1
        assert signed_in.read(data_dir) is None
        asked = await run("policy", "propose", "--json")
        assert asked.error["code"] == "reauthenticate", "the machine vouches for nobody"
        assert "watchfloor sign-in" in asked.error["remedy"]
        desktop.read_the_notice = True
        shown = await run("sign-in")
    assert BANNER in shown.err
    assert "analyst" in shown.out
    file = tmp_path / "state" / "watchfloor-cli" / signed_in.FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    [session, _] = terminals(hub)
    assert session.acknowledged
    assert (await run("request", "list")).code == 0
    assert (await run("policy", "propose", "--json")).error["code"] == "not_your_role"
    assert (await run("sign-out")).code == 0
    assert session not in terminals(hub)
    assert (await run("sign-out", "--json")).error["code"] == "not_signed_in"


async def test_a_hub_elsewhere_is_reached_by_https(run):
    refused = await run("sign-in", "http://hub.example.org", "--json")
    assert (refused.code, refused.error["code"]) == (2, "usage")
