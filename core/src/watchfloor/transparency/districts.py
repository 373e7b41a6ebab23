"""Where cameras, readers and alerts are, against where people live.

The agency gives the districts (GeoJSON, RFC 7946: polygons with a property ``name``) and their
population (CSV: ``name,population``), as files in the hub's data directory. A rate per 10,000
residents, and how it compares with the whole area, make visible who is watched more than others.
Alerts are about people: small counts of them are held back, as in the figures.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from watchfloor.alerts import Origins
from watchfloor.contracts import AskAPerson, Point
from watchfloor.ports.geometry import Ring, in_ring
from watchfloor.ports.store import Micros, Store

from .model import Shown
from .suppression import shown, total

Position = Annotated[list[float], Meta(min_length=2)]
Corners = Annotated[list[Position], Meta(min_length=4)]

DISTRICTS, POPULATION = "districts.geojson", "population.csv"
"""Where the agency puts them, in the data directory."""
DEVICES = ("camera", "plate_reader", "gunshot_sensor")
"""The kinds of assets that stand somewhere and watch."""
OUTSIDE = "outside of all districts"
TOGETHER = "all districts"

_PER = 10_000
_PAGE = 1000
_ALERT_STATES = ("new", "acknowledged", "closed")


class Spread(Struct, frozen=True, kw_only=True):
    """How much of something a district has. ``per_10000`` is a rate per 10,000 residents; ``times``
    is that rate against the one of all districts together (1 is the same). Both are ``None`` where
    nobody lives, and where the count is not shown."""

    count: Shown
    per_10000: float | None
    times: float | None


class InDistrict(Struct, frozen=True, kw_only=True):
    """One district: its cameras, readers and gunshot sensors as they stand now, and the alerts of
    some time."""

    district: str
    residents: int
    devices: Spread
    alerts: Spread


class Distribution(Struct, frozen=True, kw_only=True):
    """Every district, the most devices in proportion first; all of them together; and what is
    ``outside`` of all. Alerts are those raised from ``since`` up to ``until`` that are still
    kept."""

    since: str
    until: str
    items: list[InDistrict]
    together: InDistrict
    outside: InDistrict


class District(Struct, frozen=True):
    """A name, and polygons: each an outer ring and its holes."""

    name: str
    polygons: list[list[Ring]]

    def holds(self, point: Point) -> bool:
        """Whether a point lies in it."""
        return any(_inside(polygon, point) for polygon in self.polygons)


class _Polygon(Struct, tag_field="type", tag="Polygon"):
    coordinates: Annotated[list[Corners], Meta(min_length=1)]


class _MultiPolygon(Struct, tag_field="type", tag="MultiPolygon"):
    coordinates: Annotated[list[Annotated[list[Corners], Meta(min_length=1)]], Meta(min_length=1)]


class _Named(Struct):
    name: Annotated[str, Meta(min_length=1, max_length=200)]


class _Feature(Struct):
    properties: _Named
    geometry: _Polygon | _MultiPolygon


class _Collection(Struct):
    type: Literal["FeatureCollection"]
    features: Annotated[list[_Feature], Meta(min_length=1)]


def read_districts(content: bytes) -> list[District]:
    """From GeoJSON. Raises ``AskAPerson`` (``bad_districts``)."""
    try:
        found = msgspec.json.decode(content, type=_Collection)
    except msgspec.MsgspecError as error:
        raise _bad(f"the districts cannot be read: {error}") from None
    return [District(each.properties.name, _polygons(each.geometry)) for each in found.features]


def read_population(text: str) -> dict[str, int]:
    """Residents by district. Raises ``AskAPerson`` (``bad_districts``)."""
    try:
        rows = csv.DictReader(io.StringIO(text))
        population = {row["name"].strip(): int(row["population"]) for row in rows}
    except (KeyError, ValueError, TypeError, AttributeError):
        raise _bad("the population needs columns “name” and “population”") from None
    if any(residents < 0 for residents in population.values()):
        raise _bad("a population is negative")
    return population


def supplied(folder: Path) -> tuple[list[District], dict[str, int]]:
    """What the agency has given. Raises ``AskAPerson`` (``no_districts``, ``bad_districts``)."""
    try:
        return (
            read_districts((folder / DISTRICTS).read_bytes()),
            read_population((folder / POPULATION).read_text("utf-8-sig")),
        )
    except FileNotFoundError as error:
        raise AskAPerson(
            "Nobody has given the hub its districts and who lives in them.",
            code="no_districts",
            remedy=f"Put {DISTRICTS} and {POPULATION} into the hub's data directory"
            f" ({Path(error.filename).name} is missing).",
        ) from None
    except UnicodeDecodeError:
        raise _bad("the population is not written in UTF-8") from None


def distribution(
    districts: Sequence[District],
    population: Mapping[str, int],
    devices: Iterable[Point],
    alerts: Iterable[Point],
    span: tuple[str, str],
) -> Distribution:
    """How devices and alerts are spread. Raises ``AskAPerson`` (``bad_districts``) for a district
    without a population."""
    if unknown := sorted({each.name for each in districts} - population.keys()):
        raise _bad(f"no population is given for {', '.join(unknown)}")
    residents = {each.name: population[each.name] for each in districts}
    stand, raised = (_counted(points, districts) for points in (devices, alerts))
    seen = {row.label: row.count for row in shown({name: raised[name] for name in residents})}
    everybody = sum(residents.values())
    all_devices = sum(stand[name] for name in residents)
    all_alerts = total({name: raised[name] for name in residents})
    whole = _rate(all_devices, everybody), _rate(all_alerts, everybody)
    items = [
        _row(name, residents[name], (stand[name], seen[name]), whole) for name in sorted(residents)
    ]
    items.sort(key=lambda row: row.devices.per_10000 or 0, reverse=True)
    return Distribution(
        since=span[0],
        until=span[1],
        items=items,
        together=_row(TOGETHER, everybody, (all_devices, all_alerts), whole),
        outside=_row(OUTSIDE, 0, (stand[OUTSIDE], total({OUTSIDE: raised[OUTSIDE]})), whole),
    )


def points_of(assets: Iterable[Mapping[str, Any]]) -> Iterator[Point]:
    """Where assets are, those that stand at a point."""
    for asset in assets:
        geometry = asset.get("geometry") or {}
        if geometry.get("type") == "Point":
            lon, lat, *_ = geometry["coordinates"]
            yield lon, lat


async def alert_points(
    store: Store, since: Micros, until: Micros, without: Collection[str]
) -> list[Point]:
    """Where the alerts are that were raised from ``since`` up to ``until``, those with a place; but
    for those about events of the sources ``without``, as long as their events are kept."""
    origins = Origins(store)
    found: list[Point] = []
    before: int | None = None
    while page := await store.alerts.alerts(_ALERT_STATES, before, _PAGE):
        for each in page:
            if each.point and since <= each.raised < until:
                newest = await origins.newest(each) if without else None
                if newest is None or newest.source not in without:
                    found.append(each.point)
        if page[-1].raised < since:
            break
        before = page[-1].id
    return found


def _row(
    district: str,
    residents: int,
    counts: tuple[int, Shown],
    whole: tuple[float | None, float | None],
) -> InDistrict:
    devices, alerts = (
        _spread(count, residents, rate) for count, rate in zip(counts, whole, strict=True)
    )
    return InDistrict(district=district, residents=residents, devices=devices, alerts=alerts)


def _spread(count: Shown, residents: int, whole: float | None) -> Spread:
    rate = _rate(count, residents)
    return Spread(
        count=count,
        per_10000=None if rate is None else round(rate, 2),
        times=None if rate is None or not whole else round(rate / whole, 2),
    )


def _rate(count: Shown, residents: int) -> float | None:
    return count * _PER / residents if residents and isinstance(count, int) else None


def _counted(points: Iterable[Point], districts: Sequence[District]) -> Counter[str]:
    """Many alerts are at one reader: each place is looked up once."""
    counts: Counter[str] = Counter()
    for point, times in Counter(points).items():
        counts[_district(point, districts)] += times
    return counts


def _district(point: Point, districts: Sequence[District]) -> str:
    return next((each.name for each in districts if each.holds(point)), OUTSIDE)


def _inside(polygon: Sequence[Ring], point: Point) -> bool:
    outer, *holes = polygon
    return in_ring(outer, point) and not any(in_ring(hole, point) for hole in holes)


def _polygons(geometry: _Polygon | _MultiPolygon) -> list[list[Ring]]:
    if isinstance(geometry, _Polygon):
        return [list(geometry.coordinates)]
    return [list(each) for each in geometry.coordinates]


def _bad(why: str) -> AskAPerson:
    return AskAPerson(
        f"The distribution cannot be made: {why}.",
        code="bad_districts",
        remedy=f"Mend {DISTRICTS} and {POPULATION} in the hub's data directory.",
    )
