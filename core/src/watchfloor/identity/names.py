"""What people are called, by the handle that histories say."""

from __future__ import annotations

from dataclasses import dataclass, field

from watchfloor.ports.store import Ledger

from .person import Person, plain_handle

_LEDGER = "person_named"
_MOST = 10_000


@dataclass(slots=True)
class Names:
    """The name under which each person signed in last, kept over a restart and after they have
    left: who reads a history knows people, and not accounts."""

    ledger: Ledger
    _known: dict[str, str] = field(default_factory=dict)

    async def open(self) -> None:
        """Take up those from before."""
        for note in reversed(await self.ledger.notes(_LEDGER, _MOST)):
            self._known[plain_handle(note["who"])] = note["what"]["name"]

    async def learn(self, person: Person) -> None:
        """They sign in; a name that is new is written down."""
        plain = plain_handle(person.handle)
        if self._known.get(plain) != person.name:
            self._known[plain] = person.name
            await self.ledger.note(_LEDGER, person.handle, {"name": person.name})

    def of(self, handle: str) -> str:
        """Theirs; the handle itself of who never signed in by a provider here."""
        return self._known.get(plain_handle(handle), handle)
