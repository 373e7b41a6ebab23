"""Redriving: every letter that is named gets its turn, and the answer counts each of them."""

from __future__ import annotations

import json

import pytest
from made_up import call, connect, push_source

from watchfloor.ports.store import Batch, NewDeadLetter
from watchfloor_lpr_rest_simulator import LprRestSimulator

CAMERA = {
    "id": "cam-1",
    "source": "push-1",
    "kind": "camera",
    "name": "Canal St",
    "geometry": {"type": "Point", "coordinates": [-90.07, 29.95]},
    "observed": "2026-05-02T12:00:00Z",
}


@pytest.fixture(autouse=True)
async def source(api):
    await push_source(api)


@pytest.fixture
def listed(api, hub):
    """Puts something into the dead letters as its stage would; the letter's id."""

    async def listed(stage, document, source="push-1"):
        raw = document if isinstance(document, bytes) else json.dumps(document).encode()
        letter = NewDeadLetter(source, stage, raw, "invalid", "Why.", "push/1", "0.1.0")
        await hub.hub.store.log.commit([Batch(source, "push/1", [], dead=[letter])])
        return (await api.dead())[0]["id"]

    return listed


@pytest.fixture
def tried(api):
    async def tried(*ids):
        return await api.send("POST", "/dead-letters/redrive", {"ids": list(ids)})

    return tried


def counts(**some):
    return {"accepted": 0, "failed": 0, "queued": 0, "needs_vendor": 0, **some}


async def states(api, *ids):
    return [(await api.get(f"/dead-letters/{each}"))["state"] for each in ids]


async def test_one_that_needs_the_vendor_does_not_stop_the_others(api, listed, tried):
    ids = [
        await listed("record", b"\xff not even text"),
        await listed("event", call(1)),
        await listed("record", {"plate": None}),
        await listed("event", {"still": "wrong"}),
        await listed("asset", CAMERA),
        await listed("delivery", {"to": "nobody"}),
    ]
    assert await tried(*ids) == counts(accepted=2, failed=2, needs_vendor=2)
    assert [event["id"] for event in await api.events()] == ["call-1"]
    assert await states(api, *ids) == [
        "waiting", "redriven", "waiting", "waiting", "redriven", "waiting",
    ]  # fmt: skip


async def test_a_letter_is_tried_once_however_often_it_is_named(listed, tried):
    letter = await listed("event", call(1))
    assert await tried(letter, letter) == counts(accepted=1)
    assert await tried(letter) == counts()


async def test_nothing_is_tried_when_one_does_not_exist(api, listed):
    letter = await listed("event", call(1))
    answer = await api.call("POST", "/dead-letters/redrive", {"ids": [letter, 999]})
    assert (answer.status, await states(api, letter)) == (404, ["waiting"])


async def test_letters_say_what_to_do_about_them(api, listed, tried):
    record, asset = await listed("record", {}), await listed("asset", CAMERA)
    said = {item["id"]: item["remedy"] for item in await api.dead()}
    assert said[record].startswith("It cannot be redriven")
    assert "redrive it" in said[asset]
    await tried(asset)
    assert (await api.get(f"/dead-letters/{asset}"))["remedy"] == ""


async def test_an_asset_enters_the_register(api, listed, tried):
    assert await tried(await listed("asset", CAMERA)) == counts(accepted=1)
    known = await api.get("/assets/push-1/cam-1")
    assert (known["name"], known["state"], known["source"]) == ("Canal St", "present", "push-1")


async def test_an_asset_does_not_replace_what_was_observed_later(api, listed, tried):
    later = {**CAMERA, "name": "Newer", "observed": "2026-05-02T13:00:00Z"}
    undated = {name: value for name, value in CAMERA.items() if name != "observed"}
    for document in (later, CAMERA, undated):
        assert await tried(await listed("asset", document)) == counts(accepted=1)
        assert (await api.get("/assets/push-1/cam-1"))["name"] == "Newer"


@pytest.mark.parametrize(
    "document", [{**CAMERA, "kind": "teapot"}, {**CAMERA, "source": "somebody-else"}, [1], None]
)
async def test_an_asset_that_still_does_not_fit_keeps_its_letter(api, listed, tried, document):
    letter = await listed("asset", document)
    assert await tried(letter) == counts(failed=1)
    [again] = await api.dead()
    assert (again["id"], again["attempts"], again["code"]) == (letter, 2, "invalid_asset")
    assert again["detail"] != "Why."


async def test_a_webhook_goes_back_to_its_worker_and_is_redriven_not_dropped(api, listed, tried):
    vendor = LprRestSimulator()
    setup = await vendor.start()
    try:
        await connect(api, "lpr", setup)
        letter = await listed("delivery", {"made": "up"}, "lpr")
        assert await tried(letter) == counts(queued=1)
        assert await states(api, letter) == ["redriven"]
    finally:
        await vendor.stop()
