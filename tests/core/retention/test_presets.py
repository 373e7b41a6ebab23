"""Presets: each with its citation, its mark, and the sentence that counsel must confirm it."""

import pytest

from watchfloor.contracts import AskAPerson
from watchfloor.retention import CAUTION, DAY, Cap, Floor, preset, presets


def test_each_has_a_limit_a_citation_a_mark_and_the_caution():
    for each in presets().values():
        assert (each.cap is None) != (each.floor is None), each.id
        assert each.limit().micros > 0
        assert each.limit().rule == each.id
        assert each.citation
        assert each.mark in ("D", "R", "U")
        assert each.caution == CAUTION == "Agency counsel must confirm it before use."


@pytest.mark.parametrize(
    ("id", "limit"),
    [
        ("us-nh-lpr", Cap(3 * 60_000_000, "us-nh-lpr")),
        ("us-va-lpr", Cap(21 * DAY, "us-va-lpr")),
        ("us-ut-lpr", Cap(270 * DAY, "us-ut-lpr")),
        ("us-nj-lpr", Cap(1095 * DAY, "us-nj-lpr")),
        ("us-cjis-audit", Floor(366 * DAY, "us-cjis-audit")),
        ("us-dppa-redisclosure", Floor(1830 * DAY, "us-dppa-redisclosure")),
    ],
)
def test_figures_are_those_of_the_law(id, limit):
    assert preset(id).limit() == limit


def test_each_is_called_by_whose_it_is_and_what_it_is_about():
    titles = [each.title for each in presets().values()]
    assert preset("us-nh-lpr").title == "New Hampshire, plate reads"
    assert len(set(titles)) == len(titles)


def test_plate_presets_are_about_reads_and_hits_alone():
    virginia = preset("us-va-lpr")
    assert virginia.about("watchfloor.lpr.read.v1")
    assert virginia.about("watchfloor.lpr.hit.v1")
    assert not virginia.about("watchfloor.cad.incident.v1")
    assert not virginia.about("audit")


def test_an_unknown_one_is_named():
    with pytest.raises(AskAPerson) as refused:
        preset("us-xx-lpr")
    assert refused.value.code == "unknown_preset"
