"""New Orleans 2022: calls for service with the crime centre's answer, cameras, neighbourhoods."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from watchfloor_city.city import Asset, City, Street
from watchfloor_city.geometry import Plane, bounds_of
from watchfloor_city.happenings import CallChanged, CallStatus, Code, Point, ReportFiled

from .centrelines import named, streets_of
from .files import (
    OSM,
    areas_of,
    csv_rows,
    existing,
    features,
    lines_of,
    local_time,
    plate_readers,
)

FOLDER = "new_orleans"
ORIGIN = "new-orleans-2022"
ZONE = ZoneInfo("America/Chicago")
CALLS = f"{FOLDER}/cfs_rtcc_2022.csv.gz"
PLANE = Plane((-90.07, 29.96))
PARISH = (-90.15, 29.86, -89.62, 30.19)
BUS_OR_TRAM = ("0", "3")

ATTRIBUTION = (
    "New Orleans: neighbourhoods, calls for service and cameras: City of New Orleans open data and "
    "public-records answers, 2022. Main streets drawn from the bus and tram lines of NORTA (GTFS "
    f"2018 and 2024), merged and named by call addresses and stops: not a full street map. {OSM}"
)


def city(data_dir: Path) -> City:
    """The city: only streets that a bus or tram uses; 432 cameras without direction or name."""
    areas = areas_of(data_dir, f"{FOLDER}/neighborhoods.geojson.gz", "gnocdc_lab", "neigh_id")
    streets = tuple(_streets(data_dir))
    return City(
        name="new-orleans",
        title="New Orleans",
        timezone=ZONE.key,
        region="US-LA",
        streets=streets,
        areas=areas,
        water=(),
        assets=(*_cameras(data_dir), *plate_readers(data_dir, f"{FOLDER}/alpr_osm.csv.gz")),
        bounds=bounds_of(point for street in streets for point in street.points),
        attribution=ATTRIBUTION,
        origin=ORIGIN,
    )


def _cameras(data_dir: Path) -> Iterator[Asset]:
    for row in csv_rows(data_dir, f"{FOLDER}/rtcc_cameras_2022.csv.gz"):
        yield Asset(
            id=row["row_id"],
            kind="camera",
            name=f"RTCC camera {row['row_id'][-4:]}",
            point=(float(row["longitude"]), float(row["latitude"])),
            owner="Real-Time Crime Center",
            origin=ORIGIN,
        )


def _streets(data_dir: Path) -> list[Street]:
    lines = [line for line in _bus_lines(data_dir) if all(map(_in_parish, line))]
    return named(streets_of(lines, PLANE), _sightings(data_dir), PLANE)


def _in_parish(point: Point) -> bool:
    west, south, east, north = PARISH
    return west <= point[0] <= east and south <= point[1] <= north


def _bus_lines(data_dir: Path) -> Iterator[tuple[Point, ...]]:
    """Cut to the parish: a line that leaves it counts as far as the border."""
    for line in (*_shapes_2018(data_dir), *_routes_2024(data_dir)):
        inner: list[Point] = []
        for point in line:
            if _in_parish(point):
                inner.append(point)
            elif inner:
                yield from [tuple(inner)] if len(inner) > 1 else []
                inner = []
        if len(inner) > 1:
            yield tuple(inner)


def _routes_2024(data_dir: Path) -> Iterator[tuple[Point, ...]]:
    for about, geometry in features(data_dir, f"{FOLDER}/transit_routes_2024.geojson.gz"):
        if about["route_type"] in BUS_OR_TRAM:
            yield from lines_of(geometry)


def _gtfs(data_dir: Path, table: str) -> Iterator[dict[str, str]]:
    path = existing(data_dir, f"{FOLDER}/norta_gtfs_2018_geometry.zip")
    with zipfile.ZipFile(path) as archive, archive.open(table) as file:
        yield from csv.DictReader(io.TextIOWrapper(file, "utf-8"))


def _shapes_2018(data_dir: Path) -> Iterator[tuple[Point, ...]]:
    """GTFS shapes of buses and trams (not ferries), the longest first."""
    kinds = {row["route_id"]: row["route_type"] for row in _gtfs(data_dir, "routes.txt")}
    trips = _gtfs(data_dir, "trips.txt")
    wanted = {row["shape_id"] for row in trips if kinds[row["route_id"]] in BUS_OR_TRAM}
    shapes: dict[str, list[Point]] = defaultdict(list)
    for row in _gtfs(data_dir, "shapes.txt"):
        if row["shape_id"] in wanted:
            shapes[row["shape_id"]].append((float(row["shape_pt_lon"]), float(row["shape_pt_lat"])))
    for shape in sorted(shapes, key=lambda one: (-len(shapes[one]), one)):
        yield tuple(shapes[shape])


def _sightings(data_dir: Path) -> Iterator[tuple[Point, str]]:
    """Places and the street each is said to be on: call addresses, then bus stops.

    Stops leave out what kind of street it is: ``Magazine``. They get the kind that calls give most.
    """
    full: dict[str, Counter[str]] = defaultdict(Counter)
    for row in csv_rows(data_dir, CALLS):
        point = _point(row)
        for name in _street_names(row["BLOCK_ADDRESS"]):
            full[name.rpartition(" ")[0]][name] += 1
            if point:
                yield point, name
    whole = {name for names in full.values() for name in names}
    for row in _gtfs(data_dir, "stops.txt"):
        name = _spelt(row["stop_name"].partition("+")[0])
        if "+" in row["stop_name"] and not name[:1].isdigit():
            known = [] if name in whole else full[name].most_common(1)
            yield (float(row["stop_lon"]), float(row["stop_lat"])), known[0][0] if known else name


_NUMBER = re.compile(r"^\s*\d*X* ?(Blk )?")
_SPELT = {"Av": "Ave", "Blv": "Blvd", "St.": "St", "N.": "N", "S.": "S", "Ave.": "Ave"}


def _spelt(name: str) -> str:
    words = [_SPELT.get(word, word) for word in name.replace(".", ". ").split()]
    if words and words[0] == "St":
        words[0] = "Saint"
    return " ".join(words)


def _street_names(address: str) -> list[str]:
    """``030XX Canal St`` and ``Canal St & N Broad St``: the streets in it."""
    return [_spelt(_NUMBER.sub("", part)) for part in address.split("&") if part.strip()]


def _point(row: dict[str, str]) -> Point | None:
    """``None`` where the city masks the place, which it writes ``POINT (0 0)``."""
    point = (float(row["longitude"] or 0), float(row["latitude"] or 0))
    return None if point == (0.0, 0.0) else point


# --- Calls for service -----------------------------------------------------------------------

_LATER = {
    "dispatched": ("TimeDispatch",),
    "arrived": ("TimeArrive",),
    "closed": ("TimeClosed", "Disposition", "DispositionText", "rtcc_research_outcome",
               "rtcc_signal_code"),
}  # fmt: skip
"""Columns that are empty until the call gets so far."""


def calls(data_dir: Path) -> Iterator[CallChanged]:
    """Every state of every call, in no order; times are those of the data, in UTC.

    A call's states are at the minutes of its creation, dispatch, arrival and closing; what falls
    into one minute is one state. The final type is known from arrival on (else from closing), the
    disposition and the crime centre's answer from closing on.

    One item can have several rows, as the centre logged it under several signal codes. The first
    row keeps the item number; the others get ``-2``, ``-3`` ... appended.
    """
    seen: Counter[str] = Counter()
    for row in csv_rows(data_dir, CALLS):
        seen[row["item_number"]] += 1
        turn = seen[row["item_number"]]
        yield from _states(row, row["item_number"] + (f"-{turn}" if turn > 1 else ""))


def _time(text: str) -> datetime | None:
    return local_time(text, "%m/%d/%Y %H:%M", ZONE) if text else None


def _states(row: dict[str, str], number: str) -> Iterator[CallChanged]:
    created = _time(row["TimeCreate"])
    if created is None:
        return
    stages = {
        "dispatched": _time(row["TimeDispatch"]),
        "arrived": _time(row["TimeArrive"]),
        "closed": _time(row["TimeClosed"]),
    }
    moments = sorted({created, *(time for time in stages.values() if time)})
    for moment in moments:
        reached = {name: time for name, time in stages.items() if time and time <= moment}
        yield _state(row, number, moment, created, reached)


def _state(
    row: dict[str, str],
    number: str,
    moment: datetime,
    created: datetime,
    reached: dict[str, datetime],
) -> CallChanged:
    hidden = {
        column for stage, columns in _LATER.items() if stage not in reached for column in columns
    }
    known = {column: "" if column in hidden else text for column, text in row.items()}
    initial = Code(row["InitialType"], row["InitialTypeText"])
    if "arrived" not in reached and "closed" not in reached:
        known |= {
            "Type": initial.code,
            "TypeText": initial.text,
            "Priority": row["InitialPriority"],
        }
    point = _point(row)
    return CallChanged(
        at=moment,
        origin=ORIGIN,
        call_number=number,
        status=_status(reached, row["Disposition"]),
        type=Code(known["Type"], known["TypeText"]),
        initial_type=initial,
        created=created,
        priority=_URGENCY.get(known["Priority"][:1]),
        priority_text=known["Priority"] or None,
        point=point,
        point_error_m=BLOCK_ERROR_M if point else None,
        address=row["BLOCK_ADDRESS"] or None,
        beat=row["Beat"] or None,
        district=row["PoliceDistrict"] or None,
        disposition=Code(row["Disposition"], row["DispositionText"])
        if "closed" in reached
        else None,
        self_initiated=row["SelfInitiated"] == "Y",
        centre_outcome=known["rtcc_research_outcome"] or None,
        row=known,
        dispatched=reached.get("dispatched"),
        arrived=reached.get("arrived"),
        closed=reached.get("closed"),
    )


_URGENCY = {"3": 1, "2": 2, "1": 3, "0": 4}
"""The file's digit grows with urgency (2 is an emergency, 3 an officer in need); ours falls."""

BLOCK_ERROR_M = 60.0
"""Ours: the file gives the hundred block or the intersection, not the house."""


def _status(reached: dict[str, datetime], disposition: str) -> CallStatus:
    if "closed" in reached:
        return "Cancelled" if disposition == "VOI" else "Closed"
    if "arrived" in reached:
        return "ResourcesOnscene"
    return "ResourcesAssigned" if "dispatched" in reached else "Active"


# --- Police reports --------------------------------------------------------------------------


def reports(data_dir: Path) -> Iterator[ReportFiled]:
    """Reports of the first quarter, in no order; item numbers as the calls write them."""
    for row in csv_rows(data_dir, f"{FOLDER}/police_reports_2022.csv.gz"):
        at = _time(row["occurred_date_time"])
        if at is not None:
            yield ReportFiled(
                at=at,
                origin=ORIGIN,
                item_number=row["item_number"].replace("-", ""),
                signal=Code(row["signal_type"], row["signal_description"]),
                report_type=row["report_type"],
                address=row["location"] or None,
                district=row["district"] or None,
                charge=Code(row["charge_code"], row["charge_description"])
                if row["charge_code"]
                else None,
                disposition=row["disposition"] or None,
            )
