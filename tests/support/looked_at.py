"""Pages of the console as a person and a machine look at them."""

from __future__ import annotations

from collections.abc import Mapping

from axe_playwright_python.sync_playwright import Axe
from demo_hub import SHOTS
from playwright.sync_api import Page, expect

SETTLE_MS = 500
"""For what is drawn after the data came: the map, a transition."""
PATIENCE_MS = 30_000


def look_at(page: Page, url: str, pages: Mapping[str, str], suffix: str) -> None:
    """Open each page of the hub at ``url`` in turn. A screenshot is written; axe finds nothing
    serious, none scrolls sideways, none throws an error."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    SHOTS.mkdir(parents=True, exist_ok=True)
    for name, path in pages.items():
        page.goto(url + path)
        page.wait_for_timeout(SETTLE_MS)
        expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=PATIENCE_MS)
        page.screenshot(path=SHOTS / f"{name}-{suffix}.png")
        wider = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not wider, f"{name} scrolls sideways"
        assert _serious(page) == [], name
    assert errors == []


def in_scheme(page: Page, scheme: str) -> Page:
    """The page in the dark or the light theme, from its first drawing on."""
    page.add_init_script(f"localStorage.setItem('watchfloor.theme', '{scheme}')")
    return page


def _serious(page: Page) -> list[tuple[str, list[str]]]:
    found = Axe().run(page).response["violations"]
    return [
        (each["id"], [node["target"] for node in each["nodes"]][:3])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
