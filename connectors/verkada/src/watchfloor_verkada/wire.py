"""What Verkada sends, as far as this connector reads it. Fields it does not name are passed over.

Names are the vendor's (webhooks: documented; history: reported). Everything that older samples
lack is optional. Fields on faces and people are left out on purpose: they are never decoded.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Raw, Struct

Text = Annotated[str, Meta(max_length=1024)]
Id = Annotated[str, Meta(min_length=1, max_length=128)]
Plate = Annotated[str, Meta(min_length=1, max_length=32)]
Epoch = int | float


class Envelope(Struct):
    """Every webhook: ``data`` has the shape that ``webhook_type`` names."""

    webhook_type: str
    data: Raw


class LprData(Struct):
    """``created`` in seconds, ``detected`` in milliseconds since the epoch."""

    camera_id: Id
    license_plate_number: Plate
    created: Epoch | None = None
    detected: Epoch | None = None
    confidence: Annotated[float, Meta(ge=0, le=1)] | None = None
    image_url: str | None = None
    license_plate_state: Text | None = None


class Notification(Struct):
    """A camera event, in a webhook and in the alert history alike. ``created`` in seconds."""

    camera_id: Id
    notification_type: str
    created: Epoch
    image_url: str | None = None


class SeenPlate(Struct):
    """A plate in the history. ``timestamp`` equals the webhook's ``created``."""

    license_plate: Plate
    timestamp: Epoch
    image_url: str | None = None
    vehicle_image_url: str | None = None


class Detections(Struct):
    """A page of one camera's plates."""

    detections: list[Raw] = []
    next_page_token: str | int | None = None


class Notifications(Struct):
    """A page of the alert history."""

    notifications: list[Raw] = []
    next_page_token: str | int | None = None


class Camera(Struct):
    """A camera. Its network addresses and serial number are not read: nobody here needs them."""

    camera_id: Id
    name: Text = ""
    site: Text | None = None
    location: Text | None = None
    location_lat: float | None = None
    location_lon: float | None = None
    location_angle: float | None = None
    model: Text | None = None
    status: str = ""


class FootageLink(Struct):
    """Where Command shows a camera's video."""

    url: Annotated[str, Meta(pattern="^https?://", max_length=4096)]


class Cameras(Struct):
    """A page of the camera list."""

    cameras: list[Raw] = []
    next_page_token: str | int | None = None
