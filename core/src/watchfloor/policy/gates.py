"""Hard gates: enforced in code as well as in whatever the rules say.

They are templates: off until the agency's counsel confirmed one by name. Where none is on, the
packaged rules are at least as strict. A gate is evaluated before any data leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from watchfloor.contracts import Topic

from .agencies import plain
from .asked import Asked
from .denial import Check, Denial

CONFIRM = "Agency counsel must confirm this before use; it is no legal advice."
"""Shown next to every gate and preset."""

Mark = Literal["documented", "reported", "primary source not re-read"]

_IMMIGRATION_OFFENCES = frozenset({"30A", "30B", "30C", "30D"})
"""NIBRS 2019.2.1: illegal entry, false citizenship, smuggling aliens, re-entry."""

_IMMIGRATION_AGENCIES = frozenset(
    plain(name)
    for name in (
        "ICE", "CBP", "HSI", "ERO", "USCIS", "Border Patrol", "U.S. Border Patrol",
        "Customs and Border Protection", "Immigration and Customs Enforcement",
        "Homeland Security Investigations", "Enforcement and Removal Operations",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: what it refuses, where that comes from (and how sure that is), and the check.
    ``redacts`` are fields that are taken out of whatever is shown, at any depth."""

    id: str
    refuses: str
    citation: str
    mark: Mark
    check: Check
    redacts: tuple[str, ...] = ()


def _face(asked: Asked) -> Denial | None:
    facts = asked.facts
    touched = facts.biometric or facts.domain == "face_recognition" or facts.subject == "face"
    if not touched:
        return None
    return Denial("no_face_recognition", "This hub compares no faces and no marks of the body.")


def _immigration(asked: Asked) -> Denial | None:
    if not asked.reads_data:
        return None
    offence = asked.purpose.offence if asked.purpose else None
    charged = (
        offence is not None
        and offence.system == "nibrs"
        and offence.code.upper() in _IMMIGRATION_OFFENCES
    )
    asker = asked.asker
    theirs = asker.immigration or {plain(asker.id), plain(asker.name)} & _IMMIGRATION_AGENCIES
    if charged or theirs or "immigration" in asked.facts.about:
        return Denial("no_immigration", "Nothing is looked up here to enforce immigration law.")
    return None


def _about(gate: str, topics: frozenset[Topic], detail: str) -> Check:
    def check(asked: Asked) -> Denial | None:
        return Denial(gate, detail) if asked.reads_data and asked.facts.about & topics else None

    return check


def _unconfirmed_hit(asked: Asked) -> Denial | None:
    if not asked.facts.acts_on_hit or asked.facts.visually_confirmed:
        return None
    return Denial(
        "hit_needs_visual_confirmation",
        "Nothing is done because of a hit that nobody has looked at.",
        "Compare the picture with the plate, and confirm the hit.",
    )


def out_of_state(asked: Asked) -> bool:
    """Whether data would leave the state; an unknown state is another one."""
    return asked.shared and not asked.asker.same_state


def _undeclared(asked: Asked) -> Denial | None:
    if not out_of_state(asked) or asked.asker.declaration or asked.facts.declaration:
        return None
    return Denial(
        "out_of_state_needs_declaration",
        "An agency of another state gets nothing without its written declaration.",
        "Ask that agency for its declaration; the policy owner enters its id.",
    )


def federal(asked: Asked) -> bool:
    """Whether data would go to a federal agency; an unknown one may be."""
    return asked.shared and asked.asker.level in ("federal", "unknown")


def _without_warrant(asked: Asked) -> Denial | None:
    if not federal(asked) or asked.facts.warrant:
        return None
    return Denial(
        "federal_needs_warrant_id",
        "A federal agency gets nothing without a warrant.",
        "Add the warrant's id to the request.",
    )


def _not_the_owner(asked: Asked) -> Denial | None:
    if not asked.shared:
        return None
    return Denial("owner_only", "This data is for the agency that it belongs to.")


GATES: Mapping[str, Gate] = {
    gate.id: gate
    for gate in (
        Gate(
            "no_face_recognition",
            "Comparing faces or other marks of the body, connectors that do, and such attributes",
            "e.g. RCW 43.386.020, .070, .080; Mont. SB 397 (2023); city bans",
            "documented", _face, ("face", "faces", "biometric", "biometrics"),
        ),
        Gate(
            "no_immigration",
            "Whatever is declared, charged or asked for to enforce immigration law",
            "e.g. Wash. Laws 2026 c. 239; 625 ILCS 5/2-130; N.J. P.L.2026 c.4",
            "reported", _immigration,
        ),
        Gate(
            "no_reproductive_or_gender_care",
            "Whatever is declared to be about reproductive or gender-affirming care",
            "e.g. 625 ILCS 5/2-130; Wash. Laws 2026 c. 239; N.M. Laws 2026 c. 20",
            "reported",
            _about(
                "no_reproductive_or_gender_care", frozenset({"reproductive_care", "gender_care"}),
                "Nothing is looked up here about reproductive or gender-affirming care.",
            ),
        ),
        Gate(
            "no_first_amendment_activity",
            "Whatever is declared to be about speech, faith, press or assembly",
            "e.g. Wash. Laws 2026 c. 239; 28 CFR 23.20(b)",
            "reported",
            _about(
                "no_first_amendment_activity", frozenset({"first_amendment"}),
                "Nothing is looked up here about speech, faith, press or assembly.",
            ),
        ),
        Gate(
            "hit_needs_visual_confirmation",
            "Doing anything because of a hit before a person compared picture and plate",
            "KRS 189.632; RSA 261:75-b VI",
            "reported", _unconfirmed_hit,
        ),
        Gate(
            "out_of_state_needs_declaration",
            "Agencies of other states without a written declaration on file or with the request",
            "625 ILCS 5/2-130; N.J. P.L.2026 c.4; N.M. Laws 2026 c. 20",
            "reported", _undeclared,
        ),
        Gate(
            "federal_needs_warrant_id",
            "Federal agencies without the id of a warrant",
            "e.g. Wash. Laws 2026 c. 239",
            "reported", _without_warrant,
        ),
        Gate(
            "owner_only",
            "Every agency but the one that the data belongs to",
            "e.g. Md. Pub. Safety 3-509",
            "reported", _not_the_owner,
        ),
    )
}  # fmt: skip
