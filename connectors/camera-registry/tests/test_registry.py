"""The registry as a whole: what is listed, what is gone, whose status changed."""

import pytest

from watchfloor_sdk import RetryLater


async def test_what_is_no_longer_listed_is_no_longer_told(registry, make_feature):
    registry(make_feature(1), make_feature(2))
    reader = registry.reader()
    assert (await reader.inventory()).complete
    registry(make_feature(2))
    again = await reader.inventory()
    assert again.complete
    assert [asset.id for asset in again.assets] == ["cam-2"]


async def test_a_list_that_was_cut_is_not_complete(registry, make_feature):
    registry(make_feature(1), properties={"exceededTransferLimit": True})
    assert not (await registry.reader().inventory()).complete


async def test_an_empty_registry_is_not_believed(registry):
    registry()
    with pytest.raises(RetryLater) as caught:
        await registry.reader().inventory()
    assert caught.value.code == "empty_registry"


async def test_what_is_left_out_is_counted_and_said_once(registry, make_feature):
    registry(
        make_feature(1),
        make_feature(1, label="again"),
        make_feature(2, covers=["interior"]),
        make_feature(3, at=(500, 0)),
    )
    reader = registry.reader()
    assert list(await reader.assets()) == ["cam-1", "cam-3"]
    await reader.inventory()
    assert sorted(message for _, message in reader.hub.logged) == [
        "1 records of the registry: bad_point",
        "1 records of the registry: interior",
        "1 records of the registry: listed_twice",
    ]


async def test_a_record_that_makes_no_sense_is_told_once_without_its_contact(
    registry, make_feature
):
    bad = make_feature(2, range_m="far", contact_name="Zed Example", phone="555-0100")
    registry(make_feature(1), bad, make_feature(3, covers=["interior"]))
    reader = registry.reader()
    await reader.poll()
    (rejected,) = reader.rejected
    assert "cam-2" in rejected.raw
    assert "Zed" not in rejected.raw
    assert "555" not in rejected.raw
    await reader.poll()
    assert reader.rejected == []
    assert (await reader.inventory()).complete, "a bad row must keep no other camera on the map"
    assert list(await reader.assets()) == ["cam-1", "cam-2"]


async def test_a_change_of_status_is_an_event_once(registry, make_feature):
    registry(make_feature(1, status="online"), make_feature(2, status="online"))
    reader = registry.reader()
    assert await reader.poll() == []
    since = "2026-05-02T21:14:00Z"
    registry(
        make_feature(1, status="offline", status_since=since), make_feature(2, status="online")
    )
    (event,) = await reader.poll()
    assert (event.data.camera, event.data.status) == ("cam-1", "offline")
    assert event.time.isoformat() == "2026-05-02T21:14:00+00:00"
    assert event.subject == "camera/cam-1"
    assert event.data.place.point == (-90.03, 29.98)
    assert await reader.poll() == []
    reader.restart()
    assert await reader.poll() == []


async def test_the_same_change_seen_twice_is_the_same_event(registry, make_feature):
    registry(make_feature(1, status="offline", status_since="2026-05-02T21:14:00Z"))
    reader = registry.reader()
    first = await reader.poll()
    reader.checkpoint = None  # as if the hub had not been able to keep it
    assert [event.id for event in await reader.poll()] == [event.id for event in first]


async def test_back_online_is_an_event_too(registry, make_feature):
    registry(make_feature(1, status="offline"))
    reader = registry.reader()
    await reader.poll()
    registry(make_feature(1, status="online"))
    assert [event.data.status for event in await reader.poll()] == ["online"]


async def test_unknown_is_no_news(registry, make_feature):
    registry(make_feature(1, status="?"), make_feature(2, status="offline"))
    reader = registry.reader()
    assert [event.data.camera for event in await reader.poll()] == ["cam-2"]
    registry(make_feature(1, status="?"), make_feature(2, status=""))
    assert await reader.poll() == []
    registry(make_feature(1, status="?"), make_feature(2, status="online"))
    assert [event.data.status for event in await reader.poll()] == ["online"]


async def test_a_registry_without_statuses_tells_none(tmp_path, reader_of):
    path = tmp_path / "cameras.csv"
    path.write_text("row_id,latitude,longitude\nx-1,29.95,-90.06\n")
    reader = reader_of({"mapping": "new-orleans", "path": str(path)})
    assert await reader.poll() == []
    assert (await reader.assets())["x-1"].status == "unknown"


async def test_a_missing_registry_is_said(registry):
    with pytest.raises(RetryLater) as caught:
        await registry.reader().inventory()
    assert caught.value.code == "no_export"


async def test_check_says_what_is_there(registry, make_feature):
    registry(make_feature(1), make_feature(2, covers="interior"), make_feature(3, at=(500, 0)))
    reader = registry.reader()
    found = [(one.ok, one.what) for one in await reader.connector.check(reader.ctx)]
    assert found == [(True, "registry"), (True, "interior"), (False, "bad_point")]
