"""The board says what is going on now; the feed tells every console what changes."""

import asyncio
import json

import msgspec
import pytest

from watchfloor.adapters.bus import InProcessBus
from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.contracts import rfc3339
from watchfloor.contracts.protocol import Emit
from watchfloor.ingest import Ingest, Origin, Preparer, Validators
from watchfloor.live import Board, Feed, Summariser
from watchfloor.live import feed as feed_module
from watchfloor.policy import WHOLE, Sight
from watchfloor.ports.store import Instance, Scope

ORIGIN = Origin("city", "/ex-pd/city", "x/1")
VALIDATORS = Validators()
CLOCK = SystemClock()
DAY = 86_400_000_000


def event(kind, id, data, subject=None, ago_s=0):
    document = {
        "specversion": "1.0", "id": id, "source": "/ex-pd/city", "type": f"watchfloor.{kind}.v1",
        "time": rfc3339(CLOCK.now() - ago_s * 1_000_000), "dataclassification": "le-sensitive",
        "subject": subject or id, "data": data,
    }  # fmt: skip
    return msgspec.Raw(json.dumps(document).encode())


def call(number, status="Active", id=None):
    data = {"call_number": number, "status": status, "incident_type": {"text": "BURGLARY"},
            "place": {"point": [-90.05, 29.95], "address": "12XX Example St"}}  # fmt: skip
    return event("cad.incident", id or f"{number}-{status}", data, f"call/{number}")


def unit_at(unit, longitude, ago_s=0):
    data = {"vehicle": unit, "unit": unit, "place": {"point": [longitude, 29.95]}, "course_deg": 90}
    return event("vehicle.position", f"{unit}-{longitude}", data, f"unit/{unit}", ago_s)


def plate(number):
    return event(
        "lpr.read", f"r-{number}", {"plate": f"ZZT{number:04}", "reader": "R-1"}, "reader/R-1"
    )


SHOT = {
    "incident": "G-1", "state": "created", "classification": "multiple gunshots",
    "place": {"point": [-90.07, 29.95]},
}  # fmt: skip


class Desk:
    """A hub as far as the live part needs one."""

    def __init__(self, store):
        self.store = store
        self.bus = InProcessBus(store.log)
        self.ingest = Ingest(store, self.bus, CLOCK, Preparer(VALIDATORS))
        self.summariser = Summariser()
        self.summariser.know([Instance("city", "x", "City", {}, synthetic=True)])
        self.board = Board(CLOCK, self.summariser)
        self.feed = Feed(store, self.bus, self.board)

    async def happen(self, *events):
        await self.ingest.accept(ORIGIN, Emit(events=list(events)))


@pytest.fixture
async def desk(tmp_path):
    store = SqliteStore(tmp_path / "hub.sqlite", CLOCK)
    await store.open()
    desk = Desk(store)
    running = asyncio.create_task(desk.feed.run())
    yield desk
    running.cancel()
    desk.ingest.close()
    await store.close()


def everything(sight=WHOLE):
    return feed_module.Subscriber({"data": sight, "alerts": sight, "hub": WHOLE})


async def told(stream, *wanted):
    """Messages by name until all wanted ones came."""
    found = {}
    async with asyncio.timeout(5):
        async for chunk in stream:
            for block in chunk.decode().split("\n\n"):
                fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
                if "data" in fields:
                    found.setdefault(fields["event"], []).append(fields)
            if all(name in found for name in wanted):
                return found
    return found


async def test_the_newest_state_of_a_call_stands_on_the_board(desk):
    stream = desk.feed.follow(everything(), None)
    waiting = asyncio.create_task(told(stream, "summaries"))
    await asyncio.sleep(0.05)
    await desk.happen(call("C-1"), call("C-2"))
    await waiting
    await desk.happen(call("C-1", "ResourcesOnscene"))
    async with asyncio.timeout(2):
        while desk.board.seq < 3:
            await asyncio.sleep(0.01)
    calls = {summary.subject: summary for summary in desk.board.snapshot()["calls"]}
    assert calls["call/C-1"].status == "ResourcesOnscene"
    assert calls["call/C-2"].headline == "Burglary at 12XX Example St"
    assert calls["call/C-1"].synthetic


async def test_plate_reads_are_counted_and_never_streamed(desk):
    stream = desk.feed.follow(everything(), None)
    waiting = asyncio.create_task(told(stream, "reads", "summaries"))
    await asyncio.sleep(0.05)
    await desk.happen(*(plate(n) for n in range(5)), call("C-1"))
    found = await waiting
    assert json.loads(found["reads"][0]["data"])["city/R-1"]["count"] == 5
    assert "ZZT" not in json.dumps(found)
    assert desk.board.snapshot()["reads"]["total"] == 5


MOST = [f"watchfloor.{each}.v1" for each in ("cad.incident", "lpr.read", "vehicle.position")]
HIDES = {
    "types": (Scope(without_types=frozenset(MOST)), ["gunshot"]),
    "what is so old": (Scope(earliest=dict.fromkeys(MOST, CLOCK.now() + DAY)), ["gunshot"]),
    "of a source what is so old": (
        Scope(apart={(each, "city", None): CLOCK.now() + DAY for each in MOST}), ["gunshot"],
    ),
    "a class": (Scope(without_handling=frozenset({"le-sensitive"})), []),
    "a source": (Scope(without_sources=frozenset({"city"})), []),
    "all but another source": (Scope(only_sources=frozenset({"elsewhere"})), []),
}  # fmt: skip


@pytest.mark.parametrize(("scope", "left"), HIDES.values(), ids=HIDES)
async def test_what_a_scope_hides_is_neither_told_nor_on_the_board(desk, scope, left):
    everybody, somebody = (
        desk.feed.follow(everything(), None),
        desk.feed.follow(everything(Sight(scope)), None),
    )
    for stream in (everybody, somebody):
        await anext(stream)
    shot = event("gunshot.detection", "G-1", SHOT)
    await desk.happen(call("C-1"), plate(1), unit_at("5B12", -90.05), shot)
    await told(everybody, "summaries", "reads", "positions")
    board = desk.board.snapshot(Sight(scope))
    places = [*board["units"], *board["reads"]["per_reader"]]
    assert [each.kind for each in board["recent"]] == left
    assert (board["calls"], places, board["reads"]["total"]) == ([], [], 0)
    for heard in (await heard_by(desk, somebody), await heard_again(desk, Sight(scope))):
        assert [b"G-1" in heard] == [bool(left)]
        assert not [each for each in (b"C-1", b"R-1", b"5B12") if each in heard]


def without(*fields):
    return Sight(redacts=frozenset(fields))


CALLER = {"call_number": "C-7", "status": "Active", "incident_type": {"text": "BURGLARY"},
          "callback": "555-0107", "place": {"point": [-90.05, 29.95], "address": "12XX Example St"},
          "priority": 1}  # fmt: skip
WHOLE_SAYS = ["Burglary", "12XX Example St", "-90.05", "5B12", "Enroute", "Active", "R-1"]
LEFT_OUT = {
    "an address": (["data.place.address"], ["12XX Example St"], ["Burglary", "-90.05", "5B12"]),
    "places": (["data.place"], ["12XX Example St", "-90.05"], ["Burglary", "R-1"]),
    "what it is": (["incident_type"], ["Burglary"], ["12XX Example St", "5B12", "R-1"]),
    "readers": (["data.reader"], ["R-1"], ["Burglary", "5B12"]),
    "units": (["data.unit"], ["5B12"], ["city/car-1", "Burglary"]),
    "units and vehicles": (["unit", "vehicle"], ["5B12", "car-1"], ["Burglary", "R-1"]),
    "status": (["status"], ["Enroute", "Active"], ["Burglary", "5B12"]),
    "everything": (["data"], ["Burglary", "Example", "5B12", "car-1", "R-1", "-90.05"], ["call"]),
    "a number that no line says": (["data.callback"], ["555-0107"], ["Burglary", "5B12", "R-1"]),
}


@pytest.mark.parametrize(("fields", "gone", "left"), LEFT_OUT.values(), ids=LEFT_OUT)
async def test_what_is_left_out_is_neither_told_nor_on_the_board(desk, fields, gone, left):
    sight = without(*fields)
    everybody, somebody = (
        desk.feed.follow(everything(), None),
        desk.feed.follow(everything(sight), None),
    )
    for stream in (everybody, somebody):
        await anext(stream)
    await desk.happen(
        event("cad.incident", "c-7", CALLER, "thing-7"), plate(1),
        event("vehicle.position", "p-1",
              {"vehicle": "car-1", "unit": "5B12", "place": {"point": [-90.05, 29.95]}}, "thing-1"),
        event("cad.unit-status", "u-1", {"unit": "5B12", "status": "Enroute"}, "thing-2"),
    )  # fmt: skip
    await until_seq(desk, 4)
    whole = await heard_by(desk, everybody)
    assert [word for word in WHOLE_SAYS if word.encode() not in whole] == []
    ways = [
        await heard_by(desk, somebody),
        await heard_again(desk, sight),
        msgspec.json.encode(desk.board.snapshot(sight)),
    ]
    for way in ways:
        assert [word for word in gone if word.encode() in way] == []
        assert [word for word in left if word.encode() not in way] == []


async def test_it_is_made_once_for_all_who_see_the_same(desk, monkeypatch):
    made = []
    whole = Summariser.__call__

    def counted(self, recorded, redacts=()):
        made.append(frozenset(redacts))
        return whole(self, recorded, redacts)

    monkeypatch.setattr(Summariser, "__call__", counted)
    sights = [WHOLE] * 3 + [without("data.place")] * 3 + [without("data.callback", "face")] * 2
    streams = [desk.feed.follow(everything(sight), None) for sight in sights]
    for stream in streams:
        await anext(stream)
    shot = event("gunshot.detection", "G-1", SHOT)
    await desk.happen(call("C-1"), shot)
    for stream in streams:
        await told(stream, "summaries")
    for sight in sights:
        desk.board.snapshot(sight)
    placeless, nameless = sights[3].redacts, sights[6].redacts
    assert made.count(frozenset()) == made.count(placeless) == 2, "a call and a shot, once each"
    assert made.count(nameless) == 1, "a shot has no number of a caller: it is the same for all"


async def test_a_unit_whose_status_changes_is_made_anew(desk):
    sight = without("data.course_deg")
    await desk.happen(unit_at("5B12", -90.05))
    await until_seq(desk, 1)
    assert desk.board.snapshot(sight)["units"][0][4:9:4] == [None, None]
    await desk.happen(event("cad.unit-status", "u-1", {"unit": "5B12", "status": "Enroute"}))
    await until_seq(desk, 2)
    assert desk.board.snapshot(sight)["units"][0][4:9:4] == [None, "Enroute"]
    assert desk.board.snapshot()["units"][0][4:9:4] == [90, "Enroute"]


async def until_seq(desk, seq):
    async with asyncio.timeout(10):
        while desk.board.seq < seq:
            await asyncio.sleep(0.01)


async def heard_again(desk, sight):
    """What a console that was away is told."""
    stream = desk.feed.follow(everything(sight), 0)
    return await anext(stream) + await heard_by(desk, stream)


async def heard_by(desk, stream):
    """What a console is told up to now."""
    desk.feed.tell("banner", "Up to here")
    text = b""
    async with asyncio.timeout(5):
        while b"Up to here" not in text:
            text += await anext(stream)
    return text


async def test_an_older_position_does_not_move_a_unit_back(desk):
    await desk.happen(unit_at("5B12", -90.05))
    await desk.happen(unit_at("5B12", -90.01, ago_s=60))
    async with asyncio.timeout(2):
        while desk.board.seq < 2:
            await asyncio.sleep(0.01)
    [position] = desk.board.snapshot()["units"]
    assert position[:3] == ["unit/5B12", "5B12", -90.05]
    assert position[7] == "unit"


async def test_a_console_that_comes_back_gets_exactly_what_it_missed(desk):
    await desk.happen(call("C-1"), call("C-2"), call("C-3"))
    async with asyncio.timeout(2):
        while desk.board.seq < 3:
            await asyncio.sleep(0.01)
    found = await told(desk.feed.follow(everything(), 1), "summaries")
    missed = json.loads(found["summaries"][0]["data"])
    assert [summary["subject"] for summary in missed] == ["call/C-2", "call/C-3"]
    assert found["summaries"][0]["id"] == "3"


async def test_too_long_an_absence_is_a_reset(desk, monkeypatch):
    monkeypatch.setattr(feed_module, "MAX_CATCH_UP", 2)
    await desk.happen(*(call(f"C-{n}") for n in range(5)))
    async with asyncio.timeout(2):
        while desk.board.seq < 5:
            await asyncio.sleep(0.01)
    assert "reset" in await told(desk.feed.follow(everything(), 0), "reset")


async def test_a_console_that_does_not_read_costs_bounded_memory(desk, monkeypatch):
    monkeypatch.setattr(feed_module, "MAX_PENDING", 2000)
    subscriber = everything()
    for _ in range(1000):
        subscriber.push(b"x" * 100)
    waiting = await subscriber.next()
    assert len(waiting) <= 2000
    assert b"event: reset" in waiting


async def test_it_is_said_whom_a_notice_reached(desk):
    """Who listens to something else, is away from a locked screen, let go, behind, or heard it
    before, is not reached."""
    seat = feed_module.Subscriber
    oversight = {"oversight": WHOLE}
    sam = [seat(oversight, lambda: "sam") for _ in range(2)]
    slow, gone = seat(oversight, lambda: "lee"), seat(oversight, lambda: "pat")
    others = [seat({"hub": WHOLE}, lambda: "kim"), seat(oversight, lambda: "ana"), seat(oversight)]
    streams = [desk.feed.follow(each, None) for each in (*sam, slow, gone, *others)]
    for stream in streams:
        await anext(stream)
    gone.end()
    slow.push(b"x" * feed_module.MAX_PENDING)
    assert desk.feed.tell_people("notice", {}, "oversight", {"ana"}) == {"sam"}
    for each in sam:
        assert await each.next() == b"event: notice\ndata: {}\n\n"
    assert b"reset" in await slow.next()
    assert desk.feed.tell_people("notice", {}, "oversight", {"ana", "sam"}) == {"lee"}


async def test_who_was_let_go_is_told_nothing_more(desk):
    """Neither what comes, nor what they missed."""
    await desk.happen(call("C-1"), call("C-2"))
    ended, to_ask_anew = everything(), everything()
    streams = [desk.feed.follow(each, 1) for each in (ended, to_ask_anew)]
    for stream in streams:
        await anext(stream)
    ended.end()
    to_ask_anew.start_over()
    await desk.happen(call("C-3"))
    async with asyncio.timeout(5):
        while desk.board.seq < 3:
            await asyncio.sleep(0.01)
        heard = [b"".join([chunk async for chunk in stream]) for stream in streams]
    assert heard[0] == b""
    assert heard[1].startswith(b"event: reset")
    assert b"C-" not in heard[1]


async def test_the_board_is_rebuilt_from_the_log(desk, tmp_path):
    await desk.happen(call("C-1"), call("C-2"), unit_at("5B12", -90.05), plate(1))
    await desk.happen(call("C-1", "Closed"))
    fresh = Board(CLOCK, desk.summariser)
    await fresh.seed(desk.store)
    snapshot = fresh.snapshot()
    assert {summary.status for summary in snapshot["calls"]} == {"Active", "Closed"}
    assert [position[0] for position in snapshot["units"]] == ["unit/5B12"]
    assert [summary.kind for summary in snapshot["recent"]] == ["call", "call", "call"]
    assert fresh.seq == 5


async def test_a_gunshot_without_an_address_says_what_is_near(desk):
    await desk.happen(event("gunshot.detection", "g-1", SHOT))
    [recorded] = await desk.store.log.read(0, 1)
    said = Summariser(lambda point: f"near {point[1]}")(recorded).headline
    assert said == "Multiple gunshots near 29.95"


async def test_what_was_deleted_stands_on_the_board_no_longer(desk):
    await desk.happen(call("C-1"), event("gunshot.detection", "G-1", SHOT, ago_s=60))
    async with asyncio.timeout(2):
        while desk.board.seq < 2:
            await asyncio.sleep(0.01)
    desk.board.forget("other", "watchfloor.gunshot.detection.v1", CLOCK.now())
    desk.board.forget("city", "watchfloor.gunshot.detection.v1", CLOCK.now() - 120_000_000)
    assert len(desk.board.snapshot()["gunshots"]) == 1, "another source; not so old"
    desk.board.forget("city", "watchfloor.gunshot.detection.v1", CLOCK.now() - 30_000_000)
    board = desk.board.snapshot()
    assert board["gunshots"] == []
    assert [summary.kind for summary in board["recent"]] == ["call"]
    desk.board.forget("city", "watchfloor.cad.incident.v1", CLOCK.now() + 1_000_000)
    board = desk.board.snapshot()
    assert (board["calls"], board["recent"]) == ([], [])
