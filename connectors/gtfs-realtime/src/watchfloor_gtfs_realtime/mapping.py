"""GTFS-Realtime VehiclePositions (google/transit, gtfs-realtime/proto) to ours. Pure functions.

Number plates (``vehicle.license_plate``) are not read, on purpose: a position feed needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from google.protobuf.message import DecodeError
from google.transit import gtfs_realtime_pb2 as gtfs

from watchfloor_sdk import (
    AskAPerson,
    Context,
    Event,
    GiveUp,
    Page,
    Place,
    Rejected,
    RetryLater,
    VehiclePosition,
)

from .settings import Settings

CONTENT_TYPE = "application/x-protobuf"
TOLERATED_SKEW_S = 60
"""Seconds by which the feed's clock may differ from ours before its times are in doubt."""


@dataclass(slots=True)
class Batch:
    """What a feed came to: the entities that are new, their events, and those not understood."""

    entities: list[gtfs.FeedEntity] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)


def parse(body: bytes) -> gtfs.FeedMessage:
    """Read a feed. Raises ``RetryLater`` when it is none, ``AskAPerson`` when it is not whole."""
    try:
        feed = gtfs.FeedMessage.FromString(body)
        if not feed.HasField("header"):
            raise DecodeError
    except DecodeError:
        raise RetryLater(
            "The answer is no GTFS-Realtime feed.",
            code="unreadable_answer",
            remedy="If it stays so, check the address: it must be the protobuf form.",
        ) from None
    if feed.header.incrementality != gtfs.FeedHeader.FULL_DATASET:
        raise AskAPerson(
            "The feed sends differences, which the standard leaves undefined.",
            code="differential_feed",
            remedy="Use a feed that sends all vehicles each time (FULL_DATASET).",
        )
    return feed


def skew_s(feed: gtfs.FeedMessage, now: datetime, stale_after_s: float) -> float:
    """By how many seconds the feed's clock leads ours; negative when it lags or stands still.

    Raises ``RetryLater`` when that is so much that no position in it can be placed in time.
    """
    if not feed.header.timestamp:
        return 0.0
    skew = feed.header.timestamp - now.timestamp()
    if skew < -stale_after_s:
        raise RetryLater(
            f"The feed has not been renewed for {-skew:.0f} s.",
            code="stale_feed",
            remedy="If it stays so, ask the feed's publisher: it stands still or its clock is off.",
        )
    if skew > stale_after_s:
        raise RetryLater(
            f"The feed's clock is {skew:.0f} s ahead of ours.",
            code="clock_off",
            remedy="Compare both clocks; the publisher's is more often the wrong one.",
        )
    return skew


def to_batch(
    ctx: Context[Settings], feed: gtfs.FeedMessage, known: Mapping[str, int], now: datetime
) -> Batch:
    """The positions that are new. ``known`` is each vehicle's time as last given out."""
    batch = Batch()
    skew = skew_s(feed, now, ctx.settings.stale_after_s)
    if abs(skew) <= TOLERATED_SKEW_S:
        skew = 0.0  # so that the same position is the same event, however often it is fetched
    oldest = now.timestamp() + skew - ctx.settings.stale_after_s
    for entity in feed.entity:
        if entity.is_deleted or not entity.HasField("vehicle"):
            continue
        vehicle = entity.vehicle
        name = vehicle.vehicle.id or entity.id
        stamp = vehicle.timestamp or feed.header.timestamp
        batch.seen[name] = stamp
        if stamp == known.get(name) or 0 < stamp < oldest:
            continue
        _add(ctx, batch, entity, name, stamp, skew)
    return batch


def _add(
    ctx: Context[Settings],
    batch: Batch,
    entity: gtfs.FeedEntity,
    name: str,
    stamp: int,
    skew: float,
) -> None:
    position = entity.vehicle.position
    if not position.latitude and not position.longitude:
        return  # how trackers say that they have no fix: the vehicle is nowhere, not off Africa
    try:
        event = to_event(ctx, entity.vehicle, name, stamp, skew)
    except GiveUp as wrong:
        batch.rejected.append(Rejected(_as_text(entity), wrong.code, wrong.detail))
        return
    batch.events.append(event)
    batch.entities.append(entity)


def to_event(
    ctx: Context[Settings], vehicle: gtfs.VehiclePosition, name: str, stamp: int, skew: float = 0.0
) -> Event:
    """One position. Raises ``GiveUp`` for a time or place that cannot be."""
    settings = ctx.settings
    position = vehicle.position
    time = _time(stamp)
    if stamp - skew > ctx.now().timestamp() + settings.stale_after_s:
        raise GiveUp("The vehicle's clock is ahead of the feed's.", code="clock_off")
    label = vehicle.vehicle.label or None
    return ctx.event(
        VehiclePosition(
            vehicle=name,
            place=Place(point=_point(position.longitude, position.latitude)),
            speed_mps=_within(position.speed, 1000) if position.HasField("speed") else None,
            course_deg=_within(position.bearing, 360) if position.HasField("bearing") else None,
            unit=(label or name) if settings.units else None,
            fleet=settings.fleet,
            label=label,
        ),
        id=f"{name}:{stamp}",
        time=time,
        subject=f"vehicle/{name}",
        handling="le-sensitive" if settings.units else "public",
        expires=time + timedelta(seconds=settings.stale_after_s - skew),
        time_error_s=abs(skew) or None,
    )


def to_page(feed: gtfs.FeedMessage, batch: Batch, now: datetime) -> Page:
    """The new positions with the part of the feed that they come from.

    The feed is sent whole every few seconds and mostly unchanged, so only the entities that are
    new are kept as the raw form: the same bytes, fewer of them.
    """
    kept = gtfs.FeedMessage(header=feed.header, entity=batch.entities)
    return Page(
        events=batch.events,
        raw=kept.SerializeToString() if batch.events else None,
        content_type=CONTENT_TYPE,
        pointers=[f"/entity/{index}" for index in range(len(batch.events))],
        rejected=batch.rejected,
        assured_until=now,
    )


def _as_text(entity: gtfs.FeedEntity) -> str:
    shown = gtfs.FeedEntity()
    shown.CopyFrom(entity)
    shown.vehicle.vehicle.ClearField("license_plate")
    return str(shown)


def _time(stamp: int) -> datetime:
    if not stamp:
        raise GiveUp("Neither the vehicle nor the feed says a time.", code="no_time")
    try:
        return datetime.fromtimestamp(stamp, UTC)
    except (ValueError, OverflowError, OSError):
        raise GiveUp("The time is out of range.", code="bad_time") from None


def _point(longitude: float, latitude: float) -> tuple[float, float]:
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):  # false for NaN, too
        raise GiveUp("The point is not on the globe.", code="bad_point")
    return (round(longitude, 6), round(latitude, 6))


def _within(value: float, high: float) -> float | None:
    return round(value, 2) if 0 <= value <= high else None
