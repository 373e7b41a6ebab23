"""Gates and presets: off until counsel confirmed them; then no rule can open what they close."""

from __future__ import annotations

import pytest
from asking import ANALYST, EVERYBODY, ask, engine, person, purpose

from watchfloor.contracts import AskAPerson, Offence
from watchfloor.identity import Permission
from watchfloor.policy import GATES, PRESETS, Obligation

AGENCIES = """
[agencies.mid-county-so]
level = "local"
state = "LA"

[agencies.river-city-pd]
level = "local"
state = "MS"

[agencies.far-pd]
level = "local"
state = "CT"
declaration = "D-1"

[agencies.bureau]
level = "federal"

[agencies.border]
level = "federal"
immigration = true

[agencies.insurer]
level = "private"
state = "LA"

[agencies.mcac]
level = "state"
state = "LA"
"""


def on(kind, *names):
    """An engine whose rules allow everything, with gates or presets switched on."""
    tables = [
        f'[{kind}.{name}]\nconfirmed_by = "A. Counsel"\nconfirmed_on = 2025-11-03' for name in names
    ]
    return engine(EVERYBODY, settings="\n".join(['state = "LA"', *tables, AGENCIES]))


OPEN = on("gates")


def asked_for(agency, **parts):
    return {"why": purpose(on_behalf_of=agency, **parts)}


REFUSED = {
    "no_face_recognition": [
        {"biometric": True}, {"domain": "face_recognition"}, {"subject": "face"},
    ],
    "no_immigration": [
        {"about": ["immigration"]},
        {"why": purpose(about=frozenset({"immigration"}))},
        {"why": purpose(offence=Offence(code="30d"))},
        asked_for("border"),
        asked_for("Border Patrol"),
        asked_for("ice"),
    ],
    "no_reproductive_or_gender_care": [
        {"about": ["reproductive_care"]}, {"about": ["gender_care"]},
        {"why": purpose(about=frozenset({"gender_care"}))},
    ],
    "no_first_amendment_activity": [
        {"about": ["first_amendment"]}, {"why": purpose(about=frozenset({"first_amendment"}))},
    ],
    "hit_needs_visual_confirmation": [{"acts_on_hit": True}],
    "out_of_state_needs_declaration": [asked_for("river-city-pd"), asked_for("nobody-knows")],
    "federal_needs_warrant_id": [asked_for("bureau"), asked_for("nobody-knows")],
    "owner_only": [asked_for("mid-county-so"), {"owner": "north-so"}],
}  # fmt: skip
ALLOWED = {
    "no_face_recognition": [{}],
    "no_immigration": [{}, {"why": purpose(offence=Offence(code="30D", system="local"))}],
    "no_reproductive_or_gender_care": [{}, {"about": ["immigration"]}],
    "no_first_amendment_activity": [{}],
    "hit_needs_visual_confirmation": [{}, {"acts_on_hit": True, "visually_confirmed": True}],
    "out_of_state_needs_declaration": [
        {}, asked_for("mid-county-so"), asked_for("far-pd"),
        {**asked_for("river-city-pd"), "declaration": "D-2"},
        asked_for("river-city-pd", declaration="D-2"),
    ],
    "federal_needs_warrant_id": [
        {}, asked_for("river-city-pd"), {**asked_for("bureau"), "warrant": "W-1"},
        asked_for("bureau", warrant="W-1"),
    ],
    "owner_only": [{}],
}  # fmt: skip


def _each(table):
    return [(gate, question) for gate, questions in table.items() for question in questions]


def _put(to, question):
    return ask(to, **{"why": purpose(), **question})


def test_each_gate_is_tried_here():
    assert REFUSED.keys() == ALLOWED.keys() == GATES.keys()


@pytest.mark.parametrize(("gate", "question"), _each(REFUSED), ids=str)
def test_a_gate_closes_what_it_is_for(gate, question):
    assert _put(OPEN, question).permitted, "off, it closes nothing"
    denied = _put(on("gates", gate), question)
    assert (denied.permitted, denied.reason) == (False, gate)


@pytest.mark.parametrize(("gate", "question"), _each(ALLOWED), ids=str)
def test_a_gate_closes_nothing_else(gate, question):
    assert _put(on("gates", gate), question).permitted


def test_the_engine_says_that_hits_are_to_be_confirmed():
    assert on("gates", "hit_needs_visual_confirmation").confirms_hits
    assert on("presets", "us-nh-verify").confirms_hits
    assert not on("gates", "no_immigration").confirms_hits


def test_a_connector_that_compares_faces_is_not_installed():
    it = person("agency_it")
    closed = on("gates", "no_face_recognition")
    assert ask(OPEN, Permission.CONNECTORS_INSTALL, it, biometric=True).permitted
    assert not ask(closed, Permission.CONNECTORS_INSTALL, it, biometric=True).permitted


def test_attributes_of_faces_are_taken_out():
    decision = _put(on("gates", "no_face_recognition"), {})
    assert Obligation("redact", "face") in decision.obligations


def test_an_emergency_opens_no_gate():
    denied = ask(
        on("gates", "no_immigration"), why=purpose("emergency_override"), about=["immigration"]
    )
    assert denied.reason == "no_immigration"


def test_an_unset_state_makes_every_other_agency_foreign():
    settings = AGENCIES + (
        '[gates.out_of_state_needs_declaration]\nconfirmed_by = "A. Counsel"\n'
        "confirmed_on = 2025-11-03"
    )
    closed = engine(EVERYBODY, settings=settings)
    assert not ask(closed, **asked_for("mid-county-so")).permitted


@pytest.mark.parametrize("missing", ["confirmed_by", "confirmed_on"])
def test_switching_on_takes_the_name_of_counsel(missing):
    lines = {"confirmed_by": '"A. Counsel"', "confirmed_on": "2025-11-03"}
    del lines[missing]
    said = "\n".join(f"{name} = {value}" for name, value in lines.items())
    with pytest.raises(AskAPerson, match=missing) as caught:
        engine(settings=f"[gates.no_immigration]\n{said}")
    assert caught.value.code == "bad_policy"


@pytest.mark.parametrize("kind", ["gates", "presets"])
def test_a_name_that_is_none_is_refused(kind):
    with pytest.raises(AskAPerson, match="no_imigration"):
        on(kind, "no_imigration")


def test_each_says_where_it_comes_from():
    for each in (*GATES.values(), *PRESETS.values()):
        assert each.citation, each.id
        assert each.mark, each.id


PRESET_CASES = {
    "us-va-share": (
        [asked_for("river-city-pd"), asked_for("bureau"), asked_for("insurer"),
         asked_for("mid-county-so", code="officer_safety"), {"acts_on_hit": True},
         {"domain": "plate_readers", "why": purpose("in_progress_call")}],
        [asked_for("mid-county-so"), {"domain": "cad", "why": purpose("in_progress_call")},
         {"domain": "plate_readers", "why": purpose("missing_endangered")}],
    ),
    "us-wa-share": (
        [{"about": ["immigration"]}, {"about": ["reproductive_care"]},
         {"about": ["first_amendment"]}, asked_for("mid-county-so"),
         asked_for("mid-county-so", order="O-1")],
        [{}, asked_for("mid-county-so", order="O-1", checked="rms"),
         asked_for("mid-county-so", code="missing_endangered"),
         {**asked_for("mid-county-so"), "warrant": "W-1"}],
    ),
    "us-il-share": (
        [{"about": ["immigration"]}, {"about": ["gender_care"]}, asked_for("river-city-pd")],
        [{}, asked_for("mid-county-so"), asked_for("far-pd")],
    ),
    "us-nj-share": (
        [asked_for("insurer"), asked_for("border"), asked_for("river-city-pd")],
        [asked_for("far-pd"), asked_for("mid-county-so")],
    ),
    "us-nm-share": (
        [asked_for("mid-county-so"), {"about": ["first_amendment"]}],
        [{}, asked_for("far-pd")],
    ),
    "us-ct-share": (
        [asked_for("river-city-pd"), asked_for("mid-county-so")],
        [{}, asked_for("far-pd"), {**asked_for("river-city-pd"), "warrant": "W-1"}],
    ),
    "us-ca-share": (
        [asked_for("insurer"), asked_for("river-city-pd"), asked_for("bureau")],
        [{}, asked_for("mid-county-so")],
    ),
    "us-or-share": (
        [asked_for("river-city-pd", code="officer_safety", case_number=None)],
        [asked_for("river-city-pd"),
         asked_for("mid-county-so", code="officer_safety", case_number=None)],
    ),
    "us-md-share": ([asked_for("mid-county-so")], [{}, asked_for("mcac")]),
    "us-seattle-rtcc": (
        [{"biometric": True}, {"about": ["immigration"]}, {"about": ["gender_care"]}], [{}],
    ),
    **{name: ([{"acts_on_hit": True}], [{}]) for name in ("us-ky-verify", "us-nh-verify")},
    **{name: ([{"biometric": True}], [{}])
       for name in ("us-wa-frt", "us-mt-frt", "us-me-frt", "city-frt-ban")},
}  # fmt: skip


def test_each_preset_is_tried_here():
    assert PRESET_CASES.keys() == PRESETS.keys()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_closes_what_it_is_for_and_nothing_else(preset):
    refused, allowed = PRESET_CASES[preset]
    closed = on("presets", preset)
    for question in refused:
        assert _put(OPEN, question).permitted, question
        assert not _put(closed, question).permitted, question
    for question in allowed:
        assert _put(closed, question).permitted, question


@pytest.mark.parametrize("permission", ["data:live", "alerts:read"])
def test_what_needs_no_purpose_passes_the_gates_too(permission):
    visitor = person("analyst", agency="border")
    assert ask(on("gates", "no_immigration"), permission, visitor).reason == "no_immigration"
    assert ask(on("gates", "no_immigration"), permission, ANALYST).permitted
