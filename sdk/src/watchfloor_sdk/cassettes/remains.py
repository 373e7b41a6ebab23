"""What is left in a cassette that should have gone: the scrubber is put to it once more, and what
it would replace, and is no stand-in, was never scrubbed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from .cassette import ORIGIN, Cassette, Exchange, Pushed
from .documents import Body, scrubbed
from .kinds import Kind
from .scrubber import Scrubber
from .stand_ins import StandIns, is_stand_in

_ORIGIN = "https://origin.invalid"
"""So that the vendor's own addresses are looked at as addresses."""


class _Finds(StandIns):
    """Replaces nothing, and counts what it should have replaced."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()

    def put(self, kind: Kind, value: str) -> str:
        if not is_stand_in(kind, value):
            self.found[kind] += 1
        return value


def remains(cassette: Cassette) -> dict[str, int]:
    """How many values of each kind are left in it that are no stand-ins; ``other`` are places that
    are too exact, and pictures. None of the values is told."""
    finds = _Finds()
    scrubber = Scrubber(cassette.fields)
    scrubber.stand_ins = finds
    for body, content_type in _bodies(cassette):
        if body.raw() and scrubbed(scrubber, body.raw(), content_type) != body:
            finds.found["other"] += 1
    for exchange in cassette.exchanges:
        scrubber.url(f"{_ORIGIN}{exchange.path}")
    scrubber.tree(_addressed(cassette.config))
    return dict(finds.found)


def _bodies(cassette: Cassette) -> Iterable[tuple[Body, str]]:
    heard: list[Exchange | Pushed] = [*cassette.exchanges, *cassette.webhooks]
    for one in heard:
        yield one.body, one.headers.get("content-type", "")
    for exchange in cassette.exchanges:
        if exchange.sent is not None:
            yield exchange.sent, ""


def _addressed(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(ORIGIN, _ORIGIN)
    if isinstance(value, dict):
        return {key: _addressed(inner) for key, inner in value.items()}
    return value
