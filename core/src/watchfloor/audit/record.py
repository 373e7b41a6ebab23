"""The audit record: one fixed, closed schema, and the one way to write it down.

Fields are those of CJISSECPOL AU-3 and AU-3(1) (type, when, where, source, outcome, identity;
session, addresses, object, bytes) with operator, requester and secondary recipient kept apart, and
those that state laws ask of a search (Cal. Civ. Code 1798.90.52: time, data elements, user and
organisation, purpose). Times are RFC 3339 in UTC to the millisecond (AU-8). What is about a person
(AU-3(3)) stands in it sealed.

The canonical form is one line of JSON: fields in the order below, those that say nothing left out,
names in ``more`` sorted. No value can end the line or steer a terminal, so that nobody writes
entries of his own into the log by what he types into a form.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import msgspec
from msgspec import Struct, field

from watchfloor.contracts import GiveUp

from .events import AuditEvent, Outcome

Scalar = str | int | float | bool | None

ATTEMPT = "attempt"
"""In ``more`` of a record that something came to nothing: the id of that by which it was begun."""


class Part(
    Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """A part of a record: closed, and what says nothing is left out."""


class Sealed(Part, frozen=True):
    """A value about a person that only who holds the month's key can read.

    ``key`` is a keyed hash over kind and normal form: the same value has the same ``key``, so that
    entries can be counted and joined without being opened. ``box`` is the ciphertext, base64.
    """

    kind: str
    month: str
    key: str
    box: str


class Operator(Part, frozen=True):
    """Who did it: the person at the keyboard, or the service."""

    id: str
    handle: str | None = None
    agency: str | None = None
    ori: str | None = None


class OnBehalfOf(Part, frozen=True):
    """For whom it was done, where that is another agency."""

    agency: str
    person: str | None = None


class Origin(Part, frozen=True):
    """From where."""

    address: str | None = None
    device: str | None = None


class PurposeRecord(Part, frozen=True):
    """Why, as it was stated; ``checked`` says against which live call or case it was checked,
    ``about`` which of the topics that laws close it was declared to be about. ``asked`` is what was
    wanted, in somebody's words."""

    code: str
    offence: str | None = None
    case: str | None = None
    call: str | None = None
    order: str | None = None
    request: str | None = None
    checked: str | None = None
    warrant: str | None = None
    declaration: str | None = None
    about: list[str] = []
    asked: Sealed | None = None
    reason: Sealed | None = None


class Decision(Part, frozen=True):
    """What the policy said: the rules that led to it, and of a denial the reason."""

    id: str
    rules: list[str] = []
    reason: str | None = None


class Object(Part, frozen=True):
    """What it was done to: an event, a source, a rule ... never a value about a person."""

    kind: str
    id: str | None = None


class Lookback(Part, frozen=True):
    """The time that was searched, RFC 3339."""

    since: str | None = None
    until: str | None = None


class Entry(
    Struct,
    kw_only=True,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="v",
    tag=1,
    gc=False,
):
    """One record. Whoever records leaves ``at`` empty: the log says when.

    ``clock`` stands only where the clock said another time than ``at``: it had been set back, and
    the order was kept. ``sha256`` is of what was answered or handed out (hex), ``count`` how many
    results that had. ``more`` holds what only one kind of event knows, and nothing about persons.
    """

    at: str = ""
    clock: str | None = None
    id: str = field(default_factory=lambda: uuid4().hex)
    event: AuditEvent
    outcome: Outcome
    operator: Operator | None = None
    requester: str | None = None
    on_behalf_of: OnBehalfOf | None = None
    secondary_recipient: str | None = None
    session: str | None = None
    origin: Origin | None = None
    purpose: PurposeRecord | None = None
    decision: Decision | None = None
    object: Object | None = None
    subject: Sealed | None = None
    lookback: Lookback | None = None
    scope: list[str] = []
    count: int | None = None
    sha256: str | None = None
    took_ms: float | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None
    more: dict[str, Scalar] = {}

    @property
    def attempt(self) -> str | None:
        """The id of the record by which it was begun, where this one says that it came to nothing:
        ``denied`` where nothing was done, ``failed`` where it went wrong on the way."""
        begun = self.more.get(ATTEMPT)
        return str(begun) if begun and self.outcome is not Outcome.DONE else None


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Entry)
_STEERING = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Controls that JSON lets stand as they are: C1, line separators, changes of direction."""


def encode(entry: Entry) -> bytes:
    """The canonical form, without its newline."""
    try:
        line = _encoder.encode(entry)
    except UnicodeEncodeError:  # half a surrogate pair, from a header that was no UTF-8
        line = _encoder.encode(_without_halves(msgspec.to_builtins(entry)))
    return line if line.isascii() else _harmless(line)


def decode(line: bytes) -> Entry:
    """The entry of a line. Raises ``GiveUp`` (code ``not_an_entry``)."""
    try:
        return _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _no_entry() from None


class _Timed(Struct, frozen=True, tag_field="v", tag=1, gc=False):
    """Of a record its time alone, which is read three times as fast."""

    at: str


_time_decoder = msgspec.json.Decoder(_Timed)


def time_of(line: bytes) -> str:
    """When the record of a line was made; for whoever looks at all of them. Raises ``GiveUp``
    (code ``not_an_entry``)."""
    try:
        return _time_decoder.decode(line).at
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _no_entry() from None


def _no_entry() -> GiveUp:
    return GiveUp("This line is no record of the audit log.", code="not_an_entry")


def _harmless(line: bytes) -> bytes:
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", line.decode()).encode()


def _without_halves(value: Any) -> Any:
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case dict():
            return {_without_halves(name): _without_halves(each) for name, each in value.items()}
        case list():
            return [_without_halves(each) for each in value]
    return value
