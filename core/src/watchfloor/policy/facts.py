"""The words that policy decides by: what is asked for, of whom, how far, for whom.

Every fact has a value, said or not: what is not said is the strict one, so that no rule of a policy
fails on a missing word. A fact that is not in this list, or of another type, is an error, and an
error is a denial.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from watchfloor.contracts import PurposeOfUse, Topic
from watchfloor.identity import Permission

Domain = Literal[
    "any", "cad", "emergency_calls", "records", "plate_readers", "cameras",
    "video_analytics", "gunshot", "alarms", "vehicles", "drones", "person_lookup", "messaging",
    "registry", "face_recognition", "motor_vehicle_records", "criminal_history",
    "criminal_intelligence",
]  # fmt: skip
"""What is asked for: several kinds at once (``any``), what a connector's category says, or one of
three classes that the law names."""

Subject = Literal[
    "unsaid", "none", "plate", "person", "phone", "address", "vehicle", "device", "call", "case",
    "area", "text", "face",
]  # fmt: skip
"""By what is searched. Unsaid counts as one plate or person: the strictest."""

Count = Annotated[int, Meta(ge=0, le=2**62)]
Id = Annotated[str, Meta(max_length=256)]


class Facts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """About the thing that is asked for."""

    domain: Domain = "any"
    """Which data."""
    subject: Subject = "unsaid"
    """By what is searched."""
    lookback_days: Annotated[float, Meta(ge=0, le=1_000_000)] = 0
    """How many days back; policies see them rounded up."""
    sightings: Count = 0
    """How many sightings of the one subject would be shown."""
    records: Count = 0
    """Reach: how many records."""
    plates: Count = 0
    """Reach: how many different plates."""
    people: Count = 0
    """Reach: how many different people."""
    cameras: Count = 0
    """Reach: how many cameras and readers."""
    agencies: Count = 0
    """Reach: of how many agencies, the own one not counted."""
    owner: Id = ""
    """Which agency's data it is; empty: this hub's own, or not one agency's alone."""
    owners: frozenset[Id] = frozenset()
    """Which other agencies' data a search of many sources touches."""
    fields: frozenset[Id] = frozenset()
    """By which fields of events is searched; one that is left out of the answer closes it."""
    asking_agency: Id = ""
    """For which agency it is asked; empty: the one that the purpose or the person names."""
    about: frozenset[Topic] = frozenset()
    """What it is about, as declared with the question or in its request."""
    declaration: Id = ""
    """A written declaration that came with this request."""
    warrant: Id = ""
    """A warrant that came with this request."""
    biometric: bool = False
    """Whether faces or other marks of the body are compared."""
    synthetic: bool = False
    """Whether it is known that only invented data is touched."""
    acts_on_hit: bool = False
    """Whether something is set going because of a hit."""
    visually_confirmed: bool = False
    """Whether a person compared the hit's picture with its plate."""
    approved_by: Id = ""
    """The second person who agreed to this one, once they have."""


def read_facts(given: Mapping[str, Any]) -> Facts:
    """The facts of a question. Raises ``msgspec.ValidationError`` for any that this list lacks."""
    return msgspec.convert(given, Facts)


def with_request(facts: Facts, purpose: PurposeOfUse | None) -> Facts:
    """The facts, and what was declared with the request besides."""
    if purpose is None or not (purpose.about or purpose.warrant or purpose.declaration):
        return facts
    return msgspec.structs.replace(
        facts,
        about=facts.about | purpose.about,
        warrant=facts.warrant or purpose.warrant or "",
        declaration=facts.declaration or purpose.declaration or "",
    )


def as_context(facts: Facts) -> dict[str, Any]:
    """The facts as policies see them: whole numbers, sets as lists."""
    context: dict[str, Any] = {name: getattr(facts, name) for name in facts.__struct_fields__}
    context["lookback_days"] = ceil(facts.lookback_days)
    for name in ("about", "owners", "fields"):
        context[name] = sorted(getattr(facts, name))
    return context


_P = Permission

DATA = frozenset(
    {
        _P.DATA_SEARCH, _P.DATA_EXPORT, _P.DATA_HISTORY, _P.DATA_LIVE, _P.LOOKUPS_ASK,
        _P.INTELLIGENCE_KEEP, _P.ALERTS_READ, _P.ALERTS_ACT, _P.ALERTS_CONFIGURE, _P.ACTIONS_DO,
        _P.DISCLOSURE_MAKE, _P.RECORDS_REPAIR,
    }
)  # fmt: skip
"""What shows or uses data about people. Everything else opens no row at all."""

GUARDED = frozenset(
    {_P.DATA_SEARCH, _P.DATA_EXPORT, _P.DATA_HISTORY, _P.LOOKUPS_ASK, _P.INTELLIGENCE_KEEP}
)
"""What nobody does without a purpose."""

GROUPS: Mapping[str, frozenset[Permission]] = {
    "data": DATA,
    "guarded": GUARDED,
    "hub": frozenset(_P) - DATA,
}
"""Permissions by what policies call several of them at once."""


def groups_of(permission: Permission) -> tuple[str, ...]:
    """The groups that a permission is in."""
    return tuple(name for name, group in GROUPS.items() if permission in group)
