"""An alert's context: the units and cameras near it in place and time, and the line that searches
the plate reads around it: they are other people's, and are asked for as in any other search.

Computed when somebody opens it, from the log as it is then, and never copied into the alert. Who
opened it is on the ledger before the answer is given; where that cannot be written, there is no
answer. Where a source had a gap, that is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from msgspec import Struct

from watchfloor.contracts import BY_NAME, AskAPerson, Point, Refused, Summary, rfc3339, summarise
from watchfloor.policy import WHOLE, Sight, hides, redact_event
from watchfloor.ports.geometry import bearing_deg, box_around, distance_m
from watchfloor.ports.store import (
    Alert,
    EventFilter,
    Gap,
    Micros,
    RecordedEvent,
    Store,
)
from watchfloor.ports.world import Clock

from .engine import Engine
from .rules import Correlation

AT_MOST = 2000
"""Events of units that are looked at; beyond, the answer says that it is cut."""

_UNITS = (BY_NAME["vehicle"].type, BY_NAME["unit"].type)


class Near(Struct, kw_only=True):
    """A unit near the alert. ``offset_s``: seconds after the alert's event, or before."""

    event: Summary
    distance_m: float
    bearing_deg: float
    offset_s: float


class NearCamera(Struct, kw_only=True):
    """A camera near the alert. ``faces``: whether its field of view holds the place; ``None``
    where its direction is not known."""

    source: str
    id: str
    name: str
    status: str
    point: Point
    distance_m: float
    faces: bool | None


class ContextGap(Struct, kw_only=True):
    """A source that gave no assurance in the window: what it did not say proves nothing."""

    source: str
    start: str
    end: str | None
    reason: str


class AlertContext(Struct, kw_only=True):
    """What was near. A group that the rule does not include is ``None``. ``search`` is the line
    that finds the plate reads around it.

    ``status``: ``ok``; ``gap`` where a source had one in the window; ``running`` while the window
    is not over. ``cut`` names the groups that hold more than is shown.
    """

    alert: int
    center: Point
    radius_m: float
    since: str
    until: str
    status: Literal["ok", "gap", "running"]
    search: str | None = None
    units: list[Near] | None = None
    cameras: list[NearCamera] | None = None
    gaps: list[ContextGap] = []
    cut: list[str] = []


class ContextFinder:
    """Finds contexts and records who asked."""

    def __init__(self, store: Store, clock: Clock, engine: Engine) -> None:
        self._store = store
        self._clock = clock
        self._engine = engine

    async def open(self, id: int, by: str, sight: Sight = WHOLE) -> AlertContext:
        """What of what a named person sees is around an alert. Raises ``NotFound``; ``Refused``
        where the alert's rule gathers none; ``AskAPerson`` where its place is not known, or not to
        them."""
        alert = await self._store.alerts.alert(id, sight.scope)
        around = self._engine.correlation(alert.rule)
        if around is None:
            raise Refused(
                "The rule behind this alert gathers no context.",
                code="no_correlation",
                remedy="Give the rule a `correlate` part.",
            )
        if alert.point is None or hides(sight.redacts, "data.place.point"):
            raise AskAPerson(
                "The place of this alert is not known, so nothing can be near it.",
                code="no_place",
                remedy="Search by address or time instead.",
            )
        context = await self._gather(alert, alert.point, around, sight)
        await self._record(context, by)
        return context

    async def _gather(
        self, alert: Alert, center: Point, around: Correlation, sight: Sight
    ) -> AlertContext:
        reach = round(around.minutes * 60_000_000)
        window = _Window(center, around.radius_m, alert.occurred, reach, sight)
        gaps = [_gap(gap) for gap in await self._store.gaps.between(window.since, window.until)]
        over = self._clock.now() >= window.until
        context = AlertContext(
            alert=alert.id,
            center=center,
            radius_m=around.radius_m,
            since=rfc3339(window.since),
            until=rfc3339(window.until),
            status="gap" if gaps else "ok" if over else "running",
            gaps=gaps,
        )
        if "reads" in around.include:
            context.search = window.line()
        if "units" in around.include:
            context.units = _one_each(await self._find_units(context, window))
        if "cameras" in around.include:
            context.cameras = _cameras(await self._store.assets.all(["camera"]), window)
        return context

    async def _find_units(
        self, context: AlertContext, window: _Window
    ) -> list[tuple[Near, dict[str, Any]]]:
        """Events near the alert with their data, nearest in time first."""
        where = EventFilter(
            types=_UNITS,
            since=window.since,
            until=window.until + 1,
            box=box_around(window.center, window.radius_m),
            scope=window.sight.scope,
        )
        found = await self._store.index.find(where, AT_MOST + 1)
        if len(found) > AT_MOST:
            context.cut.append("units")
        synthetic = {each.id for each in await self._store.instances.all() if each.synthetic}
        near = (_near(event, window, event.source in synthetic) for event in found[:AT_MOST])
        inside = [pair for pair in near if pair[0].distance_m <= window.radius_m]
        return sorted(inside, key=lambda pair: abs(pair[0].offset_s))

    async def _record(self, context: AlertContext, by: str) -> None:
        """Who opened what: counts and log positions."""
        units = [near.event.seq for near in context.units or ()]
        await self._store.ledger.note(
            "context_opened",
            by,
            {
                "alert": context.alert,
                "counts": {"units": len(units), "cameras": len(context.cameras or ())},
                "seqs": {"units": units},
            },
        )


@dataclass(frozen=True, slots=True)
class _Window:
    center: Point
    radius_m: float
    middle: Micros
    reach: Micros
    sight: Sight
    """What of it is shown."""

    @property
    def since(self) -> Micros:
        return self.middle - self.reach

    @property
    def until(self) -> Micros:
        return self.middle + self.reach

    def line(self) -> str:
        """What finds the plate reads in it, as the search box takes it."""
        longitude, latitude = self.center
        return (
            f"kind:read near:{longitude:.6f},{latitude:.6f} {self.radius_m:.0f}m"
            f" since:{rfc3339(self.since)} until:{rfc3339(self.until)}"
        )


def _gap(gap: Gap) -> ContextGap:
    return ContextGap(
        source=gap.source,
        start=rfc3339(gap.start),
        end=None if gap.end is None else rfc3339(gap.end),
        reason=gap.reason,
    )


def _near(recorded: RecordedEvent, window: _Window, synthetic: bool) -> tuple[Near, dict[str, Any]]:
    event = msgspec.json.decode(recorded.body, type=dict[str, Any])
    point = recorded.point or window.center
    near = Near(
        event=summarise(
            seq=recorded.seq,
            source=recorded.source,
            recorded=recorded.recorded,
            time=recorded.time,
            event=redact_event(event, window.sight.redacts),
            synthetic=synthetic,
        ),
        distance_m=round(distance_m(window.center, point), 1),
        bearing_deg=round(bearing_deg(window.center, point), 1),
        offset_s=(recorded.time - window.middle) / 1e6,
    )
    return near, event["data"]


def _one_each(found: Iterable[tuple[Near, dict[str, Any]]]) -> list[Near]:
    """Each unit once, where it was nearest in time. Vehicles that are no unit (buses) are not
    somebody to send."""
    units: dict[str, Near] = {}
    for near, data in found:
        if data.get("unit"):
            units.setdefault(data["unit"], near)
    return list(units.values())


def _cameras(assets: Iterable[dict[str, Any]], window: _Window) -> list[NearCamera]:
    near = [
        _camera(asset, (lon, lat), window)
        for asset in assets
        if (geometry := asset.get("geometry")) and geometry["type"] == "Point"
        for lon, lat in [geometry["coordinates"][:2]]
    ]
    inside = (camera for camera in near if camera.distance_m <= window.radius_m)
    return sorted(inside, key=lambda camera: camera.distance_m)


def _camera(asset: dict[str, Any], point: Point, window: _Window) -> NearCamera:
    distance = distance_m(point, window.center)
    return NearCamera(
        source=asset["source"],
        id=asset["id"],
        name=asset["name"],
        status=asset.get("status", "unknown"),
        point=point,
        distance_m=round(distance, 1),
        faces=faces(asset.get("field_of_view"), point, window.center, distance),
    )


def faces(view: dict[str, Any] | None, camera: Point, place: Point, distance: float) -> bool | None:
    """Whether a place ``distance`` metres off lies in a camera's wedge (``view``: the asset's
    ``field_of_view``); ``None`` where its direction is not known."""
    if not view:
        return None
    off = abs((bearing_deg(camera, place) - view["heading_deg"] + 180) % 360 - 180)
    in_reach = distance <= view.get("range_m", float("inf"))
    return bool(in_reach and off <= view.get("angle_deg", 90.0) / 2)
