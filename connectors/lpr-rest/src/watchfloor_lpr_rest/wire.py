"""What the plate-read interface sends: our own shape, described in the README of this folder.

``gc=False`` keeps a page of a thousand rows out of the garbage collector's way: rows are trees.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

Text = Annotated[str, Meta(max_length=1024)]
Id = Annotated[str, Meta(min_length=1, max_length=256)]
Coordinate = Annotated[float, Meta(ge=-180, le=180)]
"""Finite degrees. A latitude beyond 90 is let by: the hub mends points that are exchanged."""
Heading = Annotated[float, Meta(ge=0, le=360)]
Moment = Annotated[datetime, Meta(tz=True)]


class VehicleRow(Struct, gc=False):
    """What the reader says the vehicle looks like."""

    make: Text | None = None
    model: Text | None = None
    colour: Text | None = None
    body: Text | None = None


class PictureRow(Struct, gc=False):
    """Where below the base address the picture of the plate can be had, and until when."""

    path: Id
    expires: Moment | None = None


class ReadRow(Struct, gc=False):
    """One read. Degrees WGS 84; heading from true north; confidence 0 to 1."""

    id: Id
    read_at: Moment
    reader: Id
    plate: Annotated[str, Meta(min_length=1, max_length=32)]
    region: Text | None = None
    confidence: Annotated[float, Meta(ge=0, le=1)] | None = None
    heading_deg: Heading | None = None
    longitude: Coordinate | None = None
    latitude: Coordinate | None = None
    vehicle: VehicleRow | None = None
    picture: PictureRow | None = None


class ReadsPage(Struct):
    """Up to a thousand reads in the order in which they arrived at the vendor.

    ``next`` is the cursor after the last of them. ``as_of`` (when ``more`` is false): up to this
    moment the vendor has given everything that it has received.
    """

    reads: list[ReadRow]
    next: Id
    more: bool
    as_of: Moment | None = None


class ReaderRow(Struct):
    """One plate reader."""

    id: Id
    name: Text
    longitude: Coordinate | None = None
    latitude: Coordinate | None = None
    heading_deg: Heading | None = None
    angle_deg: Annotated[float, Meta(gt=0, le=360)] = 40.0
    range_m: Annotated[float, Meta(ge=0)] | None = None
    owner: Text | None = None
    address: Text | None = None
    status: str = "unknown"
