"""AutoVu's export of a read as XML (documented template of a SharpV's FTP upload)."""

from __future__ import annotations

import base64
from datetime import UTC
from pathlib import Path
from xml.sax.saxutils import escape

from watchfloor_city import PlatePassed

_PICTURE = base64.b64encode(b"\xff\xd8synthetic\xff\xd9").decode()


def export(passed: PlatePassed, guid: str, camera: str) -> str:
    """One file's text."""
    at = passed.at.astimezone(UTC)
    said = {
        "Plate": passed.plate,
        "State": passed.region.rpartition("-")[2],
        "UTCDate": f"{at:%Y:%m:%d}",
        "UTCTime": f"{at:%H:%M:%S}.{at.microsecond // 1000:03}",
        "CameraName": camera,
        "SourceName": "SIM SHARP",
        "ContextImage": _PICTURE,
        "PlateImage": _PICTURE,
        "LongitudeX": str(passed.point[0]),
        "LatitudeY": str(passed.point[1]),
        "Guid": guid,
    }
    body = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in said.items())
    return f"<AutoVu>{body}</AutoVu>"


def put(folder: Path, name: str, text: str) -> None:
    """Write a file as uploads do: under another name until it is whole."""
    unfinished = folder / f"{name}.part"
    unfinished.write_text(text, encoding="utf-8")
    unfinished.rename(folder / name)
