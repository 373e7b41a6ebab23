"""The public page of a hub that is new says so, and from when on there will be figures."""

import json
from typing import get_args

import pytest

from watchfloor.adapters.clock import SettableClock
from watchfloor.contracts import AssetKind, micros
from watchfloor.transparency import About, Figures, Publication, Report, System, page
from watchfloor.transparency.words import devices_said


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


async def test_residents_read_what_is_connected_by_system_in_words_and_by_their_own_clock():
    reader = System(
        name="North <LPR>", detected="Plates that pass", retention_days=30,
        devices={"plate_reader": 26, "registry_entry": 1, "camera": 0},
    )  # fmt: skip
    about = About(agency="Example PD", timezone="America/Chicago", systems=[reader])
    figures = Figures(
        since="2026-10-01T00:00:00Z", until="2026-11-01T00:00:00Z", records=0, tables=[],
        partners=[], changes=[],
    )  # fmt: skip
    said = page(Report(made="2026-11-23T15:24:35.429Z", about=about, figures=figures, log=None))
    assert "<h3>North &lt;LPR&gt;</h3><p>Plates that pass</p>" in said
    assert "26 plate readers, 1 registered private camera. Kept for 30 days." in said
    assert "made November 23, 2026, 09:24 (America/Chicago)" in said


def test_every_kind_of_device_has_its_words():
    kinds = get_args(AssetKind)
    assert len(devices_said(dict.fromkeys(kinds, 2)).split(", ")) == len(kinds)


async def test_the_paper_says_the_same(log, tmp_path):
    from watchfloor.adapters.typesetting import pdf

    async def about():
        return About(agency="Example PD")

    clock = SettableClock(micros("2026-10-20T12:00:00Z"))
    await Publication(log, tmp_path, lambda: None, about, pdf, clock).refresh()
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
