"""What a store deletes when time is up: whole events, for good, but for what a hold keeps."""

import json

import pytest
from purges import CALLS, READS, due, hold, page, purge
from store_contract import NOON, POSITION

from watchfloor.contracts import NotFound
from watchfloor.ports.store import Due, EventFilter, Stream
from watchfloor.retention import proof_document, proves


async def test_what_is_older_than_the_limit_goes_and_the_rest_stays(store, make):
    await store.log.commit([make.batch([make.read(f"r{n}", at=NOON + 10 * n) for n in range(20)])])
    assert await store.purging.due(due(), 1_000) == 10
    assert await store.purging.due(due(), 4) == 4
    assert await purge(store, due()) == (10, 0)
    left = await store.index.find(EventFilter(), 100)
    assert [event.id for event in left] == [f"r{n}" for n in range(19, 9, -1)]
    assert len(await store.index.find(make.plate("ZZT1234"), 100)) == 10
    assert await store.purging.due(due(), 1_000) == 0
    with pytest.raises(NotFound):
        await store.log.get(1)


async def test_other_sources_types_and_classes_stay(store, make):
    await store.log.commit(
        [
            make.batch([make.read("r1"), make.read("r2", handling="cji"), make.call("c1", "fire")]),
            make.batch([make.read("r1")], source="other"),
        ]
    )
    assert await purge(store, due(handlings=("le-sensitive", "agency"))) == (1, 0)
    left = {(event.source, event.id) for event in await store.index.find(EventFilter(), 100)}
    assert left == {("lpr", "r2"), ("lpr", "c1"), ("other", "r1")}


@pytest.mark.parametrize("found_by", ["keys", "infix", "box", "text"])
async def test_nothing_leads_to_a_deleted_event(store, make, found_by):
    call = make.call(
        "c1", "burglary in progress", keys=(("plate", "ZZGONE1"),), point=(-90.0, 30.0)
    )
    kept = make.call("c2", "burglary", at=NOON + 500, keys=(("plate", "ZZKEPT1"),))
    await store.log.commit([make.batch([call, kept])])
    assert await purge(store, due(CALLS)) == (1, 0)
    where = {
        "keys": make.plate("ZZGONE1"),
        "infix": make.plate("*GONE*"),
        "box": make.box(-91, 29, -89, 31),
        "text": EventFilter(text="burglary progress"),
    }[found_by]
    assert await store.index.find(where, 10) == []
    assert len(await store.index.find(make.plate("*KEPT*"), 10)) == 1
    assert len(await store.index.find(EventFilter(text="burglary"), 10)) == 1


async def test_a_plate_that_has_a_newer_read_is_still_found_by_its_middle(store, make):
    await store.log.commit([make.batch([make.read("old")])])
    await store.purging.settle()
    await store.log.commit([make.batch([make.read("new", at=NOON + 500)])])
    assert await purge(store, due()) == (1, 0)
    assert len(await store.index.find(make.plate("*T123*"), 10)) == 1


async def test_the_newest_of_a_subject_goes_with_its_event(store, make):
    await store.log.commit(
        [make.batch([make.position("p1", "bus-1", NOON), make.position("p2", "bus-2", NOON + 200)])]
    )
    assert await purge(store, due(Stream("lpr", POSITION))) == (1, 0)
    assert [event.id for event in await store.index.latest(POSITION, 0, 10)] == ["p2"]


async def test_the_vendors_page_goes_with_the_first_of_its_events(store, make):
    """Its neighbours stand in it, too."""
    events = [make.read("r1"), make.read("r2", at=NOON + 500)]
    await store.log.commit(
        [make.batch(events, raw=page(1)), make.batch([make.read("r3", at=NOON + 600)], raw=page(2))]
    )
    await purge(store, due())
    [last, first] = await store.index.find(EventFilter(), 10)
    assert (await store.log.lineage(first.seq)).raw is None
    assert (await store.log.lineage(last.seq)).raw.body == page(2).body


async def test_a_page_with_a_held_event_is_kept_as_evidence(store, make, clock):
    events = [make.read("r1", plate="ZZHELD1"), make.read("r2", plate="ZZGONE1")]
    await store.log.commit([make.batch(events, raw=page(1))])
    await store.holds.put(hold(keys=[["plate", "ZZHELD1"]]))
    assert await purge(store, due()) == (1, 1)
    [event] = await store.index.find(EventFilter(), 10)
    assert event.id == "r1"
    assert (await store.log.lineage(event.seq)).raw.body == page(1).body


async def test_a_hold_by_source_and_time_keeps_what_lies_in_it(store, make):
    await store.log.commit([make.batch([make.read(f"r{n}", at=NOON + n) for n in range(10)])])
    await store.holds.put(hold(sources=["lpr"], since=NOON + 2, until=NOON + 4))
    assert await purge(store, due(), limit=3) == (8, 2)
    left = await store.index.find(EventFilter(), 10)
    assert [event.id for event in left] == ["r3", "r2"]


@pytest.mark.parametrize("over", ["released", "expired"])
async def test_a_hold_that_is_over_keeps_nothing(store, make, clock, over):
    await store.log.commit([make.batch([make.read("r1")])])
    placed = hold(keys=[["plate", "ZZT1234"]])
    if over == "released":
        placed.released, placed.released_by = NOON, "chief"
    await store.holds.put(placed)
    if over == "expired":
        clock.set(placed.expires)
    assert await purge(store, due()) == (1, 0)


async def test_pictures_go_with_the_events_that_name_them(store, make):
    body = json.dumps({"data": {"media": [{"handle": "pic/1"}]}}, separators=(",", ":")).encode()
    await store.log.commit([make.batch([make.read("r1", body=body)])])
    gone = await store.media.put("lpr", "pic/1", b"one", "image/jpeg")
    also = await store.media.put("lpr", "pic/2", b"two", "image/jpeg")
    twice = await store.media.put("other", "pic/1", b"one", "image/jpeg")
    assert gone == twice
    await purge(store, due())
    await store.purging.finish()
    assert await store.media.get("lpr", "pic/1") is None
    assert await store.media.read(twice) == b"one", "another source has the same bytes"
    assert await store.media.read(also) == b"two"


PICTURED = json.dumps({"data": {"media": [{"handle": "pic/1"}]}}, separators=(",", ":")).encode()


async def shelved(store):
    return await store.media.get("lpr", "pic/1") is not None


async def test_a_picture_stays_with_an_event_that_is_held(store, make):
    read = make.read("r1", body=PICTURED)
    hit = make.read("h1", at=NOON + 1, body=PICTURED)
    await store.log.commit([make.batch([read, hit])])
    await store.media.put("lpr", "pic/1", b"one", "image/jpeg")
    await store.holds.put(hold(keys=[["plate", "ZZT1234"]], since=NOON + 1))
    assert await purge(store, due()) == (1, 1)
    assert await shelved(store)
    await store.holds.put(hold(keys=[["plate", "ZZT9999"]]))
    assert await purge(store, due()) == (1, 0)
    assert not await shelved(store)


@pytest.mark.parametrize(
    "keys",
    [
        (("call", "26-1"), ("asset", "cam-2")),
        (("asset", "reader-7"),),
        (("asset", "cam-1"), ("plate", "ZZT1234")),
    ],
)
async def test_a_picture_stays_with_an_event_that_is_kept_for_longer(store, make, keys):
    """Whatever the two have in common."""
    read = make.read(
        "r1", body=PICTURED, keys=(("plate", "ZZT1234"), ("call", "26-1"), ("asset", "reader-7"))
    )
    call = make.call("c1", "fire", at=NOON + 60, body=PICTURED, keys=keys)
    await store.log.commit([make.batch([read, call])])
    await store.media.put("lpr", "pic/1", b"one", "image/jpeg")
    assert await purge(store, due()) == (1, 0)
    assert await shelved(store)
    assert await purge(store, due(CALLS)) == (1, 0)
    assert not await shelved(store)


async def test_a_file_that_no_record_names_is_deleted(store, make):
    body = json.dumps({"data": {"media": [{"handle": "pic/1"}]}}, separators=(",", ":")).encode()
    await store.log.commit([make.batch([make.read("r1", body=body)])])
    sha256 = await store.media.put("lpr", "pic/1", b"one", "image/jpeg")
    await purge(store, due())
    await store.purging.finish()
    with pytest.raises(NotFound):
        await store.media.read(sha256)
    assert await store.media.put("lpr", "pic/1", b"one", "image/jpeg") == sha256
    assert await store.media.read(sha256) == b"one"


# --- What was deleted does not come back, and can be proven -----------------------------------


async def test_a_deleted_event_does_not_come_back(store, make):
    reads = [make.read(f"r{n}", at=NOON + n) for n in range(20)]
    await store.log.commit([make.batch(reads)])
    await purge(store, due(before=NOON + 10))
    late = make.read("late", at=NOON + 5)
    [again] = await store.log.commit([make.batch([*reads, late], raw=page(9))])
    assert [event.id for event in again.recorded] == ["late"]
    assert again.duplicates == 20
    [other] = await store.log.commit([make.batch([reads[0]], source="other")])
    assert len(other.recorded) == 1, "another source's event of that name is another event"


async def test_it_does_not_come_back_after_a_restart_either(stores, make):
    store = await stores()
    await store.log.commit([make.batch([make.read("r1")])])
    await purge(store, due())
    await store.close()
    store = await stores()
    [again] = await store.log.commit([make.batch([make.read("r1")])])
    assert again.recorded == []


async def test_a_receipt_counts_and_proves_each_deletion(store, make, clock):
    reads = [make.read(f"r{n}", at=NOON + n) for n in range(25)]
    await store.log.commit([make.batch(reads)])
    clock.advance(60)
    await purge(store, due(before=NOON + 20), limit=8)
    [receipt] = await store.purging.finish()
    assert (receipt.stream, receipt.rule, receipt.schedule) == (READS, "us-va-lpr", 3)
    assert (receipt.count, receipt.oldest, receipt.newest) == (20, NOON, NOON + 19)
    assert receipt.before == NOON + 20
    assert receipt.ended == clock.now()
    for n in range(20):
        proof = proof_document(await store.receipts.deletion("lpr", f"r{n}"))
        assert proves(proof, "lpr", f"r{n}")
        assert not proves(proof, "lpr", f"r{n + 1}")
        assert not proves(proof, "other", f"r{n}")
    assert await store.receipts.deletion("lpr", "r20") is None
    assert await store.receipts.deletion("other", "r1") is None
    assert await store.receipts.get(receipt.no) == receipt
    assert list(await store.receipts.list(None, 10)) == [receipt]
    with pytest.raises(NotFound):
        await store.receipts.get(99)


async def test_a_purge_that_was_cut_off_goes_on_with_its_receipt(stores, make):
    store = await stores()
    await store.log.commit([make.batch([make.read(f"r{n}", at=NOON + n) for n in range(10)])])
    await store.purging.settle()
    await store.purging.step(due(), None, 4)
    assert await store.receipts.deletion("lpr", "r1") is None, "not before it is closed"
    await store.close()
    store = await stores()
    assert await purge(store, due()) == (6, 0)
    [receipt] = await store.purging.finish()
    assert receipt.count == 10
    assert proves(proof_document(await store.receipts.deletion("lpr", "r1")), "lpr", "r1")
    assert await store.purging.finish() == []


async def test_a_receipt_of_another_rule_is_another_receipt(store, make):
    await store.log.commit([make.batch([make.read("r1"), make.read("r2", at=NOON + 50)])])
    await purge(store, due(before=NOON + 10))
    await purge(store, Due(READS, NOON + 100, "default", 3))
    first, second = await store.purging.finish()
    assert (first.rule, first.count, second.rule, second.count) == ("us-va-lpr", 1, "default", 1)
