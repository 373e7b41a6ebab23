"""Reading the data files: compressed CSV and GeoJSON, local times, names as people write them."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from watchfloor_city.city import Area, Asset
from watchfloor_city.geometry import Ring
from watchfloor_city.happenings import Point

OSM = "Plate readers © OpenStreetMap contributors (ODbL)."


def existing(data_dir: Path, name: str) -> Path:
    """The file. Raises ``FileNotFoundError`` that says what to do about it."""
    path = data_dir / name
    if not path.is_file():
        raise FileNotFoundError(
            f"the open data file {name} is not in {data_dir}; "
            "name the folder that holds the data sets"
        )
    return path


def csv_rows(data_dir: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of a ``.csv.gz`` file, as text."""
    with gzip.open(existing(data_dir, name), "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def json_of(data_dir: Path, name: str) -> Any:
    """The content of a ``.json.gz`` or ``.geojson.gz`` file."""
    with gzip.open(existing(data_dir, name), "rt", encoding="utf-8") as file:
        return json.load(file)


def features(data_dir: Path, name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Properties and geometry of each feature that has a geometry."""
    for feature in json_of(data_dir, name)["features"]:
        if feature["geometry"]:
            yield feature["properties"], feature["geometry"]


def lines_of(geometry: dict[str, Any]) -> Iterator[tuple[Point, ...]]:
    """The lines of a LineString, a MultiLineString, or a collection that holds some."""
    if geometry["type"] == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from lines_of(part)
    elif geometry["type"] == "LineString":
        yield _points(geometry["coordinates"])
    elif geometry["type"] == "MultiLineString":
        yield from map(_points, geometry["coordinates"])


def rings_of(geometry: dict[str, Any]) -> tuple[Ring, ...]:
    """The outer rings of a Polygon or MultiPolygon."""
    polygons = [geometry["coordinates"]]
    if geometry["type"] == "MultiPolygon":
        polygons = geometry["coordinates"]
    return tuple(_points(polygon[0]) for polygon in polygons)


def _points(coordinates: list[list[float]]) -> tuple[Point, ...]:
    return tuple((one[0], one[1]) for one in coordinates)


def areas_of(data_dir: Path, name: str, title: str, code: str | None = None) -> tuple[Area, ...]:
    """Neighbourhoods; ``title`` and ``code`` are the properties that hold name and code."""
    return tuple(
        Area(str(about[title]), rings_of(geometry), str(about[code]) if code else None)
        for about, geometry in features(data_dir, name)
    )


def plate_readers(data_dir: Path, name: str) -> Iterator[Asset]:
    """Plate readers as OpenStreetMap has them (tag ``surveillance:type=ALPR``)."""
    for row in csv_rows(data_dir, name):
        yield Asset(
            id=f"osm-{row['osmId']}",
            kind="plate_reader",
            name=f"{row['brand'] or 'Plate reader'} {row['osmId'][-4:]}",
            point=(float(row["lon"]), float(row["lat"])),
            heading_deg=float(row["direction"]) % 360 if row["direction"] else None,
            owner=row["operator"] or None,
            origin="openstreetmap-2026",
        )


def local_time(text: str, form: str, zone: ZoneInfo) -> datetime:
    """A wall time of ``zone`` without offset, in UTC.

    The hour that comes twice in autumn is taken as its first coming (``fold=0``). A time in the
    hour that spring leaves out is read with the offset before the change, which moves it forward by
    the gap: 02:30 becomes 03:30 (PEP 495, "gap"). Raises ``ValueError`` for any other text.
    """
    return datetime.strptime(text, form).replace(tzinfo=zone, fold=0).astimezone(UTC)


def street_case(name: str) -> str:
    """``n mcmicken ave`` as people write it: ``N McMicken Ave``."""
    words = (word if word[:1].isdigit() else word.capitalize() for word in name.lower().split())
    return " ".join(
        "Mc" + word[2:].capitalize() if word.startswith("Mc") else word for word in words
    )
