"""Washington DC: gunshot detections, five camera registries, bus positions, main roads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from watchfloor_city.city import Asset, City, Street, Water
from watchfloor_city.geometry import bounds_of
from watchfloor_city.happenings import ShotsDetected, VehicleMoved

from .files import OSM, areas_of, csv_rows, features, lines_of, local_time, plate_readers

FOLDER = "washington_dc"
ZONE = ZoneInfo("America/New_York")
SHOTS_ORIGIN = "washington-dc-2006-2013"
BUSES_ORIGIN = "washington-dc-2026"
ATTRIBUTION = (
    "Washington DC: roads (main roads and snow emergency routes only), water, neighbourhood "
    "clusters and camera registries: DC open data, 2016; gunshot detections released under FOIA; "
    f"bus positions WMATA. {OSM}"
)
ROUNDING_M = 50.0
"""Half the grid of 0.001 degrees to which detections were rounded before release."""


def city(data_dir: Path) -> City:
    """The District. Directions of enforcement cameras are those of the traffic they watch."""
    streets = (*_major_roads(data_dir), *_snow_routes(data_dir), *_service_roads(data_dir))
    return City(
        name="washington-dc",
        title="Washington DC",
        timezone=ZONE.key,
        region="US-DC",
        streets=streets,
        areas=areas_of(data_dir, f"{FOLDER}/neighborhood_clusters.geojson.gz", "NBH_NAMES", "NAME"),
        water=tuple(_water(data_dir)),
        assets=(*_cameras(data_dir), *plate_readers(data_dir, f"{FOLDER}/alpr_osm.csv.gz")),
        bounds=bounds_of(point for street in streets for point in street.points),
        attribution=ATTRIBUTION,
        origin="washington-dc-2016",
    )


def _major_roads(data_dir: Path) -> Iterator[Street]:
    for about, geometry in features(data_dir, f"{FOLDER}/major_roads.geojson.gz"):
        numbers = [about[key] for key in _RANGES if about[key]]
        for line in lines_of(geometry):
            yield Street(
                f"{about['ST_NAME']} {about['QUADRANT']}",
                line,
                "major",
                min(numbers, default=None),
                max(numbers, default=None),
            )


_RANGES = ("FROMLEFTTHEORETICRANGE", "TOLEFTTHEORETICRANGE", "FROMRIGHTTHEORETICRANGE",
           "TORIGHTTHEORETICRANGE")  # fmt: skip


def _snow_routes(data_dir: Path) -> Iterator[Street]:
    """Minor arterials and smaller; the larger roads among them are in the main road layer."""
    for about, geometry in features(data_dir, f"{FOLDER}/snow_emergency_roads.geojson.gz"):
        if about["FC"] in ("Minor Arterial", "Collector", "Local"):
            for line in lines_of(geometry):
                yield Street(f"{about['STREET']} {about['QUAD']}", line)


def _service_roads(data_dir: Path) -> Iterator[Street]:
    for about, geometry in features(data_dir, f"{FOLDER}/service_roads.geojson.gz"):
        for line in lines_of(geometry):
            yield Street(f"{about['ST_NAME']} {about['QUADRANT']}", line)


def _water(data_dir: Path) -> Iterator[Water]:
    for _, geometry in features(data_dir, f"{FOLDER}/hydrography_lines.geojson.gz"):
        yield from (Water(line) for line in lines_of(geometry))


# --- Cameras ---------------------------------------------------------------------------------


def _cameras(data_dir: Path) -> Iterator[Asset]:
    """Five registries, each with its own words; no stream, range or angle in any of them."""
    for registry, file, owner, where, towards in _REGISTRIES:
        for turn, (about, geometry) in enumerate(features(data_dir, f"{FOLDER}/{file}"), 1):
            address = str(about.get(where) or "") or None
            yield Asset(
                id=f"{registry}-{turn:04d}",
                kind="camera",
                name=address or f"{owner} camera {turn}",
                point=(geometry["coordinates"][0], geometry["coordinates"][1]),
                heading_deg=heading_in(str(about.get(towards) or "")),
                owner=owner,
                address=address,
                origin="washington-dc-2016",
                attributes=_about(about),
            )


_REGISTRIES = (
    ("mpd", "mpd_cctv_cameras.geojson.gz", "Metropolitan Police", "ADDRESS", ""),
    ("ddot", "ddot_traffic_cameras.geojson.gz", "District Department of Transportation", "", ""),
    ("speed", "speed_cameras.geojson.gz", "Metropolitan Police", "ADDRESS", "DIRECTION"),
    ("red", "red_light_cameras.geojson.gz", "Metropolitan Police", "LOCATION", "DIRECTION"),
    ("enf", "enforcement_cameras.geojson.gz", "Metropolitan Police", "ADDRESS", "ADDRESS"),
)

_POINTS = {"n": 0.0, "ne": 45.0, "e": 90.0, "se": 135.0, "s": 180.0, "sw": 225.0, "w": 270.0,
           "nw": 315.0}  # fmt: skip
_SHORT = re.compile(r"\b([ns]?[ew]?)/b\b")
_LONG = re.compile(r"\b(north|south)?(east|west)? bound\b")


def heading_in(text: str) -> float | None:
    """``N/B``, ``sw/b`` or ``Southwest Bound`` in a text, in degrees."""
    text = text.lower()
    short, long = _SHORT.search(text), _LONG.search(text)
    if short:
        return _POINTS.get(short[1])
    return _POINTS.get((long[1] or "")[:1] + (long[2] or "")[:1]) if long else None


def _about(about: dict[str, Any]) -> dict[str, str]:
    kept = ("DESCRIPTION", "TYPE", "ENFORCEMENT", "VENDOR", "PSA", "FACILITYID", "POLEID")
    return {key.lower(): str(about[key]) for key in kept if about.get(key) not in (None, "")}


# --- What happens ----------------------------------------------------------------------------


def shots(data_dir: Path) -> Iterator[ShotsDetected]:
    """Detections in no order. One has the point (-0.002, 0.001): it is given as it stands."""
    for row in csv_rows(data_dir, f"{FOLDER}/gunshots_2006_2013.csv.gz"):
        form = "%Y-%m-%d %H:%M:%S.%f" if "." in row["datetime_local"] else "%Y-%m-%d %H:%M:%S"
        at = local_time(row["datetime_local"], form, ZONE)
        yield ShotsDetected(
            at=at,
            origin=SHOTS_ORIGIN,
            incident=row["incident_id"],
            state="created",
            classification=row["type"],
            occurred=at,
            point=(float(row["longitude"]), float(row["latitude"])),
            error_m=ROUNDING_M,
            coverage_area=row["coverage_area"],
        )


def buses(data_dir: Path) -> Iterator[VehicleMoved]:
    """Bus positions in no order: a GTFS-Realtime VehiclePositions feed, flattened."""
    for row in csv_rows(data_dir, f"{FOLDER}/wmata_gtfsrt_vehicles_2026-02-16.csv.gz"):
        bearing, speed = row["vehicle.position.bearing"], row["vehicle.position.speed"]
        yield VehicleMoved(
            at=datetime.fromtimestamp(int(row["vehicle.timestamp"]), UTC),
            origin=BUSES_ORIGIN,
            vehicle=row["vehicle.vehicle.id"],
            point=(
                round(float(row["vehicle.position.longitude"]), 6),
                round(float(row["vehicle.position.latitude"]), 6),
            ),
            label=row["vehicle.vehicle.label"] or None,
            route=row["vehicle.trip.route_id"] or None,
            trip=row["vehicle.trip.trip_id"].removesuffix(".0") or None,
            speed_mps=round(float(speed), 2) if speed else None,
            course_deg=float(bearing) % 360 if bearing else None,
        )
