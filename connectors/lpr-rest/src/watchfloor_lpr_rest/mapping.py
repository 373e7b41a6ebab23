"""Plate-read rows to events and readers to assets. Pure, and cheap: tens of thousands a second."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec

from watchfloor_sdk import (
    Asset,
    Event,
    FieldOfView,
    Inventory,
    Media,
    Page,
    Place,
    PlateRead,
    Rejected,
    RetryLater,
    Vehicle,
)
from watchfloor_sdk.json_text import members

from .wire import ReaderRow, ReadRow, ReadsPage, VehicleRow

Row = TypeVar("Row", ReadRow, ReaderRow)

PAGE_SIZE = 1000

_STATUSES: dict[str, Literal["online", "offline", "degraded"]] = {
    "online": "online",
    "offline": "offline",
    "degraded": "degraded",
}
_KEEPS_ODD_BYTES = "surrogateescape"
"""Bytes that are no UTF-8 come through a text unharmed (PEP 383)."""
_TYPE = "watchfloor.lpr.read.v1"
_POINTERS = tuple(f"/reads/{index}" for index in range(PAGE_SIZE))
_decode_reads = msgspec.json.Decoder(ReadsPage).decode
_NOT_OURS = (ValueError, TypeError, KeyError, RecursionError)


def to_page(source: str, owner: str, body: bytes) -> tuple[Page, ReadsPage]:
    """One vendor answer as events with its cursor; beside it the answer as read.

    Raises ``RetryLater`` when the body is not such a page (HTML, cut off): the cursor stays.
    """
    rejected: Sequence[Rejected] = ()
    pointers: Sequence[str] = _POINTERS
    try:
        answer = _decode_reads(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        answer, rejected, pointers = _read_row_by_row(body)
    reads = answer.reads
    page = Page(
        events=[to_event(source, owner, row) for row in reads],
        checkpoint=answer.next,
        raw=body,
        pointers=_fitting(pointers, len(reads)),
        rejected=rejected,
        assured_until=None if answer.more else answer.as_of,
    )
    return page, answer


def to_event(source: str, owner: str, row: ReadRow) -> Event:
    """One read. ``owner`` is whose pictures they are."""
    return Event(
        id=row.id,
        source=source,
        type=_TYPE,
        time=row.read_at,
        dataclassification="le-sensitive",
        data=PlateRead(
            plate=row.plate,
            reader=row.reader,
            region=row.region,
            confidence=row.confidence,
            place=_place(row.longitude, row.latitude),
            heading_deg=row.heading_deg,
            vehicle=_vehicle(row.vehicle),
            media=_media(owner, row),
        ),
    )


def to_inventory(source: str, body: bytes, observed: datetime) -> Inventory:
    """The readers that the vendor lists. Raises ``RetryLater`` when it is not such a list."""
    try:
        _, rows = _opened(_text(body), "readers")
    except _NOT_OURS as wrong:
        raise _not_ours("list of readers", wrong) from None
    good, rejected = _sorted(rows, ReaderRow, "unmapped_reader")
    assets = [to_asset(source, row, observed) for row in good.values()]
    return Inventory(assets, complete=True, rejected=rejected)


def to_asset(source: str, row: ReaderRow, observed: datetime) -> Asset:
    """One reader; its field of view is a narrow wedge along its heading."""
    return Asset(
        id=row.id,
        source=source,
        kind="plate_reader",
        name=row.name,
        geometry=_geometry(row.longitude, row.latitude),
        owner=row.owner,
        address=row.address,
        field_of_view=_field_of_view(row),
        status=_STATUSES.get(row.status, "unknown"),
        observed=observed,
    )


def _place(longitude: float | None, latitude: float | None) -> Place | None:
    if longitude is None or latitude is None:
        return None
    return Place(point=(longitude, latitude))


def _vehicle(row: VehicleRow | None) -> Vehicle | None:
    if row is None:
        return None
    return Vehicle(make=row.make, model=row.model, colour=row.colour, body=row.body)


def _media(owner: str, row: ReadRow) -> list[Media]:
    picture = row.picture
    if picture is None:
        return []
    return [
        Media(
            handle=picture.path,
            kind="plate_picture",
            owner=owner,
            retention_class="plate-reads",
            expires=picture.expires,
        )
    ]


def _geometry(longitude: float | None, latitude: float | None) -> dict[str, Any] | None:
    if longitude is None or latitude is None:
        return None
    return {"type": "Point", "coordinates": [longitude, latitude]}


def _field_of_view(row: ReaderRow) -> FieldOfView | None:
    if row.heading_deg is None:
        return None
    return FieldOfView(heading_deg=row.heading_deg, angle_deg=row.angle_deg, range_m=row.range_m)


def _fitting(pointers: Sequence[str], count: int) -> Sequence[str]:
    if count <= len(pointers):
        return pointers[:count]
    return [f"/reads/{index}" for index in range(count)]


def _read_row_by_row(body: bytes) -> tuple[ReadsPage, list[Rejected], list[str]]:
    """The slow way, for a page that is not as described: keep the good rows, say what is wrong."""
    try:
        loose, rows = _opened(_text(body), "reads")
        page = msgspec.convert({**loose, "reads": []}, ReadsPage)
        page.next.encode()  # a cursor that cannot be sent back leads nowhere
    except _NOT_OURS as wrong:
        raise _not_ours("page of reads", wrong) from None
    good, rejected = _sorted(rows, ReadRow, "unmapped_read")
    page.reads += good.values()
    return page, rejected, [f"/reads/{index}" for index in good]


def _text(body: bytes) -> str:
    return body.decode(json.detect_encoding(body), _KEEPS_ODD_BYTES)


def _opened(text: str, field: str) -> tuple[dict[str, Any], list[tuple[Any, bytes]]]:
    """An answer, and the rows in one of its fields, each with the bytes that it was written in.

    Unlike msgspec, this reads the NaN that some vendors write.
    """
    answer = msgspec.convert(json.loads(text), dict[str, Any])
    msgspec.convert(answer[field], list[Any])
    (listed,) = (member for member in members(text) if member.key == field)
    rows = [
        (row.value, text[row.start : row.end].encode("utf-8", _KEEPS_ODD_BYTES))
        for row in members(text, listed.start)
    ]
    return answer, rows


def _sorted(
    rows: Iterable[tuple[Any, bytes]], shape: type[Row], code: str
) -> tuple[dict[int, Row], list[Rejected]]:
    """The good rows by their index, and the others. A row's texts must all be UTF-8."""
    good, rejected = {}, []
    for index, (value, raw) in enumerate(rows):
        try:
            row = msgspec.convert(value, shape)
            msgspec.json.encode(row)
            good[index] = row
        except ValueError as wrong:
            # An encoding error's own text would show what may be of a plate.
            why = "It is not UTF-8." if isinstance(wrong, UnicodeError) else str(wrong)
            rejected.append(Rejected(raw, code, why))
    return good, rejected


def _not_ours(expected: str, wrong: Exception) -> RetryLater:
    return RetryLater(
        f"The vendor's answer is no {expected} ({type(wrong).__name__}).",
        code="unreadable_answer",
        remedy="If it stays so, check the base address: a proxy or log-in page may answer there.",
    )
