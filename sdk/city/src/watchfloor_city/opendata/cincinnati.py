"""Cincinnati: the whole street layer of Hamilton County, gunshot calls, state traffic cameras."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from watchfloor_city.city import Asset, City, Street, StreetClass
from watchfloor_city.geometry import bounds_of, distance_m
from watchfloor_city.happenings import Point, ShotsDetected

from .files import (
    OSM,
    areas_of,
    csv_rows,
    features,
    json_of,
    lines_of,
    local_time,
    plate_readers,
    street_case,
)

FOLDER = "cincinnati"
SHOTS_ORIGIN = "cincinnati-2017-2023"
ZONE = ZoneInfo("America/New_York")
MAJOR_KM = 3.0
"""A street at least so long counts as a major one: the layer has no classes of its own."""

ATTRIBUTION = (
    "Cincinnati: streets US Census TIGER/Line (public domain); neighbourhoods and gunshot calls "
    f"City of Cincinnati open data; cameras Ohio Department of Transportation, October 2018. {OSM}"
)
_HEADINGS = {"North": 0.0, "East": 90.0, "South": 180.0, "West": 270.0}


def city(data_dir: Path) -> City:
    """The city and its county; one camera asset for each view of a camera site."""
    streets = tuple(_streets(data_dir))
    return City(
        name="cincinnati",
        title="Cincinnati",
        timezone=ZONE.key,
        region="US-OH",
        streets=streets,
        areas=areas_of(data_dir, f"{FOLDER}/neighborhoods.geojson.gz", "name"),
        water=(),
        assets=(*_cameras(data_dir), *plate_readers(data_dir, f"{FOLDER}/alpr_osm.csv.gz")),
        bounds=bounds_of(point for street in streets for point in street.points),
        attribution=ATTRIBUTION,
        origin=FOLDER,
    )


def _streets(data_dir: Path) -> Iterator[Street]:
    found = list(features(data_dir, f"{FOLDER}/street_ranges.geojson.gz"))
    lengths: Counter[str] = Counter()
    for about, geometry in found:
        for line in lines_of(geometry):
            lengths[about["name"]] += round(_metres(line))
    for about, geometry in found:
        kind: StreetClass = "major" if lengths[about["name"]] >= MAJOR_KM * 1000 else "minor"
        for line in lines_of(geometry):
            yield Street(
                street_case(about["name"]),
                line,
                kind,
                about["number_min"],
                about["number_max"],
            )


def _metres(line: tuple[Point, ...]) -> float:
    return sum(distance_m(a, b) for a, b in pairwise(line))


def _cameras(data_dir: Path) -> Iterator[Asset]:
    """The addresses of the pictures are dead and not brought in."""
    seen: set[str] = set()
    for site in json_of(data_dir, f"{FOLDER}/ohgo_cameras_2018.json.gz"):
        for turn, view in enumerate(site["Cameras"]):
            key = f"ohgo-{site['Id']}-{turn}"
            if key not in seen:
                seen.add(key)
                yield Asset(
                    id=key,
                    kind="camera",
                    name=site["Location"],
                    point=(site["Longitude"], site["Latitude"]),
                    heading_deg=_HEADINGS.get(view["Direction"]),
                    owner="Ohio Department of Transportation",
                    origin="ohgo-2018",
                    attributes={"direction": view["Direction"]},
                )


def shots(data_dir: Path) -> Iterator[ShotsDetected]:
    """Gunshot calls in no order. The place is the middle of the block's streets; 710 have none.

    The source marks its times as UTC; the counts by hour show that they are local.
    """
    for row in csv_rows(data_dir, f"{FOLDER}/gunshot_calls_2017_2023.csv.gz"):
        at = local_time(row["date_time_as_stored"], "%Y-%m-%d %H:%M:%S", ZONE)
        placed = row["longitude"] and row["latitude"]
        yield ShotsDetected(
            at=at,
            origin=SHOTS_ORIGIN,
            incident=row["row_id"],
            state="created",
            classification="gunshot",
            occurred=at,
            point=(float(row["longitude"]), float(row["latitude"])) if placed else None,
            error_m=BLOCK_ERROR_M if placed else None,
            address=row["address_x"] or None,
        )


BLOCK_ERROR_M = 120.0
"""Ours: the point is the mean of all vertices of the block's street segments."""
