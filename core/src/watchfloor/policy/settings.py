"""What the agency sets beside its rules: ``settings.toml`` in the policy's folder.

state = "LA"
contact = "the policy owner, 555-0120"

[limits]
broad_records = 500

[gates.no_immigration]
confirmed_by = "A. Counsel"
confirmed_on = 2026-11-02

[agencies.mid-county-so]
name = "Mid County Sheriff's Office"
level = "local"
state = "LA"
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, field

from watchfloor.contracts import BY_NAME

from .agencies import Agency, AgencyList, ListedAgency, State

HISTORY_DAYS = 7
HISTORY_SIGHTINGS = 20
"""More than this of one subject is a movement history, whatever an agency sets."""

Many = Annotated[int, Meta(ge=1)]


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far somebody gets alone. Above a ``broad_`` figure a supervisor agrees first."""

    broad_records: Annotated[int, Meta(ge=1, le=10_000)] = 1000
    """Records; they are counted before each search that names nothing whole."""
    broad_plates: Many = 50
    """Different plates."""
    broad_people: Many = 20
    """Different people."""
    broad_cameras: Many = 50
    """Cameras and readers."""
    broad_agencies: Annotated[int, Meta(ge=0)] = 0
    """Other agencies."""
    broad_hour: Annotated[int, Meta(ge=1, le=4)] = 4
    """Times as many records, plates and cameras as one search, for all of an hour together."""
    history_days: Annotated[int, Meta(ge=1, le=HISTORY_DAYS)] = HISTORY_DAYS
    """Days of one subject that are no movement history yet."""
    history_sightings: Annotated[int, Meta(ge=1, le=HISTORY_SIGHTINGS)] = HISTORY_SIGHTINGS
    """Sightings of one subject that are none yet."""
    lookback_days: dict[str, Annotated[int, Meta(ge=1, le=36_500)]] = field(
        default_factory=lambda: {"read": 30, "hit": 30}
    )
    """How many days back is shown, by kind of event."""


class Confirmed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What switches a gate or preset on: who of counsel confirmed it, and when."""

    confirmed_by: Annotated[str, Meta(min_length=2, max_length=200)]
    confirmed_on: date


class PolicySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of ``settings.toml``. Nothing set is the strict setting."""

    state: State = ""
    """The agency's own state: two letters (USPS). Unset: every other agency is of another."""
    contact: Annotated[str, Meta(min_length=1, max_length=200)] = "your supervisor"
    """Whom somebody is told to ask who was denied."""
    limits: Limits = field(default_factory=Limits)
    gates: dict[str, Confirmed] = {}
    """Gates that are on, by id."""
    presets: dict[str, Confirmed] = {}
    """Presets that are on, by id."""
    agencies: dict[Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,63}$")], ListedAgency] = {}
    """Agencies for which something may be asked, by id."""

    def agency_list(self, own: str) -> AgencyList:
        """The own agency and those listed."""
        return AgencyList(
            Agency(id=own, level="local", state=self.state, ours=True, same_state=True),
            {
                name: Agency(
                    id=name,
                    same_state=bool(self.state) and listed.state == self.state,
                    **msgspec.structs.asdict(listed),
                )
                for name, listed in self.agencies.items()
            },
        )

    def owners(self) -> Mapping[str, str]:
        """Of each source whose data are another agency's, that agency's id. Raises ``ValueError``
        for one that two agencies claim."""
        owners: dict[str, str] = {}
        for name, listed in self.agencies.items():
            for source in listed.sources:
                if owners.setdefault(source, name) != name:
                    raise ValueError(
                        f"agencies {owners[source]} and {name} both name the source {source!r}"
                    )
        return owners

    def lookback_by_type(self) -> Mapping[str, int]:
        """How many days back is shown, by type of event. Raises ``ValueError`` for what is no
        kind of event."""
        for kind in self.limits.lookback_days.keys() - BY_NAME.keys():
            raise ValueError(f"limits.lookback_days names kinds of event; {kind!r} is none")
        return {BY_NAME[kind].type: days for kind, days in self.limits.lookback_days.items()}
