"""The public page of a hub that is new says so, and from when on there will be figures."""

import json

import pytest

from watchfloor.adapters.clock import SettableClock
from watchfloor.contracts import micros
from watchfloor.transparency import About, Publication


@pytest.fixture
def published(log, tmp_path):
    """Makes the page at some moment; its text, and its JSON."""

    async def about():
        return About(agency="Example PD")

    async def make(now):
        folder = tmp_path / "page"
        clock = SettableClock(micros(now))
        pages = Publication(
            log, folder, lambda: None, about, lambda files, _: files["report.typ"], clock
        )
        await pages.refresh()
        report = json.loads((folder / "report.json").read_bytes())
        return (folder / "index.html").read_text("utf-8"), report

    return make


async def test_before_the_first_whole_month_there_are_no_zeros_but_the_reason(published):
    page, report = await published("2026-10-20T12:00:00Z")
    assert "begins on 2026-10-01" in page
    assert "from 2026-11-01 on" in page
    assert "questions.by_kind" not in page
    assert report["begins"].startswith("2026-10-01")


async def test_once_a_month_is_over_its_figures_stand_there(published):
    page, report = await published("2026-11-02T12:00:00Z")
    assert "Nothing to count yet" not in page
    assert "questions.by_kind" in page
    assert report["begins"] is None
    assert report["figures"]["records"] > 0


async def test_the_paper_says_the_same(log, tmp_path):
    from watchfloor.adapters.typesetting import pdf

    async def about():
        return About(agency="Example PD")

    clock = SettableClock(micros("2026-10-20T12:00:00Z"))
    await Publication(log, tmp_path, lambda: None, about, pdf, clock).refresh()
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
