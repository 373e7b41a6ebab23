"""The event log: committed once, in order, whole or not at all."""

import asyncio
import hashlib

import pytest

from watchfloor.contracts import NotFound
from watchfloor.ports.store import NewDeadLetter, NewDelivery, RawPage


async def test_an_empty_log_stands_at_zero(store):
    assert await store.log.head() == 0
    assert list(await store.log.read(0, 10)) == []
    assert await store.log.checkpoint("lpr") is None
    assert await store.log.position("alerts") == 0


async def test_what_is_committed_is_answered_and_read_back_the_same(store, make, clock):
    events = [
        make.read("a", point=(-90.123456789012345, 29.1), observed=make.noon - 5),
        make.call("b", "hit & run", point=None, subject=None),
        make.read("c", body=b'{"text": "\xc3\xa9\\u0000 \\" quote"}', at=-1),
    ]
    [committed] = await store.log.commit([make.batch(events)])
    assert [event.seq for event in committed.recorded] == [1, 2, 3]
    for event, recorded in zip(events, committed.recorded, strict=True):
        assert recorded.recorded == clock.now()
        assert recorded.source == "lpr"
        for field in ("id", "type", "subject", "time", "observed", "point", "handling", "body"):
            assert getattr(recorded, field) == getattr(event, field)
    assert list(await store.log.read(0, 10)) == list(committed.recorded)
    assert await store.log.get(2) == committed.recorded[1]
    assert await store.log.head() == 3


async def test_reading_goes_on_after_a_position_up_to_a_limit(store, make):
    await store.log.commit([make.batch([make.read(str(n)) for n in range(5)])])
    assert [event.seq for event in await store.log.read(1, 2)] == [2, 3]
    assert [event.seq for event in await store.log.read(4, 9)] == [5]
    assert list(await store.log.read(5, 9)) == []


async def test_the_same_source_and_id_is_the_same_event(store, make):
    first, second = make.read("a"), make.read("b")
    await store.log.commit([make.batch([first])])
    [committed] = await store.log.commit([make.batch([first, second, second])])
    assert [event.id for event in committed.recorded] == ["b"]
    assert committed.duplicates == 2
    [other] = await store.log.commit([make.batch([first], source="other-lpr")])
    assert [event.id for event in other.recorded] == ["a"]


async def test_duplicates_are_found_across_the_batches_of_one_call(store, make):
    one, two = await store.log.commit(
        [make.batch([make.read("a")]), make.batch([make.read("a"), make.read("b")])]
    )
    assert [event.seq for event in (*one.recorded, *two.recorded)] == [1, 2]
    assert two.duplicates == 1


async def test_duplicates_are_found_across_calls_made_at_once(store, make):
    answers = await asyncio.gather(
        *(store.log.commit([make.batch([make.read(str(n)), make.read("same")])]) for n in range(40))
    )
    recorded = [event for [committed] in answers for event in committed.recorded]
    assert len(recorded) == 41
    assert sum(committed.duplicates for [committed] in answers) == 39
    assert sorted(event.seq for event in recorded) == list(range(1, 42))


async def test_an_empty_batch_may_still_move_the_checkpoint(store, make):
    [committed] = await store.log.commit([make.batch(checkpoint=b'{"cursor": 7}')])
    assert list(committed.recorded) == []
    assert await store.log.checkpoint("lpr") == b'{"cursor": 7}'
    await store.log.commit([make.batch([make.read("a")])])
    assert await store.log.checkpoint("lpr") == b'{"cursor": 7}'
    await store.log.commit([make.batch(checkpoint=b"8")])
    assert await store.log.checkpoint("lpr") == b"8"


async def test_lineage_has_the_vendors_bytes_and_what_was_changed(store, make, clock):
    page = b'{"reads": [' + b'{"plate": "zz t-1234"},' * 50 + b"{}]}"
    raw = RawPage(page, "application/json", hashlib.sha256(page).hexdigest())
    events = [
        make.read("a", pointer="/reads/0", changes='[["plate","zz t-1234","ZZT1234"]]'),
        make.read("b", pointer="/reads/1"),
    ]
    await store.log.commit([make.batch(events, raw=raw)])
    await store.log.commit([make.batch([make.read("c")], raw=raw)])
    await store.log.commit([make.batch([make.read("d")])])
    lineage = await store.log.lineage(1)
    assert lineage.raw == raw
    assert lineage.connector == "lpr-rest/0.1.0"
    assert (lineage.pointer, lineage.changes) == (events[0].pointer, events[0].changes)
    assert lineage.recorded == clock.now()
    assert (await store.log.lineage(3)).raw == raw
    assert (await store.log.lineage(4)).raw is None


async def test_short_and_incompressible_pages_come_back_too(store, make):
    for number, page in enumerate((b"", b"x", bytes(range(256)))):
        raw = RawPage(page, "image/jpeg", hashlib.sha256(page).hexdigest())
        await store.log.commit([make.batch([make.read(str(number))], raw=raw)])
        assert (await store.log.lineage(number + 1)).raw == raw


async def test_what_is_not_there_is_not_found(store):
    with pytest.raises(NotFound):
        await store.log.get(1)
    with pytest.raises(NotFound):
        await store.log.lineage(1)


async def test_positions_never_go_back(store):
    await store.log.advance("alerts", 7)
    await store.log.advance("alerts", 3)
    assert await store.log.position("alerts") == 7
    assert await store.log.position("live") == 0


async def test_everything_is_there_after_closing_and_opening_again(stores, make):
    store = await stores()
    [committed] = await store.log.commit([make.batch([make.read("a")], checkpoint=b"1")])
    await store.log.advance("alerts", 1)
    await store.close()
    again = await stores()
    assert list(await again.log.read(0, 10)) == list(committed.recorded)
    assert [event.id for event in await again.index.find(make.plate("ZZT*"), 9)] == ["a"]
    assert await again.log.checkpoint("lpr") == b"1"
    assert await again.log.position("alerts") == 1
    [more] = await again.log.commit([make.batch([make.read("a"), make.read("b")])])
    assert [event.seq for event in more.recorded] == [2]


async def test_a_cancelled_caller_leaves_its_batch_whole_or_absent(store, make):
    """Cancel commits at every moment of their life: each batch is there in full or not at all."""
    for number in range(60):
        events = [make.read(f"{number}-{n}") for n in range(5)]
        commit = asyncio.ensure_future(store.log.commit([make.batch(events)]))
        for _ in range(number % 6):
            await asyncio.sleep(0)
        if number % 2:
            await asyncio.sleep(0.0005)
        commit.cancel()
        await asyncio.gather(commit, return_exceptions=True)
    await store.log.commit([make.batch([make.read("last")])])
    ids = [event.id for event in await store.log.read(0, 1000)]
    assert ids[-1] == "last"
    numbers = [id.split("-")[0] for id in ids[:-1]]
    assert all(numbers.count(number) == 5 for number in numbers)


async def test_dead_letters_of_a_batch_are_filed_with_it(store, make, clock):
    letter = NewDeadLetter("lpr", "record", b"\xff{", "not_json", "why", "lpr-rest/1", "0.1.0")
    [committed] = await store.log.commit([make.batch([make.read("a")], dead=[letter])])
    assert committed.dead == 1
    [filed] = await store.dead_letters.list("lpr", "waiting", None, 10)
    assert (filed.raw, filed.code, filed.stage) == (b"\xff{", "not_json", "record")
    assert (filed.received, filed.attempts, filed.state) == (clock.now(), 1, "waiting")
    assert await store.dead_letters.get(filed.id) == filed


async def test_a_letter_that_fails_again_is_not_doubled(store, make):
    letter = NewDeadLetter("lpr", "event", b"{", "not_json", "why", "lpr-rest/1", "0.1.0")
    await store.log.commit([make.batch(dead=[letter])])
    [filed] = await store.dead_letters.list(None, "waiting", None, 10)
    again = NewDeadLetter("lpr", "event", b"{", "invalid", "still", "lpr-rest/2", "0.2.0", filed.id)
    await store.log.commit([make.batch(dead=[again])])
    [updated] = await store.dead_letters.list(None, "waiting", None, 10)
    assert (updated.id, updated.attempts, updated.detail) == (filed.id, 2, "still")


async def test_redriven_and_dropped_letters_wait_no_more(store, make):
    letters = [
        NewDeadLetter("lpr", "event", b"%d" % n, "invalid", "why", "lpr-rest/1", "0.1.0")
        for n in range(3)
    ]
    await store.log.commit([make.batch(dead=letters)])
    newest, middle, oldest = await store.dead_letters.list("lpr", "waiting", None, 10)
    assert [letter.raw for letter in (newest, middle, oldest)] == [b"2", b"1", b"0"]
    assert list(await store.dead_letters.list("lpr", "waiting", newest.id, 1)) == [middle]
    assert list(await store.dead_letters.list("cad", "waiting", None, 10)) == []
    await store.log.commit([make.batch([make.read("a")], redriven=[oldest.id])])
    assert await store.dead_letters.drop([middle.id, oldest.id, 999]) == 1
    assert [x.id for x in await store.dead_letters.list("lpr", "waiting", None, 9)] == [newest.id]
    assert (await store.dead_letters.get(oldest.id)).state == "redriven"
    assert (await store.dead_letters.get(middle.id)).state == "dropped"


async def test_an_unknown_letter_is_not_found(store):
    with pytest.raises(NotFound):
        await store.dead_letters.get(1)


async def test_a_batch_settles_its_deliveries(store, make, clock):
    deliveries = [NewDelivery("lpr", '{"h": "1"}', b"%d" % n) for n in range(3)]
    ids = await store.inbox.accept(deliveries)
    assert list(ids) == sorted(ids)
    waiting = await store.inbox.waiting("lpr", 0, 10)
    assert [(d.id, d.body, d.received) for d in waiting] == [
        (id, d.body, clock.now()) for id, d in zip(ids, deliveries, strict=True)
    ]
    await store.log.commit([make.batch([make.read("a")], settles=ids[:2])])
    assert [d.id for d in await store.inbox.waiting("lpr", 0, 10)] == [ids[2]]


async def test_waiting_deliveries_come_by_source_after_an_id_up_to_a_limit(store):
    ids = await store.inbox.accept([NewDelivery("lpr", "{}", b"x") for _ in range(4)])
    await store.inbox.accept([NewDelivery("cad", "{}", b"y")])
    assert [d.id for d in await store.inbox.waiting("lpr", ids[0], 2)] == list(ids[1:3])
    assert [d.body for d in await store.inbox.waiting("cad", 0, 9)] == [b"y"]
    assert list(await store.inbox.waiting("nobody", 0, 9)) == []


async def test_the_vendors_own_delivery_id_is_stored_once(store, make):
    delivery = NewDelivery("lpr", "{}", b"x", dedupe="d-1")
    [first] = await store.inbox.accept([delivery])
    assert list(await store.inbox.accept([delivery, delivery])) == [first, first]
    assert list(await store.inbox.accept([NewDelivery("cad", "{}", b"x", dedupe="d-1")])) != [first]
    await store.log.commit([make.batch([make.read("a")], settles=[first])])
    assert list(await store.inbox.accept([delivery])) == [first]
    assert list(await store.inbox.waiting("lpr", 0, 10)) == []


async def test_ids_of_settled_deliveries_are_never_given_again(store, make):
    ids = await store.inbox.accept([NewDelivery("lpr", "{}", b"x")])
    await store.log.commit([make.batch(settles=ids)])
    [later] = await store.inbox.accept([NewDelivery("lpr", "{}", b"y")])
    assert later > ids[0]
