"""Presets: what a state or city asks for, put together from gates.

Like gates they are templates, off until counsel confirmed one by name. Most are about what leaves
for another agency: they are evaluated here, at the owner, before anything does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from watchfloor.contracts import PurposeCode

from .asked import Asked
from .denial import Denial
from .gates import GATES, Gate, Mark, federal, out_of_state

Condition = Callable[[Asked], bool]


@dataclass(frozen=True, slots=True)
class Preset:
    """``rule`` in words, where it comes from and how sure that is; ``gates`` are its parts."""

    id: str
    rule: str
    citation: str
    mark: Mark
    gates: tuple[Gate, ...]


def _part(id: str, refuses: str, refused: Condition) -> Gate:
    """A gate that only presets use."""

    def check(asked: Asked) -> Denial | None:
        return (
            Denial(id, f"The agency's sharing rules refuse this: {refuses}.")
            if refused(asked)
            else None
        )

    return Gate(id, refuses, "", "reported", check)


def _has_case(asked: Asked) -> bool:
    return asked.purpose is not None and asked.purpose.case_number is not None


def _has_judge(asked: Asked) -> bool:
    return asked.ordered or bool(asked.facts.warrant)


def _declared(asked: Asked) -> bool:
    return bool(asked.asker.declaration or asked.facts.declaration)


def _outside_purposes(*codes: PurposeCode) -> Condition:
    def refused(asked: Asked) -> bool:
        plates = asked.guarded and asked.facts.domain == "plate_readers"
        given = asked.purpose is not None and asked.purpose.code in codes
        return (asked.shared or plates) and not given

    return refused


_NO_OTHER_STATE = _part("no_other_state", "agencies of other states", out_of_state)
_NO_FEDERAL = _part("no_federal", "federal agencies", federal)
_NO_PRIVATE = _part(
    "no_private", "whoever is not a public agency",
    lambda asked: asked.shared and asked.asker.level in ("private", "unknown"),
)  # fmt: skip
_DECLARATION_ON_FILE = _part(
    "declaration_on_file", "agencies without a declaration on file",
    lambda asked: asked.shared and not _declared(asked),
)  # fmt: skip
_VIRGINIA_PURPOSES = _part(
    "criminal_missing_or_hot_list",
    "whatever is no criminal case, missing or endangered person, or hot list",
    _outside_purposes(
        "investigation", "missing_endangered", "wanted_person", "stolen_vehicle_or_plate"
    ),
)
_JUDGE_OR_MISSING = _part(
    "court_or_missing_person", "sharing without a court's order, but for a missing person",
    lambda asked: asked.shared
    and not _has_judge(asked)
    and (asked.purpose is None or asked.purpose.code != "missing_endangered"),
)  # fmt: skip
_NEW_ENGLAND = frozenset({"CT", "MA", "NY", "RI"})
_NEIGHBOURS_OR_WARRANT = _part(
    "neighbours_or_warrant",
    "agencies outside CT, MA, NY and RI, and those in it without attestation, but by a warrant",
    lambda asked: (
        asked.shared
        and not asked.facts.warrant
        and not (asked.asker.state in _NEW_ENGLAND and _declared(asked))
    ),
)
_CASE_OUTSIDE = _part(
    "case_outside_state", "agencies of other states without a case",
    lambda asked: out_of_state(asked) and not _has_case(asked),
)  # fmt: skip
_STATE_CENTRE = _part(
    "state_centre_only", "every other agency but the state's centre, listed as mcac",
    lambda asked: asked.shared and asked.asker.id != "mcac",
)  # fmt: skip


def _gates(*ids: str) -> tuple[Gate, ...]:
    return tuple(GATES[name] for name in ids)


_FACES = _gates("no_face_recognition")
_LOOKED_AT = _gates("hit_needs_visual_confirmation")
_TOPICS = _gates("no_immigration", "no_reproductive_or_gender_care", "no_first_amendment_activity")

PRESETS: Mapping[str, Preset] = {
    preset.id: preset
    for preset in (
        Preset(
            "us-va-share",
            "Only criminal cases, missing or endangered persons and hot lists; nobody of another "
            "state, federal or private; a hit alone is no cause to stop",
            "Code of Virginia 2.2-5517", "reported",
            (_VIRGINIA_PURPOSES, _NO_OTHER_STATE, _NO_FEDERAL, _NO_PRIVATE, *_LOOKED_AT),
        ),
        Preset(
            "us-wa-share",
            "No immigration, protected health or free speech; sharing by court order, or for a "
            "missing person",
            "Wash. Laws 2026 c. 239", "reported", (*_TOPICS, _JUDGE_OR_MISSING),
        ),
        Preset(
            "us-il-share",
            "No reproductive care or immigration status; out of state by written declaration",
            "625 ILCS 5/2-130", "reported",
            _gates(
                "no_immigration", "no_reproductive_or_gender_care",
                "out_of_state_needs_declaration",
            ),
        ),
        Preset(
            "us-nj-share",
            "Other governments only; out of state by written certification against civil "
            "immigration use",
            "N.J. P.L.2026 c.4", "reported",
            (_NO_PRIVATE, *_gates("no_immigration", "out_of_state_needs_declaration")),
        ),
        Preset(
            "us-nm-share",
            "A declaration on file; no immigration, protected health or protected activity",
            "N.M. Laws 2026 c. 20", "reported", (_DECLARATION_ON_FILE, *_TOPICS),
        ),
        Preset(
            "us-ct-share",
            "Agencies of CT, MA, NY and RI with attestation; others by a probable-cause warrant",
            "Conn. PA 26-14", "reported", (_NEIGHBOURS_OR_WARRANT,),
        ),
        Preset(
            "us-ca-share",
            "Public agencies of the state only",
            "Cal. Civ. Code 1798.90.55", "documented",
            (_NO_PRIVATE, _NO_OTHER_STATE, _NO_FEDERAL),
        ),
        Preset(
            "us-or-share",
            "Bodies outside the state only for a case",
            "Or. Laws 2026 c. 77", "reported", (_CASE_OUTSIDE,),
        ),
        Preset(
            "us-md-share",
            "No other agency but the state's centre",
            "Md. Pub. Safety 3-509", "reported", (_STATE_CENTRE,),
        ),
        Preset(
            "us-ky-verify", "Look at the plate before a stop", "KRS 189.632", "reported",
            _LOOKED_AT,
        ),
        Preset(
            "us-nh-verify", "Look at the plate before a stop", "RSA 261:75-b VI", "documented",
            _LOOKED_AT,
        ),
        Preset(
            "us-wa-frt",
            "No face recognition at all (the law has exceptions; this hub has none)",
            "RCW 43.386.020, .070, .080", "documented", _FACES,
        ),
        Preset(
            "us-mt-frt", "No face recognition (the law allows some by warrant)",
            "Mont. SB 397 (2023)", "reported", _FACES,
        ),
        Preset(
            "us-me-frt", "No face recognition (requests go to the state or the FBI)",
            "Maine 2021 law", "reported", _FACES,
        ),
        Preset(
            "city-frt-ban", "No face recognition",
            "e.g. San Francisco (2019), Portland OR and ME (2020)", "reported", _FACES,
        ),
        Preset(
            "us-seattle-rtcc",
            "No face recognition or biometrics; nothing for immigration, reproductive or gender "
            "care",
            "Seattle council records 2024-2026", "reported",
            (*_FACES, *_gates("no_immigration", "no_reproductive_or_gender_care")),
        ),
    )
}  # fmt: skip
