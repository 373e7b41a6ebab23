"""Flock's alerts and devices to ours. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from typing import Literal, TypeAlias, TypeVar

import msgspec

from watchfloor_sdk import (
    Asset,
    Context,
    Event,
    GiveUp,
    Handling,
    Media,
    Place,
    PlateHit,
    SharingSetting,
    mapping,
)

from .settings import Settings
from .states import to_region
from .wire import Alert, Device, HotListed, Location, Ocr, Subscription

T = TypeVar("T")
Ctx: TypeAlias = Context[Settings]
AssetKind = Literal["plate_reader", "camera", "gunshot_sensor"]

_LONGEST_HANDLE = 4096
_KINDS: Mapping[str, AssetKind] = {
    "camera": "plate_reader",
    "video": "camera",
    "audio": "gunshot_sensor",
    "external": "camera",
}
"""Flock documents the words alone; what they are here is our reading of them."""


def to_alert(body: bytes, content_type: str) -> Alert:
    """An alert that came by webhook. Raises ``GiveUp``; code ``xml_not_public`` for the XML form.

    Flock documents that there is one and not what its elements are called: guessed names would put
    plates where none are, or miss them.
    """
    if "xml" in content_type.lower() or body[:64].lstrip()[:1] == b"<":
        raise GiveUp(
            "The alert came as XML, whose element names Flock does not publish.",
            code="xml_not_public",
            remedy="Set contentType of the subscription to application/json.",
        )
    return read(body, Alert)


def to_hits(ctx: Ctx, alert: Alert) -> list[Event]:
    """A hit for each list that has the plate. Raises ``GiveUp``: ``no_plate``, ``no_hot_list``."""
    if alert.ocr is None:
        raise GiveUp("The alert says no plate.", code="no_plate", remedy="Look at it in Flock.")
    if not alert.sources:
        raise GiveUp(
            "The alert names no hot list.", code="no_hot_list", remedy="Look at it in Flock."
        )
    hits = {hit_id(alert.object_id, listed): listed for listed in alert.sources}
    return [_hit(ctx, alert, alert.ocr, listed, id_) for id_, listed in hits.items()]


def hit_id(read: str, listed: HotListed) -> str:
    """Flock names the read alone, and a read may be on several lists, or on one for two cases."""
    said = msgspec.json.encode([listed.name, listed.reason, listed.case_number])
    return f"{read}:{blake2b(said, digest_size=6).hexdigest()}"


def _hit(ctx: Ctx, alert: Alert, ocr: Ocr, listed: HotListed, id_: str) -> Event:
    return ctx.event(
        PlateHit(
            plate=ocr.label,
            reader=alert.device_external_id,
            hot_list=listed.name,
            reason=_reason(listed),
            region=to_region(ocr.state),
            place=mapping.place(mapping.point(alert.device_long, alert.device_lat)),
            confidence=ocr.label_confidence,
            media=_picture(ctx, alert),
        ),
        id=id_,
        time=mapping.moment(alert.event_time).time,
        handling=_handling(listed),
    )


def _handling(listed: HotListed) -> Handling | None:
    """What comes out of NCIC is criminal justice information (CJIS Security Policy, section 4.1);
    the rest is marked as the source is."""
    return "cji" if listed.name.strip().upper().startswith("NCIC") else None


def _reason(listed: HotListed) -> str | None:
    case = f"case {listed.case_number}" if listed.case_number else ""
    return f"{listed.reason} ({case})" if listed.reason and case else listed.reason or case or None


def _picture(ctx: Ctx, alert: Alert) -> list[Media]:
    """The vehicle's picture. Whose it is: the network's, which may be another agency's."""
    if not alert.image_url or len(alert.image_url) > _LONGEST_HANDLE:
        return []
    picture = Media(
        handle=alert.image_url,
        kind="vehicle_picture",
        owner=(alert.network_name or ctx.settings.owner)[:256],
        retention_class="plate-reads",
        expires=_expires(alert.image_expiration),
    )
    return [picture]


def _expires(text: str | None) -> datetime | None:
    """A hit is worth more than the end of its picture: one that cannot be read is left out."""
    with suppress(GiveUp):
        return mapping.moment(text).time if text else None
    return None


def to_asset(ctx: Ctx, device: Device, observed: datetime) -> Asset:
    """One device. Its state (online or not) is not in the API. Raises ``GiveUp``."""
    kind = _KINDS.get(device.type)
    if kind is None:
        raise GiveUp(
            "The device is of a kind that Flock does not document.", code="unknown_device_type"
        )
    place = to_place(device.location)
    point = place.point if place else None
    return Asset(
        id=device.id,
        source=ctx.source,
        kind=kind,
        name=device.name or device.id,
        geometry={"type": "Point", "coordinates": list(point)} if point else None,
        owner=(device.network.name if device.network else "") or ctx.settings.owner,
        address=place.address if place else None,
        observed=observed,
        attributes={"type": device.type, **({"link": device.link} if device.link else {})},
    )


def to_settings(subscription: Subscription) -> list[SharingSetting]:
    """What a subscription to alerts says of sharing: whether alerts of restricted lists come, and
    those of other customers' cameras within the agency's jurisdiction."""
    name = subscription.name or subscription.id
    elsewhere = "on" if subscription.enabled_first_responder_jurisdiction_alerts else "off"
    return [
        SharingSetting(
            name=f"alerts_audience:{subscription.id}",
            value=subscription.custom_hotlist_audience_filter,
            title=f"Whose custom lists {name} alerts for",
        ),
        SharingSetting(
            name=f"alerts_from_others:{subscription.id}",
            value=elsewhere,
            title=f"Alerts of {name} from other customers' cameras",
        ),
    ]


def to_place(location: Location | None) -> Place | None:
    """A point, an address, or both. Raises ``GiveUp`` for a point that cannot be."""
    if location is None:
        return None
    parts = (location.street_address, location.city, location.state)
    address = ", ".join(part for part in parts if part)
    return mapping.place(
        mapping.point(location.longitude, location.latitude), address=address or None
    )


def read(body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """Decode strictly. Raises ``GiveUp`` with the failing field, never its value."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as wrong:
        raise GiveUp(f"Not as Flock documents it: {wrong}", code="unexpected_shape") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise GiveUp("The body is not JSON.", code="not_json") from None
