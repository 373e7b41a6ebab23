"""The vendor's side at the console: signing in there as oneself, its own log, how it shares."""

from __future__ import annotations

import csv
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from demo_hub import Demo
from looked_at import look_at
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PATIENCE_MS = 60_000
VENDOR = "Flock Safety"
THERE = "sim-analyst"
PAST = {
    "ID": "SIM-P1", "User": "user-9", "Organization": "Example Agency", "Networks": "1",
    "Reason": "none", "Case Number": "", "Plate": "ZZT0009",
}  # fmt: skip


@pytest.fixture
def source(city):
    """The demo answers before all its sources are there, and one is there before it runs."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while not (there := flock(city)) or there["state"] != "running":
        assert time.monotonic() < until, there
        time.sleep(0.2)
    return there


def flock(city: Demo) -> dict[str, Any]:
    """As the list has it; empty before it is there."""
    items = city.client.get("/sources")["items"]
    return next((each for each in items if each["id"] == "flock"), {})


def start_anew(city: Demo) -> None:
    """Flock's worker, until the next one runs."""
    before = flock(city)["pid"]
    city.client.send("POST", "/sources/flock/restart")
    until = time.monotonic() + PATIENCE_MS / 1000
    while (now := flock(city))["pid"] in (None, before) or now["state"] != "running":
        assert time.monotonic() < until, now
        time.sleep(0.2)


@pytest.fixture
def as_oneself(city, source):
    """Flock wants to know who asks. Its own site is another one than the hub's, as it is outside:
    a browser does not bring the session along from there."""
    there = source["config"]["authorize_url"].replace("127.0.0.1", "localhost")
    config = {**source["config"], "look_ups_as": "user", "authorize_url": there}
    wanted = {"connector": "flock", "name": source["name"], "synthetic": True}
    city.client.send("PUT", "/sources/flock", {**wanted, "config": config})


def sign_in_there(page: Page, answer: str) -> Page:
    """Press the button, answer on the vendor's own page; its window."""
    with page.expect_popup() as opened:
        page.get_by_role("button", name=f"Sign in at {VENDOR}", exact=True).click()
    opened.value.get_by_role("button", name=answer, exact=True).click()
    return opened.value


@pytest.mark.usefixtures("as_oneself")
def test_a_question_waits_while_its_person_signs_in_at_the_vendor(at_the_desk, city):
    ana = at_the_desk("Ana Ruiz")
    ana.goto(f"{city.url}/#/search?q=plate:ZZT1234")
    form = ana.get_by_role("dialog")
    form.get_by_label("Purpose", exact=True).select_option(label="Stolen vehicle or plate")
    form.get_by_label("What is asked", exact=True).fill("Where was it seen?")
    form.get_by_role("button", name="Open and work on it", exact=True).click()
    asking = ana.get_by_role("region", name="Ask another system", exact=True)
    asking.get_by_text("Ask another system").click()
    asking.get_by_role("button", name="Where Flock read a plate", exact=True).click()
    asking.get_by_label("Case or call number", exact=True).fill(city.newest_call()["call"])
    asking.get_by_label("Reason", exact=True).fill("Seen at the gate")
    refused = sign_in_there(ana, "Not now")
    expect(refused.get_by_text("The vendor did not let you in")).to_be_visible()
    refused.close()
    where = ana.url

    window = sign_in_there(ana, f"Sign in as {THERE}")
    ask = asking.get_by_role("button", name="Ask as Ana Ruiz", exact=True)
    expect(ask).to_be_focused(timeout=PATIENCE_MS)
    assert window.is_closed()
    assert ana.url == where
    expect(asking).to_contain_text(f"Signed in at {VENDOR} until")
    ana.keyboard.press("Enter")
    expect(asking).to_contain_text("Asked and answered", timeout=PATIENCE_MS)

    start_anew(city)  # and forgets who was signed in
    asking.get_by_role("button", name="Change the question", exact=True).click()
    expect(ask).to_be_visible()
    ask.click()
    expect(asking).to_contain_text("you are not signed in there", timeout=PATIENCE_MS)
    sign_in_there(ana, f"Sign in as {THERE}")
    again = asking.get_by_role("button", name="Ask again as Ana Ruiz", exact=True)
    expect(again).to_be_focused(timeout=PATIENCE_MS)
    again.click()
    expect(asking).to_contain_text("Asked and answered", timeout=PATIENCE_MS)
    asking.get_by_role("button", name="Change the question", exact=True).click()
    asking.get_by_role("button", name="Sign out there", exact=True).click()
    asking.get_by_role("button", name=f"Sign in at {VENDOR}", exact=True).wait_for()


def test_a_search_past_the_hub_is_found_read_and_signed_off(at_the_desk, city, source):
    exports = Path(source["config"]["exports"])
    when = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    with (exports / "audit.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["Time", *PAST])
        writer.writeheader()
        writer.writerow({"Time": when, **PAST})
    noor = at_the_desk("Noor Haddad")
    city.client.send("POST", "/vendor-logs/compare")
    look_at(noor, city.url, {"vendor-logs": "/#/audit?tab=vendors&of=flock"}, "auditor-laptop")
    noor.get_by_role("button", name="Fetch and compare now", exact=True).click()
    noor.get_by_text("Nothing new was found").wait_for()
    found = noor.get_by_role("list", name="Differences", exact=True)
    expect(found).to_contain_text("that this hub did not ask (rows SIM-P1)")
    expect(noor.locator("body")).not_to_contain_text("ZZT0009")
    found.get_by_role("button").filter(has_text="user-9").click()
    noor.get_by_text("Your verdict", exact=True).wait_for()
    noor.keyboard.press("u")
    noor.keyboard.type("I asked the vendor who that is.")
    noor.keyboard.press("Enter")
    noor.get_by_text("signed as unclear").wait_for()
    noor.goto(f"{city.url}/#/audit?tab=vendors")
    expect(found).to_contain_text("Unclear", timeout=PATIENCE_MS)


def test_two_people_approve_how_a_vendor_shares(at_the_desk, city, source):
    exports = Path(source["config"]["exports"])
    (exports / "sharing.csv").write_text("Setting,Value\nNational Lookup,On\nWho sees,All\n")
    city.client.send("POST", "/vendor-logs/compare")
    kim, tess = at_the_desk("Kim Larsen"), at_the_desk("Tess Brandt")
    shares = kim.get_by_role("link", name="Look at what it shares", exact=True)
    expect(shares).to_have_count(3, timeout=PATIENCE_MS)  # each a repair of its own
    shares.first.click()
    national = kim.get_by_role("row").filter(has_text="National Lookup")
    expect(national).to_contain_text("Not approved", timeout=PATIENCE_MS)
    national.get_by_role("button", name="Approve as it is", exact=True).click()
    sure = national.get_by_role("group", name="Let it stay open?", exact=True)
    sure.get_by_role("button", name="Approve as it is", exact=True).click()
    waits = kim.get_by_role("status", name="Waits for a second person", exact=True)
    expect(waits).to_contain_text("Approve “on” for how a vendor shares", timeout=PATIENCE_MS)
    expect(national).to_contain_text("nobody yet")
    tess.get_by_role("button", name="1 question waits for your answer", exact=True).click()
    expect(tess.get_by_text("Approve “on” for how a vendor shares")).to_be_visible()
    tess.get_by_role("button", name="Agree", exact=True).click()
    expect(national).to_contain_text("As approved", timeout=PATIENCE_MS)
