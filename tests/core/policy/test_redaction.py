"""Fields that a decision takes out are gone, wherever they stand, and nothing else is."""

from __future__ import annotations

import pytest
from asking import ask, engine, purpose

from watchfloor.contracts import BY_NAME
from watchfloor.policy import GATES, concerns, hides, redact, redact_event

EVENT = {
    "id": "e-1",
    "data": {
        "callback": "555-0107",
        "face": {"age": 40},
        "notes": [{"text": "a", "face": 1}, {"text": "b"}, "c"],
        "place": {"callback": "x"},
    },
}


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ([], EVENT),
        (["nothing", "data.nothing", "id.inside"], EVENT),
        (["data"], {"id": "e-1"}),
        (
            ["face", "data.callback"],
            {"id": "e-1", "data": {"notes": [{"text": "a"}, {"text": "b"}, "c"],
                                   "place": {"callback": "x"}}},
        ),
        (
            ["data.notes.text", "data.place", "callback"],
            {"id": "e-1", "data": {"face": {"age": 40}, "notes": [{"face": 1}, {}, "c"]}},
        ),
    ],
)  # fmt: skip
def test_what_is_left(fields, left):
    before = repr(EVENT)
    assert redact(EVENT, fields) == left
    assert repr(EVENT) == before, "what was given stays whole"


@pytest.mark.parametrize(("kind", "fields", "shown"), [
    ("read", ["plate"], False), ("hit", ["data.plate"], False), ("read", ["data.vehicle"], False),
    ("read", ["data.place", "reader"], True), ("gunshot", ["plate"], True),
])  # fmt: skip
def test_a_picture_goes_with_what_it_shows(kind, fields, shown):
    event = {"type": BY_NAME[kind].type, "data": {"plate": "ZZT1234", "media": [{"handle": "p"}]}}
    assert ("media" in redact(event, fields)["data"]) == shown


@pytest.mark.parametrize(("hidden", "asked", "denied"), [
    ("data.plate", "data.plate", True), ("plate", "data.plate", True), ("data", "data.plate", True),
    ("data.plate", "data.plates", False), ("text", "data.incident_type", True),
    ("data.notes.author", "data.notes.text", False), ("data.place", "data.place.point", True),
])  # fmt: skip
def test_nobody_asks_by_what_is_left_out(hidden, asked, denied):
    policy = engine(
        f'@id("all") @obligation("redact {hidden}") permit(principal, action, resource);'
    )
    decision = ask(policy, why=purpose(), fields={asked})
    assert (not decision.permitted, decision.reason == "asks_by_left_out") == (denied, denied)
    assert (asked in decision.detail) == denied


CORRECTED = {"data": {"replaced": {
    "/data/callback": "555-0107", "/data/notes/0/text": "a", "/data/place": {"address": "b"},
    "/data/a~1b": 1, "/data/notes/-": {"text": "c", "author": "d"},
}}}  # fmt: skip


@pytest.mark.parametrize(("fields", "gone"), [
    (["data.callback"], {"/data/callback"}),
    (["callback", "place"], {"/data/callback", "/data/place"}),
    (["data.notes"], {"/data/notes/0/text", "/data/notes/-"}),
    (["data.notes.text"], {"/data/notes/0/text"}),
    (["data.notes.author", "data.replaced.callback", "data.a"], set()),
])  # fmt: skip
def test_a_correction_says_nothing_of_the_field_that_it_corrects(fields, gone):
    whole = CORRECTED["data"]["replaced"]
    left = redact(CORRECTED, fields)["data"]["replaced"]
    assert set(whole) - set(left) == gone
    note = {"text": "c", "author": "d"}
    shown = {name: value for name, value in note.items() if f"data.notes.{name}" not in fields}
    assert left.get("/data/notes/-", shown) == shown


def test_a_decision_names_its_fields():
    rule = '@id("r") @obligation("redact data.callback") permit(principal, action, resource);'
    assert ask(engine(rule), why=purpose()).redacts == ("data.callback",)


def test_a_line_can_still_be_made_of_an_event_with_nothing_left():
    event = {**EVENT, "type": "t", "dataclassification": "agency", "subject": "s"}
    bare = {"data": {}, "id": "e-1", "type": "t", "dataclassification": "agency"}
    assert redact_event(event, ["data", "id", "type", "dataclassification", "subject"]) == bare


@pytest.mark.parametrize(("fields", "hidden"), [
    ([], False),
    (["data.place.point"], True),
    (["data.place"], True),
    (["data"], True),
    (["point"], True),
    (["place"], True),
    (["data.place.points", "data.pl", "data.place.point.x", "lace"], False),
])  # fmt: skip
def test_whether_a_field_is_left_out(fields, hidden):
    assert hides(fields, "data.place.point") is hidden
    document = {"data": {"place": {"point": [1, 2]}}}
    left = redact(document, fields)
    assert ("point" not in left.get("data", {}).get("place", {})) is hidden


@pytest.mark.parametrize(("fields", "kinds"), [
    ({"data.callback"}, {"call", "911"}),
    ({"plate"}, {"read", "hit"}),
    ({"data.notes.text"}, {"call", "911"}),
    ({"data.vehicle.make"}, {"read", "detection"}),
    ({"data.callback.nothing", "place.callback"}, set()),
    (set(GATES["no_face_recognition"].redacts), set()),
])  # fmt: skip
def test_which_kinds_of_event_have_a_field(fields, kinds):
    found = {kind.name for kind in BY_NAME.values() if concerns(frozenset(fields), kind.type)}
    assert found == kinds


def test_every_kind_has_the_envelope():
    assert all(concerns(frozenset({"subject"}), kind.type) for kind in BY_NAME.values())
