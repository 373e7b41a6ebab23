"""What can be asked for: the parameters of each action, as its declaration has them."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import Struct

from watchfloor_sdk import ActionRequest, GiveUp, Point

Order = TypeVar("Order", bound=Struct)


class AddNote(Struct):
    """``call`` is an incident's tracking id, or this agency's call number."""

    call: str
    text: str


class RemoveNote(Struct):
    """``reference`` is that of the receipt of ``add-note``."""

    reference: str


class CreateCall(Struct):
    """``type`` is a code of the registry IncidentType-Common."""

    type: str
    text: str
    priority: int | None = None
    address: str | None = None
    point: Point | None = None


class CancelCall(Struct):
    """``reference`` is that of the receipt of ``create-call``."""

    reference: str


class UpdateCall(Struct):
    """What is not given stays. ``status`` is one of the registry IncidentStatus-Common."""

    call: str
    type: str | None = None
    status: str | None = None
    priority: int | None = None
    beat: str | None = None


def read(request: ActionRequest, shape: type[Order]) -> Order:
    """The parameters. Raises ``GiveUp`` (code ``bad_parameters``)."""
    try:
        return msgspec.convert(request.parameters, shape)
    except msgspec.ValidationError as wrong:
        raise GiveUp(f"The parameters do not fit: {wrong}", code="bad_parameters") from None
