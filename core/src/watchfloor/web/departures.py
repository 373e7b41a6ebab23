"""Sign-ons that were begun and not finished: kept here, the browser only has a name for its own."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

from watchfloor.contracts import Refused
from watchfloor.identity import Terminal
from watchfloor.ports.signon import WITHIN_S, Pending
from watchfloor.ports.world import Clock

MOST = 10_000
"""Beyond that the oldest is forgotten: whoever began it begins again."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-on that is under way, the public id of the session and the mark of the device in which
    it was begun, and the command line that it is for."""

    pending: Pending
    session: str | None
    device: str
    terminal: Terminal | None = None


@dataclass(slots=True)
class Departures:
    """Each can be finished once, in the browser that began it.

    With each stands in which session and at which device it was begun, if any: a browser that
    comes back from the provider's own site shows neither (the cookies are ``SameSite=Strict``)."""

    clock: Clock
    _begun: OrderedDict[str, Begun] = field(default_factory=OrderedDict)

    def keep(
        self,
        pending: Pending,
        session: str | None,
        device: str,
        terminal: Terminal | None = None,
    ) -> str:
        """The name under which it can be taken up again."""
        self._forget()
        handle = secrets.token_urlsafe(32)
        self._begun[handle] = Begun(pending, session, device, terminal)
        return handle

    def take(self, handle: str | None) -> Begun:
        """Raises ``Refused`` (code ``sign_on_refused``) for one that is not known, or not any
        more."""
        begun = self._begun.pop(handle, None) if handle else None
        if begun is None:
            raise Refused(
                "This sign-on was not begun in this browser, or too long ago.",
                code="sign_on_refused",
                remedy="Sign in from the console's own page.",
            )
        return begun

    def _forget(self) -> None:
        oldest = self.clock.now() - WITHIN_S * 1_000_000
        while self._begun and (
            len(self._begun) >= MOST or next(iter(self._begun.values())).pending.begun < oldest
        ):
            self._begun.popitem(last=False)
