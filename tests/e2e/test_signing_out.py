"""What is left behind at a console whose session has ended, and how the next person begins."""

from __future__ import annotations

import re

import pytest
from demo_hub import FLAGS
from hub import api_of, hub_here, session_of
from made_up import push_source, read
from playwright.async_api import async_playwright, expect
from staff import open_request, signed_in, somebody

from watchfloor.identity import Role
from watchfloor.web import COOKIE

pytestmark = pytest.mark.browser

ANA = somebody("ana", Role.ANALYST)
SAM = somebody("sam", Role.SUPERVISOR)
KIM = somebody("kim", Role.AGENCY_IT)
PLATE = "ZZT0001"
SIGN_IN = "Sign in with your agency account"
PATIENCE_MS = 60_000


@pytest.fixture
async def hub(tmp_path):
    """One with a plate to look for."""
    async with hub_here(tmp_path / "hub") as running:
        async with api_of(running.url, session_of(running)) as api:
            await push_source(api, "push-1")
            await api.push("push-1", [read(1)])
        yield running


@pytest.fixture
async def page(hub):
    """A browser's tab."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(PATIENCE_MS)
        yield page
        await browser.close()


async def sit_down(page, api):
    """At this tab, as whoever is signed in with this API."""
    await page.context.add_cookies([{"name": COOKIE, "value": api.session, "url": api.url}])
    await page.goto(f"{api.url}/")
    await page.get_by_role("navigation", name="Pages", exact=True).wait_for()


async def search(page):
    """Look the plate up as a person does."""
    await page.get_by_label("Search everything").fill(PLATE)
    await page.keyboard.press("Enter")
    await page.get_by_text("1 found", exact=False).first.wait_for()


async def is_nowhere(page, plate):
    """Neither in the address, nor on the screen."""
    assert plate not in page.url
    await expect(page.get_by_label("Search everything")).to_have_value("")
    await expect(page.get_by_text(plate)).to_have_count(0)


@pytest.fixture
async def desk(hub, page):
    """Ana's, at which she has looked the plate up."""
    async with signed_in(hub, ANA) as ana:
        await open_request(ana)
        await sit_down(page, ana)
        await search(page)
        yield page


async def test_after_somebody_signed_out_the_next_person_finds_nothing_of_theirs(hub, desk):
    await desk.get_by_role("button", name="Ana: menu", exact=True).click()
    await desk.get_by_role("menuitem", name="Sign out", exact=True).click()
    await desk.get_by_role("button", name=SIGN_IN, exact=True).wait_for()
    async with signed_in(hub, SAM) as sam:
        await sit_down(desk, sam)
        await is_nowhere(desk, PLATE)


async def test_after_a_session_was_ended_the_next_person_finds_nothing_of_it(hub, desk):
    """What failed is not said on the page on which one signs in, either."""
    failed = desk.get_by_text("The hub does not answer")
    await desk.route("**/api/v1/session/request", lambda route: route.abort())
    await desk.get_by_role("button", name="For R-").click()
    await desk.get_by_role("button", name="Put it aside", exact=True).click()
    await failed.wait_for()
    hub.hub.sessions.end_where(lambda session: session.person.id == ANA.id)
    await desk.get_by_role("button", name=SIGN_IN, exact=True).wait_for()
    await expect(failed).to_have_count(0)
    async with signed_in(hub, SAM) as sam:
        await sit_down(desk, sam)
        await is_nowhere(desk, PLATE)


@pytest.fixture
async def left_desk(desk):
    """Ana's, at which she was on several pages before she signed out."""
    for name in ("Cameras", "Live"):
        await desk.get_by_role("link", name=name, exact=True).click()
    await desk.get_by_role("button", name="Ana: menu", exact=True).click()
    await desk.get_by_role("menuitem", name="Sign out", exact=True).click()
    await desk.get_by_role("button", name=SIGN_IN, exact=True).wait_for()
    return desk


async def steps_back(page):
    """As many as lead to the first page of the hub in this tab; before it is a blank one."""
    for _ in range(await page.evaluate("history.length") - 2):
        await page.go_back()
        yield


async def test_the_way_back_leads_nobody_to_where_somebody_was(hub, left_desk):
    """The browser keeps every address of the tab: those of a search hold a plate."""
    async with signed_in(hub, SAM) as sam:
        await sit_down(left_desk, sam)
        async for _ in steps_back(left_desk):
            await left_desk.get_by_role("navigation", name="Pages", exact=True).wait_for()
            await is_nowhere(left_desk, PLATE)


async def test_while_nobody_is_here_the_way_back_shows_no_address(hub, left_desk):
    async for _ in steps_back(left_desk):
        await left_desk.get_by_role("button", name=SIGN_IN, exact=True).wait_for()
        assert left_desk.url == f"{hub.url}/#/away"


# --- while nobody can sign in at the provider ----------------------------------------------------

NIGHT = {"id": "night", "name": "Night Desk", "role": "supervisor",
         "password": "Marmalade tugboat 7 lanterns"}  # fmt: skip


@pytest.fixture
async def account(hub):
    """A break-glass account, made by one person and opened by another."""
    async with signed_in(hub, KIM) as kim, signed_in(hub, SAM) as sam:
        await kim.send("POST", "/break-glass", NIGHT)
        await sam.send("POST", "/break-glass/night/enable")


async def try_passwords(form, verb):
    """A wrong one, which is refused, and then the right one."""
    password, go_on = form.get_by_label("Its password"), form.get_by_role("button", name=verb)
    await password.fill("wrong")
    await go_on.click()
    await form.get_by_text("This does not open anything").wait_for()
    await password.fill(NIGHT["password"])
    await go_on.click()


async def test_a_break_glass_account_signs_in_and_unlocks_where_the_provider_is_down(
    hub, page, account
):
    """From what a failed sign-in leads to; a wrong password costs neither the page nor the lock."""
    form = page.get_by_role("form", name="Sign in with a break-glass account", exact=True)
    pages = page.get_by_role("navigation", name="Pages", exact=True)
    await page.goto(f"{hub.url}/#/sign-in-failed/sign_on_unavailable")
    await page.get_by_role("button", name="Sign in with a break-glass account", exact=True).click()
    await form.get_by_label("Break-glass account").fill("night")
    await try_passwords(form, "Sign in with this account")
    await pages.wait_for()
    await page.goto(f"{hub.url}/#/cameras")
    await page.keyboard.press("Control+.")
    await page.get_by_role("heading", name="Locked", exact=True).wait_for()
    await expect(page.get_by_role("button", name="Unlock", exact=True)).to_have_count(0)
    await try_passwords(form, "Go on")
    await pages.wait_for()
    await expect(page).to_have_url(re.compile("#/cameras"))
    [session] = [each for each in hub.hub.sessions.all() if each.person.id == "break-glass|night"]
    assert session.state(hub.hub.clock.now()) == "open"
