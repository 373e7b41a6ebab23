"""Page after page, in each of the ways in which vendors number them.

All are async generators of pages as the caller's ``get`` hands them over. A vendor whose pages do
not move on, or move while they are read, is found out: ``RetryLater`` ends the round and the loop
begins again from its checkpoint. So yield events as pages come, and a checkpoint that moves on only
when it is right for it to move.

    async for page in by_cursor(get, lambda page: page.next_token):
        yield Page(events=[...])
"""

from __future__ import annotations

import re
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Hashable,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeVar
from urllib.parse import urljoin

from watchfloor.contracts import Refused, RetryLater

from .answer import Answer
from .network import host_port

P = TypeVar("P")
C = TypeVar("C", bound=Hashable)

MOST_PAGES = 100_000
"""Pages of one round at most: a vendor that never ends is broken."""


async def by_cursor(
    get: Callable[[C | None], Awaitable[P]],
    following: Callable[[P], C | None],
    start: C | None = None,
) -> AsyncIterator[P]:
    """``following`` answers the cursor of the page after, and nothing (``None``, ``""``) on the
    last. Raises ``RetryLater`` (code ``stuck_cursor``) when a cursor comes twice."""
    cursor, seen = start, {start}
    for _ in range(MOST_PAGES):
        page = await get(cursor)
        yield page
        cursor = following(page)
        if cursor is None or cursor == "":
            return
        if cursor in seen:
            break
        seen.add(cursor)
    raise _stuck()


async def by_offset(
    get: Callable[[int], Awaitable[P]],
    rows: Callable[[P], Sequence[Any]],
    *,
    total: Callable[[P], int | None] = lambda _: None,
    key: Callable[[Any], Any] | None = None,
) -> AsyncIterator[tuple[P, Sequence[Any]]]:
    """Pages with their new rows, until one is empty or ``total`` rows were read.

    A short page is not taken for the last: servers cut pages to a size of their own. With ``key``
    (a row's id) each page is asked for from the last row that is known: when that is another row,
    the list was changed while it was read, and rows may be missing (code ``page_changed``).
    Raises ``RetryLater``; code ``stuck_cursor`` for a server that does not heed the offset.
    """
    offset, last, before = 0, None, None
    for _ in range(MOST_PAGES):
        overlap = 1 if key is not None and offset else 0
        page = await get(offset - overlap)
        found = rows(page)
        if overlap and key is not None and (not found or key(found[0]) != last):
            raise RetryLater(
                "The vendor's list was changed while it was read.",
                code="stuck_cursor" if found and found == before else "page_changed",
            )
        fresh = found[overlap:]
        if not fresh:
            return
        if found == before:
            raise _stuck()
        yield page, fresh
        offset, before = offset + len(fresh), found
        last = key(fresh[-1]) if key is not None else None
        whole = total(page)
        if whole is not None and offset >= whole:
            return
    raise _stuck()


async def by_url(
    get: Callable[[str], Awaitable[P]], following: Callable[[P], str | None], first: str
) -> AsyncIterator[P]:
    """``following`` answers the next page's address, whole or relative to this one's. Give
    ``first`` whole, if the vendor's base address has a path and its next ones leave that out.

    Raises ``Refused`` (code ``page_elsewhere``) for an address on another host than ``first``'s:
    it would be sent what proves who asks.
    """
    here = first

    def onward(page: P) -> str | None:
        nonlocal here
        said = following(page)
        if not said:
            return None
        here = _on_the_same_host(here, said)
        return here

    async def get_it(url: str | None) -> P:
        return await get(url or first)

    async for page in by_cursor(get_it, onward, first):
        yield page


async def by_link(get: Callable[[str], Awaitable[Answer]], first: str) -> AsyncIterator[Answer]:
    """As ``by_url``, with the address in the header ``Link`` (RFC 8288): ``<...>; rel="next"``."""
    async for answer in by_url(get, lambda answer: link(answer.headers.get("link", "")), first):
        yield answer


_LINK = re.compile(r"<([^<>]*)>((?:[^,<\"]|\"[^\"]*\")*)")
_PARAMETER = re.compile(r";\s*([^\s=;,]+)(?:\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]*)))?")


def link(header: str, relation: str = "next") -> str | None:
    """The target of a relation in a ``Link`` header; relations are compared without case."""
    for target, parameters in _LINK.findall(header):
        for name, quoted, plain in _PARAMETER.findall(parameters):
            if name.lower() == "rel" and relation in (quoted or plain).lower().split():
                return str(target).strip()
    return None


async def by_version(
    get: Callable[[str | None], Awaitable[P]],
    version: Callable[[P], str],
    count: Callable[[P], int],
    *,
    most: int,
    start: str | None = None,
) -> AsyncIterator[tuple[P, str]]:
    """A feed with version tokens: each page with the token to go on from.

    A page of fewer than ``most`` rows is the last for now. Then, and only then, the token may
    repeat (nothing is new) and the page be empty: the round ends with the token that is known.
    Raises ``RetryLater`` (code ``stuck_cursor``) for a full page whose token does not move.
    """
    known = start
    for _ in range(MOST_PAGES):
        page = await get(known)
        token = version(page) or known or ""
        full = count(page) >= most
        if full and token == known:
            break
        yield page, token
        if not full:
            return
        known = token
    raise _stuck()


@dataclass(frozen=True, slots=True)
class Changes:
    """What a snapshot says that the one before did not. ``closed`` are ids that are missing now."""

    new: Sequence[str]
    changed: Sequence[str]
    closed: Sequence[str]
    checkpoint: Mapping[str, Any]


def compared(
    checkpoint: Mapping[str, Any] | None, snapshot: Iterable[tuple[str, bytes]]
) -> Changes:
    """A list of all that is open now (id, and the record's bytes), compared with the last one.

    What is missing is closed. So hand over whole lists only, all pages of them. An empty list after
    one that was not is believed when it comes twice: vendors answer empty while they start up.
    ``Changes.checkpoint`` is JSON, for the next time.
    """
    before: Mapping[str, str] = (checkpoint or {}).get("open", {})
    now = {id_: blake2b(record, digest_size=8).hexdigest() for id_, record in snapshot}
    if before and not now and not (checkpoint or {}).get("empty"):
        return Changes((), (), (), {"open": dict(before), "empty": True})
    return Changes(
        new=[id_ for id_ in now if id_ not in before],
        changed=[id_ for id_, digest in now.items() if before.get(id_, digest) != digest],
        closed=[id_ for id_ in before if id_ not in now],
        checkpoint={"open": now},
    )


def _on_the_same_host(here: str, said: str) -> str:
    there = urljoin(here, said)
    if "://" in there and "://" in here and host_port(there) != host_port(here):
        raise Refused(
            f"The vendor's next page is on another host, {host_port(there)}.",
            code="page_elsewhere",
            remedy="Check the address in the settings; tell the connector's maintainer.",
        )
    return there


def _stuck() -> RetryLater:
    return RetryLater("The vendor's pages do not move on.", code="stuck_cursor")
