"""What a second person reads of a question: a line each, what it is called and what was said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import msgspec

from watchfloor.contracts import PurposeOfUse
from watchfloor.policy import TOPICS

Said = Iterable[tuple[str, Any]]
"""By name: a word, or a field's."""

_TITLES: dict[str, str] = {each.code: each.title for each in TOPICS}


def in_lines(said: Said) -> str:
    """Without what is empty. What goes on over several lines is indented, so that no text passes
    for what somebody else said."""
    return "\n".join(
        f"{_titled(name)}: {_in_words(value)}"
        for name, value in said
        if value is not None and value not in ("", [], {})
    )


def topics_said(about: Collection[str]) -> Iterator[tuple[str, Any]]:
    """What it was declared to be about."""
    yield "declared to be about", [_TITLES.get(each, each) for each in sorted(about)]


def purpose_said(purpose: PurposeOfUse) -> Iterator[tuple[str, Any]]:
    """All that a request says of why, but for the title of its purpose."""
    offence = purpose.offence
    yield "offence", offence and f"{offence.code} ({offence.system.upper()})"
    yield "case", purpose.case_number
    yield "call", purpose.call_number
    yield "court order", purpose.order
    yield "warrant", purpose.warrant
    yield "declaration", purpose.declaration
    yield from topics_said(purpose.about)
    yield "who asks", purpose.requester
    yield "for the agency", purpose.on_behalf_of
    yield "for whom there", purpose.on_behalf_of_person
    yield "what they want", purpose.asked
    yield "reason", purpose.reason


def _titled(name: str) -> str:
    words = " ".join(name.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        return ", ".join(map(_in_words, value))
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return "\n  ".join(text.splitlines())
