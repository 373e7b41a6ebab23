"""Exports on an SFTP server, calls in a database replica, documents of JSON, packed files."""

import gzip
import json
import sqlite3
import sys
from contextlib import closing

import jsonschema
import pytest

from watchfloor_sdk import AskAPerson, RetryLater
from watchfloor_sdk.finding import manifest_of
from watchfloor_sdk.simulation.sftp import SftpServer

TWO = ["Z0000001", "Z0000002"]


@pytest.fixture
async def server(tmp_path, lines):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "cfs.csv").write_text(lines.header + lines.row(1) + lines.row(2))
    async with SftpServer(tmp_path) as running:
        running.file = tmp_path / "out" / "cfs.csv"
        yield running


@pytest.fixture
def remote(server, polling):
    settings = {
        "mapping": "new-orleans",
        "sftp": f"sftp://127.0.0.1:{server.port}/out",
        "host_key": server.host_key,
    }
    credentials = {"sftp": server.credential}
    return polling(settings, hosts=[f"127.0.0.1:{server.port}"], credentials=credentials)


async def test_an_export_on_a_server_is_read_once_and_on(remote, server, lines):
    assert await remote.poll() == TWO
    assert await remote.poll() == []
    with server.file.open("a") as file:
        file.write(lines.row(3) + lines.row(4)[:30])
    remote.restart()
    assert await remote.poll() == ["Z0000003"]
    assert remote.rejected == []
    with server.file.open("a") as file:
        file.write(lines.row(4)[30:])
    assert await remote.poll() == ["Z0000004"]


async def test_an_archive_among_the_exports_costs_itself_alone(remote, server, lines):
    server.file.with_name("a.csv").write_bytes(b"PK\3\4....")
    assert await remote.poll() == TWO
    assert "archive_refused" in remote.hub.logged[-1][1]


async def test_a_server_with_another_key_is_left_alone(remote, server):
    remote.settings.host_key = "SHA256:" + "A" * 43
    with pytest.raises(AskAPerson) as caught:
        await remote.poll()
    assert caught.value.code == "host_key"
    assert server.logins == 0


async def test_without_its_library_sftp_says_what_to_install(remote, monkeypatch):
    monkeypatch.setitem(sys.modules, "watchfloor_sdk.transports.sftp", None)
    monkeypatch.delattr("watchfloor_sdk.transports.sftp", raising=False)
    with pytest.raises(AskAPerson) as caught:
        await remote.poll()
    assert caught.value.code == "no_sftp_client"


ROW = ("Type", "TypeText", "Priority", "TimeCreate", "BLOCK_ADDRESS", "Location")
VALUES = ("94", "DISCHARGING FIREARM", "2D", "5/2/2022 16:14", "030XX Example Ave",
          "POINT (-90.034 29.987)")  # fmt: skip


@pytest.fixture
def table(tmp_path, mapper):
    """A replica with every column of the mapping, and one that is not for us."""
    path, names = tmp_path / "cad.db", mapper("new-orleans").columns
    columns = ", ".join(f'"{name}" TEXT' for name in [*names, "caller_name"])

    def add(number, changed, **other):
        values = {**dict(zip(ROW, VALUES, strict=True)), **other, "item_number": f"Z{number:07}"}
        known = [values.get(name) for name in names]
        with closing(sqlite3.connect(path)) as far, far:
            far.execute(
                f"INSERT INTO calls VALUES ({', '.join('?' * (len(names) + 2))})",
                [*known, "not for us", changed],
            )

    with closing(sqlite3.connect(path)) as far, far:
        far.execute(f"CREATE TABLE calls ({columns}, changed INTEGER)")
    add(1, 1)
    add(2, 1)
    add.url = f"sqlite://{path}"
    return add


@pytest.fixture
def replica(table, polling):
    settings = {
        "mapping": "new-orleans",
        "replica": table.url,
        "table": "calls",
        "key": ["changed", "item_number"],
    }
    return polling(settings)


async def test_a_replica_is_read_on_from_its_key(replica, table):
    assert await replica.poll() == TWO
    assert replica.events[0].data.place.point == (-90.034, 29.987)
    replica.restart()
    assert await replica.poll() == []
    table(2, 2, TimeDispatch="5/2/2022 16:20")
    assert await replica.poll() == ["Z0000002"]
    assert replica.events[0].data.status == "ResourcesAssigned"
    assert replica.pages[-1].assured_until is not None


async def test_what_the_mapping_does_not_name_is_not_read(replica):
    await replica.poll()
    rows = json.loads(replica.pages[0].raw)
    assert replica.pages[0].pointers == ["/0", "/1"]
    assert rows[1]["item_number"] == "Z0000002"
    assert "caller_name" not in rows[0]


async def test_a_bad_row_of_a_replica_is_rejected_and_the_rest_flows(replica, table):
    table(3, 2, TimeCreate="?")
    table(4, 2)
    assert await replica.poll() == [*TWO, "Z0000004"]
    assert replica.rejected == ["bad_time"]


async def test_a_table_that_does_not_fit_is_said(replica):
    replica.settings.table = "other"
    with pytest.raises(AskAPerson) as caught:
        await replica.poll()
    assert caught.value.code == "bad_statement"


async def test_a_replica_that_is_not_there_passes(replica):
    replica.settings.replica = "sqlite:///no/such.db"
    with pytest.raises(RetryLater):
        await replica.poll()


def poll_of(*incidents):
    return json.dumps({"snapshot_at": "2026-05-02T21:14:00Z", "incidents": incidents}) + "\n"


def incident(number, **changes):
    known = {
        "id": f"ZZ{number}", "date": "2026-05-02", "time": "2:14:07 PM",
        "category": "Public assist", "summary": "Example Fire on Control-1",
        "location": "14XX EXAMPLE RD ,EXA",
        "latitude": 37.5, "longitude": -122.2, "units": ">E9?T1 *",
    }  # fmt: skip
    return {**known, **changes}


async def test_documents_of_a_poll_are_read_row_by_row(tmp_path, polling):
    path = tmp_path / "polls.ndjson"
    path.write_text(poll_of(incident(1), incident(2, latitude=None)) + "\n" + "{not JSON}\n")
    poller = polling({"mapping": "san-mateo", "path": str(path)})
    assert await poller.poll() == ["ZZ1", "ZZ2"]
    assert poller.events[0].data.units == ["E9", "T1"]
    assert poller.events[0].data.created.isoformat() == "2026-05-02T21:14:07+00:00"
    assert [event.data.place.precision for event in poller.events] == ["block", "masked"]
    assert poller.rejected == ["not_json"]
    assert poller.pages[0].content_type == "application/json"
    assert poller.pages[0].pointers == ["/0", "/1"]
    assert json.loads(poller.pages[0].raw)[0]["id"] == "ZZ1"
    text = poll_of(incident(1, units=">E9"), incident(3))
    with path.open("a") as file:
        file.write(text[:50])
    poller.restart()
    assert await poller.poll() == []
    with path.open("a") as file:
        file.write(text[50:])
    assert await poller.poll() == ["ZZ1", "ZZ3"]


async def test_a_packed_export_is_read_and_a_bomb_is_not(export, polling):
    packed = export.with_name("cfs.csv.gz")
    packed.write_bytes(gzip.compress(export.read_bytes()))
    poller = polling({"mapping": "new-orleans", "path": str(packed)})
    assert await poller.poll() == TWO
    packed.write_bytes(gzip.compress(b"\0" * 80_000_000))
    with pytest.raises(AskAPerson) as caught:
        await poller.poll()
    assert caught.value.code == "too_large"


async def test_a_time_with_its_own_date_outweighs_the_date_column(tmp_path, polling):
    path = tmp_path / "polls.ndjson"
    path.write_text(poll_of(incident(1, time="5/1/2026 11:57:46 PM")))
    poller = polling({"mapping": "san-mateo", "path": str(path)})
    await poller.poll()
    assert poller.events[0].data.created.isoformat() == "2026-05-02T06:57:46+00:00"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"path": "a", "url": "http://x"},
        {"sftp": "sftp://h/x"},
        {"replica": "sqlite:///x", "table": "calls"},
    ],
)
async def test_settings_that_cannot_be_are_refused(settings, polling):
    manifest = manifest_of("watchfloor_cad_file")
    config = {"mapping": "new-orleans", **settings}
    assert not jsonschema.Draft202012Validator(manifest.config_schema).is_valid(config)
    with pytest.raises(AskAPerson) as caught:
        await polling(config).poll()
    assert caught.value.code == "bad_settings"


async def test_without_a_mapping_nothing_is_guessed(export, polling):
    with pytest.raises(AskAPerson, match="no mapping"):
        await polling({"mapping": "", "path": str(export)}).poll()


async def test_the_check_says_whether_the_table_fits(replica):
    assert [finding.ok for finding in await replica.check()] == [True, True]
    replica.settings.table = "other"
    replica.restart()
    mapping, calls = await replica.check()
    assert mapping.ok
    assert (calls.ok, calls.what) == (False, "calls")
    assert "bad_statement" in calls.detail
