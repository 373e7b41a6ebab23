"""What became of a question in each state: six outcomes, which are never taken for one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from watchfloor_sdk import LookupResult

from .inquiries import Inquiry
from .messages import Read, alike, read

if TYPE_CHECKING:
    from watchfloor_sdk import Context

    from .settings import Settings

Outcome = Literal["record", "no_record", "file_unavailable", "unavailable", "timeout", "refused"]

_PHRASES: tuple[tuple[str, Outcome], ...] = (
    ("TEMPORARILY UNAVAILABLE", "unavailable"),
    ("FILE NOT AVAILABLE", "file_unavailable"),
    ("NOT ON FILE", "no_record"),
)
"""Published answers of "nothing". The worse first: who could not look has not found nothing."""

_SAID: Mapping[Outcome, str] = {
    "no_record": "no record",
    "file_unavailable": "its file is not available: it was not looked up",
    "unavailable": "it cannot be asked now",
    "timeout": "it has not answered in time",
    "refused": "it refuses to answer",
}


class Message(Struct, frozen=True):
    """One answer as the relay hands it over. ``sender`` answered with ``text``, or the switch says
    that it ``refused``."""

    number: int
    sender: str
    received: str
    text: str = ""
    refused: str | None = None


def outcome_of(message: Message, asked: Mapping[str, str]) -> tuple[Outcome, Read]:
    """What an answer is, and what of it could be read.

    A field that the question did not have makes it a record: states repeat the question in an
    answer of nothing. Words that nobody published are a record, too: a person must read them.
    """
    answer = read(message.text)
    if message.refused is not None:
        return "refused", answer
    if answer.fields.keys() - asked.keys() - {"ORI", "LIS"}:
        return "record", answer
    text = " ".join(answer.text.upper().split())
    if not text:
        return "unavailable", answer
    return next((outcome for words, outcome in _PHRASES if words in text), "record"), answer


def result(
    ctx: Context[Settings], inquiry: Inquiry, control: str, message: Message
) -> tuple[Outcome, LookupResult]:
    """One answer of one state, with its text as it came."""
    outcome, answer = outcome_of(message, inquiry.fields)
    data: dict[str, Any] = {
        "state": message.sender,
        "outcome": outcome,
        "received": message.received,
        "control": control,
        "key": answer.key,
        "text": message.refused or message.text,
        "fields": dict(answer.fields),
    }
    if outcome == "record":
        data["as_asked"] = _as_asked(inquiry.fields, answer)
        if inquiry.lead:
            data["lead"] = "Not a ground for action: verify plate and state, then confirm the hit."
    title = _title(message.sender, outcome, answer, inquiry)
    return outcome, ctx.result(title, data, id=f"{control}-{message.number}")


def silence(
    ctx: Context[Settings], control: str, states: Iterable[str], outcome: Outcome
) -> list[LookupResult]:
    """One result for each state that has said nothing."""
    return [
        ctx.result(
            f"{state}: {_SAID[outcome]}",
            {"state": state, "outcome": outcome, "control": control},
            id=f"{control}-{state}",
        )
        for state in states
    ]


def _title(state: str, outcome: Outcome, answer: Read, inquiry: Inquiry) -> str:
    if outcome != "record":
        return f"{state}: {_SAID[outcome]}"
    told = [" / ".join(answer.fields[name]) for name in _SHOWN if name in answer.fields]
    if not told:
        return f"{state}: an answer in words of its own, to be read"
    lead = "Lead, to be confirmed: " if inquiry.lead else ""
    return f"{state}: {lead}{', '.join(told)}"[:1024]


_SHOWN: Sequence[str] = ("MKE", "VYR", "VMA", "VMO", "VCO", "LIC", "LIS", "OLN", "NIC")
"""What a line says; names and birth dates stay in the answer's text."""


def _as_asked(asked: Mapping[str, str], answer: Read) -> bool | None:
    """Whether the record is of the plate (and its state) or VIN asked for; ``None`` where it does
    not say."""
    said = [
        any(alike(value, asked[name]) for value in answer.fields[name])
        for name in ("LIC", "LIS", "VIN")
        if name in asked and name in answer.fields
    ]
    return all(said) if said else None
