"""Contracts may be read by many threads at once, from the first time on."""

from __future__ import annotations

import json

import pytest
from many_threads import run

CALL = {
    "call_number": "Z-1", "status": "Active", "incident_type": {"text": "Test"},
    "place": {"address": "100 Block of Test St"}, "notes": [{"text": "Test"}],
}  # fmt: skip
CAMERA = {
    "id": "c1", "source": "test", "kind": "camera", "name": "Test",
    "field_of_view": {"heading_deg": 90}, "access": {"level": "listed"},
}  # fmt: skip


@pytest.mark.parametrize(("type_", "document"), [("CadIncident", CALL), ("Asset", CAMERA)])
def test_many_threads_may_meet_a_contract_at_once(type_, document):
    """msgspec 0.22 crashes when threads meet a type for the first time at once."""
    program = f"""
import msgspec
from watchfloor import contracts
at_once(lambda: msgspec.json.decode({json.dumps(document)!r}, type=contracts.{type_}))
"""
    assert run(program) == (0, "")
