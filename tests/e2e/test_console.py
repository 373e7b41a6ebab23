"""The console against a real hub, a real city and a real browser."""

from __future__ import annotations

import getpass
import json
import time
from datetime import UTC, datetime

import pytest
from demo_hub import arrive, demo
from looked_at import in_scheme, look_at
from playwright.sync_api import expect

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
ME = getpass.getuser()
"""Who starts a demo is who its command line's session is of."""

PATIENCE_S = 40
"""The promise is 15 s on a machine with nothing else to do; ``make bench`` measures it."""

SIZES = {"wide": (1600, 900), "laptop": (1280, 800), "narrow": (420, 900)}


def work_on_something(page, url):
    """A request that is open in the page's session, without a number yet."""
    asked = {"purpose": "missing_endangered", "asked": "What a test asks", "provisional": True}
    headers = {"Watchfloor-Request": "1"}
    opened = page.request.post(f"{url}/api/v1/requests", data=asked, headers=headers)
    chosen = {"request": opened.json()["id"]}
    assert page.request.put(f"{url}/api/v1/session/request", data=chosen, headers=headers).ok
    page.reload()


def test_a_newcomer_sees_the_city_move(browser, tmp_path):
    """From the server's start to events moving on the screen, signed in at the demo's provider."""
    with demo(tmp_path / "data") as running:
        page = browser.new_context(viewport={"width": 1600, "height": 900}).new_page()
        arrive(page, running.url)
        page.get_by_text("Live", exact=True).first.wait_for()
        page.get_by_text("plate reads at").first.wait_for()
        page.get_by_text("SYNTHETIC").first.wait_for()
        assert "code" not in page.url
        assert time.monotonic() - running.started < PATIENCE_S
        page.context.close()


def test_the_first_search_asks_its_purpose_once_and_goes_on_by_itself(browser, city):
    """A purpose, what is asked and no number yet, then the answer; the next search asks nothing."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    arrive(page, city.url)
    page.get_by_placeholder("Plate, address").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("kind:call")
    page.keyboard.press("Enter")
    page.get_by_label("What is asked").fill("A made-up missing person")
    page.get_by_text("Open and work on it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_text("found").first.wait_for()
    page.keyboard.press("/")
    page.keyboard.type(" since:1h")
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash.includes('since')")
    page.get_by_text("found").first.wait_for()
    assert page.get_by_text("What is it for?").count() == 0
    page.context.close()


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
    assert taken["history"][-1]["by"] == ME


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


def test_a_search_that_a_link_brought_waits_for_one_click(open_page, city):
    """A link asks nothing in the name of whoever opens it, though they have a request open."""
    page, asked = open_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{city.url}/#/search?q=kind:call")
    ask = page.get_by_role("region", name="Search from a link", exact=True).get_by_role("button")
    ask.wait_for()
    assert [url for url in asked if "/api/v1/search" in url] == []
    with page.expect_response("**/api/v1/search?**") as answered:
        ask.click()
    assert answered.value.ok
    expect(ask).to_have_count(0)


def test_another_system_is_asked_with_a_purpose_and_answers_in_the_panel(browser, city):
    """By somebody whose training is valid. Nothing is asked before it is said why: what the open
    request does not say has the cursor."""
    page = browser.new_context(viewport={"width": 1600, "height": 900}).new_page()
    page.set_default_timeout(30_000)
    arrive(page, city.url)
    page.get_by_placeholder("Plate, address").wait_for()
    work_on_something(page, city.url)
    page.goto(f"{city.url}/#/search?q=ZZT0003")
    page.get_by_text("Ask another system").click()
    page.get_by_role("button", name="Registration of a vehicle", exact=True).click()
    ask = page.get_by_role("button", name="Ask as Ana Ruiz", exact=True)
    ask.click()
    code = page.get_by_label("Purpose code for", exact=False)
    expect(code).to_be_focused()
    code.select_option("1")
    page.get_by_label("Case or call number", exact=True).fill(city.newest_call()["call"])
    page.get_by_label("Reason", exact=True).fill("Seen at the gate")
    page.get_by_label("Reason code (RSN)", exact=True).select_option(index=1)
    ask.click()
    expect(page.locator(".asked")).to_contain_text("1 answer", timeout=30_000)
    page.get_by_text("LIC ZZT0003", exact=False).wait_for()
    page.get_by_role("button", name="Back to the results", exact=True).click()
    page.get_by_text("Nothing found", exact=True).wait_for()
    page.context.close()


def test_a_note_is_added_to_a_call_and_taken_back(open_page, city):
    """What failed says so, and the form stays; what is done has its receipt in the form's place."""
    page = open_page()
    page.goto(f"{city.url}/#/live?sel=event:{city.newest_call()['seq']}")
    page.get_by_role("button", name="Add a note to a call", exact=True).click()
    note = page.get_by_label("Note", exact=True)
    note.fill("The camera shows nobody.")
    do = page.get_by_role("button", name=f"Add a note to a call, as {ME}", exact=True)
    page.get_by_label("Call", exact=True).fill("SIM-no-such-call")
    do.click()
    page.get_by_text("The dispatch system has no such call.", exact=True).wait_for()
    page.get_by_label("Call", exact=True).fill("SIM-2026-000001")
    do.click()
    page.get_by_text("Done", exact=True).wait_for()
    expect(note).to_have_count(0)
    page.get_by_role("button", name="Take it back", exact=True).click()
    page.get_by_text("Taken back", exact=True).wait_for()


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_clean_and_there_to_be_looked_at(open_page, city, size, scheme):
    width, height = SIZES[size]
    page = in_scheme(open_page(viewport={"width": width, "height": height}), scheme)
    look_at(page, city.url, PAGES, f"{size}-{scheme}")
