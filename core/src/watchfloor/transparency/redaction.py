"""Who sees what of an audit record that is handed out.

Names give way to pseudonyms that stay the same within one export, so that a reader can still tell
that one person asked a hundred times (in a published log that had all names taken out, nobody
could). They are made with a key of that export: two exports cannot be joined by them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from watchfloor.audit import ATTEMPT, Entry, Sealed

Profile = Literal["public", "court", "oversight"]


@dataclass(frozen=True, slots=True)
class Redaction:
    """What one profile hides. ``operators``: who did it. ``numbers``: of cases, calls, requests
    and papers. What is sealed is a pseudonym in every profile."""

    operators: bool
    numbers: bool


PROFILES: dict[Profile, Redaction] = {
    "public": Redaction(operators=True, numbers=True),
    "court": Redaction(operators=False, numbers=False),
    "oversight": Redaction(operators=True, numbers=False),
}
"""``public``: a records request. ``court``: parties of a case. ``oversight``: a council's or an
inspector's own look, in which cases can be followed up."""

_DROPPED = ("id", "session", "origin", "bytes_in", "bytes_out", "took_ms")
"""Of no use to a reader, or (``id``) what keeps the published hash of a record from being guessed
at."""
_NUMBERS = ("case", "call", "order", "warrant", "declaration", "request")
_PEOPLE = ("approved_by",)
"""Of what else a record says, who somebody is."""
_NAMED = frozenset({"people", "break-glass"})
"""Kinds of object whose id is a person's handle."""


class Pseudonyms:
    """``person-1f3a9c…``: the same for the same value, by one key (HMAC-SHA-256, RFC 2104)."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, kind: str, value: str) -> str:
        """A pseudonym."""
        mac = hmac.new(self._key, f"{kind}\0{value}".encode(), hashlib.sha256)
        return f"{kind}-{mac.hexdigest()[:16]}"


def redacted(entry: Entry, profile: Profile, pseudonyms: Pseudonyms) -> dict[str, Any]:
    """The record as this reader sees it."""
    hidden = PROFILES[profile]
    said: dict[str, Any] = msgspec.to_builtins(entry)
    for name in (*_DROPPED, "v"):
        said.pop(name, None)
    if entry.attempt:
        del said["more"][ATTEMPT]
    if entry.subject:
        said["subject"] = _sealed(entry.subject, pseudonyms)
    if hidden.operators:
        _hide(said, ("requester",), pseudonyms.of, "person")
        _hide(said.get("on_behalf_of", {}), ("person",), pseudonyms.of, "person")
        if entry.operator:
            person = pseudonyms.of("person", entry.operator.id)
            said["operator"] = {"person": person, "agency": entry.operator.agency}
        _hide(said.get("more", {}), _PEOPLE, pseudonyms.of, "person")
        if entry.object and entry.object.kind in _NAMED:
            _hide(said["object"], ("id",), pseudonyms.of, "person")
    if entry.purpose:
        _of_purpose(said["purpose"], hidden, pseudonyms)
    if hidden.numbers:
        said.pop("more", None)
        _hide(said.get("object", {}), ("id",), pseudonyms.of, "object")
    return said


def _of_purpose(said: dict[str, Any], hidden: Redaction, pseudonyms: Pseudonyms) -> None:
    for name in ("asked", "reason"):
        said.pop(name, None)
    if hidden.numbers:
        for name in _NUMBERS:
            _hide(said, (name,), pseudonyms.of, name)
        said.pop("checked", None)


def _hide(
    said: dict[str, Any], names: tuple[str, ...], of: Callable[[str, str], str], kind: str
) -> None:
    for name in names:
        if said.get(name) is not None:
            said[name] = of(kind, str(said[name]))


def _sealed(sealed: Sealed, pseudonyms: Pseudonyms) -> str:
    return pseudonyms.of(sealed.kind, sealed.key)
