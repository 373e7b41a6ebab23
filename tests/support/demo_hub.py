"""A demo in processes of its own, and pages of a real browser on it."""

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

from playwright.sync_api import Browser, Page

from watchfloor.cli.client import Client

SHOTS = Path(__file__).parents[2] / "var" / "screenshots"
"""Where somebody can look at what the tests saw."""

FLAGS = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that answers."""

    url: str
    link: str
    client: Client
    started: float


@contextmanager
def demo(data_dir: Path, *options: str) -> Iterator[Demo]:
    """``watchfloor demo`` from its first line to a clean end."""
    command = [
        sys.executable, "-m", "watchfloor", "demo", "--port", "0", "--no-browser",
        "--as", "Alex Example", "--data-dir", str(data_dir), *options,
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout
        text = ""
        while "token=" not in text:
            line = process.stdout.readline()
            assert line, f"the demo ended: {text}"
            text += line
        link = re.search(r"http://\S+#token=\S+", text)[0]
        yield Demo(link.split("/#")[0], link, Client.of(data_dir), time.monotonic())
    finally:
        process.send_signal(signal.SIGINT)
        left = process.wait(15)
        process.stdout.close()
        assert left == 0


def sign_in(browser: Browser, running: Demo, **options) -> Page:
    """A page with a session, without using up the one-time link."""
    context = browser.new_context(**{"viewport": {"width": 1600, "height": 900}, **options})
    session = json.loads((running.client.data_dir / "run.json").read_text())["session"]
    context.add_cookies([{"name": "watchfloor_session", "value": session, "url": running.url}])
    page = context.new_page()
    page.set_default_timeout(30_000)
    return page
