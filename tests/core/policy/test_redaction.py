"""Fields that a decision takes out are gone, wherever they stand, and nothing else is."""

from __future__ import annotations

import pytest
from asking import ask, engine, purpose

from watchfloor.policy import redact

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


def test_a_decision_names_its_fields():
    rule = '@id("r") @obligation("redact data.callback") permit(principal, action, resource);'
    assert ask(engine(rule), why=purpose()).redacts == ("data.callback",)
