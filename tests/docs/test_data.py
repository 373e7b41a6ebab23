"""docs/data.md prints what the real data says."""

from __future__ import annotations

import csv
import gzip
import math
import os
import runpy
from collections import Counter
from pathlib import Path

import pytest

pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.fixture(scope="module")
def data_dir(root: Path) -> Path:
    folder = Path(os.environ.get("WATCHFLOOR_DATA", root.parent / "shared" / "data"))
    if (folder / "new_orleans").is_dir():
        return folder
    reason = f"the real open data is not in {folder}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def measured(root: Path, data_dir: Path):
    script = runpy.run_path(str(root / "tests/benchmarks/camera_coverage.py"))
    return script["coverage"](data_dir), script["table"]


def test_the_table_of_cameras_nearby_is_what_the_command_prints(pages, measured):
    rows, table = measured
    assert table(rows) in pages["docs/data.md"].text


def test_another_way_to_count_comes_to_the_same_shares(data_dir: Path, measured):
    """Straight from the files, with great-circle distances and nothing of the city package."""
    cameras = [_point(row) for row in _rows(data_dir, "rtcc_cameras_2022")]
    placed, near, known = Counter(), Counter(), {}
    for row in _rows(data_dir, "cfs_rtcc_2022"):
        if "(0 0)" not in row["Location"]:
            place, outcome = _point(row), row["rtcc_research_outcome"]
            if place not in known:
                known[place] = any(_metres(place, camera) <= 150 for camera in cameras)
            placed[outcome] += 1
            near[outcome] += known[place]
    found, not_found, _ = measured[0]
    for row, outcome in (
        (found, "Relevant video was found"),
        (not_found, "No relevant video was found"),
    ):
        assert row.with_place == placed[outcome]
        assert row.share[150] == pytest.approx(near[outcome] / placed[outcome], abs=0.001)


def test_counts_of_rows_in_the_table_of_sets_are_right(pages, data_dir: Path):
    text = pages["docs/data.md"].text
    for folder, name in (
        ("new_orleans", "cfs_rtcc_2022"),
        ("new_orleans", "police_reports_2022"),
        ("new_orleans", "rtcc_cameras_2022"),
        ("cincinnati", "gunshot_calls_2017_2023"),
        ("washington_dc", "gunshots_2006_2013"),
        ("washington_dc", "wmata_gtfsrt_vehicles_2026-02-16"),
    ):
        count = sum(1 for _ in _rows(data_dir, name, folder))
        assert f"| `{folder}/{name}` | {count:,} " in text


def _rows(data_dir: Path, name: str, folder: str = "new_orleans"):
    with gzip.open(
        data_dir / folder / f"{name}.csv.gz", "rt", encoding="utf-8", newline=""
    ) as file:
        yield from csv.DictReader(file)


def _point(row: dict[str, str]) -> tuple[float, float]:
    return float(row["longitude"]), float(row["latitude"])


def _metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Haversine, on a sphere of the mean radius."""
    south, north = math.radians(a[1]), math.radians(b[1])
    half = math.sin((north - south) / 2) ** 2
    half += math.cos(south) * math.cos(north) * math.sin(math.radians(b[0] - a[0]) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))
