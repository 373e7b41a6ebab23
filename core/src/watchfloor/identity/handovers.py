"""A sign-in that was made in a browser, handed to the command line on the same machine.

The command line listens on loopback and names its port and the SHA-256 of a secret of its own;
after the sign-in the browser brings it a code, which serves once, for a minute, and only with that
secret (RFC 8252, sections 6, 7.3 and 8.1; RFC 7636 with S256).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from watchfloor.contracts import Refused
from watchfloor.ports.store import Micros
from watchfloor.ports.world import Clock

from .person import Person

CODE_LIFE: Micros = 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class Terminal:
    """A command line that waits. ``state`` is its own mark of this sign-in."""

    port: int
    challenge: str
    state: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who signed in, when they showed who they are, and what the provider knows it by."""

    person: Person
    authenticated: Micros
    provider_session: str | None
    ticket: str
    until: Micros | None = None
    """When it opens nothing any more, of an account that closes."""


@dataclass(slots=True)
class Handovers:
    """Codes that wait; they end with the hub's process."""

    clock: Clock
    _waiting: dict[str, tuple[Vouched, str, Micros]] = field(default_factory=dict)

    def give(self, vouched: Vouched, terminal: Terminal) -> str:
        """A code for the command line that has the challenge's secret."""
        now = self.clock.now()
        self._waiting = {code: each for code, each in self._waiting.items() if each[2] >= now}
        code = secrets.token_urlsafe(32)
        self._waiting[code] = (vouched, terminal.challenge, now + CODE_LIFE)
        return code

    def take(self, shown: str, verifier: str) -> Vouched:
        """Who it was. Raises ``Refused`` (code ``bad_token``) for a code that is used, old or made
        up, and for one of another command line: that one is spent, too."""
        vouched, challenge, until = self._waiting.pop(shown, (None, "", 0))
        fits = hmac.compare_digest(challenge_of(verifier), challenge)
        if vouched is None or not fits or until < self.clock.now():
            raise Refused(
                "This code is not valid: it may have been used already.",
                code="bad_token",
                remedy="Run “watchfloor sign-in” again.",
            )
        return vouched

    def forget_where(self, fits: Callable[[Vouched], bool]) -> int:
        """Codes of whom fits begin nothing any more, as when all of somebody's sessions are ended:
        a code is one that has yet to begin. How many there were."""
        left = {code: each for code, each in self._waiting.items() if not fits(each[0])}
        forgotten, self._waiting = len(self._waiting) - len(left), left
        return forgotten


def challenge_of(verifier: str) -> str:
    """Of a secret (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
