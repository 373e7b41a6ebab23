"""Who is asking, until single sign-on comes: a one-time token made for a named person.

The token is printed with the sign-in link, works once and within its time, and becomes a session
cookie. Both are random, compared in constant time, and kept only as SHA-256.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from watchfloor.contracts import Refused
from watchfloor.ports.world import Clock

COOKIE = "watchfloor_session"
TOKEN_LIFE = 12 * 3600 * 1_000_000
SESSION_LIFE = 12 * 3600 * 1_000_000
"""Microseconds. CJISSECPOL IA-2 asks for a fresh sign-in every 12 hours."""


@dataclass(frozen=True, slots=True)
class _Granted:
    person: str
    until: int


class Sessions:
    """Tokens that wait and sessions that run; both end with the hub's process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[str, _Granted] = {}
        self._sessions: dict[str, _Granted] = {}

    def invite(self, person: str) -> str:
        """A one-time token for a person."""
        token = secrets.token_urlsafe(32)
        self._tokens[_digest(token)] = _Granted(person, self._clock.now() + TOKEN_LIFE)
        return token

    def exchange(self, token: str) -> str:
        """A token for a session. Raises ``Refused`` for one that is used, old or made up."""
        granted = self._tokens.pop(_digest(token), None)
        if granted is None or granted.until < self._clock.now():
            raise Refused(
                "This sign-in link is not valid: it may have been used already.",
                code="bad_token",
                remedy="Use the link that the hub printed last, or start the hub again.",
            )
        session = secrets.token_urlsafe(32)
        until = self._clock.now() + SESSION_LIFE
        self._sessions[_digest(session)] = _Granted(granted.person, until)
        return session

    def person(self, session: str | None) -> str | None:
        """Whose session it is, if it is one."""
        granted = self._sessions.get(_digest(session)) if session else None
        if granted is None or granted.until < self._clock.now():
            return None
        return granted.person

    def end(self, session: str) -> None:
        """Sign out."""
        self._sessions.pop(_digest(session), None)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
