"""The asset register's keeper: what is listed is kept, what is refused costs nobody else."""

import json

import msgspec
import pytest

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.assets import AssetKeeper, Places
from watchfloor.contracts.protocol import AssetsParams
from watchfloor.ingest import Origin, Validators

ORIGIN = Origin("cams", "cams", "camera-registry/1")


@pytest.fixture
async def store(tmp_path):
    store = SqliteStore(tmp_path / "hub.sqlite", SettableClock(1_790_000_000_000_000))
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def keeper(store):
    return AssetKeeper(store, SettableClock(1_790_000_000_000_000), Validators())


def camera(id, **more):
    return {"id": id, "source": "cams", "kind": "camera", "name": f"Camera {id}", **more}


def inventory(*assets, complete=True):
    raws = [msgspec.Raw(json.dumps(asset).encode()) for asset in assets]
    return AssetsParams(assets=raws, complete=complete)


async def states(store):
    return {asset["id"]: asset["state"] for asset in await store.assets.all()}


async def letters(store):
    return await store.dead_letters.list("cams", "waiting", None, 100)


async def test_what_a_complete_list_leaves_out_becomes_stale(keeper, store):
    await keeper.accept(ORIGIN, inventory(camera("1"), camera("2")))
    await keeper.accept(ORIGIN, inventory(camera("1")))
    assert await states(store) == {"1": "present", "2": "stale"}


async def test_a_refused_asset_is_a_letter_and_the_others_are_kept(keeper, store):
    await keeper.accept(ORIGIN, inventory(camera("1"), camera("2", kind="no such kind")))
    assert await states(store) == {"1": "present"}
    [letter] = await letters(store)
    assert (letter.stage, letter.code) == ("asset", "invalid_asset")
    assert json.loads(letter.raw)["id"] == "2"


async def test_one_that_cannot_be_read_any_more_does_not_vanish(keeper, store):
    await keeper.accept(ORIGIN, inventory(camera("1"), camera("2")))
    await keeper.accept(ORIGIN, inventory(camera("1"), camera("2", name=7)))
    assert await states(store) == {"1": "present", "2": "present"}


async def test_the_same_refusal_is_told_once(keeper, store):
    for _ in range(3):
        await keeper.accept(ORIGIN, inventory(camera("1"), camera("2", name=7)))
    assert len(await letters(store)) == 1
    await keeper.accept(ORIGIN, inventory(camera("1"), camera("2", name=8)))
    assert len(await letters(store)) == 2


async def test_a_foreign_asset_is_refused(keeper, store):
    await keeper.accept(ORIGIN, inventory(camera("1", source="elsewhere")))
    assert await states(store) == {}
    assert len(await letters(store)) == 1


async def test_where_an_asset_stands_is_known_at_once_and_after_a_restart(keeper, store):
    here = {"type": "Point", "coordinates": [-90.05, 29.95]}
    await keeper.accept(ORIGIN, inventory(camera("1", geometry=here), camera("2")))
    later = Places()
    await later.open(store.assets)
    for places in (keeper.places, later):
        assert (places.of("cams", "1"), places.of("cams", "2")) == ((-90.05, 29.95), None)
