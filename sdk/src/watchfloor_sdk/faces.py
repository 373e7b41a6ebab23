"""Takes what is known of faces out of what a connector hands over, before it leaves the worker.

Face recognition is a category that the hub refuses. Systems that do other things as well send its
results along: ONVIF Profile M (``tt:HumanFace``, topic ``RuleEngine/Recognition/Face``), Frigate
(``sub_label`` of a person, ``type: face``, attribute ``face``), Verkada (``person_label``,
``smart_list_name``, persons of interest). Removed is what describes or names a face. That a camera
saw a person stays, and so does what is unknown to this list: text is not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec
from msgspec.structs import replace

from watchfloor.contracts import Event

_HINTS = (b"face", b"facial", b"embedding", b"sub_label")
_HINTS_OF_PERSONS = tuple(
    b"person" + word for word in (b"_l", b"l", b"_n", b"n", b"_of_", b"of", b"_t", b"t")
)
"""One of these stands, in small letters, in every page that has something to take out. Looked for
first, as few as can be: reading a page costs much more, and few pages need it. ``person`` alone is
too common a word. Verkada's ``smart_list_name`` comes with a ``person_type``."""

_NAMES = frozenset({
    "personlabel", "personname", "personofinterest", "persontype", "smartlistname",
    "embedding", "embeddings",
})  # fmt: skip
"""Attributes of faces whose name does not say so: letters only, small."""

_OF_PERSONS = frozenset({"sub_label", "sub_labels"})
"""Frigate: the name of a recognised person, or of something harmless (a delivery service)."""

_KEPT_OF_A_FACE = frozenset({
    "type", "label", "object_type", "id", "object_id", "camera", "camera_id", "timestamp", "time",
    "start_time", "end_time", "frame_time",
})  # fmt: skip
"""All that remains of a thing that is itself a face."""

_TOPIC = "Recognition/Face"
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_TAG = re.compile(r"<(/?)(?:[\w.-]+:)?([\w.-]+)([^<>]*)>")
_ITEM_NAME = re.compile(r"\bName\s*=\s*[\"']([^\"']*)[\"']")
_MESSAGE_END = "NotificationMessage>"


def without_faces(body: bytes) -> bytes:
    """A vendor's answer (JSON or XML) without attributes of faces; the same object where there
    are none. What cannot be read as either comes back as it is."""
    if not _hinted(body):
        return body
    return _without_in_xml(body) if body.lstrip()[:1] == b"<" else _without_in_json(body)


def events_without_faces(events: Sequence[Event]) -> Sequence[Event]:
    """Events whose data are not a contract's own class, without attributes of faces."""
    if not any(type(event.data) is dict for event in events):
        return events
    return [
        replace(event, data=stripped(event.data)) if type(event.data) is dict else event
        for event in events
    ]


def stripped(value: Any) -> Any:
    """Decoded JSON without attributes of faces; the given value is not changed."""
    if isinstance(value, dict):
        gone = set(_gone(value))
        return {key: stripped(inner) for key, inner in value.items() if key not in gone}
    if isinstance(value, list):
        return [stripped(inner) for inner in value]
    return value


def is_of_face(name: str) -> bool:
    """Whether an attribute of this name is of a face: ``FaceId``, ``face_crop``, ``humanFace``,
    ``person_label``; not ``surface``."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return not {"face", "faces", "facial"}.isdisjoint(words) or "".join(words) in _NAMES


def _hinted(body: bytes) -> bool:
    if b"\x00" in body[:4]:  # UTF-16 or -32: nothing would be found in it
        return True
    small = body.lower()
    hints = (*_HINTS, *_HINTS_OF_PERSONS) if b"person" in small else _HINTS
    return any(hint in small for hint in hints)


def _gone(thing: dict[str, Any]) -> Iterator[str]:
    """Which keys of it go."""
    yield from (key for key in thing if is_of_face(key))
    if _is_a_face(thing):
        yield from thing.keys() - _KEPT_OF_A_FACE
    elif _of_a_person(thing):
        yield from thing.keys() & _OF_PERSONS
    if _TOPIC in str(thing.get("topic", thing.get("Topic", ""))):
        yield from thing.keys() & {"payload", "Data", "data", "Message", "message"}


def _is_a_face(thing: dict[str, Any]) -> bool:
    kinds = (thing.get(key) for key in ("type", "label", "object_type", "Type"))
    return any(isinstance(kind, str) and kind.lower() in ("face", "humanface") for kind in kinds)


def _of_a_person(thing: dict[str, Any]) -> bool:
    """Of a person, or it does not say of what."""
    of = thing.get("label", thing.get("objects", thing.get("after", "person")))
    return of == "person" or (isinstance(of, list) and (not of or "person" in of))


def _without_in_json(body: bytes) -> bytes:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return body
    rest = stripped(read)
    return body if rest == read else msgspec.json.encode(rest)


# --- XML -------------------------------------------------------------------------------------


def _without_in_xml(body: bytes) -> bytes:
    """Cut out of the text, so that all else stays as it was. Nothing is parsed or resolved."""
    encoding = "utf-16" if b"\x00" in body[:4] else "utf-8"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "latin-1", body.decode("latin-1")
    parts = text.split(_MESSAGE_END)
    rest = _MESSAGE_END.join(_cut(part, _TOPIC in part) for part in parts)
    return body if rest == text else rest.encode(encoding)


def _cut(text: str, of_face: bool) -> str:
    """Without elements of faces; of a message about a face, without its data too."""
    cuts = [0, *(edge for cut in _cuts(text, of_face) for edge in cut), len(text)]
    return "".join(text[start:end] for start, end in list(pairwise(cuts))[::2])


def _cuts(text: str, of_face: bool) -> Iterator[tuple[int, int]]:
    """Start and end of each element to take out. One that does not end goes to the end."""
    start, depth, cutting = 0, 0, ""
    for tag in _TAG.finditer(text):
        closes, name, rest = tag.groups()
        empty = rest.endswith("/")
        if cutting:
            if name == cutting and not empty:
                depth += -1 if closes else 1
            if depth == 0:
                yield start, tag.end()
                cutting = ""
        elif not closes and (_element_of_face(name, rest) or (of_face and name == "Data")):
            if empty:
                yield tag.start(), tag.end()
            else:
                start, depth, cutting = tag.start(), 1, name
    if cutting:
        yield start, len(text)


def _element_of_face(name: str, attributes: str) -> bool:
    item = _ITEM_NAME.search(attributes) if name in ("SimpleItem", "ElementItem") else None
    return is_of_face(item[1] if item else name)
