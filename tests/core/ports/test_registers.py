"""Assets, gaps, instances, the ledger and the media shelf."""

import hashlib

import pytest

from watchfloor.contracts import NotFound
from watchfloor.ports.store import Instance


def camera(id, **more):
    return {"id": id, "source": "cams", "kind": "camera", "name": f"Camera {id}", **more}


async def names(store, *kinds):
    return {asset["id"]: asset.get("state") for asset in await store.assets.all(kinds)}


async def test_assets_are_kept_as_they_are_and_differences_counted(store):
    first = [camera("1", geometry={"type": "Point", "coordinates": [-90.1, 29.9]}), camera("2")]
    assert await store.assets.put("cams", first, False, None) == 2
    assert await store.assets.put("cams", first, False, b"cursor") == 0
    assert await store.assets.put("cams", [camera("2", status="offline")], False, None) == 1
    assert (await store.assets.get("cams", "1"))["geometry"] == first[0]["geometry"]
    assert (await store.assets.get("cams", "2"))["status"] == "offline"
    assert await store.log.checkpoint("cams") == b"cursor"


async def test_assets_are_listed_by_kind(store):
    unit = {"id": "U1", "source": "avl", "kind": "unit", "name": "U1"}
    await store.assets.put("cams", [camera("1")], False, None)
    await store.assets.put("avl", [unit], False, None)
    assert await names(store) == {"1": "present", "U1": "present"}
    assert list(await names(store, "unit")) == ["U1"]
    assert list(await names(store, "drone")) == []


async def test_what_a_complete_list_leaves_out_is_stale_then_gone(store, clock):
    await store.assets.put("cams", [camera("1"), camera("2")], True, None)
    await store.assets.put("other", [{**camera("2"), "source": "other"}], True, None)
    clock.advance(3600)
    seen = clock.now()
    assert await store.assets.put("cams", [camera("1")], True, None) == 1
    assert (await store.assets.get("cams", "2"))["state"] == "stale"
    assert (await store.assets.get("other", "2"))["state"] == "present"
    assert await store.assets.put("cams", [camera("1")], True, None) == 0
    assert await store.assets.expire(seen) == 1
    assert (await store.assets.get("cams", "2"))["state"] == "gone"
    assert [a["id"] for a in await store.assets.all() if a["source"] == "cams"] == ["1"]
    assert await store.assets.expire(seen) == 0


async def test_an_asset_that_comes_back_is_present_again(store):
    await store.assets.put("cams", [camera("1")], True, None)
    await store.assets.put("cams", [], True, None)
    assert await names(store) == {"1": "stale"}
    assert await store.assets.put("cams", [camera("1")], True, None) == 1
    assert await names(store) == {"1": "present"}


async def test_an_unknown_asset_is_not_found(store):
    with pytest.raises(NotFound):
        await store.assets.get("cams", "1")


async def test_assurance_moves_forward_only(store):
    assert await store.gaps.assured("lpr") is None
    await store.gaps.assure("lpr", 10)
    await store.gaps.assure("lpr", 7)
    assert await store.gaps.assured("lpr") == 10


async def test_a_source_has_one_open_gap(store):
    first = await store.gaps.open("lpr", 10, "no heartbeat")
    assert await store.gaps.open("lpr", 20, "again") == first
    assert await store.gaps.open("cad", 20, "hub was down") != first
    [gap] = await store.gaps.between(0, 15)
    assert (gap.id, gap.start, gap.end, gap.reason) == (first, 10, None, "no heartbeat")
    await store.gaps.close("lpr", 30, False)
    await store.gaps.close("lpr", 99, False)
    assert [gap.end for gap in await store.gaps.between(0, 100, "lpr")] == [30]


async def test_gaps_without_a_moment_between_them_are_one(store):
    for start, end, reason in [(10, 20, "silent"), (20, 30, "silent"), (30, 40, "down")]:
        await store.gaps.open("lpr", start, reason)
        await store.gaps.close("lpr", end, False)
    await store.gaps.open("lpr", 41, "down")
    found = [(gap.start, gap.end, gap.reason) for gap in await store.gaps.between(0, 100)]
    assert found == [(10, 30, "silent"), (30, 40, "down"), (41, None, "down")]


async def test_gaps_that_touch_an_interval_and_were_not_filled(store):
    for start, end, filled in ((10, 20, False), (30, 40, True), (50, 60, False)):
        await store.gaps.open("lpr", start, "why")
        await store.gaps.close("lpr", end, filled)

    async def starts(since, until, source=None):
        return [gap.start for gap in await store.gaps.between(since, until, source)]

    assert await starts(0, 100) == [10, 50]
    assert await starts(15, 16) == [10]
    assert await starts(20, 50) == []
    assert await starts(0, 100, "cad") == []


async def test_instances_are_put_over_each_other_and_removed(store):
    one = Instance(
        "lpr-1", "lpr-rest", "Readers", {"url": "http://x", "n": [1]}, True, True, 5, "A"
    )
    await store.instances.put(one)
    assert await store.instances.get("lpr-1") == one
    one.enabled = False
    await store.instances.put(one)
    await store.instances.put(Instance("cad-1", "cad-file", "Calls", {}))
    assert [instance.id for instance in await store.instances.all()] == ["cad-1", "lpr-1"]
    assert (await store.instances.get("lpr-1")).enabled is False
    await store.instances.remove("lpr-1")
    await store.instances.remove("lpr-1")
    with pytest.raises(NotFound):
        await store.instances.get("lpr-1")


async def test_notes_come_newest_first_by_kind(store, clock):
    await store.ledger.note("lease", "lpr-1", {"name": "api"})
    clock.advance(1)
    await store.ledger.note("lease", "lpr-2", {"name": "hmac"})
    await store.ledger.note("context", "A. Person", {"alert": 1})
    newest, oldest = await store.ledger.notes("lease", 10)
    assert newest == {"at": clock.now(), "who": "lpr-2", "what": {"name": "hmac"}}
    assert oldest["who"] == "lpr-1"
    assert len(await store.ledger.notes("lease", 1)) == 1


async def test_the_last_note_on_one_thing_of_somebodys_is_found(store, clock):
    for who, name, by in (("a", "x", "1"), ("a", "x", "2"), ("a", "y", "3"), ("b", "x", "4")):
        clock.advance(1)
        await store.ledger.note("set", who, {"name": name, "by": by})
    await store.ledger.note("set", "a", {"no": "name"})
    found = await store.ledger.last("set", "a", "x")
    assert (found["who"], found["what"]["by"]) == ("a", "2")
    assert found["at"] == clock.now() - 2_000_000
    assert await store.ledger.last("set", "b", "y") is None
    assert await store.ledger.last("lease", "a", "x") is None


async def test_media_are_found_by_handle_and_read_by_hash(store):
    body = bytes(range(256)) * 100
    assert await store.media.get("lpr", "pic-1") is None
    sha256 = await store.media.put("lpr", "pic-1", body, "image/jpeg")
    assert sha256 == hashlib.sha256(body).hexdigest()
    assert await store.media.put("lpr", "pic-2", body, "image/png") == sha256
    assert await store.media.get("lpr", "pic-1") == (sha256, "image/jpeg")
    assert await store.media.get("lpr", "pic-2") == (sha256, "image/png")
    assert await store.media.read(sha256) == body


@pytest.mark.parametrize("name", ["0" * 64, "", "../../etc/passwd", "x" * 64])
async def test_media_that_are_not_there_are_not_found(store, name):
    with pytest.raises(NotFound):
        await store.media.read(name)


async def test_the_store_describes_itself(store, make):
    await store.log.commit([make.batch([make.read("a")])])
    described = await store.describe()
    assert described["events"] == 1
    assert described["engine"]
    assert described["version"]
