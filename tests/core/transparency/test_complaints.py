"""A complaint gets an id, the log is searched by keyed hash, answer and counts are kept."""

import asyncio
from zoneinfo import ZoneInfo

import pytest
from audit_logs import NOW, audit_log, entry
from msgspec.structs import replace
from reporting import grant

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.keyring_file import SealedSecrets
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.audit import ATTEMPT, AuditEvent, Decision, Sealer
from watchfloor.contracts import NotFound, Refused
from watchfloor.transparency import Complaints


@pytest.fixture
async def desk(tmp_path):
    clock = SettableClock(NOW)
    sealer = Sealer(SealedSecrets(tmp_path / "secrets"), clock)
    store = SqliteStore(tmp_path / "hub.sqlite", clock)
    await store.open()
    async with audit_log(tmp_path, clock=clock) as log:
        for subject in (
            ("plate", "ZZT1234"), ("plate", "zzt-1234"), ("plate", "ZZT9999"),
            ("search", "jane  example"), ("person", "Jane Example"), ("person", "June Example"),
        ):  # fmt: skip
            begun = entry(1, subject=await sealer.seal(*subject))
            await log.record(begun)
        await log.record(replace(begun, id="end", outcome="denied", more={ATTEMPT: begun.id}))
        yield Complaints(store.ledger, log, sealer, clock, ZoneInfo("UTC"))
    await store.close()


async def received(desk, value="ZZT 1234"):
    return await desk.receive("plate", value, "Somebody knew where I had parked.", grant())


async def test_it_is_received_searched_and_answered(desk):
    complaint = await received(desk)
    assert complaint.id == "C-26-000001"
    found = await desk.search(complaint.id, grant())
    assert found.traces.total == 2
    assert found.traces.persons == 1
    assert found.traces.events == {"search.asked": 2}
    done = await desk.answer(complaint.id, "use_justified", "Two searches, of one case.", grant())
    assert await desk.all() == [done]
    assert (done.finding, done.traces) == ("use_justified", found.traces)


async def test_a_name_is_found_as_who_was_asked_about_and_as_a_line_that_was_searched(desk):
    complaint = await desk.receive("name", "JANE EXAMPLE", "They knew my name.", grant())
    found = await desk.search(complaint.id, grant())
    assert found.traces.records == [4, 3]


async def test_a_name_is_found_whatever_was_copied_with_it(desk):
    complaint = await desk.receive("name", "Jane\u200b Ex\u00adample\ufeff", "They knew.", grant())
    assert (await desk.search(complaint.id, grant())).traces.records == [4, 3]


async def test_what_staff_register_of_their_own_is_no_use(desk):
    own = entry(event=AuditEvent.PERSON_CHANGED, subject=await desk._sealer.seal("plate", "ZZOWN1"))
    await desk._audit.record(own)
    complaint = await received(desk, "ZZOWN1")
    assert (await desk.search(complaint.id, grant())).traces.total == 0


async def test_patterns_that_it_fits_are_counted_beside(desk):
    """Those of which no record names it."""
    audit, sealer = desk._audit, desk._sealer
    named, other = Decision(id="named"), Decision(id="other")
    for pattern, decision in (("ZZT*", other), ("ZZT12*", named), ("ZZT9*", other)):
        subject = await sealer.seal("plate_pattern", pattern)
        await audit.record(entry(1, subject=subject, decision=decision))
    matched = await sealer.seal("plate", "ZZT1234")
    await audit.record(entry(1, event=AuditEvent.PLATE_MATCHED, subject=matched, decision=named))
    found = await desk.search((await received(desk)).id, grant())
    assert (found.traces.total, found.traces.by_pattern) == (3, 1)


async def test_words_that_it_is_among_are_counted_beside(desk):
    audit, sealer = desk._audit, desk._sealer
    for kind, words in (
        ("search", "jane example robbery"), ("search", "robbery"), ("person", "Jane Q Example"),
        ("search", "stolen ZZT1234"), ("search", "ZZT12* van"), ("phone_pattern", "555*"),
    ):  # fmt: skip
        await audit.record(entry(1, subject=await sealer.seal(kind, words)))
    name = await desk.receive("name", "Jane Example", "They knew my name.", grant())
    phone = await desk.receive("phone", "555 010 0199", "They rang.", grant())
    for complaint, counted in ((name, (2, 2)), (await received(desk), (2, 2)), (phone, (0, 1))):
        traces = (await desk.search(complaint.id, grant())).traces
        assert (traces.total, traces.by_pattern) == counted


async def test_numbers_are_given_once_however_many_come_at_a_time(desk):
    made = await asyncio.gather(*(received(desk) for _ in range(5)))
    assert sorted(each.id for each in made) == [f"C-26-{n:06}" for n in range(1, 6)]


async def test_it_is_not_answered_unsearched_nor_twice(desk):
    complaint = await received(desk)
    with pytest.raises(Refused) as refused:
        await desk.answer(complaint.id, "nothing_found", "No.", grant())
    assert refused.value.code == "complaint_not_searched"
    await desk.search(complaint.id, grant())
    await desk.answer(complaint.id, "nothing_found", "No.", grant())
    with pytest.raises(Refused) as refused:
        await desk.answer(complaint.id, "nothing_found", "No.", grant())
    assert refused.value.code == "complaint_answered"


async def test_the_plate_is_written_nowhere_in_clear(desk, tmp_path):
    await received(desk, "ZZSECRET")
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"ZZSECRET" not in path.read_bytes(), path.name


async def test_what_is_not_there_is_not_found(desk):
    with pytest.raises(NotFound):
        await desk.search("C-26-000009", grant())


async def test_an_answer_stands_whatever_is_searched_beside_it(desk, monkeypatch):
    complaint = await received(desk)
    await desk.search(complaint.id, grant())
    count = desk._traces

    async def at_length(about):
        await asyncio.sleep(0.3)
        return await count(about)

    monkeypatch.setattr(desk, "_traces", at_length)
    await asyncio.gather(
        desk.search(complaint.id, grant()),
        desk.answer(complaint.id, "use_justified", "Two searches, of one case.", grant()),
    )
    [kept] = await desk.all()
    assert (kept.finding, kept.traces.total) == ("use_justified", 2)


async def test_of_two_answers_at_once_one_stands_and_the_other_hears_so(desk):
    complaint = await received(desk)
    await desk.search(complaint.id, grant())
    answered = await asyncio.gather(
        *(desk.answer(complaint.id, each, "As found.", grant())
          for each in ("use_justified", "use_not_justified")),
        return_exceptions=True,
    )  # fmt: skip
    refused = [each for each in answered if isinstance(each, Refused)]
    assert [each.code for each in refused] == ["complaint_answered"]
    [kept] = await desk.all()
    assert [kept] == [each for each in answered if each not in refused]
