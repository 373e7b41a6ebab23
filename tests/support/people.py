"""People of a test hub besides the one for whom it runs."""

from __future__ import annotations

import time
from dataclasses import replace

from watchfloor.bootstrap import Running
from watchfloor.identity import Origin, Role, person_here

DAY = 24 * 3600 * 1_000_000


def session_as(running: Running, name: str, *roles: Role, certified: tuple[str, ...] = ()) -> str:
    """A session of somebody with these roles, whose trainings are valid until tomorrow."""
    hub = running.hub
    until = time.time_ns() // 1000 + DAY
    person = replace(
        person_here(name, hub.settings.agency, frozenset(roles)),
        certified=dict.fromkeys(certified, until),
    )
    secret, _ = hub.sessions.begin(person, Origin("127.0.0.1", "test"))
    return secret
