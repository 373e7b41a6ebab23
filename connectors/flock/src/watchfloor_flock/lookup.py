"""The look-up ``plate-reads``: where and when Flock read a plate.

Flock takes full plates only, wants a reason with every question and shows it in its own audit, so
who asks and why goes along whole: ``reason`` and ``caseNumber`` are all the fields that it has for
that (documented), and who is signed in as themselves is its user besides.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from msgspec import Raw

from watchfloor_sdk import GiveUp, Incomplete, LookupRequest, LookupResult, NotAsked, RetryLater
from watchfloor_sdk import mapping as times

from .client import Client
from .mapping import Ctx, read, to_place
from .states import to_region, to_state
from .wire import Read

USUAL = timedelta(days=7)
"""How far back it is asked where the question does not say."""
_BETWEEN = str.maketrans("", "", " -.\t")


class Window(NamedTuple):
    """From when to when, in UTC."""

    start: datetime
    end: datetime


async def found(ctx: Ctx, client: Client, request: LookupRequest) -> AsyncIterator[LookupResult]:
    """What Flock has on a plate, as it comes. Raises ``NotAsked`` for a question that it would not
    take, and ``Incomplete`` where the answer is not the whole."""
    window = to_window(request.filters, ctx.now())
    questions = list(to_questions(request, window))
    tally = _Tally()
    for question in questions:
        async for raw in _rows(client, question, tally):
            result = _result(ctx, raw, question, tally)
            if result is not None:
                yield result
    _say_what_is_missing(tally)
    _say_what_is_gone(window, ctx)


def to_questions(request: LookupRequest, window: Window) -> Iterator[dict[str, Any]]:
    """As Flock wants it (``LookupRequest``): once with the plate as it was typed and, where that
    has a letter O, once with zeros, as Flock itself writes plates on its hot lists."""
    purpose = request.purpose
    question = {
        "startDate": _text(window.start),
        "endDate": _text(window.end),
        "reason": purpose.stated,
        "caseNumber": purpose.case_number,
        "sort": [{"field": "capturedAt", "order": "desc"}],
    }
    if request.filters.get("state"):
        question["state"] = to_state(str(request.filters["state"]))
    plate = to_plate(request.subject)
    for typed in dict.fromkeys((plate, zeros(plate))):
        yield {"plate": typed, **question}


def to_plate(subject: str) -> str:
    """A full plate, without what stands between. Raises ``NotAsked`` (code ``full_plate_only``)."""
    plate = subject.translate(_BETWEEN).upper()
    if not plate.isalnum() or not plate.isascii():
        raise NotAsked(
            "Flock looks up full plates only, of letters and digits.",
            code="full_plate_only",
            remedy="Write the whole plate, without wild cards.",
        )
    return plate


def zeros(plate: str) -> str:
    """The letter O as the digit 0 (documented for batches of hot-list entries)."""
    return plate.replace("O", "0")


def to_window(filters: Mapping[str, Any], now: datetime) -> Window:
    """The time that is asked about, to now where it has no end. Raises ``NotAsked`` (code
    ``bad_window``)."""
    end = _moment(filters.get("end")) or now
    start = _moment(filters.get("start")) or end - USUAL
    if start >= end:
        raise _bad_window("The time that is asked about ends before it begins.")
    return Window(start, end)


def _moment(text: Any) -> datetime | None:
    try:
        return times.moment(text).time if text else None
    except GiveUp as wrong:
        raise _bad_window(wrong.detail) from None


def _bad_window(detail: str) -> NotAsked:
    return NotAsked(detail, code="bad_window", remedy="Write times as 2026-05-02T21:00:00Z.")


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Tally:
    """What was found, and what could not be had."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.unreadable = 0
        self.missing = 0


async def _rows(client: Client, question: Mapping[str, Any], tally: _Tally) -> AsyncIterator[Raw]:
    rows = told = 0
    try:
        async for page in client.reads(question):
            rows, told = rows + len(page.results), page.total_items
            for raw in page.results:
                yield raw
    except RetryLater as broke:
        if not rows and not tally.ids:
            raise
        raise Incomplete(f"Flock broke off in the middle of its answer: {broke.detail}") from None
    tally.missing += max(0, told - rows)


def _result(ctx: Ctx, raw: Raw, question: Mapping[str, Any], tally: _Tally) -> LookupResult | None:
    """One read, once; ``None`` for one that was there already or cannot be read."""
    try:
        result = to_result(ctx, read(raw, Read), str(question["plate"]))
    except GiveUp:
        tally.unreadable += 1
        return None
    if result.id in tally.ids:
        return None
    tally.ids.add(result.id)
    return result


def to_result(ctx: Ctx, one: Read, asked: str) -> LookupResult:
    """One read, in words and in data. Raises ``GiveUp``."""
    captured = times.moment(one.captured_at).time
    region = to_region(one.state.state if one.state else None)
    device = one.device
    place = to_place(device.location)
    data = {
        "plate": one.plate.plate,
        "asked": asked,
        "captured": _text(captured),
        "region": region,
        "region_confidence": one.state.confidence if one.state else None,
        "device": device.id,
        "device_name": device.name or None,
        "network": device.network.name if device.network else None,
        "point": list(place.point) if place and place.point else None,
        "address": place.address if place else None,
        "link": one.link,
    }
    words = f"{one.plate.plate}{f' ({region})' if region else ''} read by"
    return ctx.result(
        f"{words} {device.name or device.id}, {captured:%Y-%m-%d %H:%M:%S} UTC",
        {name: value for name, value in data.items() if value is not None},
        id=one.id,
        confidence=one.plate.confidence,
        place=place,
        device=device.id,
    )


def _say_what_is_missing(tally: _Tally) -> None:
    if tally.missing:
        raise Incomplete(f"Flock says that there are {tally.missing} more reads.")
    if tally.unreadable:
        raise Incomplete(f"{tally.unreadable} reads are not as Flock documents them.")


def _say_what_is_gone(window: Window, ctx: Ctx) -> None:
    """An answer about a time whose reads are deleted is not "not seen"."""
    kept = ctx.now() - timedelta(days=ctx.settings.kept_days)
    if window.start < kept:
        raise Incomplete(f"Flock keeps no reads from before {_text(kept)}.", status="gap")
