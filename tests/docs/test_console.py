"""docs/console.md: every line means what the page says, and every key is on it."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from watchfloor.contracts import KINDS
from watchfloor.search import Gazetteer, Parser
from watchfloor.search.query import _FIELDS, _METRES, Circle

CHICAGO = ZoneInfo("America/Chicago")
NOW = round(datetime(2026, 5, 2, 21, 14, tzinfo=CHICAGO).timestamp() * 1_000_000)


def _street(name: str, low: int, high: int, *line: tuple[float, float]) -> dict:
    about = {"layer": "street", "name": name, "number_min": low, "number_max": high}
    return {"properties": about, "geometry": {"type": "LineString", "coordinates": line}}


MAP = [
    _street("Canal St", 600, 1300, (-90.07, 29.952), (-90.068, 29.953), (-90.06, 29.954)),
    _street("Bourbon St", 100, 900, (-90.068, 29.953), (-90.066, 29.957)),
    {
        "properties": {"layer": "area", "name": "French Quarter"},
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[-90.07, 29.95], [-90.06, 29.95], [-90.06, 29.96], [-90.07, 29.95]]],
        },
    },
]


@pytest.fixture(scope="module")
def page(pages):
    return pages["docs/console.md"]


@pytest.fixture(scope="module")
def parse():
    parser = Parser(CHICAGO, Gazetteer(MAP))
    return lambda line: parser.parse(line, NOW)


def _lines(page, second: str) -> list[list[str]]:
    """The rows of the tables ``line | second``."""
    rows, inside = [], False
    for line in page.text.splitlines():
        if not line.startswith("|"):
            inside = False
        elif line == f"| line | {second} |":
            inside = True
        elif inside and not line.startswith("|--"):
            example, _, means = line.strip("| ").partition("` | ")
            rows.append([example.removeprefix("`"), means])
    return rows


def test_each_line_has_the_chips_that_the_page_shows(page, parse):
    rows = _lines(page, "chips")
    assert len(rows) > 40
    for line, chips in rows:
        query = parse(line)
        assert "; ".join(chip.means for chip in query.chips) == chips, line
        assert query.warnings == [], line


def test_each_part_that_is_not_understood_has_the_warning_that_the_page_shows(page, parse):
    rows = _lines(page, "warning")
    for line, warning in rows:
        [said] = parse(line).warnings
        assert said.startswith(warning), line
    assert {"near", "in", "kind", "since"} <= {line.partition(":")[0] for line, _ in rows}


def test_every_field_has_an_example(page):
    shown = " ".join(line for line, _ in _lines(page, "chips"))
    assert not [field for field in _FIELDS if f"{field}:" not in shown]


def test_distances_are_what_the_page_says(page, parse):
    rows = page.table("distance")
    assert {re.sub(r"[\d.]", "", row[0].strip("`")) for row in rows} == set(_METRES)
    for distance, metres in rows:
        shape = parse(f'near:"Canal St & Bourbon St" {distance.strip("`")}').shape
        assert isinstance(shape, Circle)
        assert round(shape.radius_m) == int(metres)


def test_every_kind_and_every_other_word_for_it_is_listed(page):
    listed = {
        row[0].strip("`"): re.findall(r"`(\w+)`", " ".join(row[1:])) for row in page.table("kind")
    }
    assert listed == {kind.name: list(kind.aliases) for kind in KINDS}


def test_every_key_of_the_console_is_listed(page, root: Path):
    bound = set()
    for file in (root / "ui/app/src").rglob("*.svelte"):
        for key, does, rest in re.findall(
            r'\{ key: "([^"]+)", does: "([^"]+)",(.*?) \}', file.read_text("utf-8")
        ):
            where = re.search(r'where: "(\w+)"', rest)
            assert where, key
            bound.add((where[1], f"`{key}`", does))
    listed = {tuple(row) for row in page.table("where")}
    assert len(bound) > 15
    assert bound == {row for row in listed if " to " not in row[1]}


def test_pages_have_the_numbers_that_the_page_says(page, root: Path):
    code = (root / "ui/app/src/lib/pages.ts").read_text("utf-8")
    names = re.findall(r'\{ page: "(\w+)", name: ', code)
    order = ", ".join(names)
    numbered = re.search(r"NUMBERED = (\d)", code)
    assert numbered
    assert f"| Everywhere | `1` to `{numbered[1]}` | Go to {order} |" in page.text
