"""Pages become lines that fit, in order, and what cannot be written costs itself alone."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest

from watchfloor.contracts import RetryLater
from watchfloor.contracts.protocol import Credits, Emit
from watchfloor_sdk import Page, PlateRead, Rejected, emitter
from watchfloor_sdk.emitter import CreditPool, Emitter, rejected_record
from watchfloor_sdk.testing import context


class Nothing(msgspec.Struct):
    pass


CTX = context(Nothing())
PLENTY = Credits(events=10**6, bytes=10**9)


def event(number, make="x"):
    data = PlateRead(plate=f"ZZT{number}", reader=make)
    return CTX.event(data, id=f"e-{number}", time=datetime(2026, 5, 1, tzinfo=UTC))


class Line:
    """A peer that keeps what is sent and answers when told."""

    def __init__(self):
        self.sent = []

    def begin(self, method, params):
        assert method == "emit"
        future = asyncio.get_running_loop().create_future()
        self.sent.append((msgspec.json.decode(params, type=Emit), future, len(params)))
        return future

    async def flush(self):
        pass

    def answer(self, count, error=None):
        for _, future, _ in [entry for entry in self.sent if not entry[1].done()][:count]:
            if error:
                future.set_exception(error)
            else:
                future.set_result(msgspec.Raw(b"{}"))


@pytest.fixture
def line():
    return Line()


@pytest.fixture
def small_lines(monkeypatch):
    monkeypatch.setattr(emitter, "_ROOM", 2000)


async def test_the_checkpoint_is_that_of_the_newest_answered_page(line):
    sender = Emitter(line, CreditPool(PLENTY), 0)
    for number in (1, 2, 3):
        await sender.send(Page([event(number)], checkpoint=number))
    assert sender.checkpoint == 0
    line.answer(2)
    sender.settle()
    assert sender.checkpoint == 2
    line.answer(1)
    await sender.drain()
    assert sender.checkpoint == 3


async def test_after_an_error_nothing_later_counts(line):
    sender = Emitter(line, CreditPool(PLENTY), 0)
    for number in (1, 2, 3):
        await sender.send(Page([event(number)], checkpoint=number))
    line.answer(1)
    line.answer(1, RetryLater("busy"))
    line.answer(1)
    with pytest.raises(RetryLater):
        await sender.drain()
    assert sender.checkpoint == 1


async def test_it_waits_for_credit_of_both_kinds(line):
    pool = CreditPool(Credits(events=1, bytes=100_000))
    sender = Emitter(line, pool, 0)
    await sender.send(Page([event(1), event(2)], checkpoint=1))
    blocked = asyncio.create_task(sender.send(Page([event(3)], checkpoint=2)))
    await asyncio.sleep(0.01)
    assert len(line.sent) == 1, "the balance is below zero"
    pool.grant(Credits(events=1, bytes=0))
    await asyncio.sleep(0.01)
    assert len(line.sent) == 1, "two were sent, one was given back: it is zero"
    pool.grant(Credits(events=1, bytes=0))
    await blocked
    assert len(line.sent) == 2


async def test_a_long_page_is_cut_and_only_the_last_part_has_the_checkpoint(line, small_lines):
    events = [event(number) for number in range(50)]
    pointers = [f"/{number}" for number in range(50)]
    page = Page(
        events, checkpoint=7, raw=b"[1]", pointers=pointers, rejected=[Rejected("r", "c", "d")]
    )
    await Emitter(line, CreditPool(PLENTY), 0).send(page)
    emits = [emit for emit, _, _ in line.sent]
    assert all(size <= 2000 for *_, size in line.sent)
    assert [emit.checkpoint for emit in emits] == [None] * (len(emits) - 1) + [7]
    sent = [msgspec.json.decode(raw)["id"] for emit in emits for raw in emit.events]
    assert sent == [f"e-{number}" for number in range(50)]
    assert [pointer for emit in emits for pointer in emit.pointers] == pointers
    assert sum(len(emit.rejected) for emit in emits) == 1
    assert all(emit.raw for emit in emits), "pointers lead somewhere"


async def test_a_raw_page_that_does_not_fit_is_left_out_rather_than_the_event(line, small_lines):
    page = Page([event(1)], checkpoint=1, raw=b"x" * 5000, pointers=["/0"])
    await Emitter(line, CreditPool(PLENTY), 0).send(page)
    [(emit, _, _)] = line.sent
    assert (len(emit.events), emit.raw, emit.pointers) == (1, None, [])


async def test_an_event_that_does_not_fit_is_rejected(line, small_lines):
    page = Page([event(1, "x" * 5000), event(2)], checkpoint=1)
    await Emitter(line, CreditPool(PLENTY), 0).send(page)
    rejected = [record.code for emit, _, _ in line.sent for record in emit.rejected]
    assert rejected == ["too_large"]
    assert sum(len(emit.events) for emit, _, _ in line.sent) == 1


async def test_an_event_that_json_cannot_hold_is_rejected_alone(line):
    page = Page([event(1), event(2, "\ud800"), event(3)], checkpoint=1, pointers=["/0", "/1", "/2"])
    await Emitter(line, CreditPool(PLENTY), 0).send(page)
    [(emit, _, _)] = line.sent
    assert len(emit.events) == 2
    assert emit.pointers == ["/0", "/2"]
    assert [record.code for record in emit.rejected] == ["not_encodable"]


async def test_bytes_that_are_not_text_travel_as_base64(line):
    await Emitter(line, CreditPool(PLENTY), 0).send(Page([event(1)], raw=b"\xff\x00"))
    [(emit, _, _)] = line.sent
    assert (emit.raw.encoding, emit.raw.body) == ("base64", "/wA=")


@pytest.mark.parametrize(
    ("raw", "carried", "encoding"),
    [
        ("ZZ", "ZZ", "text"),
        (b"ZZ", "ZZ", "text"),
        (b"\xff", "/w==", "base64"),
        ("\ud800", "?", "text"),
    ],
)
def test_a_rejected_record_is_carried_as_its_bytes_were(raw, carried, encoding):
    record = rejected_record(Rejected(raw, "c", "d"))
    assert (record.raw, record.encoding) == (carried, encoding)


def test_a_rejected_record_is_cut_to_what_can_be_looked_at():
    assert len(rejected_record(Rejected(b"x" * 5_000_000, "c", "d")).raw) == 1024 * 1024


async def test_a_page_tells_its_vendor_once_all_of_it_is_durable():
    """Also where it went in parts; and not when the hub refused it."""
    line, told = Line(), []
    sender = Emitter(line, CreditPool(PLENTY), None)
    big = [event(number, "x" * (emitter.MAX_LINE // 2)) for number in range(2)]
    await sender.send(Page(events=big, on_durable=lambda: told.append("big")))
    await sender.send(Page(events=[event(3)], on_durable=lambda: told.append("bad")))
    first, last, bad = [future for _, future, _ in line.sent]
    first.set_result(msgspec.Raw(b"{}"))
    await asyncio.sleep(0)
    assert told == []
    last.set_result(msgspec.Raw(b"{}"))
    bad.set_exception(RetryLater("busy"))
    await asyncio.sleep(0)
    assert told == ["big"]
