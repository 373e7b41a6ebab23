"""A demo or a hub in processes of their own, and pages of a real browser on them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from watchfloor.cli.client import Client

SHOTS = Path(__file__).parents[2] / "var" / "screenshots"
"""Where somebody can look at what the tests saw."""

FLAGS = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
]  # fmt: skip


_CALL_S = 60


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo or a hub that answers."""

    url: str
    client: Client
    started: float

    def newest_call(self) -> dict[str, Any]:
        """The newest call for service, as a list has it, once there is one."""
        until = time.monotonic() + _CALL_S
        while not (calls := self.client.get("/events", kind="call", limit=1)["items"]):
            assert time.monotonic() < until, "the city has no call yet"
            time.sleep(0.5)
        newest: dict[str, Any] = calls[0]
        return newest


@contextmanager
def demo(data_dir: Path, *options: str) -> Iterator[Demo]:
    """``watchfloor demo`` from its first line to a clean end."""
    with _running(data_dir, "demo", "--port", "0", "--no-browser", *options) as running:
        _until_set_up(running.client)
        _work_on(running.client)
        yield running


@contextmanager
def serving(data_dir: Path) -> Iterator[Demo]:
    """``watchfloor serve`` with the connectors beside it, from its first line to a clean end."""
    ports = ("--port", "0", "--hooks-port", "0")
    given = ("--as", "Alex Example", *ports, "--log-level", "error")
    with _running(data_dir, "serve", "--development", *given) as running:
        _work_on(running.client)
        yield running


@contextmanager
def _running(data_dir: Path, *command: str) -> Iterator[Demo]:
    given = [*command, "--data-dir", str(data_dir)]
    process = subprocess.Popen(
        [sys.executable, "-m", "watchfloor", *given],
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout
        text = ""
        while (said := re.search(r"is at (http://\S+)\n", text)) is None:
            line = process.stdout.readline()
            assert line, f"it ended: {text}"
            text += line
        yield Demo(said[1], Client.of(data_dir), time.monotonic())
    finally:
        process.send_signal(signal.SIGINT)
        left = process.wait(20)
        process.stdout.close()
        assert left == 0


def _until_set_up(client: Client) -> None:
    """The demo puts its hot list in by the same session, which has no request open for that."""
    deadline = time.monotonic() + 60
    while not any(each["entries"] for each in client.send("GET", "/hot-lists")["items"]):
        assert time.monotonic() < deadline, "the demo has no hot list"
        time.sleep(0.1)


def _work_on(client: Client) -> None:
    """Have a request open: what these tests look up, they look up for it."""
    asked = {"purpose": "missing_endangered", "asked": "What a test asks", "provisional": True}
    request = client.send("POST", "/requests", asked)
    client.send("PUT", "/session/request", {"request": request["id"]})


def sign_in(browser: Browser, running: Demo, **options) -> Page:
    """A page with a session, without using up the one-time link."""
    context = browser.new_context(**{"viewport": {"width": 1600, "height": 900}, **options})
    session = json.loads((running.client.data_dir / "run.json").read_text())["session"]
    context.add_cookies([{"name": "watchfloor_session", "value": session, "url": running.url}])
    page = context.new_page()
    page.set_default_timeout(30_000)
    return page


def arrive(page: Page, url: str, who: str = "Ana Ruiz") -> None:
    """As one of the made-up people of the demo's agency, at its provider; up to the notice that is
    agreed to."""
    page.goto(url)
    page.get_by_text("Sign in with your agency account").click()
    page.get_by_text(who, exact=True).click()
    page.get_by_role("button", name="Touch the security key").click()
    page.get_by_text("I have read this and agree").click()
