"""Single sign-on: how people are signed in by the agency's own identity provider.

A sign-on has two halves. ``begin`` says where the browser goes, and what the hub keeps until it
comes back: bound to that browser (a short-lived cookie that is sealed, or that names what is kept
in the hub), so that nobody can be made to finish what somebody else began. ``finish`` checks what
the browser brings back against it, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from msgspec import Struct

from .store import Micros

WITHIN_S = 600
"""Seconds in which a sign-on that was begun must be finished."""

CALLBACK = "/api/v1/sign-in/callback"
LOGGED_OUT = "/api/v1/sign-in/logged-out"
"""The paths that are registered at the provider: where it sends people back to, and where it says
that a session ended."""

Prompt = Literal["login"]
"""``login``: the person shows again who they are, although the provider knows (OpenID Connect Core
1.0, section 3.1.2.1)."""


class Pending(Struct, frozen=True):
    """What ``finish`` needs of ``begin``. The browser may carry it sealed, never in clear: whoever
    knows ``secret`` could finish in another's name."""

    state: str
    """Comes back with the browser."""
    secret: Mapping[str, str]
    """The adapter's own."""
    return_to: str
    """The path within the console where the person was going."""
    begun: Micros
    max_age_s: int | None = None
    """How long ago the person may have shown who they are, in seconds."""


@dataclass(frozen=True, slots=True)
class Departure:
    """``url``: where the browser goes."""

    url: str
    pending: Pending


@dataclass(frozen=True, slots=True)
class SignedOn:
    """Who the provider says it is. A person is known by ``issuer`` and ``subject`` together, never
    by a name or an address, which may be given to somebody else (OWASP ASVS 5.0.0, 6.8.1)."""

    issuer: str
    subject: str
    sid: str | None
    """The provider's session, which it names when it ends it."""
    claims: Mapping[str, Any]
    acr: str | None
    amr: Sequence[str]
    """How they showed who they are (RFC 8176)."""
    auth_time: Micros
    """When they did, in the provider's word: without one nobody is signed in."""
    ticket: str
    """What the provider wants to see when they leave. Kept with the session, in the hub."""


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """The provider has ended a session: ``sid``, or every one of ``subject``. One of the two is
    always there."""

    issuer: str
    subject: str | None
    sid: str | None


class SignOn(Protocol):
    """The agency's identity provider.

    Raises ``RetryLater`` (``sign_on_unavailable``) when it does not answer, ``AskAPerson``
    (``sign_on_misconfigured``) when what it says of itself does not fit the settings.
    """

    async def begin(
        self, return_to: str, *, max_age_s: int | None = None, prompt: Prompt | None = None
    ) -> Departure:
        """Send somebody to sign in. ``max_age_s``: who showed longer ago who they are shows it
        again; 0 is always."""

    async def finish(self, query: Mapping[str, str], pending: Pending) -> SignedOn:
        """Take who comes back with ``query``. Raises ``Refused``: ``sign_on_refused`` (the answer
        is not to be believed, or the provider said no), ``sign_on_replayed`` (it was used before),
        ``sign_on_stale`` (it took longer than ``WITHIN_S``). Whether what they showed is enough is
        not asked here: who is known and turned away is named on record."""

    async def logged_out(self, logout_token: str) -> LoggedOut:
        """Take the provider's word that a session ended (OpenID Connect Back-Channel Logout 1.0).
        Raises ``Refused`` as ``finish`` does."""

    async def leave_url(self, ticket: str) -> str | None:
        """Where the browser goes to end the provider's own session; ``None`` where it offers no
        such place (OpenID Connect RP-Initiated Logout 1.0)."""


def within_console(path: str) -> str:
    """The path, where it leads within the console; ``/`` for all else, so that a sign-on never
    ends on another site (OWASP ASVS 5.0.0, 3.7.2)."""
    inside = path.startswith("/") and not path.startswith("//")
    return path if inside and path.isprintable() and "\\" not in path else "/"
