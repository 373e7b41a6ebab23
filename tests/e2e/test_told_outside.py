"""What leaves the hub by hand: a delivery that was given up, and the support bundle."""

from __future__ import annotations

import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from demo_hub import SHOTS, Demo, serving, sign_in
from looked_at import in_scheme, look_at
from made_up import call
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

RULE = """\
id: robbery
title: Robbery
description: An open call that speaks of a robbery.
severity: high
kinds: [call]
when: "'robbery' in words"
notify: [desk]
"""

SIZES = {"wide-dark": (1440, 900), "narrow-light": (390, 844)}


class Receiver(HTTPServer):
    """Somebody outside, who answers each message with ``status``."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.status = 200
        self.ids: list[str] = []


class _Answers(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))  # else the answer is reset
        self.server.ids.append(self.headers["webhook-id"])
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not on the screen of the tests."""


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture(scope="module")
def hub(tmp_path_factory, receiver) -> Iterator[Demo]:
    data_dir = tmp_path_factory.mktemp("hub")
    let_through = f'outgoing_hosts = ["127.0.0.1:{receiver.server_port}"]'
    (data_dir / "hub.toml").write_text(let_through + "\n")
    with serving(data_dir) as running:
        running.client.send("PUT", "/sources/push-1", {"connector": "push", "name": "Dispatch"})
        running.client.send("PUT", "/rules/robbery", {"document": RULE})
        yield running


@pytest.fixture(params=SIZES)
def page(request, browser, hub) -> Iterator[Page]:
    width, height = SIZES[request.param]
    page = sign_in(browser, hub, viewport={"width": width, "height": height})
    page.label = request.param
    yield in_scheme(page, request.param.rpartition("-")[2])
    page.context.close()


def test_a_delivery_that_was_given_up_is_tried_once_more(page, hub, receiver):
    """With its reason before, and what became of it after: the same message, delivered."""
    channel = {"url": f"http://127.0.0.1:{receiver.server_port}/"}
    hub.client.send("PUT", "/channels/desk", channel)
    receiver.status = 410
    alert = _alert(hub, number=1 + len(receiver.ids))
    look_at(page, hub.url, {"alert-given-up": f"/#/alerts?sel=alert:{alert}"}, page.label)
    told = page.get_by_role("heading", name="Told outside").locator("xpath=../..")
    told.get_by_text("Given up", exact=True).wait_for()
    told.get_by_text("The receiver wants no more messages (410)").wait_for()
    hub.client.send("PUT", "/channels/desk", channel)
    receiver.status = 200
    page.get_by_text("Not delivered outside", exact=True).wait_for()
    told.get_by_role("button", name="Try again").click()
    told.get_by_text("Delivered", exact=True).wait_for()
    expect(told.get_by_role("button", name="Try again")).to_have_count(0)
    page.screenshot(path=SHOTS / f"alert-delivered-{page.label}.png")
    assert receiver.ids[-1] == receiver.ids[-2]


def _alert(hub: Demo, number: int) -> int:
    """A call that alerts, whose delivery has been given up."""
    hub.client.send("POST", "/events", [call(number)], source="push-1")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for alert in hub.client.get("/alerts")["items"]:
            if alert["deliveries"]["given_up"]:
                return alert["id"]
        time.sleep(0.1)
    raise AssertionError("nothing was given up")


def test_the_support_bundle_is_saved_from_the_page_of_sources(page, hub, tmp_path):
    page.goto(f"{hub.url}/#/sources")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Support bundle", exact=True).click()
    saved = saving.value
    assert saved.suggested_filename == "watchfloor-support.zip"
    saved.save_as(tmp_path / "bundle.zip")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as bundle:
        assert {"about.json", "sources.json", "connectors.json"} <= set(bundle.namelist())
