"""What no policy can allow: enforced in code, before any rule is asked."""

from __future__ import annotations

from collections.abc import Mapping

from watchfloor.identity import Permission, Role

from .asked import Asked
from .denial import Check, Denial
from .facts import Domain

_NEED_WORDS = {
    "offence": "an offence", "case": "a case number", "call": "a call", "order": "a court order",
    "case_or_call": "a case or call number", "reason": "a reason",
}  # fmt: skip
_BEYOND_THE_STORE = frozenset(
    {
        Permission.LOOKUPS_ASK,
        Permission.ACTIONS_DO,
        Permission.INTELLIGENCE_KEEP,
        Permission.ALERTS_CONFIGURE,
    }
)
"""What no filter of the store can narrow to invented data."""

TRAINING: Mapping[Domain, str] = {"criminal_history": "ncic", "criminal_intelligence": "28cfr23"}
"""Which training opens which data (CJISSECPOL 5.9.5 AC-2(d)(3); 28 CFR 23.20)."""

_TITLES = {"ncic": "NCIC", "28cfr23": "28 CFR Part 23"}


def role(asked: Asked) -> Denial | None:
    """Nobody does what none of their roles may do."""
    if asked.person.permissions.issuperset(asked.permissions):
        return None
    return Denial("not_your_role", "None of your roles may do this.")


def it_reads_no_data(asked: Asked) -> Denial | None:
    """Who runs the machine reads nothing in it, whatever else they are."""
    if asked.reads_data and Role.AGENCY_IT in asked.person.roles:
        return Denial("it_reads_no_data", "Who runs the hub does not read the data in it.")
    return None


def auditor_reads_no_data(asked: Asked) -> Denial | None:
    """Who reads the audit does not do what is audited (CJISSECPOL AU-9(4))."""
    if asked.reads_data and Role.AUDITOR in asked.person.roles:
        return Denial("auditor_reads_no_data", "An auditor reads the record of what was done.")
    return None


def purpose_given(asked: Asked) -> Denial | None:
    """Guarded data is opened for a purpose alone."""
    if not asked.guarded or asked.purpose is not None:
        return None
    return Denial(
        "purpose_missing", "This needs a purpose.", "Open a request, or the call you work on."
    )


def purpose_complete(asked: Asked) -> Denial | None:
    """A purpose says what its code asks for."""
    lacks = asked.purpose.lacks() if asked.guarded and asked.purpose else []
    if not lacks:
        return None
    words = ", ".join(_NEED_WORDS[need] for need in lacks)
    return Denial(
        "purpose_incomplete",
        f"This purpose needs {words}.",
        f"Add {words} to the request, or take a provisional number.",
    )


def asker_named(asked: Asked) -> Denial | None:
    """Who asks for another agency says so in the purpose: it stands in the record."""
    person_is_theirs = asked.person.agency == asked.asker.id
    if not asked.reads_data or asked.asker.ours or person_is_theirs:
        return None
    if asked.purpose is not None and asked.purpose.on_behalf_of:
        return None
    return Denial(
        "on_behalf_of_missing",
        "This is asked for another agency, and its purpose does not say which.",
        "Name the agency in the request.",
    )


def training_stays_synthetic(asked: Asked) -> Denial | None:
    """Training and tests never reach a system that knows real people."""
    beyond = asked.permission in _BEYOND_THE_STORE
    if not (asked.synthetic_only and beyond) or asked.facts.synthetic:
        return None
    return Denial(
        "training_only_synthetic",
        "Training and tests use invented data alone.",
        "Take a source that is marked as synthetic.",
    )


def trained(asked: Asked) -> Denial | None:
    """A lapsed certification closes the data that it covers (X2)."""
    needed = TRAINING.get(asked.facts.domain)
    if asked.permission is Permission.INTELLIGENCE_KEEP:
        needed = "28cfr23"
    if needed is None or not asked.reads_data or asked.is_certified(needed):
        return None
    return Denial(
        "certification_lapsed",
        f"This needs a valid {_TITLES[needed]} certification.",
        f"Renew your {_TITLES[needed]} training; access opens by itself.",
    )


def history_has_a_case(asked: Asked) -> Denial | None:
    """A movement history needs a case, or a court order for a call."""
    if not asked.history or asked.emergency:
        return None
    purpose = asked.purpose
    if purpose is not None and (purpose.case_number or purpose.ordered):
        return None
    return Denial(
        "history_needs_case",
        "So many days or sightings of one subject are a movement history, which needs a case.",
        "Ask for fewer days, or add the case to the request. A court order counts with a case or a"
        " call that a connected system knows.",
    )


FLOOR: tuple[Check, ...] = (
    role, it_reads_no_data, auditor_reads_no_data, trained, purpose_given, purpose_complete,
    asker_named, training_stays_synthetic, history_has_a_case,
)  # fmt: skip

WHATEVER_FOR = frozenset(
    {"not_your_role", "it_reads_no_data", "auditor_reads_no_data", "certification_lapsed"}
)
"""Reasons that no purpose changes: nobody is asked for one first."""
