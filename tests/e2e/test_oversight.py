"""What takes more than one person, each at a console of their own."""

from __future__ import annotations

import pytest
from looked_at import look_at
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PATIENCE_MS = 60_000
"""Somebody hears of a question within twenty seconds."""


def test_what_takes_a_second_person_waits_and_goes_on_by_itself(at_the_desk, city):
    kim, tess = at_the_desk("Kim Larsen"), at_the_desk("Tess Brandt")
    kim.goto(f"{city.url}/#/sources?source=gunshots")
    kim.get_by_role("button", name="Switch off", exact=True).click()
    waits = kim.get_by_role("status", name="Waits for a second person", exact=True)
    expect(waits).to_contain_text("It goes on by itself", timeout=PATIENCE_MS)
    tess.get_by_role("button", name="1 question waits for your answer", exact=True).click()
    tess.get_by_role("button", name="Agree", exact=True).click()
    kim.get_by_role("button", name="Switch on", exact=True).wait_for()
    expect(waits).to_have_count(0)


def test_a_finding_is_signed_off_with_the_keyboard(at_the_desk, city):
    for _ in range(3):
        list(city.client.lines("/search", q="plate:ZZT1234"))
    noor = at_the_desk("Noor Haddad")
    look_at(noor, city.url, {"policy": "/#/policy", "review": "/#/review"}, "auditor-laptop")
    noor.get_by_role("button", name="Look now", exact=True).click()
    noor.get_by_role("list", name="Reviews", exact=True).wait_for()
    noor.keyboard.press("j")
    noor.get_by_role("region", name="Review V-").get_by_text("Record").first.wait_for()
    noor.keyboard.press("u")
    noor.keyboard.type("I asked them for the case file.")
    noor.keyboard.press("Enter")
    noor.get_by_text("signed as unclear").wait_for()
    assert city.client.get("/oversight/standing")["signed"] == 1
