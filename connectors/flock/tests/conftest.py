"""What the tests share: plates that pass, and a question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from watchfloor_city import Asset, Look, PlatePassed
from watchfloor_sdk import LookupRequest, Offence, Purpose

POINT = (-100.0, 40.0)
ASSETS = [
    Asset(id="gate-1", kind="plate_reader", name="Gate 1", point=POINT, address="100 Example St"),
    Asset(id="lobby", kind="camera", name="Lobby", point=POINT),
]
RECORD = "0123456789abcdef0123456789abcdef"
PURPOSE = Purpose(
    code="exercise", requester="analyst-1", case_number="SIM-0001", reason="Exercise vehicle",
    requester_name="Ann Example", agency="Example City PD", ori="ZZ0000000",
    request="R-26-000123", offence=Offence(code="240"), record=RECORD,
)  # fmt: skip


@pytest.fixture
def assets() -> list[Asset]:
    """One reader, one camera."""
    return ASSETS


@pytest.fixture
def passed() -> Callable[..., PlatePassed]:
    """A plate at the reader, so many minutes ago."""

    def make(plate: str, minutes_ago: float = 1.0, reader: str = "gate-1") -> PlatePassed:
        return PlatePassed(
            at=datetime.now(UTC) - timedelta(minutes=minutes_ago), reader=reader, plate=plate,
            region="US-KS", confidence=0.9, heading_deg=90.0, point=POINT,
            vehicle=Look("Ford", "F-150", "white", "pickup"),
        )  # fmt: skip

    return make


@pytest.fixture
def asked() -> Callable[..., LookupRequest]:
    """A question about a plate."""

    def make(plate: str, **changes: Any) -> LookupRequest:
        question = LookupRequest(
            id="q-1", offer="plate-reads", subject_kind="plate", subject=plate, purpose=PURPOSE,
            deadline_s=20.0,
        )  # fmt: skip
        return msgspec.structs.replace(question, **changes)

    return make
