"""The wanted plates in memory: all that were given are found, and nothing else."""

import string

from hypothesis import given
from hypothesis import strategies as st

from watchfloor.alerts.plates import Wanted, WantedPlates
from watchfloor.contracts.normal import normal_plate
from watchfloor.ports.store import HotListEntry

PLATES = st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=20)
ENTRIES = st.builds(
    HotListEntry,
    PLATES,
    st.sampled_from([None, "US-LA", "us-tx"]),
    st.sampled_from([None, "Stolen", "Missing person"]),
    st.none() | st.integers(0, 2**60),
)
LISTS = st.dictionaries(st.sampled_from(["a", "b"]), st.lists(ENTRIES, max_size=30))


class Book:
    def __init__(self, lists):
        self.lists = lists

    async def entries(self):
        for hot_list, entries in self.lists.items():
            yield hot_list, entries


async def filled(lists):
    plates = WantedPlates()
    await plates.fill(Book(lists))
    return plates


def run(coroutine):
    import asyncio

    return asyncio.run(coroutine)


@given(LISTS, st.lists(PLATES))
def test_what_was_given_is_found_and_nothing_else(lists, others):
    plates = run(filled(lists))
    given_entries = [(name, entry) for name, entries in lists.items() for entry in entries]
    for plate in {*others, *(entry.plate for _, entry in given_entries)}:
        expected = sorted(
            (name, (entry.region or "").upper(), entry.reason or "", entry.expires or -1)
            for name, entry in given_entries
            if entry.plate == plate
        )
        found = sorted(
            (name, region or "", reason or "", expires or -1)
            for name, region, reason, expires in plates.find(plate)
        )
        assert found == [tuple(x if x != 0 else -1 for x in each) for each in expected]
    assert len(plates) == len(given_entries)


@given(st.text(max_size=12))
def test_no_text_whatever_breaks_the_search(text):
    assert list(run(filled({"a": [HotListEntry("ZZ1", None, None, None)]})).find(
        normal_plate(text)
    )) == ([Wanted("a", None, None, None)] if normal_plate(text) == "ZZ1" else [])  # fmt: skip


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_an_expired_entry_never_counts(expires, occurred, now):
    counts = Wanted("a", None, None, expires).counts(None, occurred, now)
    assert counts == (occurred < expires and now < expires)


def test_regions_are_compared_only_when_both_are_known():
    listed, anywhere = Wanted("a", "US-LA", None, None), Wanted("a", None, None, None)
    assert listed.counts("us-la", 0)
    assert listed.counts(None, 0)
    assert not listed.counts("US-TX", 0)
    assert anywhere.counts("US-TX", 0)


async def test_filling_lets_everything_else_have_its_turn():
    import asyncio

    turns = 0

    async def count_turns():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(count_turns())
    await filled({"a": [HotListEntry(f"ZZ{i}", None, None, None) for i in range(10_000)]})
    task.cancel()
    assert turns >= 40
