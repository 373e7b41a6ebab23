"""Who hands out records in tests."""

from __future__ import annotations

from watchfloor.access import Grant
from watchfloor.identity import Role, person_here
from watchfloor.policy import Decision
from watchfloor.ports.store import Scope


def grant() -> Grant:
    """What the door hands a records officer."""
    person = person_here("Robin Records", "ex-pd", frozenset({Role.RECORDS_OFFICER}))
    return Grant(person, None, Decision("d", True, "permitted"), Scope(), "entry")
