"""The shipped mappings against the exports they were written for (open data, never copied here)."""

import gzip
import os
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from watchfloor_sdk import CadIncident

DATA = Path(os.environ.get("WATCHFLOOR_DATA", Path(__file__).parents[4] / "shared/data"))

SAN_MATEO = "san_mateo_county/fire_dispatch_snapshots_2023-06-23_07-05.ndjson.gz"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.exists() and not os.environ.get("CI"), reason="no open data here"),
]


@pytest.mark.parametrize(
    ("file", "mapping", "calls", "rejected"),
    [
        ("new_orleans/cfs_rtcc_2022.csv.gz", "new-orleans", 6528, 0),
        ("new_orleans/cfs_2016_sample.csv.gz", "new-orleans-2016", 3213, 0),
        ("san_antonio/cfs_2024-09.csv.gz", "san-antonio", 20254, 2),
        (SAN_MATEO, "san-mateo", 2141, 0),
    ],
)
async def test_an_export_is_read_whole_as_it_is(file, mapping, calls, rejected, polling):
    poller = polling({"mapping": mapping, "path": str(DATA / file)})
    told = await poller.poll()
    assert len(set(told)) == calls
    assert len(poller.rejected) == rejected
    for event in poller.events:
        msgspec.convert(msgspec.to_builtins(event.data), CadIncident)


async def test_new_orleans_has_its_outcomes_places_and_priorities(tmp_path, polling):
    export = tmp_path / "export.csv"
    export.write_bytes(gzip.decompress((DATA / "new_orleans/cfs_rtcc_2022.csv.gz").read_bytes()))
    poller = polling({"mapping": "new-orleans", "path": str(export)})
    await poller.poll()
    calls = [event.data for event in poller.events]
    assert Counter(call.place.precision for call in calls)["masked"] > 100
    assert all(call.centre_outcome for call in calls)
    assert {call.status for call in calls} == {"Closed", "Cancelled"}
    named = sum(call.incident_type.common is not None for call in calls) / len(calls)
    assert named > 0.8
    shootings = {call.priority for call in calls if call.incident_type.code == "34S"}
    assert min(shootings) < 3


async def test_san_mateo_has_its_units_without_their_marks_and_its_places(polling):
    poller = polling({"mapping": "san-mateo", "path": str(DATA / SAN_MATEO)})
    await poller.poll()
    calls = [event.data for event in poller.events]
    units = {unit for call in calls for unit in call.units}
    assert len(units) > 50
    assert all(unit.isalnum() for unit in units)
    assert {call.status for call in calls} == {"Active"}
    placed = [call.place.point for call in calls if call.place and call.place.point]
    assert all(-122.6 < lon < -122.0 and 37.0 < lat < 37.8 for lon, lat in placed)
    assert {call.place.precision for call in calls} >= {"intersection", "masked", "block"}
