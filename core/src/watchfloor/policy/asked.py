"""A question, with everything that rules and gates need to know about it worked out once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import msgspec

from watchfloor.contracts import PurposeOfUse
from watchfloor.identity import Permission, Person
from watchfloor.ports.store import Micros

from .agencies import Agency
from .facts import DATA, GUARDED, Facts, as_context

_NOBODY = Agency()


@dataclass(frozen=True)
class Asked:
    """One question. ``history``: it amounts to a movement history, by whatever name it is asked
    for. ``asker`` is the agency it is asked for, ``hub`` this hub's own."""

    person: Person
    permission: Permission
    at: Micros
    purpose: PurposeOfUse | None
    facts: Facts
    asker: Agency
    hub: Agency
    history: bool = False

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """All that it takes: a history takes its own permission besides the one asked for."""
        own = self.permission
        history = Permission.DATA_HISTORY
        return (own, history) if self.history and own is not history else (own,)

    @property
    def reads_data(self) -> bool:
        """Whether it shows or uses data about people."""
        return self.permission in DATA

    @property
    def guarded(self) -> bool:
        """Whether nobody does it without a purpose."""
        return self.history or self.permission in GUARDED

    @property
    def owner(self) -> str:
        """Whose data it is."""
        return self.facts.owner or self.hub.id

    def about_data_of(self, owner: str) -> Asked:
        """The same, of one agency's data alone."""
        return replace(self, facts=msgspec.structs.replace(self.facts, owner=owner))

    @property
    def shared(self) -> bool:
        """Whether data would go to an agency that it is not of."""
        return self.reads_data and self.asker.id != self.owner

    @property
    def emergency(self) -> bool:
        """Whether the glass is broken."""
        return self.purpose is not None and self.purpose.kind.emergency

    @property
    def ordered(self) -> bool:
        """Whether a court's order stands for it."""
        return self.purpose is not None and self.purpose.ordered

    @property
    def synthetic_only(self) -> bool:
        """Whether its purpose opens invented data alone."""
        return self.purpose is not None and self.purpose.kind.synthetic_only

    @property
    def approved(self) -> bool:
        """Whether a second person agreed: nobody is their own."""
        return self.facts.approved_by not in ("", self.person.id)

    def is_certified(self, training: str) -> bool:
        """Whether the person's training is valid at the question's time."""
        return self.person.is_certified(training, self.at)

    @cached_property
    def context(self) -> dict[str, Any]:
        """What rules see besides who, what and which data."""
        return context_of(self.facts, self.at, self.purpose, self.asker)


def context_of(
    facts: Facts, at: Micros = 0, purpose: PurposeOfUse | None = None, asker: Agency = _NOBODY
) -> dict[str, Any]:
    """What rules see besides who, what and which data; of facts alone, for the words' types."""
    return {
        **as_context(facts), "at": at, "purpose": _purpose(purpose), "asker": asker.as_context(),
    }  # fmt: skip


def _purpose(purpose: PurposeOfUse | None) -> dict[str, Any]:
    """Whether numbers are there, never the numbers: rules decide by kinds, not by cases."""
    if purpose is None:
        return _NO_PURPOSE
    return {
        "code": purpose.code,
        "offence": purpose.offence.code if purpose.offence else "",
        "has_case": purpose.case_number is not None,
        "has_call": purpose.call_number is not None,
        "has_order": purpose.ordered,
        "checked": purpose.checked is not None,
        "provisional": purpose.provisional,
    }


_NO_PURPOSE = {
    "code": "", "offence": "", "has_case": False, "has_call": False, "has_order": False,
    "checked": False, "provisional": False,
}  # fmt: skip
