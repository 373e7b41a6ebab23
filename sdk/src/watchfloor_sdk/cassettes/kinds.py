"""Which of a vendor's fields hold what must not be kept, by their names and where they stand.

A name is read as words (``licensePlateNumber``, ``license_plate_number``: license, plate, number).
Some names say enough; others (``name``, ``number``) do so only beside words of a person or of a
vehicle, in the names around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, get_args

Kind = Literal[
    "secret", "plate", "vin", "person", "phone", "email", "address", "born", "number", "text",
    "picture", "longitude", "latitude", "keep",
]  # fmt: skip
"""What a field holds. ``number`` is an identity number of a person; ``text`` is free text, which
is replaced whole; ``keep`` is what a connector's author says is nothing of these."""

KINDS: tuple[Kind, ...] = get_args(Kind)

OF_A_PERSON: frozenset[str | None] = frozenset(
    {"person", "phone", "email", "address", "born", "number"}
)
"""Where one of these stands in a record, its coordinates are where a person is."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_WHOLE: Mapping[Kind, str] = {
    "plate": "plate|plates|lp|lpn|vrm|ocr|licence plate|license plate|number plate|registration|"
    "registration number|registration plate|tag number",
    "vin": "vin|vin number|vehicle identification number",
    "person": "first name|last name|middle name|full name|given name|given names|family name|"
    "surname|sur name|forename|maiden name|firstname|lastname|fullname|fname|lname|nickname|alias|"
    "aliases|username|author|registered owner|owner|driver|caller|complainant|reporting party",
    "phone": "callback|tel|fax|mobile|cell|ani",
    "email": "e mail|mail|emails",
    "born": "birthdate|birthday|born",
    "number": "social security number|oln|dln|drivers license|driver license|license number|"
    "licence number|driver licence number|passport|sid",
    "address": "address|addr|street|address line|street address|home address|street name|"
    "house number|street number|location text",
    "latitude": "lat",
    "longitude": "lon|lng|long",
    "text": "narratives|note|notes|comment|comments|remark|remarks|transcript|synopsis|free text|"
    "comment text|narrative text|note text|remark text",
    "secret": "pwd|auth|authorization|cookie|sig|jwt|session|session id|jsessionid|api key|apikey|"
    "access key|private key|stream key|shared key|bearer|credential|credentials|pin|otp",
}
_BY_NAME: Mapping[str, Kind] = {
    name: kind for kind, names in _WHOLE.items() for name in names.split("|")
}

_ANYWHERE: Mapping[str, Kind] = {
    "password": "secret", "passwd": "secret", "secret": "secret", "token": "secret",
    "signature": "secret", "phone": "phone", "telephone": "phone", "msisdn": "phone",
    "email": "email", "plate": "plate", "ssn": "number", "dob": "born", "birth": "born",
    "narrative": "text", "latitude": "latitude", "longitude": "longitude",
}  # fmt: skip
"""Words that say enough wherever they stand in a name."""

_PEOPLE = frozenset({
    "caller", "person", "people", "owner", "driver", "subject", "suspect", "victim",
    "witness", "resident", "complainant", "contact", "officer", "author", "operator", "user",
    "reporter", "requester", "recipient", "passenger", "registrant", "party", "customer", "member",
    "profile", "patient", "offender", "defendant", "dispatcher", "reviewer",
})  # fmt: skip
_OF_PEOPLE: Mapping[str, Kind] = {
    "name": "person", "names": "person", "first": "person", "last": "person", "middle": "person",
    "given": "person", "family": "person", "full": "person",
    "number": "phone", "text": "text", "description": "text",
}  # fmt: skip
_OF_THE_OUTER = frozenset(
    {"", "value", "text", "label", "line", "full", "formatted", "display", "date"}
)
"""Names that say nothing of their own."""
_HANDED_DOWN = frozenset({"plate", "person", "phone", "email", "address", "born", "text"})
_NO_PLATE = frozenset({
    "confidence", "score", "state", "region", "country", "type", "color", "colour", "box", "crop",
    "picture", "image", "url", "uri", "count", "reader", "class", "id", "time", "accuracy",
    "issuer",
})  # fmt: skip
"""What is said of a plate and is none."""
_NO_ADDRESS = frozenset({"ip", "mac", "url", "web"})
_OF_RESULTS = frozenset({"type", "expires", "expiry", "scheme", "endpoint", "url", "count"})
"""What is said of a token (RFC 6749, section 5.1) and is none."""


def words_of(name: str) -> tuple[str, ...]:
    """``licensePlate2`` → license, plate."""
    found = (word.lower() for word in _WORD.findall(name.rpartition(":")[2]))
    return tuple(word for word in found if not word.isdigit())


@lru_cache(maxsize=8192)
def kind_of(path: tuple[str, ...]) -> Kind | None:
    """What the field at ``path`` (names from the outermost to its own) holds."""
    if not path:
        return None
    words = words_of(path[-1])
    around = {word.removesuffix("s") for name in path[:-1] for word in words_of(name)}
    kind = _BY_NAME.get(" ".join(words)) or _by_words(words) or _among_people(words, around)
    if kind is None and len(path) > 1 and " ".join(words) in _OF_THE_OUTER:
        return _outer(path[:-1])
    return kind


def is_of_a_person(path: tuple[str, ...], kind: Kind | None, value: object) -> bool:
    """Whether this value shows that its record tells of a person: by what it holds, or because it
    says so (``"type": "caller_location"``). A class of service is one of an emergency call."""
    if kind in OF_A_PERSON:
        return True
    words = words_of(path[-1]) if path else ()
    if words == ("class", "of", "service"):
        return True
    return words[-1:] == ("type",) and not _PEOPLE.isdisjoint(words_of(str(value)))


def _by_words(words: Sequence[str]) -> Kind | None:
    kind = next((_ANYWHERE[word] for word in words if word in _ANYWHERE), None)
    if kind == "plate" and not _NO_PLATE.isdisjoint(words):
        return None
    if kind == "secret" and not _OF_RESULTS.isdisjoint(words):
        return None
    if kind is None and words[-1:] in (("address",), ("addr",)):
        return "address" if _NO_ADDRESS.isdisjoint(words) else None
    return kind


def _among_people(words: Sequence[str], around: Iterable[str]) -> Kind | None:
    """``caller_name``; or ``name`` within ``caller``."""
    for index, word in enumerate(words):
        if word in _OF_PEOPLE and not _PEOPLE.isdisjoint((*words[:index], *around)):
            return _OF_PEOPLE[word]
    return None


def _outer(path: tuple[str, ...]) -> Kind | None:
    """``{"plate": {"value": …}}``: what the name around it says."""
    kind = kind_of(path)
    return kind if kind in _HANDED_DOWN else None
