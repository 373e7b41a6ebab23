"""The console against a real hub, a real city and a real browser."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from demo_hub import demo
from looked_at import in_scheme, look_at

pytestmark = pytest.mark.browser

PAGES = {
    "live": "/#/live",
    "search": "/#/search?q=kind%3Acall",
    "alerts": "/#/alerts",
    "cameras": "/#/cameras",
    "sources": "/#/sources",
    "settings": "/#/settings",
    "nothing-closed": "/#/alerts?state=closed",
    "hot-lists": "/#/settings?tab=hot-lists",
    "dead-letters": "/#/settings?tab=dead-letters",
}
PATIENCE_S = 40
"""The promise is 15 s on a machine with nothing else to do; ``make bench`` measures it."""

SIZES = {"wide": (1600, 900), "laptop": (1280, 800), "narrow": (420, 900)}


def test_a_newcomer_sees_the_city_move(browser, tmp_path):
    """From the server's start to events moving on the screen, with the printed one-time link,
    which then is used up."""
    with demo(tmp_path / "data") as running:
        page = browser.new_context(viewport={"width": 1600, "height": 900}).new_page()
        page.goto(running.link)
        page.get_by_text("Live", exact=True).first.wait_for()
        page.get_by_text("plate reads at").first.wait_for()
        page.get_by_text("SYNTHETIC").first.wait_for()
        assert "token" not in page.url
        assert time.monotonic() - running.started < PATIENCE_S

        again = browser.new_context().new_page()
        again.goto(running.link)
        again.get_by_text("sign-in link").first.wait_for()
        page.context.close()
        again.context.close()


def test_search_shows_what_was_found_and_how_it_was_understood(open_page, city):
    page = open_page()
    page.goto(city.url)
    page.get_by_placeholder("Plate, address").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("kind:call")
    page.keyboard.press("Enter")
    page.get_by_text("call events").wait_for()
    page.get_by_text("found").first.wait_for()
    assert "q=kind" in page.url


def raise_an_alert(client):
    """By a call with a weapon: the city itself may be quiet at this hour."""
    client.send("PUT", "/sources/push", {"connector": "push", "name": "Push", "synthetic": True})
    call = {
        "specversion": "1.0", "id": "c-1", "source": "push", "subject": "call/c-1",
        "type": "watchfloor.cad.incident.v1", "time": datetime.now(UTC).isoformat(),
        "dataclassification": "agency",
        "data": {"call_number": "Z-1", "status": "Active", "priority": 1,
                 "incident_type": {"text": "ARMED ROBBERY"}},
    }  # fmt: skip
    client.send("POST", "/events", json.dumps([call]).encode(), source="push")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for alert in client.get("/alerts", state="new")["items"]:
            if "Armed robbery" in alert["title"]:
                return
        time.sleep(0.2)
    raise AssertionError("the call raised no alert")


def test_an_alert_is_taken_with_the_keyboard_in_the_persons_name(open_page, city):
    raise_an_alert(city.client)
    page = open_page()
    page.goto(f"{city.url}/#/alerts")
    # Some alert: in a busy hour this one may stand too far down to be drawn.
    page.get_by_role("region", name="Alerts", exact=True).get_by_role("listitem").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.get_by_text("Acknowledged").first.wait_for()
    [taken] = city.client.get("/alerts", state="acknowledged")["items"]
    assert taken["history"][-1]["by"] == "Alex Example"


def test_dropping_dead_letters_is_asked_for_twice(open_page, city):
    """Nothing brings a dropped letter back."""
    city.client.send("PUT", "/sources/push", {"connector": "push", "name": "Push"})
    city.client.send("POST", "/events", b'[{"id": "no event"}]', source="push")
    page = open_page()
    page.goto(f"{city.url}/#/settings?tab=dead-letters&source=push")
    page.get_by_label("Pick all", exact=True).check()
    page.get_by_role("button", name="Drop", exact=True).click()
    page.get_by_role("button", name="Keep", exact=True).click()
    assert city.client.get("/dead-letters", source="push")["items"]
    page.get_by_role("button", name="Drop", exact=True).click()
    page.get_by_role("button", name="Drop for good", exact=True).click()
    page.get_by_text("No dead letters", exact=True).wait_for()
    assert city.client.get("/dead-letters", source="push")["items"] == []


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_clean_and_there_to_be_looked_at(open_page, city, size, scheme):
    width, height = SIZES[size]
    page = in_scheme(open_page(viewport={"width": width, "height": height}), scheme)
    look_at(page, city.url, PAGES, f"{size}-{scheme}")
