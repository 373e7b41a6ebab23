"""Agency IT at the console: a connector is found, looked at, installed, set up, watched, mended,
upgraded and removed, against a real hub, a vendor's simulator and a signed index."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from demo_hub import Demo, serving, sign_in
from looked_at import in_scheme, look_at
from playwright.sync_api import Page, expect
from reader_vendor import Vendor
from toy_index import ToyIndex

pytestmark = pytest.mark.browser

PATIENCE_MS = 150_000
"""For what takes seconds on a machine with nothing else to do: an environment of its own."""

SIZES = {"wide": (1440, 900), "laptop": (1280, 800), "narrow": (390, 844)}


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    running = Vendor()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> ToyIndex:
    made = ToyIndex(tmp_path_factory.mktemp("index"))
    made.add("toy", "1.0.0")
    made.add("withdrawn", "1.0.0")
    made.revoke("withdrawn")
    return made


@pytest.fixture(scope="module")
def hub(tmp_path_factory, index) -> Iterator[Demo]:
    data_dir = tmp_path_factory.mktemp("hub")
    (data_dir / "hub.toml").write_text(index.settings())
    with serving(data_dir) as running:
        yield running


@pytest.fixture(scope="module")
def plates(hub, vendor) -> str:
    """A source that runs."""
    config = {**vendor.setup.config, "every_s": 0.5}
    wanted = {"connector": "lpr-rest", "name": "Plates", "config": config}
    hub.client.send("PUT", "/sources/plates", wanted)
    token = {"value": {"token": vendor.token}}
    hub.client.send("PUT", "/sources/plates/credentials/token", token)
    return "plates"


def state_of(hub: Demo, source: str) -> dict[str, Any]:
    return next(each for each in hub.client.get("/sources")["items"] if each["id"] == source)


@pytest.fixture
def open_page(browser, hub) -> Iterator[Callable[..., Page]]:
    pages: list[Page] = []

    def opened(path: str = "/#/sources", **options) -> Page:
        page = sign_in(browser, hub, **{"viewport": {"width": 1440, "height": 900}, **options})
        page.goto(hub.url + path)
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.context.close()


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def heading(page: Page, name: str):
    return page.get_by_role("heading", name=re.compile(f"^{name}"), level=2)


def go_to_settings(page: Page, name: str) -> None:
    """From the sources to the form of one connector."""
    page.get_by_role("link", name="Add a source", exact=True).first.click()
    page.get_by_role("searchbox", name="Find a connector").fill(name)
    page.get_by_role("link", name=name, exact=True).click()
    heading(page, "What it touches").wait_for()
    button(page, "Go on to the settings").click()
    heading(page, "Settings").wait_for()


def give_token(page: Page, token: str) -> None:
    heading(page, "Credentials").wait_for()
    page.get_by_label("Token", exact=True).fill(token)
    button(page, "Seal and go on").click()


def fill_settings(page: Page, vendor: Vendor, name: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Base address", exact=True).fill(vendor.setup.config["base_url"])
    page.get_by_label("Owner of the reads", exact=True).fill("Example Police Department")
    page.get_by_label("Every (seconds)").fill("0.5")


def test_the_wizard_leads_to_a_source_that_is_healthy(open_page, hub, vendor):
    """A bad setting is named beside its field and a bad credential in words, before anything runs;
    mended on the spot, the source is switched on and its events come."""
    page = open_page()
    go_to_settings(page, "Plate reads over REST")
    button(page, "Store and go on").click()
    assert page.get_by_text("This is needed.", exact=True).count() == 2
    page.get_by_label("Base address", exact=True).fill("reads.example.org")
    button(page, "Store and go on").click()
    page.get_by_text("Write an address that begins with https:// or http://.").wait_for()
    fill_settings(page, vendor, "Plates at the gate")
    button(page, "Store and go on").click()
    heading(page, "Credentials").wait_for()
    assert not state_of(hub, "plates-at-the-gate")["enabled"]

    give_token(page, "synthetic-wrong-token")
    button(page, "Approve as Alex Example").click()
    page.get_by_text("Something has to be mended first.").wait_for()
    page.get_by_label("What the check found").get_by_text("credential").first.wait_for()

    page.get_by_role("link", name="credentials", exact=True).click()
    give_token(page, vendor.token)
    page.get_by_text("by Alex Example", exact=False).wait_for()
    button(page, "Go on").click()
    page.get_by_text("All is well.", exact=True).wait_for()
    assert vendor.token not in page.content()

    button(page, "Go on").click()
    vendor.feed()
    button(page, "Switch on").click()
    page.get_by_text("Running", exact=True).first.wait_for()
    expect(page.get_by_text("None yet.")).to_have_count(0)
    assert hub.client.get("/sources/plates-at-the-gate/impact")["approved"]["by"] == "Alex Example"

    page.get_by_role("link", name="Done: to the source").click()
    page.get_by_text("Held to", exact=True).wait_for()
    page.get_by_role("region", name="Log", exact=True).wait_for()


def test_a_repair_appears_and_its_button_leads_to_the_fix(open_page, hub, vendor, plates):
    """The vendor takes another token from now on: it is named, counted in the rail, and mended
    where its button leads."""
    page = open_page(f"/#/sources?source={plates}")
    page.get_by_text("Running", exact=True).first.wait_for()
    vendor.simulator.rotate()
    page.get_by_role("link", name=re.compile("^Sources, [12] repairs?$")).click()
    repairs = page.get_by_role("region", name="Repairs", exact=True)
    fault = repairs.get_by_role("listitem").filter(has=page.get_by_text("Plates", exact=True))
    fault.get_by_text("The vendor refuses the credential", exact=True).wait_for()
    fault.get_by_role("link", name="Set the credential", exact=True).click()
    give_token(page, vendor.token)
    heading(page, "Impact statement").wait_for()
    page.goto(f"{hub.url}/#/sources")
    expect(fault).to_have_count(0, timeout=PATIENCE_MS)
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while state_of(hub, plates)["state"] == "starting" and time.monotonic() < deadline:
        time.sleep(0.2)
    assert state_of(hub, plates)["state"] == "running"


def test_what_was_typed_stays_there_and_back_and_through_a_reload(open_page):
    page = open_page()
    go_to_settings(page, "Plate reads over REST")
    page.get_by_label("Owner of the reads", exact=True).fill("Example Sheriff")
    page.get_by_role("link", name="Back", exact=True).click()
    button(page, "Go on to the settings").click()
    expect(page.get_by_label("Owner of the reads", exact=True)).to_have_value("Example Sheriff")
    page.reload()
    expect(page.get_by_label("Owner of the reads", exact=True)).to_have_value("Example Sheriff")


def test_an_existing_source_is_changed_in_the_same_form(open_page, hub, plates):
    page = open_page(f"/#/sources?source={plates}")
    page.get_by_role("main").get_by_role("link", name="Settings", exact=True).click()
    expect(page.get_by_label("Owner of the reads", exact=True)).to_have_value(
        "Example Police Department"
    )
    page.get_by_label("Owner of the reads", exact=True).fill("Example Sheriff")
    button(page, "Store and go on").click()
    heading(page, "Credentials").wait_for()
    changed = state_of(hub, plates)
    assert changed["config"]["owner"] == "Example Sheriff"
    assert changed["enabled"]


def test_a_source_is_switched_off_on_and_checked_by_the_keyboard(open_page, hub, plates):
    page = open_page(f"/#/sources?source={plates}")
    button(page, "Switch off").focus()
    page.keyboard.press("Enter")
    button(page, "Switch on").wait_for()
    assert not state_of(hub, plates)["enabled"]
    button(page, "Check").press("Enter")
    page.get_by_label("What the check found").get_by_text("The vendor lists").wait_for()
    button(page, "Switch on").press("Enter")
    page.get_by_text("Running", exact=True).first.wait_for()


def test_a_connector_is_installed_upgraded_after_approval_rolled_back_and_removed(
    open_page, hub, index
):
    page = open_page("/#/sources?tab=connectors")
    page.get_by_role("searchbox", name="Find a connector").fill("withdrawn")
    page.get_by_text("Revoked", exact=True).wait_for()
    page.get_by_text("It read too much.").wait_for()
    page.get_by_role("searchbox", name="Find a connector").fill("toy toy")
    page.get_by_role("link", name="Toy toy", exact=True).click()
    button(page, "Install 1.0.0").click()
    page.get_by_role("link", name="Add a source", exact=True).click(timeout=PATIENCE_MS)
    page.get_by_text("Verified", exact=True).wait_for()
    button(page, "Go on to the settings").click()
    button(page, "Store and go on").click()
    button(page, "Go on").click()  # no credentials
    button(page, "Go on").click()  # not approved
    page.get_by_text("All is well.", exact=True).wait_for()
    button(page, "Go on").click()
    button(page, "Switch on").click()
    page.get_by_text("is not approved").wait_for()
    page.get_by_role("link", name="To the impact statement").click()
    button(page, "Approve as Alex Example").click()
    button(page, "Go on").click()
    button(page, "Switch on").click()
    page.get_by_text("Running", exact=True).first.wait_for()

    index.add("toy", "2.0.0", hosts=["{url}", "more.example.org"])
    page.goto(f"{hub.url}/#/sources?connector=toy")
    page.get_by_text("Also: more.example.org", exact=True).wait_for()
    button(page, "Upgrade to 2.0.0").click()
    page.get_by_text("2.0.0 waits for approval").wait_for(timeout=PATIENCE_MS)
    page.get_by_text("New", exact=True).wait_for()
    button(page, "Approve as Alex Example").click()
    button(page, "Approve again as Alex Example").wait_for()
    button(page, "Upgrade to 2.0.0").last.click()
    button(page, "Roll back to 1.0.0").click(timeout=PATIENCE_MS)
    button(page, "Upgrade to 2.0.0").wait_for(timeout=PATIENCE_MS)
    assert hub.client.get("/connectors/toy")["installed"]["version"] == "1.0.0"

    page.get_by_role("link", name="Toy toy", exact=True).click()
    button(page, "Remove").click()
    button(page, "Remove").click()
    heading(page, "Repairs").wait_for()
    page.goto(f"{hub.url}/#/sources?connector=toy")
    button(page, "Remove").click()
    button(page, "Remove").click()
    button(page, "Install 2.0.0").wait_for()


PAGES = {
    "connectors": "/#/sources?tab=connectors",
    "connector": "/#/sources?connector=verkada",
    "source": "/#/sources?source=plates",
    "add-touches": "/#/sources?add=cad-file&step=touches",
    "add-settings": "/#/sources?add=cad-file&step=settings",
    "set-credentials": "/#/sources?add=lpr-rest&id=plates&step=credentials",
    "set-approve": "/#/sources?add=lpr-rest&id=plates&step=approve",
    "set-test": "/#/sources?add=lpr-rest&id=plates&step=test",
    "set-live": "/#/sources?add=lpr-rest&id=plates&step=live",
}


@pytest.mark.parametrize(
    ("size", "scheme"), [("wide", "dark"), ("laptop", "light"), ("narrow", "dark")]
)
def test_every_page_is_clean_and_there_to_be_looked_at(open_page, hub, plates, size, scheme):
    width, height = SIZES[size]
    page = in_scheme(open_page(viewport={"width": width, "height": height}), scheme)
    page.reload()
    look_at(page, hub.url, PAGES, f"{size}-{scheme}")
