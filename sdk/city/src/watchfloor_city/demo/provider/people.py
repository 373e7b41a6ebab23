"""Who can sign in to the demo: made-up people, one of each role and a few with a story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

ORI = "ZZ0000000"
"""Not an ORI that the FBI gives."""

GROUPS = {
    "analyst": "RTCC Analysts",
    "supervisor": "RTCC Supervisors",
    "agency_it": "Agency IT",
    "auditor": "Auditors",
    "records_officer": "Records",
}
"""Role at the hub → group at the provider: what the demo's hub is told."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in. ``id`` is the subject; ``told`` stands on the page, further down
    for one who is there to show something (``aside``)."""

    id: str
    given: str
    family: str
    title: str
    told: str
    claims: Mapping[str, Any] = field(default_factory=dict)
    aside: bool = False

    @property
    def name(self) -> str:
        """As people say it."""
        return f"{self.given} {self.family}"

    @property
    def initials(self) -> str:
        """For the sign beside the name."""
        return self.given[0] + self.family[0]

    def profile(self) -> dict[str, Any]:
        """What scope ``profile`` and ``email`` open (OpenID Connect Core 1.0, section 5.4)."""
        return {
            "name": self.name,
            "given_name": self.given,
            "family_name": self.family,
            "preferred_username": self.id,
            "email": f"{self.id}@ex-pd.example.org",
            "email_verified": True,
        }


def demo_people(today: date) -> Sequence[Person]:
    """The people of Example City, with trainings that end some time after ``today``."""
    year = today + timedelta(days=365)
    last_week = today - timedelta(days=7)
    return (
        _one("aruiz", "Ana", "Ruiz", "Analyst",
             "Works live calls, requests and look-ups.", "analyst", year),
        _one("sokafor", "Sam", "Okafor", "Supervisor",
             "Approves broad searches and reviews the shift.", "supervisor", year, sworn=True),
        _one("tbrandt", "Tess", "Brandt", "Supervisor, day shift",
             "The second person where two must agree.", "supervisor", year, sworn=True),
        _one("klarsen", "Kim", "Larsen", "Agency IT",
             "Connects systems. Sees no data.", "agency_it", None),
        _one("nhaddad", "Noor", "Haddad", "Auditor",
             "Checks who looked at what, and why.", "auditor", year),
        _one("rcolton", "Ray", "Colton", "Records officer",
             "Answers records requests and the defence.", "records_officer", year),
        _one("lmoran", "Lee", "Moran", "Analyst, training lapsed",
             "NCIC and 28 CFR 23 training ended a week ago.", "analyst", last_week, aside=True),
        _one("pquill", "Pat", "Quill", "New in the building",
             "In no group yet: the hub says whom to ask.", None, None, aside=True),
    )  # fmt: skip


def _one(
    id: str,
    given: str,
    family: str,
    title: str,
    told: str,
    role: str | None,
    trained: date | None,
    *,
    sworn: bool = False,
    aside: bool = False,
) -> Person:
    claims: dict[str, Any] = {
        "groups": [GROUPS[role]] if role else [],
        "employer_ori": ORI,
        "employer_name": "Example City Police Department",
        "employer_state": "ZZ",
        "sworn_leo": sworn,
        "federation_id": f"NIEF:IDP:EXPD:USER:{id}",
        "ial": "2",
        "aal": "2",
    }
    if trained:
        claims |= {name: trained.isoformat() for name in ("cert_28cfr23", "cert_ncic")}
    return Person(id, given, family, title, told, claims, aside)
