"""Finding events: each part of a filter, all of them together, and page by page."""

import asyncio
import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_contract import EVENT, FILTER, check_find, ids

from watchfloor.ports.store import EventFilter, Kept, KeyPattern, Scope


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("ZZA1234", ["a"]),
        ("ZZA123?", ["b", "a"]),
        ("?ZA123?", ["b", "a"]),
        ("ZZ?12??", ["c", "b", "a"]),
        ("???????", ["c", "b", "a"]),
        ("ZZA*", ["b", "a"]),
        ("*234", ["a"]),
        ("Z*5", ["c", "b"]),
        ("*A12*", ["b", "a"]),
        ("ZZ?1*5", ["c", "b"]),
        ("*", ["d", "c", "b", "a"]),
        ("ZZA123", []),
        ("ZZA1234?", []),
        ("zza1234", []),
        ("[Z]ZA1234", []),
        ("", []),
    ],
)
async def test_patterns(store, make, pattern, found):
    plates = ("ZZA1234", "ZZA1235", "ZZB1235", "ZZ")
    events = [
        make.read(id, plate, make.noon + n)
        for n, (id, plate) in enumerate(zip("abcd", plates, strict=True))
    ]
    await store.log.commit([make.batch(events)])
    assert await ids(store, make.plate(pattern)) == found
    assert len(await store.index.find(make.plate(pattern), 3)) == min(3, len(found))


async def test_a_pattern_is_of_one_kind(store, make):
    await store.log.commit([make.batch([make.read("a"), make.call("ZZT1234", "x")])])
    assert await ids(store, make.plate("ZZT1234")) == ["a"]
    assert await ids(store, EventFilter(keys=[KeyPattern("call", "ZZ*34")])) == ["ZZT1234"]
    assert await ids(store, EventFilter(keys=[KeyPattern("phone", "ZZT1234")])) == []


async def test_patterns_are_complete_while_the_store_is_at_work(store, make):
    """Whatever is kept lazily must not be missed between a commit and its upkeep."""
    for number in range(30):
        event = make.read(str(number), f"ZZ{number:02}XYZ", make.noon + number)
        await store.log.commit([make.batch([event])])
        assert len(await store.index.find(make.plate("*XY*"), 100)) == number + 1


async def test_newest_first_by_time_then_position(store, make):
    times = [5, 3, 5, 4]
    events = [make.read(id, at=make.noon + t) for id, t in zip("abcd", times, strict=True)]
    await store.log.commit([make.batch(events)])
    assert await ids(store, EventFilter()) == ["c", "a", "d", "b"]
    assert await ids(store, EventFilter(), 2) == ["c", "a"]


async def test_since_is_inclusive_and_until_exclusive(store, make):
    await store.log.commit([make.batch([make.read(str(n), at=make.noon + n) for n in range(4)])])
    assert await ids(store, EventFilter(since=make.noon + 1, until=make.noon + 3)) == ["2", "1"]
    assert await ids(store, make.plate("ZZT*", since=make.noon + 3)) == ["3"]


async def test_sources_and_types_are_alternatives(store, make):
    await store.log.commit(
        [
            make.batch([make.read("a"), make.position("b", "bus-1", make.noon)], "one"),
            make.batch([make.read("c")], "two"),
            make.batch([make.call("d", "x")], "three"),
        ]
    )
    assert await ids(store, EventFilter(sources=["one", "three"])) == ["d", "b", "a"]
    assert await ids(store, EventFilter(types=[make.read_type])) == ["c", "a"]
    assert await ids(store, EventFilter(types=[make.read_type], sources=["one"])) == ["a"]
    assert await ids(store, EventFilter(sources=["nobody"])) == []
    assert await ids(store, EventFilter(types=["watchfloor.none.v1"])) == []
    assert await ids(store, make.plate("ZZT1234", sources=["two"])) == ["c"]
    assert await ids(store, make.plate("ZZT1234", types=[make.call_type])) == []


async def test_a_scope_hides_rows_however_they_are_asked_for(store, make):
    await store.log.commit(
        [
            make.batch([make.read("old"), make.read("new", at=make.noon + 9)], "one"),
            make.batch([make.read("cji", handling="cji"), make.call("ZZT1234", "run")], "two"),
        ]
    )
    asks = (EventFilter(), make.plate("ZZT1234"), make.plate("ZZ?12*"), make.box(-91, 29, -90, 30))
    for scope, hidden in (
        (Scope(), set()),
        (Scope(without_types=frozenset({make.read_type})), {"old", "new", "cji"}),
        (Scope(without_handling=frozenset({"cji"})), {"cji"}),
        (Scope(without_sources=frozenset({"one"})), {"old", "new"}),
        (Scope(only_sources=frozenset({"one"})), {"cji", "ZZT1234"}),
        (Scope(only_sources=frozenset()), {"old", "new", "cji", "ZZT1234"}),
        (Scope(earliest={make.read_type: make.noon + 9}), {"old", "cji"}),
        *[
            (Scope(earliest={make.read_type: make.noon + 9}, held=held), hidden)
            for held, hidden in (
                ((Kept(keys=frozenset({"plate:ZZT1234"})),), set()),
                ((Kept(keys=frozenset({"plate:ZZT12", "phone:ZZT1234"})),), {"old", "cji"}),
                ((Kept(sources=frozenset({"one"}), since=0, until=make.noon + 1),), {"cji"}),
                ((Kept(since=0, until=make.noon),), {"old", "cji"}),
                ((Kept(since=make.noon + 1),), {"old", "cji"}),
                ((Kept(types=frozenset({make.call_type})),), {"old", "cji"}),
                ((Kept(types=frozenset({make.read_type}), sources=frozenset({"two"})),), {"old"}),
                ((Kept(sources=frozenset({"nobody"})), Kept(sources=frozenset({"two"}))), {"old"}),
            )
        ],
    ):
        held = [each.id for each in await store.index.find(EventFilter(), 10) if scope.shows(each)]
        assert held == await ids(store, EventFilter(scope=scope)), "in hand as in the store"
        for where in asks:
            everything = await ids(store, where)
            seen = await ids(store, dataclasses.replace(where, scope=scope))
            assert seen == [id for id in everything if id not in hidden], (scope, where)


async def test_a_box_holds_its_edges_and_nothing_else(store, make):
    points = {"in": (-90.0512, 29.9512), "edge": (-90.05, 29.95), "near": (-90.0499, 29.95)}
    events = [make.read(id, point=point) for id, point in points.items()]
    await store.log.commit([make.batch([*events, make.read("nowhere", point=None)])])
    assert set(await ids(store, make.box(-90.06, 29.95, -90.05, 29.96))) == {"in", "edge"}
    assert set(await ids(store, make.box(-180, -90, 180, 90))) == set(points)
    assert await ids(store, make.box(10, 10, 11, 11)) == []


async def test_a_box_may_cross_the_antimeridian(store, make):
    points = {"west": (179.99, 0.0), "east": (-179.99, 0.0), "other": (0.0, 0.0)}
    await store.log.commit([make.batch([make.read(k, point=p) for k, p in points.items()])])
    assert set(await ids(store, make.box(179.9, -1, -179.9, 1))) == {"west", "east"}


async def test_all_words_must_occur_and_a_star_ends_a_prefix(store, make):
    await store.log.commit(
        [
            make.batch(
                [
                    make.call("a", "HIT & RUN 030XX OLIVER WHITE AVE"),
                    make.call("b", "Traffic stop, Oliver St.", make.noon + 1),
                    make.call("c", "Café fire", make.noon + 2),
                    make.read("d"),
                ]
            )
        ]
    )
    for words, found in {
        "oliver": ["b", "a"],
        "oliver run": ["a"],
        "oli*": ["b", "a"],
        "oli": [],
        "hit & run": ["a"],
        "cafe": ["c"],
        'stop" OR "fire': [],
        "white-ave": ["a"],
        "AND": [],
    }.items():
        assert await ids(store, EventFilter(text=words)) == found, words
    assert len(await ids(store, EventFilter(text="&&"))) == 4, "no words narrow nothing"


async def test_paging_gives_every_match_once(store, make):
    times = [make.noon + n // 3 for n in range(20)]  # many of the same time
    events = [make.read(str(n), at=time) for n, time in enumerate(times)]
    await store.log.commit([make.batch(events)])
    seen, before = [], None
    while page := await store.index.find(make.plate("ZZT*", before=before), 3):
        seen += [event.id for event in page]
        before = (page[-1].time, page[-1].seq)
    assert seen == [str(n) for n in reversed(range(20))]


async def test_latest_is_the_newest_of_each_subject(store, make):
    await store.log.commit(
        [
            make.batch(
                [
                    make.position("a1", "a", make.noon + 1),
                    make.position("b1", "b", make.noon + 2),
                    make.position("a2", "a", make.noon + 3),
                ]
            )
        ]
    )
    late = make.position("b0", "b", make.noon)
    await store.log.commit([make.batch([late, make.read("r1"), make.read("r2", at=make.noon + 9)])])

    async def latest(type, since=0, limit=9):
        return [event.id for event in await store.index.latest(type, since, limit)]

    assert await latest(make.position_type) == ["a2", "b1"]
    assert await latest(make.position_type, limit=1) == ["a2"]
    assert await latest(make.position_type, since=make.noon + 3) == ["a2"]
    assert await latest(make.read_type) == ["r2", "r1"]
    assert await latest("watchfloor.none.v1") == []


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_find_agrees_with_a_plain_loop(index_runner, data):
    """Any filter over any events gives what testing each event gives, page by page and counted."""
    events = data.draw(st.lists(EVENT, max_size=40))
    filters = data.draw(st.lists(FILTER, min_size=5, max_size=12))
    index_runner(events, filters, data.draw(st.integers(1, 7)))


@pytest.fixture
def index_runner(tmp_path_factory, store_maker):
    """Each example has a store of its own, on an event loop of its own."""

    async def run(events, filters, page):
        store = store_maker(tmp_path_factory.mktemp("example"))
        await store.open()
        try:
            await check_find(store, events, filters, page)
        finally:
            await store.close()

    return lambda *given: asyncio.run(run(*given))
