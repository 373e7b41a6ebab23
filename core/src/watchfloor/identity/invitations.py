"""One-time links for whoever sets the hub up at its own machine, before sign-on is connected.

The token is printed with the link, works once and within its time, and is kept only as its SHA-256.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from watchfloor.contracts import Refused
from watchfloor.ports.store import Micros
from watchfloor.ports.world import Clock

from .permissions import Role
from .person import Person

TOKEN_LIFE: Micros = 12 * 3600 * 1_000_000

SETTING_UP = frozenset({Role.AGENCY_IT})
"""What somebody at the machine is: they run the hub, and read nothing in it."""

DEVELOPING = frozenset({Role.DEVELOPER})
"""On a hub for development, which holds made-up data."""


_HERE = "local|"


def person_here(name: str, agency: str, roles: frozenset[Role]) -> Person:
    """Somebody at the hub's own machine, vouched for by that machine alone."""
    return Person(id=f"{_HERE}{name}", handle=name, name=name, agency=agency, roles=roles)


def is_here(person: Person) -> bool:
    """Whether the machine alone vouches for them."""
    return person.id.startswith(_HERE)


@dataclass(slots=True)
class Invitations:
    """Tokens that wait; they end with the hub's process."""

    clock: Clock
    _waiting: dict[str, tuple[Person, Micros]] = field(default_factory=dict)

    def invite(self, person: Person) -> str:
        """A one-time token for a person."""
        token = secrets.token_urlsafe(32)
        self._waiting[_digest(token)] = (person, self.clock.now() + TOKEN_LIFE)
        return token

    def accept(self, token: str) -> Person:
        """Whom a token is for. Raises ``Refused`` for one that is used, old or made up."""
        person, until = self._waiting.pop(_digest(token), (None, 0))
        if person is None or until < self.clock.now():
            raise Refused(
                "This sign-in link is not valid: it may have been used already.",
                code="bad_token",
                remedy="Use the link that the hub printed last, or start the hub again.",
            )
        return person


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
