"""Bad input at the webhook door: what is signed is taken, and what cannot be mapped is listed with
the vendor's bytes; the deliveries around it become events."""

from __future__ import annotations

import asyncio
import itertools
import json

import pytest
import pytest_asyncio
from hub import until
from vendors import SignedWebhooks, webhook_source

from watchfloor.gate import MAX_BODY
from watchfloor_verkada_simulator.webhooks import envelope, sign

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "a-secret-of-the-test"
numbers = itertools.count(1)
READ = {"camera_id": "cam-1", "created": 1_780_000_000, "license_plate_number": "ZZB1"}


def said(**changes):
    """A plate read as the vendor sends it, changed; ``...`` takes a field away."""
    return envelope("lpr", {k: v for k, v in {**READ, **changes}.items() if v is not ...})


DEAD = {
    "nothing": (b"", "not_json"),
    "half a document": (said()[:50], "not_json"),
    "html": (b"<!doctype html><p>We will be back", "not_json"),
    "bytes that are no text": (b"\xff\xfe{}\x00", "not_json"),
    "nested without end": (b'{"webhook_type":"lpr","data":' + b"[" * 100_000, "not_json"),
    "a list": (b"[]", "unexpected_shape"),
    "a number": (b"7", "unexpected_shape"),
    "no kind": (b'{"data": {}}', "unexpected_shape"),
    "no data": (b'{"webhook_type": "lpr"}', "unexpected_shape"),
    "a camera that is a number": (said(camera_id=7), "unexpected_shape"),
    "no plate": (said(license_plate_number=...), "unexpected_shape"),
    "a plate without end": (said(license_plate_number="Z" * 100), "unexpected_shape"),
    "a plate with nothing in it": (said(license_plate_number="???"), None),
    "confidence out of range": (said(confidence=1.5), "unexpected_shape"),
    "not a number": (said(created=float("nan")), "not_json"),
    "no time": (said(created=...), "no_time"),
    "time as text": (said(created="2026-05-02T21:14:07"), "unexpected_shape"),
    "a time beyond all times": (said(created=1e300), None),
    "a field of 3 MB": (said(camera_id="x" * 3_000_000), "unexpected_shape"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def source(api):
    return await webhook_source(api, SECRET)


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def no_letters(api, source):
    """Each test starts with none."""
    yield
    if waiting := [letter["id"] for letter in await api.dead("gate")]:
        await api.send("POST", "/dead-letters/drop", {"ids": waiting})


async def post(api, body):
    return await api.knock("gate", body, sign(SECRET, body))


async def filed(api, name):
    return [e for e in await api.events(source="gate") if e["id"] == name]


GOOD = SignedWebhooks("", SECRET)


@pytest.mark.parametrize("what", DEAD)
async def test_a_delivery_that_cannot_be_mapped_is_listed_and_others_are_mapped(api, what):
    body, code = DEAD[what]
    names = []
    for step in (GOOD, None, GOOD):
        if step is not None:
            name, good, _ = GOOD.signed()
            names.append(name)
            assert (await post(api, good)).status == 202
        else:
            assert (await post(api, body)).status == 202
    letters = await until(lambda: api.dead("gate"))
    for name in names:
        assert await until(lambda name=name: filed(api, name))
    [letter] = letters
    assert code in (None, letter["code"]), letter
    assert letter["stage"] in ("delivery", "event")
    assert letter["connector"].startswith("verkada/")
    if letter["stage"] == "delivery":
        whole = await api.get(f"/dead-letters/{letter['id']}")
        assert whole["bytes"] == len(body)
        assert whole["raw"] == body[:1_000_000].decode("utf-8", "backslashreplace")


async def test_a_batch_that_holds_one_of_each_is_dealt_with_whole(api):
    """They wait in the inbox together and go to the worker as one."""
    await api.send("POST", "/sources/gate/restart")  # what comes meanwhile waits
    signed = [GOOD.signed() for _ in range(10)]
    bodies = [body for _, body, _ in signed] + [body for body, _ in DEAD.values()]
    answers = await asyncio.gather(*(post(api, body) for body in bodies))
    assert {answer.status for answer in answers} == {202}
    await until(lambda: enough(api, len(DEAD)), deadline_s=30)
    for name, _, _ in signed:
        assert len(await until(lambda name=name: filed(api, name))) == 1


async def enough(api, count):
    return len(await api.dead("gate")) == count


async def test_kinds_that_are_not_ours_are_no_error(api):
    for kind in ("face", "alarm", "nothing-known"):
        assert (await post(api, envelope(kind, {"anything": 1}))).status == 202
    name, good, _ = GOOD.signed()
    await post(api, good)
    assert await until(lambda: filed(api, name))
    assert await api.dead("gate") == []


async def test_a_huge_delivery_is_refused_and_leaves_nothing(api):
    answer = await post(api, b"{" + b" " * MAX_BODY)
    assert (answer.status, answer.code) == (413, "too_large")
    assert await api.dead("gate") == []


async def test_duplicates_and_late_ones_are_each_one_event(api):
    signed = [GOOD.signed() for _ in range(5)]
    for _, body, _ in [*reversed(signed), *signed]:
        assert (await post(api, body)).status == 202
    for name, _, _ in signed:
        assert len(await until(lambda name=name: filed(api, name))) == 1
    name, last, _ = GOOD.signed()
    await post(api, last)
    await until(lambda: filed(api, name))
    events = [event["id"] for event in await api.events(source="gate")]
    assert len(events) == len(set(events))


async def test_a_listed_delivery_is_mapped_again_when_asked(api):
    """With the same mapping it fails again: one letter waits, with the same bytes."""
    await post(api, b'{"webhook_type": "lpr", "data": {}}')
    [letter] = await until(lambda: api.dead("gate"))
    outcome = await api.send("POST", "/dead-letters/redrive", {"ids": [letter["id"]]})
    assert outcome["queued"] == 1

    async def again():
        waiting = await api.dead("gate")
        return waiting if waiting and waiting[0]["id"] != letter["id"] else None

    [other] = await until(again)
    assert (await api.get(f"/dead-letters/{other['id']}"))["raw"] == json.dumps(
        {"webhook_type": "lpr", "data": {}}
    )


async def test_the_source_is_not_to_blame(api):
    """Bad deliveries are the vendor's: the worker lives, whatever it was given."""
    source = await api.source("gate")
    assert source["pid"]
    assert source["state"] != "crash_loop"
