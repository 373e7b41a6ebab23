"""The form in a real browser, as people have it: on a telephone, in the dark."""

import re
import subprocess
import sys
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from demo_hub import FLAGS
from playwright.sync_api import expect, sync_playwright

pytestmark = pytest.mark.browser

COMMAND = "from watchfloor_camera_registry_desk.command import main; main()"
DESK = """
agency = "Example Police Department"
contact = "cameras@police.example.org"
evidence = "Bring it to any station."
sender = "cameras@police.example.org"
time_zone = "America/Chicago"
"""


@pytest.fixture(scope="module")
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, color_scheme="dark", reduced_motion="reduce"
        )
        yield context.new_page()
        browser.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The desk's address, and its folder."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "desk.toml").write_text(DESK)
    command = [sys.executable, "-c", COMMAND, "serve", "--data", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield re.search(r"http://\S+?:\d+", process.stdout.readline())[0], folder
        process.terminate()


def link(folder, what, letter):
    """From the so-many-th letter."""
    deadline = time.monotonic() + 10
    while len(letters := sorted(folder.glob("letters/*.eml"))) < letter:
        assert time.monotonic() < deadline, "no letter came"
        time.sleep(0.05)
    return re.search(rf"http://\S+/{what}/\S+", letters[letter - 1].read_text())[0]


def fits(page):
    """Nothing is wider than the screen, and axe finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert Axe().run(page).response["violations"] == []


def test_a_resident_registers_confirms_and_withdraws(page, served):
    url, folder = served
    page.goto(url)
    fits(page)
    page.get_by_label("Name").fill("Zed Example")
    page.get_by_label("E-mail address").fill("nobody")
    page.get_by_role("button", name="Register the camera").click()
    expect(page).to_have_title(re.compile("^To mend"))
    fits(page)
    page.get_by_role("link", name="Enter an e-mail address").click()
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.get_by_label("E-mail address").fill("zed@example.org")
    page.get_by_label("Home").check()
    page.get_by_label("Address", exact=True).fill("100 Example St")
    page.get_by_label("Position").fill("29.98, -90.03")
    page.get_by_label("What it looks at").select_option("Street")
    page.get_by_label("You may ask me for footage").check()
    page.get_by_label("I have read how it works").check()
    page.get_by_role("button", name="Register the camera").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    page.goto(link(folder, "confirm", 1))
    fits(page)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your camera is registered")
    page.goto(link(folder, "withdraw", 2))
    fits(page)
    page.get_by_role("button", name="Withdraw and delete").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is deleted")
