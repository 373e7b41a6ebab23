"""Which person a handle is. Histories say handles, which a provider may change and give away; a
person is their subject there (OpenID Connect Core 1.0, section 5.7). So one handle is one person
here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from watchfloor.contracts import Refused
from watchfloor.ports.store import HandleBook, KnownHandle, Micros
from watchfloor.ports.world import Clock

from .person import Person, plain_handle

HELD_FOR: Micros = 90 * 24 * 3600 * 1_000_000
"""How long it stays somebody's who no longer signs in: by then their account is closed (CJISSECPOL
AC-2(3))."""


@dataclass(slots=True)
class Handles:
    """Every handle under which somebody signed in by the provider."""

    book: HandleBook
    clock: Clock
    _known: dict[str, KnownHandle] = field(default_factory=dict)

    async def open(self) -> None:
        """Take up those from before."""
        self._known = {each.id: each for each in await self.book.all()}

    async def take(self, person: Person) -> Person:
        """They sign in under theirs; answers them with those that they had before. Raises
        ``Refused`` (code ``handle_taken``) for one that is another's."""
        plain, now = plain_handle(person.handle), self.clock.now()
        held = self._known.get(plain)
        if held and is_another(held.person, person.id) and now - held.seen < HELD_FOR:
            raise handle_taken()
        known = KnownHandle(id=plain, handle=person.handle, person=person.id, seen=now)
        self._known[plain] = known
        await self.book.put(known)
        formerly = {each.id for each in self._of({person.id})} - {plain}
        return replace(person, formerly=frozenset(formerly))

    def people(self, handle: str) -> set[str]:
        """The ids of whom histories call so: one or none."""
        held = self._known.get(plain_handle(handle))
        return {held.person} if held else set()

    def of(self, people: Collection[str]) -> set[str]:
        """What histories call these persons (ids), now and before."""
        return {each.handle for each in self._of(people)}

    def _of(self, people: Collection[str]) -> list[KnownHandle]:
        return [each for each in self._known.values() if each.person in people]


def handle_taken() -> Refused:
    """The name that the provider gives somebody is another's here."""
    return Refused(
        "The name under which the identity provider knows you is another's at this hub.",
        code="handle_taken",
        remedy="Ask whoever manages accounts at your agency to give you one of your own.",
    )


def is_another(one: str, other: str) -> bool:
    """Another subject of the same provider: one that replaces it has other subjects for all."""
    return one != other and one.partition("#")[0] == other.partition("#")[0]
