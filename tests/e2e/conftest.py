"""A browser, and a synthetic city for all tests of a module.

Not of the session: while the browser runs, its event loop does, and no other test could have one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from demo_hub import FLAGS, Demo, demo, sign_in
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
