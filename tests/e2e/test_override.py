"""A search that one person does not open alone: a supervisor agrees, or nobody answers for two
minutes and it opens as an emergency override (X4), of which whoever oversees is told, and which
waits for a review within a day."""

from __future__ import annotations

import contextlib

import pytest
from demo_hub import FLAGS
from hub import api_of, hub_here, session_of
from made_up import push_source, read
from playwright.async_api import async_playwright, expect
from staff import open_request, signed_in, somebody

from watchfloor.identity import Role
from watchfloor.requests import OVERRIDE_AFTER
from watchfloor.web import COOKIE

pytestmark = pytest.mark.browser

ANA = somebody("ana", Role.ANALYST)
SAM = somebody("sam", Role.SUPERVISOR)
PLATES = 60
"""More than one person reads alone."""
REASON = "A child was taken from the park a minute ago.\nThere is no call number yet."
PATIENCE_MS = 60_000


@pytest.fixture
async def hub(tmp_path):
    """One with more plates than one person reads alone, and a second person who could agree."""
    async with hub_here(tmp_path / "hub", 'contact = "Sam Okafor, 555-0120"\n') as running:
        async with api_of(running.url, session_of(running)) as api:
            await push_source(api, "push-1")
            await api.push("push-1", [read(number) for number in range(PLATES)])
        yield running


@contextlib.asynccontextmanager
async def console(browser, api):
    """The console of whoever is signed in with this API."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    await context.add_cookies([{"name": COOKIE, "value": api.session, "url": api.url}])
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(api.url)
    await page.get_by_role("navigation", name="Pages", exact=True).wait_for()
    yield page
    await context.close()


async def test_whoever_goes_elsewhere_is_told_when_a_supervisor_agrees_and_led_back(hub):
    async with (
        async_playwright() as playwright,
        signed_in(hub, ANA) as ana,
        signed_in(hub, SAM) as sam,
    ):
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        await open_request(ana)
        async with console(browser, ana) as desk:
            waits = desk.get_by_role("status", name="Waits for a second person", exact=True)
            pages = desk.get_by_role("navigation", name="Pages", exact=True)
            found = desk.get_by_text(f"{PLATES} found").first
            await desk.goto(f"{hub.url}/#/search?q=kind:read")
            await desk.get_by_role("button", name="Ask a supervisor", exact=True).click()
            await waits.wait_for()
            await pages.get_by_role("link", name="Alerts").click()
            await expect(desk.get_by_label("How far this reaches")).to_have_count(0)
            await expect(waits).to_have_count(1)
            [asked] = (await sam.get("/approvals"))["items"]
            await sam.send("POST", f"/approvals/{asked['id']}/answer", {"granted": True})
            await desk.get_by_text("sam agreed: ").wait_for()
            await expect(waits).to_have_count(0)
            await desk.get_by_role("link", name="Open it", exact=True).click()
            await found.wait_for()
        await browser.close()


async def test_nobody_answers_and_it_cannot_wait(hub, monkeypatch):
    class TwoMinutesAgo:
        def now(self):
            return hub.hub.clock.now() - OVERRIDE_AFTER

    async with (
        async_playwright() as playwright,
        signed_in(hub, ANA) as ana,
        signed_in(hub, SAM) as sam,
    ):
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        request = await open_request(ana)
        async with console(browser, ana) as desk, console(browser, sam) as office:
            await desk.goto(f"{hub.url}/#/search?q=kind:read")
            with monkeypatch.context() as patch:
                patch.setattr(hub.hub.approvals, "_clock", TwoMinutesAgo())
                await desk.get_by_role("button", name="Ask a supervisor", exact=True).click()
                waits = desk.get_by_role("status", name="Waits for a second person", exact=True)
                cannot_wait = waits.get_by_role("button", name="Nobody answers", exact=False)
                await cannot_wait.wait_for()
            await cannot_wait.click()
            now = waits.get_by_role("button", name="Open it now", exact=True)
            await waits.get_by_label("Whose life or limb", exact=False).fill(REASON.split("\n")[0])
            await expect(now).to_be_disabled()
            await waits.get_by_label("Whose life or limb", exact=False).fill(REASON)
            await now.click()
            await desk.get_by_text(f"{PLATES} found").first.wait_for()
            await expect(waits).to_have_count(0)

            told = office.get_by_text("ana opened an emergency override")
            await told.wait_for()
            await office.goto(f"{hub.url}/#/requests?show=review")
            waiting = office.get_by_role("row").filter(has_text=f"({request})")
            await expect(waiting).to_contain_text("It is an emergency override. Due in 23 h")
            await expect(waiting).to_contain_text("Worked on")
            await waiting.get_by_role("link").first.click()
            await office.get_by_text("Told: sam.").last.wait_for()
            await office.get_by_label("Note of the review").fill("I heard the call.")
            await office.get_by_role("button", name="Justified", exact=True).click()
            await office.get_by_text("by sam", exact=False).first.wait_for()
        await browser.close()
