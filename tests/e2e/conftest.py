"""A browser, and a synthetic city for all tests of a module.

Not of the session: while the browser runs, its event loop does, and no other test could have one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from demo_hub import FLAGS, Demo, arrive, demo, sign_in
from playwright.sync_api import Browser, Page, sync_playwright


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Iterator[Demo]:
    """The synthetic city, running for all tests of the module."""
    with demo(tmp_path_factory.mktemp("city")) as running:
        yield running


@pytest.fixture
def open_page(browser, city) -> Iterator[Callable[..., Page]]:
    """Opens pages on the city, signed in, and closes them after the test: a console left open
    goes on drawing."""
    pages: list[Page] = []

    def opened(**options) -> Page:
        pages.append(sign_in(browser, city, **options))
        return pages[-1]

    yield opened
    for page in pages:
        page.context.close()


@pytest.fixture
def at_the_desk(browser, city) -> Iterator[Callable[[str], Page]]:
    """Pages on the city, by the name of who is signed in; patient, since somebody hears of a
    question within twenty seconds. They are closed after the test."""
    pages: list[Page] = []

    def signed_in(who: str) -> Page:
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        pages.append(page)
        page.set_default_timeout(60_000)
        arrive(page, city.url, who)
        page.get_by_role("navigation", name="Pages", exact=True).wait_for()
        return page

    yield signed_in
    for page in pages:
        page.context.close()
