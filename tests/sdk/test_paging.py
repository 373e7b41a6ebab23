"""Paging: every page comes once, and a vendor whose pages do not move on is found out."""

import pytest

from watchfloor_sdk import Refused, RetryLater
from watchfloor_sdk.answer import Answer
from watchfloor_sdk.paging import (
    by_cursor,
    by_link,
    by_offset,
    by_url,
    by_version,
    compared,
    link,
)


async def whole(pages):
    return [page async for page in pages]


async def broken(pages) -> tuple[list, str]:
    got = []
    with pytest.raises(RetryLater) as caught:
        async for page in pages:
            got.append(page)
    return got, caught.value.code


def giving(pages):
    async def get(at):
        return pages[at]

    return get


async def test_cursor_until_there_is_none_or_an_empty_one():
    for last in (None, ""):
        pages = {None: ("a", 1), 1: ("b", 2), 2: ("c", last)}
        got = await whole(by_cursor(giving(pages), lambda page: page[1]))
        assert [page[0] for page in got] == ["a", "b", "c"]


async def test_cursor_starts_where_it_is_told():
    got = await whole(by_cursor(giving({5: ("b", None)}), lambda page: page[1], 5))
    assert got == [("b", None)]


@pytest.mark.parametrize("pages", [{None: 1, 1: 1}, {None: 1, 1: 2, 2: 1}, {None: 0, 0: 0}])
async def test_a_cursor_that_stays_or_goes_in_circles_is_found_out(pages):
    got, code = await broken(by_cursor(giving(pages), lambda page: page))
    assert code == "stuck_cursor"
    assert len(got) == len(pages), "what came before it is not lost"


def listing(rows, size):
    async def get(offset):
        return {"rows": rows[offset : offset + size], "total": len(rows)}

    return get


def rows_of(page):
    return page["rows"]


async def flat(pages):
    return [row async for _, fresh in pages for row in fresh]


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 25])
@pytest.mark.parametrize("key", [None, lambda row: row])
@pytest.mark.parametrize("total", [lambda _: None, lambda page: page["total"]])
async def test_offset_reads_every_row_once(count, key, total):
    rows = list(range(count))
    pages = by_offset(listing(rows, 10), rows_of, key=key, total=total)
    assert await flat(pages) == rows


async def test_a_short_page_is_not_the_last():
    """Asked for any number, this server gives four."""
    assert await flat(by_offset(listing(list(range(10)), 4), rows_of)) == list(range(10))


async def test_a_list_that_changes_while_it_is_read_is_found_out():
    rows = list(range(30))

    async def get(offset):
        page = {"rows": rows[offset : offset + 10]}
        if offset == 0:
            rows.pop(0)
        return page

    got, code = await broken(by_offset(get, rows_of, key=lambda row: row))
    assert (len(got), code) == (1, "page_changed")


@pytest.mark.parametrize("key", [None, lambda row: row])
async def test_a_server_that_does_not_heed_the_offset_is_found_out(key):
    async def get(_):
        return {"rows": [1, 2, 3]}

    got, code = await broken(by_offset(get, rows_of, key=key))
    assert (len(got), code) == (1, "stuck_cursor")


async def test_next_addresses_are_followed_on_the_same_host_only():
    pages = {
        "https://v.example.org/a/1": ("a", "2"),
        "https://v.example.org/a/2": ("b", "https://v.example.org/b"),
        "https://v.example.org/b": ("c", None),
    }
    first = "https://v.example.org/a/1"
    got = await whole(by_url(giving(pages), lambda page: page[1], first))
    assert [page[0] for page in got] == ["a", "b", "c"]
    pages[first] = ("a", "https://elsewhere.example.org/2")
    with pytest.raises(Refused) as caught:
        await whole(by_url(giving(pages), lambda page: page[1], first))
    assert caught.value.code == "page_elsewhere"


async def test_a_next_address_that_leads_back_is_found_out():
    pages = {"/1": "/2", "/2": "/1"}
    assert (await broken(by_url(giving(pages), lambda page: page, "/1")))[1] == "stuck_cursor"


async def test_link_headers_are_followed():
    def answer(body, header):
        return Answer(200, {"link": header} if header else {}, body, "v.example.org:443")

    pages = {
        "https://v.example.org/r?p=1": answer(b"1", '</r?p=0>; rel="prev", </r?p=2>; rel="next"'),
        "https://v.example.org/r?p=2": answer(b"2", None),
    }
    got = await whole(by_link(giving(pages), "https://v.example.org/r?p=1"))
    assert [page.body for page in got] == [b"1", b"2"]


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("", None),
        ("<a>; rel=next", "a"),
        ('<a>; rel="prev next"', "a"),
        ('<a>; title="x, y; rel=next"; rel="last", <b>;REL="Next"', "b"),
        ('<https://v.example.org/?q=a,b>; rel="next"', "https://v.example.org/?q=a,b"),
        ("<a>; rel=nextish", None),
    ],
)
def test_link_headers_are_read_as_rfc_8288_writes_them(header, target):
    assert link(header) == target


def feed(pages):
    async def get(version):
        return pages[version]

    return get


async def versions(pages, start=None, most=2):
    turns = by_version(feed(pages), lambda p: p[1], lambda p: len(p[0]), most=most, start=start)
    return [(page[0], token) async for page, token in turns]


async def test_a_version_feed_is_asked_at_once_while_pages_are_full():
    pages = {None: ("ab", "1"), "1": ("cd", "2"), "2": ("e", "3")}
    assert await versions(pages) == [("ab", "1"), ("cd", "2"), ("e", "3")]


@pytest.mark.parametrize("said", ["7", ""])
async def test_a_version_that_repeats_or_is_empty_means_that_nothing_is_new(said):
    assert await versions({"7": ("", said)}, start="7") == [("", "7")]


async def test_a_full_page_whose_version_does_not_move_is_found_out():
    with pytest.raises(RetryLater) as caught:
        await versions({"7": ("ab", "7")}, start="7")
    assert caught.value.code == "stuck_cursor"


def test_a_snapshot_closes_what_is_missing():
    first = compared(None, [("a", b"1"), ("b", b"1")])
    assert (first.new, first.closed) == (["a", "b"], [])
    second = compared(first.checkpoint, [("b", b"2"), ("c", b"1")])
    assert (second.new, second.changed, second.closed) == (["c"], ["b"], ["a"])
    third = compared(second.checkpoint, [("b", b"2"), ("c", b"1")])
    assert [*third.new, *third.changed, *third.closed] == []


def test_an_empty_snapshot_is_believed_when_it_comes_twice():
    opened = compared(None, [("a", b"1")]).checkpoint
    once = compared(opened, [])
    assert not once.closed
    assert compared(once.checkpoint, []).closed == ["a"]
    back = compared(once.checkpoint, [("a", b"1")])
    assert [*back.new, *back.changed, *back.closed] == []
    assert "empty" not in back.checkpoint, "and the next empty one is the first again"
