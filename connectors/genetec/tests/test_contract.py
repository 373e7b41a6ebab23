"""A real worker process against the simulated Security Center, killed on the way."""

from __future__ import annotations

from watchfloor_genetec.connector import Genetec
from watchfloor_sdk.testing import check_manifest, run_contract


async def test_contract():
    hub = await run_contract("genetec")
    assert {event["data"]["hot_list"] for event in hub.events.values()} == {"SIM hot list"}


def test_the_manifest_fits_its_schema_and_the_settings():
    check_manifest(Genetec)
