"""What was told of the incidents that are active, so that only news is told."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from msgspec import Struct

from watchfloor_sdk import CadIncident, Context, GiveUp, Note, Page, Rejected
from watchfloor_sdk.eido import MIME, decode

from .history import History
from .mapping import ENDED, Told, told
from .settings import Settings

VANISHED = "No longer on the list of active incidents; how it ended is not known."

MOST_ENDED = 100
"""Incidents that have ended and are remembered, in case their end is told once more."""


class Known(Struct, omit_defaults=True):
    """What was told of an incident: its stamp on the list, and the ids of its events.

    ``bad`` is the hash of a document that could not be read: told once, and asked for again.
    ``missed``: the newest list does not have it, and it still stood as active.
    """

    stamp: str | None = None
    told: list[str] = []
    bad: str | None = None
    history: History = History()
    ended: bool = False
    missed: bool = False


class Register:
    """Incidents by id, as the checkpoint has them."""

    def __init__(self, ctx: Context[Settings], checkpoint: Any) -> None:
        self._ctx = ctx
        self.known = msgspec.convert(checkpoint or {}, dict[str, Known])
        self._made: dict[str, tuple[Known, Any]] = {}

    def active(self) -> set[str]:
        """Ids of those of which no end was told; the others are of no interest any more."""
        self._forget_ended(0)
        return set(self.known)

    def page(self, events: list[Any] | None = None, **more: Any) -> Page:
        """A page with what is known by now as its checkpoint."""
        self._forget_ended(MOST_ENDED)
        return Page(events=events or [], checkpoint=self._checkpoint(), **more)

    def changed(self, name: str, raw: bytes, stamp: str | None = None) -> Page:
        """What an incident's state adds to what was told of it."""
        before = self.known.get(name, Known())
        try:
            news, history = self._read(raw, before)
        except GiveUp as error:
            bad = hashlib.blake2b(raw, digest_size=8).hexdigest()
            self.known[name] = Known(None, before.told, bad, before.history, before.ended)
            return self.page(rejected=[_rejected(raw, error)] if bad != before.bad else [])
        ended = history.status in ENDED
        self.known[name] = Known(stamp, _ids(news), history=history, ended=ended)
        return self._news(raw, news, before)

    def vanished(self, name: str, raw: bytes, *, sure: bool = False) -> Page:
        """The last of an incident that is no longer among the active ones: closed is its end,
        anything else is said in a note.

        Unless it is ``sure``, one that still stands as active is looked at once more first: list
        and document are two answers, and either may be an old one.
        """
        before = self.known.pop(name)
        try:
            news, history = self._read(raw, before)
        except GiveUp as error:
            return self.page(rejected=[_rejected(raw, error)])
        if history.status in ENDED or sure or before.missed:
            return self._news(raw, [_noted(each) for each in news], before)
        self.known[name] = Known(told=_ids(news), history=history, missed=True)
        return self._news(raw, news, before)

    def forget(self, name: str) -> None:
        """One that left the active ones and can no longer be had."""
        self._ctx.log.warning(
            "An incident left the list of active ones and could not be had again."
        )
        self.known.pop(name, None)

    def _read(self, raw: bytes, before: Known) -> tuple[list[Told], History]:
        """An incident's state with its history. Raises ``GiveUp``."""
        news = list(told(decode(raw), self._ctx.settings.bounds))
        return _with_history(news, before.history)

    def _forget_ended(self, most: int) -> None:
        """All but the newest so many that have ended."""
        ended = [name for name, one in self.known.items() if one.ended]
        for name in ended[: max(0, len(ended) - most)]:
            del self.known[name]

    def _checkpoint(self) -> dict[str, Any]:
        """All that is known, as JSON, which is made of each once: every page has it."""
        made = self._made
        self._made = {
            name: made[name]
            if name in made and made[name][0] is one
            else (one, msgspec.to_builtins(one))
            for name, one in self.known.items()
        }
        return {name: json for name, (_, json) in self._made.items()}

    def _news(self, raw: bytes, news: list[Told], before: Known) -> Page:
        fresh = [each for each in news if each.id not in before.told]
        return self.page(
            [
                self._ctx.event(each.data, id=each.id, time=each.time, subject=each.subject)
                for each in fresh
            ],
            raw=raw if fresh else None,
            content_type=MIME,
            pointers=[each.pointer for each in fresh],
            rejected=[_rejected(raw, each.problem) for each in fresh if each.problem],
        )


def _ids(news: list[Told]) -> list[str]:
    return [each.id for each in news]


def _with_history(news: list[Told], before: History) -> tuple[list[Told], History]:
    """The call (it stands first) with what earlier snapshots told."""
    first, *units = news
    if not isinstance(first.data, CadIncident):
        raise TypeError("the call stands first")
    history = before.after(first.data, first.time)
    return [first._replace(data=history.told_in(first.data)), *units], history


def _noted(each: Told) -> Told:
    """A call that left the list without having ended says so itself."""
    if not isinstance(each.data, CadIncident) or each.data.status in ENDED:
        return each
    notes = [*each.data.notes, Note(text=VANISHED)]
    data = msgspec.structs.replace(each.data, notes=notes)
    return each._replace(data=data, id=f"{each.id}.unlisted")


def _rejected(raw: bytes, error: GiveUp) -> Rejected:
    return Rejected(raw, error.code, error.detail)
