"""Ingest over the real store: durable before it answers, once however often it comes."""

import json

import msgspec
import pytest

from watchfloor.adapters.bus import InProcessBus
from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.contracts import micros
from watchfloor.contracts.protocol import Emit, RawPage, RejectedRecord
from watchfloor.ingest import Ingest, Origin, Preparer, Validators

ORIGIN = Origin("lpr", "/ex-pd/lpr", "lpr-rest/0.1.0")
VALIDATORS = Validators()


def read(number, **data):
    event = {
        "specversion": "1.0", "id": f"r-{number}", "source": "/ex-pd/lpr",
        "type": "watchfloor.lpr.read.v1", "time": "2026-05-02T21:14:07Z",
        "dataclassification": "le-sensitive",
        "data": {"plate": f"ZZT{number:04}", "reader": "R-1", **data},
    }  # fmt: skip
    return msgspec.Raw(json.dumps(event).encode())


@pytest.fixture
async def parts(tmp_path):
    store = SqliteStore(tmp_path / "hub.sqlite", SystemClock())
    await store.open()
    bus = InProcessBus(store.log)
    ingest = Ingest(store, bus, SystemClock(), Preparer(VALIDATORS))
    yield store, bus, ingest
    ingest.close()
    await store.close()


async def test_what_is_answered_is_in_the_log_with_its_checkpoint(parts):
    store, _, ingest = parts
    emitted = await ingest.accept(ORIGIN, Emit(events=[read(1), read(2)], checkpoint={"after": 2}))
    assert (emitted.accepted, emitted.duplicates, emitted.dead) == (2, 0, 0)
    assert [event.id for event in await store.log.read(0, 10)] == ["r-1", "r-2"]
    assert json.loads(await store.log.checkpoint("lpr")) == {"after": 2}


async def test_a_repeated_delivery_counts_and_changes_nothing(parts):
    store, _, ingest = parts
    await ingest.accept(ORIGIN, Emit(events=[read(1)]))
    emitted = await ingest.accept(ORIGIN, Emit(events=[read(1), read(2), read(2)]))
    assert (emitted.accepted, emitted.duplicates) == (1, 2)
    assert await store.log.head() == 2


async def test_one_bad_event_among_good_ones_goes_to_the_dead_letters(parts):
    store, _, ingest = parts
    emitted = await ingest.accept(ORIGIN, Emit(events=[read(1), read(2, confidence=7), read(3)]))
    assert (emitted.accepted, emitted.dead) == (2, 1)
    [letter] = await store.dead_letters.list(None, "waiting", None, 10)
    assert letter.code == "invalid"
    assert letter.raw == bytes(read(2, confidence=7))
    assert letter.connector == "lpr-rest/0.1.0"


async def test_a_record_that_the_connector_could_not_map_is_kept_as_it_came(parts):
    store, _, ingest = parts
    rejected = RejectedRecord(raw="1,2,zz", code="bad_row", detail="No time in it.")
    await ingest.accept(ORIGIN, Emit(events=[], rejected=[rejected]))
    [letter] = await store.dead_letters.list("lpr", "waiting", None, 10)
    assert (letter.stage, letter.raw, letter.code) == ("record", b"1,2,zz", "bad_row")


async def test_a_redriven_letter_is_accepted_exactly_once(parts):
    """The letter is mended by a newer hub: here, its event arrived in good form meanwhile."""
    store, _, ingest = parts
    await ingest.accept(ORIGIN, Emit(events=[read(1, confidence=7)]))
    [letter] = await store.dead_letters.list(None, "waiting", None, 10)
    still_bad = await ingest.redrive(ORIGIN, [letter])
    assert (still_bad.accepted, still_bad.failed) == (0, 1)
    [letter] = await store.dead_letters.list(None, "waiting", None, 10)
    assert letter.attempts == 2


async def test_lineage_leads_from_the_event_to_the_vendors_bytes(parts):
    store, _, ingest = parts
    page = RawPage(body='{"reads": [1]}')
    await ingest.accept(ORIGIN, Emit(events=[read(1)], raw=page, pointers=["/reads/0"]))
    lineage = await store.log.lineage(1)
    assert lineage.raw.body == b'{"reads": [1]}'
    assert lineage.pointer == "/reads/0"
    assert lineage.connector == "lpr-rest/0.1.0"


async def test_followers_hear_of_events_in_log_order(parts):
    _, bus, ingest = parts
    feed = bus.follow(0)
    await ingest.accept(ORIGIN, Emit(events=[read(n) for n in range(30)]))
    await ingest.accept(ORIGIN, Emit(events=[read(n) for n in range(30, 33)]))
    heard = []
    async for batch in feed:
        heard.extend(event.seq for event in batch)
        if len(heard) >= 33:
            break
    assert heard == list(range(1, 34))


async def test_what_the_agency_does_not_keep_is_counted_and_nowhere(parts, tmp_path):
    """A read in a sensitive zone: not in the log, not in the vendor's answer, not a dead letter."""
    store, bus, _ = parts
    zone = Preparer(VALIDATORS, keeps=lambda event, _: event.point != (-90.05, 29.95))
    ingest = Ingest(store, bus, SystemClock(), zone)
    inside = read(1, place={"point": [-90.05, 29.95]})
    page = RawPage(body="ZZT0001 and ZZT0002", content_type="text/plain")
    batch = Emit(events=[inside, read(2)], raw=page, pointers=["/0", "/1"])
    emitted = await ingest.accept(ORIGIN, batch)
    ingest.close()
    assert (emitted.accepted, emitted.dead) == (1, 0)
    assert ingest.totals["lpr"]["dropped"] == 1
    [kept] = await store.log.read(0, 10)
    assert kept.id == "r-2"
    assert (await store.log.lineage(kept.seq)).raw is None
    assert await store.dead_letters.list(None, "waiting", None, 10) == []
    for file in tmp_path.glob("hub.sqlite*"):
        assert b"ZZT0001" not in file.read_bytes()


async def test_what_is_older_than_may_be_kept_is_counted_and_nowhere(parts):
    """Its time was up before it came: a source that sends its past again, or one that was off."""
    store, bus, _ = parts
    asked = []

    def earliest(*of):
        asked.append(of)
        return micros("2026-05-02T21:14:08Z")

    ingest = Ingest(store, bus, SystemClock(), Preparer(VALIDATORS, earliest=earliest))
    late = json.loads(bytes(read(2)))
    late["time"] = "2026-05-02T21:14:08Z"
    page = RawPage(body="ZZT0001 and ZZT0002", content_type="text/plain")
    batch = Emit(events=[read(1), msgspec.Raw(json.dumps(late).encode())], raw=page)
    emitted = await ingest.accept(ORIGIN, batch)
    ingest.close()
    assert (emitted.accepted, emitted.dead) == (1, 0)
    assert ingest.totals["lpr"]["dropped"] == 1
    [kept] = await store.log.read(0, 10)
    assert (await store.log.lineage(kept.seq)).raw is None
    assert asked == [("watchfloor.lpr.read.v1", "lpr", "le-sensitive")] * 2
