"""Hit confirmation (YQ and YR).

Asking for it is an action: it obliges another agency to look into its files within ten minutes
(urgent) or an hour (routine), so it is sent once, by a person, with a receipt, and outlasts every
look-up's deadline. Reading what that agency has answered is a look-up, by the receipt's reference.
Whether an answer confirms is for a person to read: its words are not laid down.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from watchfloor_sdk import ActionRequest, LookupRequest, NotAsked, Refused

from .inquiries import Inquiry, attention
from .messages import alike, read
from .relay import Arrived

DUE = {"U": timedelta(minutes=10), "R": timedelta(hours=1)}
_Short = Annotated[str, Meta(pattern=r"^[A-Z0-9-]{1,20}\Z")]


class Order(Struct, kw_only=True, forbid_unknown_fields=True):
    """The hit that is to be confirmed. ``ori`` is the agency that entered the record ``nic``."""

    priority: Literal["U", "R"]
    ori: Annotated[str, Meta(pattern=r"^[A-Z0-9]{9}\Z")]
    nic: _Short
    case_number: Annotated[str, Meta(min_length=1, max_length=256)]
    reason: Annotated[str, Meta(min_length=1, max_length=4000)]
    plate: _Short | None = None
    plate_state: Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")] | None = None
    vin: _Short | None = None


class Reference(Struct, kw_only=True, forbid_unknown_fields=True):
    """The receipt's reference."""

    reference: Annotated[str, Meta(pattern=r"^W[A-Z2-7]{9}\Z")]


def ordered(request: ActionRequest) -> tuple[Order, Inquiry]:
    """The message of an action. Raises ``Refused``."""
    try:
        order = msgspec.convert(request.parameters, Order)
    except msgspec.ValidationError:
        raise Refused("The hit is not described as it must be.", code="bad_parameters") from None
    named = {"LIC": order.plate, "LIS": order.plate_state, "VIN": order.vin}
    if not (order.plate or order.vin):
        raise Refused("A hit is of a plate or of a VIN.", code="bad_parameters")
    fields = {
        "PRI": order.priority,
        "NIC": order.nic,
        **{name: value.replace("-", "") for name, value in named.items() if value},
        "ATN": attention(request.requested_by),
    }
    return order, Inquiry("YQ", (order.ori,), (order.ori,), fields)


def reference_of(request: LookupRequest) -> str:
    """The reference that a look-up names. Raises ``NotAsked``."""
    try:
        return msgspec.convert(request.filters, Reference).reference
    except msgspec.ValidationError:
        raise NotAsked(
            "Which request for confirmation is meant is not said.",
            code="bad_filters",
            remedy="Give the reference of its receipt.",
        ) from None


def same_subject(request: LookupRequest, arrived: Arrived) -> Inquiry:
    """What was asked then. Raises ``Refused`` where that was of another plate or VIN."""
    asked = {name: values[0] for name, values in read(arrived.question).fields.items()}
    if not any(alike(request.subject, asked.get(name, "")) for name in ("LIC", "VIN")):
        raise Refused(
            "That request for confirmation is of another vehicle.",
            code="bad_filters",
            remedy="Give the reference of this vehicle's receipt.",
        )
    return Inquiry("YQ", (), (), asked)


def due(asked: Inquiry) -> timedelta:
    """How long the asked agency has, by the message's priority."""
    return DUE["U" if asked.fields.get("PRI") == "U" else "R"]
