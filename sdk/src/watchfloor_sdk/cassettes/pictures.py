"""Pictures, clips and recordings are never kept: there may be faces and voices in them. A grey dot
of the same type stands for a picture, nothing for all else."""

from __future__ import annotations

import base64
import re

_JPEG = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP" + 86 * "/" + "wAALCAABAAEBAREA/8QAHwAAAQUBAQEBAQEAAAAA"
    "AAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAk"
    "M2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWW"
    "l5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/"
    "ACv/2Q=="
)
_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
_GIF = "R0lGODdhAQABAIEAAICAgAAAAAAAAAAAACwAAAAAAQABAAAIBAABBAQAOw=="
_WEBP = "UklGRiQAAABXRUJQVlA4IBgAAABQAQCdASoBAAEAB0CWJaQABHQAAAAAAAA="

_BY_TYPE = {"image/jpeg": _JPEG, "image/png": _PNG, "image/gif": _GIF, "image/webp": _WEBP}
_BY_START = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_DATA_URI = re.compile(r"data:((?:image|video|audio)/[\w.+-]+)(?:;[\w=.-]+)*;base64,", re.I)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{64,}={0,2}")
_LONG = 4096
"""Letters from which anything in base64 may be a picture of a type that we do not know."""


def kind_of_picture(body: bytes) -> str | None:
    """Its media type, by its first bytes."""
    if body[4:8] == b"ftyp":
        return "video/mp4"
    return next((kind for start, kind in _BY_START if body.startswith(start)), None)


def synthetic(content_type: str) -> bytes:
    """A picture of one grey dot; no bytes for a type that we have none of."""
    return base64.b64decode(_BY_TYPE.get(content_type, ""))


def in_text(value: str) -> str | None:
    """What stands for a picture that is written in base64; ``None`` when it is none."""
    if uri := _DATA_URI.match(value):
        return f"{uri[0]}{_BY_TYPE.get(uri[1].lower(), '')}"
    compact = "".join(value.split()) if len(value) >= 64 else ""
    if not compact or _BASE64.fullmatch(compact) is None:
        return None
    head = base64.urlsafe_b64decode(compact[:32].replace("+", "-").replace("/", "_"))
    kind = kind_of_picture(head)
    if kind is None:
        return "" if len(compact) > _LONG else None
    return _BY_TYPE.get(kind, "")
