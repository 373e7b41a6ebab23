"""A real worker process against the simulator, killed on the way: nothing lost, nothing doubled."""

from __future__ import annotations

from itertools import islice

from watchfloor_live911_style.connector import Live911Style
from watchfloor_live911_style_simulator import Live911StyleSimulator
from watchfloor_sdk.testing import check_manifest, run_contract


async def test_contract() -> None:
    vendor = Live911StyleSimulator()
    hub = await run_contract("live911-style", vendor, islice(vendor.demo(), 120))
    assert len(hub.events) == 120
    assert hub.rejected == []
    assert hub.conflicts == []


def test_the_manifest_fits_its_schema_and_the_settings() -> None:
    check_manifest(Live911Style)
