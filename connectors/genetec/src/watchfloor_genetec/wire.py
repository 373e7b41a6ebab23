"""What Security Center says, as far as this connector reads it.

Columns of the hit report are documented for the Platform SDK; that the Web SDK's report has the
same is our reading. Fields that are not named here are passed over.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Text = Annotated[str, Meta(max_length=1024)]
Id = Annotated[str, Meta(min_length=1, max_length=128)]
Plate = Annotated[str, Meta(min_length=1, max_length=32, pattern="[0-9A-Za-z]")]


class Entity(Struct, rename="pascal"):
    """A camera, a plate-reading unit, a patrol car, a rule."""

    guid: Id
    name: Text = ""
    entity_type: Text = ""


class Hit(Struct, rename="pascal"):
    """A row of the report ``LprHit``. ``Timestamp`` is local and not read; ``TimestampUtc`` is."""

    hit_id: Id
    timestamp_utc: Text
    lpr_rule_id: Id
    read1_plate: Plate
    hit_type: str | int | None = None
    read1_plate_state: Text | None = None
    read1_unit_id: Text | None = None
    read1_patroller_id: Text | None = None
