"""Reads that a SharpV camera exports as XML files, one a file (documented: AutoVu FTP template).

The template is a site's own to edit; the names here are those of the documented one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from watchfloor_sdk import Event, GiveUp, Media, MediaAnswer, NotFound, PlateRead, mapping, xml
from watchfloor_sdk.transports.drop import MAX_BYTES, File, LocalFolder

from .mapping import Ctx, to_region
from .wire import Id, Plate

_TIME = "%Y:%m:%d %H:%M:%S.%f"
_UTC = ZoneInfo("UTC")
_PICTURES: dict[str, Literal["plate_picture", "scene_picture"]] = {
    "PlateImage": "plate_picture",
    "ContextImage": "scene_picture",
}
_HANDLE = "export:"


class _Checked(msgspec.Struct):
    """What must be there."""

    plate: Plate
    reader: Id
    guid: Id


def to_read(ctx: Ctx, file: File) -> Event:
    """The read in a file. Raises ``GiveUp``."""
    document = xml.parse(file.body, max_bytes=MAX_BYTES)
    if document.name != "AutoVu":
        raise GiveUp("The file is no AutoVu export.", code="not_autovu")
    said = _checked(document)
    when = f"{document.text('UTCDate')} {document.text('UTCTime')}"
    point = mapping.point(document.text("LongitudeX"), document.text("LatitudeY"))
    return ctx.event(
        PlateRead(
            plate=said.plate,
            reader=said.reader,
            region=to_region(document.text("State")),
            place=mapping.place(point),
            media=list(_pictures(ctx, document, file.entry.name)),
        ),
        id=f"read:{said.guid}",
        time=mapping.moment(when, formats=(_TIME,), local=_UTC).time,
    )


def _checked(document: xml.Element) -> _Checked:
    named = {"plate": "Plate", "reader": "CameraName", "guid": "Guid"}
    try:
        texts = {ours: document.text(name) for ours, name in named.items()}
        return msgspec.convert(texts, _Checked)
    except msgspec.ValidationError as wrong:
        raise GiveUp(
            f"The export has not what it must have: {wrong}", code="unexpected_shape"
        ) from None


def _pictures(ctx: Ctx, document: xml.Element, name: str) -> Iterator[Media]:
    for element, kind in _PICTURES.items():
        if document.first(element) is not None and document.text(element):
            yield Media(
                handle=f"{_HANDLE}{element}:{name}", kind=kind, owner=ctx.settings.owner,
                retention_class="plate-reads", content_type="image/jpeg",
            )  # fmt: skip


async def picture(ctx: Ctx, handle: str) -> MediaAnswer:
    """A picture out of a file, for as long as the file is there."""
    element, _, name = handle.removeprefix(_HANDLE).partition(":")
    if ctx.settings.export_path is None or element not in _PICTURES or "/" in name:
        return MediaAnswer(None, state="missing")
    try:
        body = await LocalFolder(ctx.settings.export_path).read(name, MAX_BYTES)
        text = xml.parse(body, max_bytes=MAX_BYTES).text(element) or ""
        return MediaAnswer(base64.b64decode(text, validate=True), "image/jpeg")
    except NotFound:
        return MediaAnswer(None, state="expired")
    except (GiveUp, binascii.Error):
        return MediaAnswer(None, state="missing")
