"""An alert as one person sees it: without what policy leaves out of the events that it was made of.

A title is made anew of what is left of its event. Of other words nobody can tell what they were
made of: they go whole where they may say what is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import structs

from watchfloor.contracts import BY_NAME, BY_TYPE, KINDS, Near, headline_of, where_of
from watchfloor.policy import concerns, hides, redact_event
from watchfloor.ports.store import PROBLEM, UNJUDGED, Alert, HotList, RecordedEvent

from .view import GONE, AlertView, DeliveryCounts, view

LEFT_OUT = "Left out by policy."
"""What stands in the place of words that are not shown."""

AT_LEAST = 4
"""Letters and digits of a value that words are looked through for: fewer stand in any."""

_LISTED = ("data.plate", "data.plates", "data.hot_list", "data.reason")
"""Fields that an entry of a hot list says as well."""

_ABOUT_PLATES = frozenset({"hit", "read"})

_SIGNS = re.compile(r"[\W_]+")

_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert as it stands. ``event`` is its newest, which its title is made of; ``None`` when
    that is no longer kept. ``near`` names the place of an event that has no address, ``named``
    somebody of whom its history has the handle."""

    alert: Alert
    deliveries: DeliveryCounts
    event: RecordedEvent | None
    synthetic: bool | None
    near: Near
    named: Callable[[str], str] = str

    def view(self, redacts: frozenset[str] = frozenset()) -> AlertView:
        """The alert without these fields."""
        whole = view(self.alert, self.deliveries, self.synthetic, self.named)
        if not redacts:
            return whole
        left = _left_of(self, redacts)
        return structs.replace(
            whole,
            title=_title(self.alert, left),
            reason=_reason(self.alert, left),
            point=None if left.hides("data.place.point") else whole.point,
            hot_list=None if left.hides("data.hot_list") else whole.hot_list,
            history=[{**entry, "note": _note(entry, left)} for entry in whole.history],
        )

    def publicly(
        self, lists: Mapping[str, HotList], redacts: frozenset[str] = frozenset()
    ) -> AlertView:
        """What may be said of it to a room: nothing that could be searched for, nothing of what
        people wrote; of a hit by which of these hot lists, and where."""
        seen = self.view(redacts)
        title = seen.title
        if seen.kind in _ABOUT_PLATES:
            wanted = lists.get(seen.hot_list) if seen.hot_list else None
            what = f"Hit, {wanted.name}" if wanted else "Plate read"
            title = f"{what} {self._where(redacts)}".strip()
        return structs.replace(seen, title=title, reason="", events=[], history=[])

    def _where(self, redacts: frozenset[str]) -> str:
        if self.event is None:
            return ""
        return where_of(redact_event(_decode(self.event.body), redacts)["data"], self.near)


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of an alert's event. ``headlines`` are the event's with all fields and without
    those that are ``gone``; ``None`` where it has none of them. ``texts`` are what stood in these,
    letters and digits alone; ``None`` where nobody can tell, as the event is no longer kept."""

    gone: frozenset[str]
    headlines: tuple[str, str] | None
    texts: frozenset[str] | None

    def hides(self, *paths: str) -> bool:
        """Whether a field at one of these places is gone, of whatever has it."""
        return any(hides(self.gone, path) for path in paths)

    def may_be_in(self, words: str) -> bool:
        """Whether words may say what is gone."""
        if self.texts is None:
            return True
        said = _plain(words)
        return any(text in said for text in self.texts)


def _left_of(standing: Standing, redacts: frozenset[str]) -> _Left:
    alert, event = standing.alert, standing.event
    if event is None:
        kinds = [BY_NAME[alert.kind]] if len(alert.events) == 1 else KINDS
        may_have = any(concerns(redacts, kind.type) for kind in kinds)
        return _Left(redacts, None, None if may_have else frozenset())
    if not concerns(redacts, event.type):
        return _Left(redacts, None, frozenset())
    whole = _decode(event.body)
    left = redact_event(whole, redacts)
    if left == whole:
        return _Left(redacts, None, frozenset())
    kind, near = BY_TYPE[event.type], standing.near
    headlines = headline_of(kind, whole["data"], near), headline_of(kind, left["data"], near)
    texts = map(_plain, set(_texts(whole)) - set(_texts(left)))
    return _Left(redacts, headlines, frozenset(text for text in texts if len(text) >= AT_LEAST))


def _title(alert: Alert, left: _Left) -> str:
    if not alert.title:
        return GONE
    if alert.dedupe.startswith((PROBLEM, UNJUDGED)):
        return alert.title
    if left.headlines is None:
        return LEFT_OUT if left.texts is None else alert.title
    before, after = left.headlines
    if not alert.title.endswith(f": {before}"):  # what is near has another name by now
        return LEFT_OUT
    return alert.title.removesuffix(before) + after


def _reason(alert: Alert, left: _Left) -> str:
    """A rule's says nothing that an event does; that of a hot list is about the plate."""
    of_list = alert.hot_list is not None
    gone = left.hides(*_LISTED) or left.may_be_in(alert.reason)
    return LEFT_OUT if of_list and gone else alert.reason


def _note(entry: dict[str, Any], left: _Left) -> str:
    """What a person wrote, or the reason that a source gave for its correction."""
    note: str = entry["note"]
    by_source = "seq" in entry
    gone = left.may_be_in(note) or (by_source and left.hides("data.reason"))
    return LEFT_OUT if note and gone else note


def _plain(text: str) -> str:
    return _SIGNS.sub("", text).casefold()


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
