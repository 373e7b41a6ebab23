"""What people are called, by the handle that histories say."""

from __future__ import annotations

from dataclasses import dataclass, field

from watchfloor.ports.store import Ledger

from .handles import is_another
from .person import Person, plain_handle

_LEDGER = "person_named"
_MOST = 10_000


@dataclass(slots=True)
class Names:
    """The name under which each person signed in last, kept over a restart and after they have
    left: who reads a history knows people, and not accounts. A handle that several people had, one
    after another, has no name: it would stand on what the others did."""

    ledger: Ledger
    _known: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The id and the name of whoever has a handle; the id is empty in notes of before it was kept.
    """
    _several: set[str] = field(default_factory=set)

    async def open(self) -> None:
        """Take up those from before."""
        for note in reversed(await self.ledger.notes(_LEDGER, _MOST)):
            what = note["what"]
            self._has(plain_handle(note["who"]), what.get("person", ""), what["name"])

    async def learn(self, person: Person) -> None:
        """They sign in; a name that is new is written down."""
        plain = plain_handle(person.handle)
        if self._known.get(plain) != (person.id, person.name):
            self._has(plain, person.id, person.name)
            what = {"name": person.name, "person": person.id}
            await self.ledger.note(_LEDGER, person.handle, what)

    def of(self, handle: str) -> str:
        """Theirs; the handle itself of who never signed in by a provider here, and where it was
        another's before."""
        plain = plain_handle(handle)
        if plain in self._several or plain not in self._known:
            return handle
        return self._known[plain][1]

    def _has(self, plain: str, person: str, name: str) -> None:
        before, _ = self._known.get(plain, ("", ""))
        if before and is_another(before, person):
            self._several.add(plain)
        self._known[plain] = (person, name)
