"""The records officer at the console, signed in at the demo's provider."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from looked_at import look_at
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PATIENCE_MS = 30_000
PAGES = {
    "retention": "/#/retention",
    "holds": "/#/retention?tab=holds",
    "complaints": "/#/disclosure?tab=complaints",
    "reports": "/#/reports?tab=inventory",
    "districts": "/#/reports?tab=districts",
}


def test_a_records_officer_holds_for_a_case_and_answers_a_resident(at_the_desk, city):
    """Each by its page, with nothing of the analyst's or of IT's in reach."""
    page = at_the_desk("Ray Colton")
    pages = page.get_by_role("navigation", name="Pages", exact=True)
    pages.get_by_role("link", name="Retention", exact=True).click()
    expect(pages.get_by_role("link", name="Search", exact=True)).to_have_count(0)
    expect(pages.get_by_role("link", name="Credentials", exact=True)).to_have_count(0)

    page.get_by_role("link", name="Holds", exact=True).click()
    page.get_by_role("button", name="Place a hold", exact=True).click()
    page.get_by_label("Case number", exact=True).fill("ZZ-26-0001")
    page.get_by_label("Key 1", exact=True).fill("ZZT 0001")
    page.get_by_label("Reason", exact=True).fill("Preservation letter")
    approver = page.get_by_label("Who answers for it")
    approver.fill("Ray Colton")
    page.get_by_role("button", name="Place the hold", exact=True).click()
    page.get_by_text("two_people", exact=True).wait_for()
    approver.fill("D. Attorney")
    soon = datetime.now(UTC) + timedelta(days=10)
    page.get_by_label("It ends").fill(soon.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="Place the hold", exact=True).click()
    held = page.get_by_role("row").filter(has_text="ZZ-26-0001")
    expect(held).to_contain_text("Plate ZZT0001", timeout=PATIENCE_MS)
    expect(held).to_contain_text("Ends soon", timeout=PATIENCE_MS)
    page.get_by_role("button", name="1 hold ends", exact=True).click()
    page.get_by_role("link", name="Extend or let go", exact=True).click()
    held.get_by_role("button", name="Extend", exact=True).click()
    page.get_by_label("Why it is still needed", exact=True).fill("The trial is in spring")
    page.get_by_role("button", name="Extend the hold", exact=True).click()
    expect(held).to_contain_text("In force", timeout=PATIENCE_MS)
    expect(held).to_contain_text("The trial is in spring", timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="1 hold ends", exact=True)).to_have_count(0)

    pages.get_by_role("link", name="Disclosure", exact=True).click()
    page.get_by_role("link", name="Complaints", exact=True).click()
    page.get_by_role("button", name="Write one down", exact=True).click()
    page.get_by_label("A plate", exact=True).fill("ZZT0001")
    page.get_by_label("What they complain about", exact=True).fill("Was my car looked up?")
    page.get_by_role("button", name="Write it down", exact=True).click()
    page.get_by_role("button", name="Search the log", exact=True).click()
    page.get_by_label("What was found", exact=True).select_option("nothing_found")
    page.get_by_label("What the resident is told", exact=True).fill("Nobody looked it up.")
    page.get_by_role("button", name="Answer", exact=True).click()
    complaint = page.get_by_role("region", name="Complaint C-")
    expect(complaint).to_contain_text("Answered", timeout=PATIENCE_MS)
    expect(complaint).not_to_contain_text("ZZT0001")
    look_at(page, city.url, PAGES, "records-laptop-dark")
    districts = page.get_by_role("region", name="By district").get_by_role("row")
    expect(districts.filter(has_text="All districts")).to_contain_text("70,523")
