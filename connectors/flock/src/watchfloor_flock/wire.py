"""What Flock sends (v3), as far as this connector reads it. Fields not named here are passed over.

Names, and what is required, are the vendor's (documented); lengths are ours.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Raw, Struct

Text = Annotated[str, Meta(max_length=1024)]
Id = Annotated[str, Meta(min_length=1, max_length=128)]
Words = Annotated[str, Meta(min_length=1, max_length=200)]
Plate = Annotated[str, Meta(min_length=1, max_length=32, pattern="[0-9A-Za-z]")]
Ratio = Annotated[float, Meta(ge=0, le=1)]


class Ocr(Struct, rename="camel"):
    """What was read; ``state`` in Flock's words."""

    label: Plate
    label_confidence: Ratio | None = None
    state: Text | None = None


class HotListed(Struct, rename="camel"):
    """One list that has the plate: ``NCIC``, or a custom list's name."""

    name: Words
    reason: Text | None = None
    case_number: Text | None = None


class Alert(Struct, rename="camel"):
    """A hot-list alert. ``objectId`` is the plate read; ``ocr`` may be null."""

    object_id: Id
    event_time: Text
    device_external_id: Id
    sources: list[HotListed]
    ocr: Ocr | None = None
    device_lat: float | None = None
    device_long: float | None = None
    network_name: Text | None = None
    image_url: str | None = None
    image_expiration: Text | None = None


class Location(Struct, rename="camel"):
    """A point, or an address (documented: one of them)."""

    latitude: float | None = None
    longitude: float | None = None
    street_address: Text | None = None
    city: Text | None = None
    state: Text | None = None


class Network(Struct):
    """The network that a device belongs to: an agency's, perhaps another's."""

    name: Text = ""


class Device(Struct):
    """``type`` is ``camera``, ``video``, ``audio`` or ``external``."""

    id: Id
    type: str
    name: Text = ""
    location: Location | None = None
    network: Network | None = None
    link: Text | None = None


class Devices(Struct, rename="camel"):
    """A page of devices."""

    results: list[Raw]
    total_items: int
    total_pages: int


class PlateInfo(Struct):
    """A plate as read."""

    plate: Plate
    confidence: Ratio | None = None


class StateInfo(Struct):
    """The state that it seems to be of."""

    state: Text | None = None
    confidence: Ratio | None = None


class Read(Struct, rename="camel"):
    """A read that a look-up found. It has no picture: ``link`` leads into Flock's own screens."""

    id: Id
    captured_at: Text
    device: Device
    plate: PlateInfo
    state: StateInfo | None = None
    link: Text | None = None


class Reads(Struct, rename="camel"):
    """A page of a look-up."""

    results: list[Raw]
    total_items: int
    next_page_id: str | None = None


class HotList(Struct):
    """A custom hot list of the organisation."""

    id: Id
    name: Text = ""


class Subscription(Struct, rename="camel"):
    """A subscription to alerts, as far as it says whose alerts come and who gets them."""

    id: Id
    name: Text = ""
    custom_hotlist_audience_filter: Text = "organization"
    enabled_first_responder_jurisdiction_alerts: bool = False


class EntryNote(Struct):
    """What is written beside an entry."""

    message: str = ""


class Entry(Struct):
    """An entry of a custom hot list. Flock gives the id."""

    plate: Text
    id: str | None = None
    note: EntryNote | None = None


class Entries(Struct, rename="camel"):
    """A page of entries, and the answer to a batch of new ones."""

    entries: list[Entry]
    next_page: str | None = None
