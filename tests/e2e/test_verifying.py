"""A hit is checked with the key ``v`` against a real hub and city: also one from before a restart,
for which the vendors still have the picture and the list still wants the plate."""

from __future__ import annotations

import getpass
import time
from collections.abc import Iterator

import pytest
from demo_hub import Demo, demo, sign_in
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

HITS_S = 120


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Iterator[Demo]:
    """A city that was restarted after it had hits."""
    state = tmp_path_factory.mktemp("verifying")
    with demo(state) as before:
        want_who_drives(before, at_least=3)
        wanted = entries(before)
    with demo(state) as again:
        still_wanted(again, wanted)
        yield again


def want_who_drives(city: Demo, at_least: int) -> None:
    """The city's own hits are rare at night: whoever is read is wanted, too, until so many were
    hit. Vehicles pass several readers on their way."""
    terms = {"name": "Whoever drives", "owner": "Test", "reason": "Stolen vehicle"}
    city.client.send("PUT", "/hot-lists/drivers", terms)
    request = city.client.get("/session")["request"]
    deadline = time.monotonic() + HITS_S
    while len(unverified(city)) < at_least:
        assert time.monotonic() < deadline, "the city had no hits"
        reads = city.client.get("/events", kind="read", limit=500)["items"]
        plates = {read["headline"].split()[0] for read in reads} or {"ZZT0000"}
        wanted = "\n".join(["plate", *plates]).encode()
        city.client.send("PUT", "/session/request", {"request": None})
        city.client.send("PUT", "/hot-lists/drivers/entries", wanted, content_type="text/csv")
        city.client.send("PUT", "/session/request", {"request": request})
        time.sleep(1)


def still_wanted(city: Demo, before: int) -> None:
    """The restarted demo adds to its list: who was wanted before stays on it."""
    deadline = time.monotonic() + HITS_S
    while entries(city) <= before:
        assert time.monotonic() < deadline, "the list was replaced"
        time.sleep(0.2)


def entries(city: Demo) -> int:
    lists = city.client.get("/hot-lists")["items"]
    return next(each["entries"] for each in lists if each["id"] == "demo-wanted")


def unverified(city: Demo) -> list[dict]:
    """Hits of our own lists: a vendor's own is checked with the vendor."""
    items = city.client.get("/alerts", state="new")["items"]
    hits = [each for each in items if each["verification"] == "unverified" and each["hot_list"]]
    return sorted(hits, key=lambda alert: alert["id"])


def check(browser: Browser, city: Demo, alert: dict) -> Page:
    """The check of a hit, opened with its key, with the picture to be looked at."""
    page = sign_in(browser, city)
    page.goto(f"{city.url}/#/alerts?sel=alert:{alert['id']}")
    page.get_by_role("region", name="Details").get_by_text("Unverified", exact=True).wait_for()
    page.keyboard.press("v")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("img", name="as the reader saw it").wait_for()
    assert dialog.get_by_role("button", name="Confirm the hit").is_disabled()
    return page


def settled(city: Demo, alert: dict) -> dict:
    return city.client.get(f"/alerts/{alert['id']}")


def own_step(alert: dict) -> dict:
    """What the one who checked did last: meanwhile the vehicle may pass another reader."""
    own = [each for each in alert["history"] if each["by"] == getpass.getuser()]
    return own[-1]


def test_v_leads_to_a_confirmed_hit_that_was_found_before_the_restart(browser, city):
    hit = unverified(city)[0]
    page = check(browser, city, hit)
    for key in "123":  # plate, issuing state, picture
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.get_by_role("region", name="Details").get_by_text("Confirmed").first.wait_for()
    page.context.close()
    after = settled(city, hit)
    assert (after["verification"], after["state"]) == ("confirmed", "acknowledged")
    assert "still on the list" in own_step(after)["note"]


def test_enter_confirms_nothing_that_was_not_looked_at_and_w_marks_it_wrong(browser, city):
    hit = unverified(city)[0]
    page = check(browser, city, hit)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    assert settled(city, hit)["verification"] == "unverified"
    page.keyboard.press("w")
    page.get_by_role("region", name="Details").get_by_text("Marked wrong").first.wait_for()
    page.context.close()
    after = settled(city, hit)
    assert (after["verification"], after["state"]) == ("wrong", "closed")
    assert own_step(after)["did"] == "marked wrong"


def test_a_hit_is_labelled_synthetic_in_inbox_and_check(browser, city):
    hit = unverified(city)[0]
    assert hit["synthetic"] is True
    page = check(browser, city, hit)
    page.get_by_role("dialog").get_by_text("Synthetic", exact=True).wait_for()
    page.context.close()
