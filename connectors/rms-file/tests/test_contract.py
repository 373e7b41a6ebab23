"""A real worker process against the growing export, killed on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watchfloor_city import ReportFiled
from watchfloor_city.happenings import Code
from watchfloor_rms_file_simulator import RmsFileSimulator
from watchfloor_sdk.finding import find
from watchfloor_sdk.testing import check_manifest, run_contract

START = datetime(2026, 5, 2, 21, 0, tzinfo=UTC)


def reports(count: int) -> list[ReportFiled]:
    return [
        ReportFiled(
            at=START + timedelta(minutes=number),
            item_number=f"Z{number:05}26",
            signal=Code("67A", "AUTO THEFT"),
            report_type="Incident Report",
            address="030XX Example Ave",
            district="5",
            charge=Code("14 67", "THEFT") if number % 2 else None,
            disposition="OPEN" if number % 3 else "CLOSED",
        )
        for number in range(count)
    ]


async def test_contract():
    hub = await run_contract("rms-file", RmsFileSimulator(), reports(1200))
    assert len(hub.events) == 1200
    assert not hub.rejected


def test_the_manifest_fits_its_schema_and_the_settings():
    check_manifest(find("rms-file").connector)
