"""The table of kinds: complete, and its functions never trip over valid data."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchfloor.contracts import (
    BY_DATA,
    BY_NAME,
    BY_TYPE,
    KEY_KINDS,
    KINDS,
    Kind,
    Summary,
    headline_of,
    schemas,
    summarise,
)
from watchfloor.policy import redact


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_has_a_schema_that_names_its_type(kind: Kind) -> None:
    schema = schemas.schema(kind.type.removeprefix("watchfloor."))
    assert schema["description"].endswith(f"data of {kind.type}.")


def test_the_event_schema_chooses_by_every_kind() -> None:
    chosen = {
        rule["if"]["properties"]["type"]["const"]: rule["then"]["properties"]["data"]["$ref"]
        for rule in schemas.schema("event")["allOf"]
    }
    assert chosen == {
        kind.type: f"urn:watchfloor:schema:{kind.type.removeprefix('watchfloor.')}"
        for kind in KINDS
    }


def test_words_types_and_classes_are_each_one_kinds_own() -> None:
    words = [word for kind in KINDS for word in (kind.name, *kind.aliases)]
    assert len(words) == len(set(words)) == len(BY_NAME)
    assert len(BY_TYPE) == len(BY_DATA) == len(KINDS)


def _check(kind: Kind, data: dict[str, Any]) -> None:
    assert kind.headline(data).strip(" :") or data
    assert isinstance(kind.headline(data), str)
    for what, value in kind.keys(data):
        assert what in KEY_KINDS
        assert what in kind.made_of, "or it is never looked for among these"
        assert isinstance(value, str)
        assert value
    if kind.text is not None:
        assert isinstance(kind.text(data), str)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_any_valid_data_has_a_headline_keys_and_a_summary(
    kind: Kind,
    instances: Callable[[str], st.SearchStrategy[msgspec.Struct]],
    draw: st.DataObject,
) -> None:
    instance = draw.draw(instances(kind.type.removeprefix("watchfloor.")))
    data = json.loads(msgspec.json.encode(instance))
    _check(kind, data)
    _check(kind, msgspec.to_builtins(instance) | {"place": None} if "place" in data else data)


def test_good_examples_have_a_headline_keys_and_a_summary(good: Any) -> None:
    kind = BY_TYPE.get(f"watchfloor.{good.schema}")
    if kind is not None:
        _check(kind, good.document)
    document = good.document
    if good.schema == "event" and document["type"] in BY_TYPE:
        line = summarise(seq=1, source="s", recorded=0, time=0, event=document, synthetic=True)
        assert isinstance(line, Summary)
        assert line.headline
        msgspec.convert(msgspec.to_builtins(line), Summary)


def _data(name: str, **fields: Any) -> dict[str, Any]:
    known: dict[str, dict[str, Any]] = {
        "call": {"call_number": "F-1", "status": "Active", "incident_type": {}},
        "gunshot": {"incident": "G-1", "state": "created", "classification": "multiple gunshots"},
        "vehicle": {"vehicle": "v-1", "place": {}},
        "read": {"plate": "ZZT1234", "reader": "r-1"},
    }
    return known[name] | fields


@pytest.mark.parametrize(
    ("name", "fields", "headline"),
    [
        ("call", {}, "Unknown"),
        ("call", {"incident_type": {"text": "HIT & RUN"}, "place": {"address": "Main St"}},
         "Hit & run at Main St"),
        ("call", {"incident_type": {"common": "MVAHR", "text": ""}}, "Mvahr"),
        ("gunshot", {"rounds": 1}, "Multiple gunshots, 1 round"),
        ("gunshot", {"rounds": 4.0, "state": "updated"}, "Reviewed: Multiple gunshots, 4 rounds"),
        ("gunshot", {"state": "cancelled", "rounds": 0}, "Cancelled: Multiple gunshots"),
        ("vehicle", {"label": "714", "unit": None}, "714 moved"),
        ("read", {}, "ZZT1234 read by r-1"),
    ],
)  # fmt: skip
def test_headlines(name: str, fields: dict[str, Any], headline: str) -> None:
    assert BY_NAME[name].headline(_data(name, **fields)) == headline


def test_a_call_is_filed_under_all_it_can_be_found_by() -> None:
    data = _data(
        "call", units=["714A"], plates=["zzt-1234", "---", ""], callback="+1 555 010 0142",
        place={"address": "Main St & 5th Ave"},
    )  # fmt: skip
    assert list(BY_NAME["call"].keys(data)) == [
        ("call", "F-1"), ("address", "5TH AVE & MAIN ST"), ("unit", "714A"),
        ("plate", "ZZT1234"), ("phone", "5550100142"),
    ]  # fmt: skip


def test_what_leaves_nothing_to_find_it_by_is_not_a_key() -> None:
    data = _data("call", callback="unknown", plates=["---"], place={"address": " . "})
    assert list(BY_NAME["call"].keys(data)) == [("call", "F-1")]


def _left(kind: Kind, data: dict[str, Any]) -> tuple[set[str], str]:
    """What it is filed under, and its text, as far as the data still have it."""
    keys = set()
    try:
        for what, _ in kind.keys(data):
            keys.add(what)
    except KeyError:  # what follows is told by the test of another key
        pass
    try:
        return keys, kind.text(data) if kind.text else ""
    except KeyError:
        return keys, ""


_AT, _SEEN = {"address": "1 A St"}, {"plate": "ZZT1234", "reader": "r-1"}
WHOLE: dict[str, dict[str, Any]] = {
    "call": {
        "call_number": "F-1", "callback": "555-010-0142", "units": ["714A"], "plates": ["ZZT 1"],
        "place": _AT, "incident_type": {"text": "Fire"}, "initial_type": {"text": "Smoke"},
        "disposition": {"text": "Done"}, "centre_outcome": "found", "notes": [{"text": "Nobody"}],
    },
    "unit": {"unit": "714A", "call_number": "F-1"},
    "read": _SEEN,
    "hit": _SEEN,
    "gunshot": {"incident": "G-1", "place": _AT},
    "911": {"call": "E-1", "call_number": "F-1", "place": _AT},
    "report": {
        "report_number": "R-1", "call_number": "F-1", "place": _AT,
        "offence": {"text": "Theft"}, "charges": [{"code": "9"}],
    },
    "alarm": {"alarm": "A-1", "device": "d-1", "place": _AT},
    "detection": {"device": "d-1"},
    "camera": {"camera": "c-1"},
    "vehicle": {"vehicle": "v-1", "unit": "714A"},
    "correction": {"corrects": "e-1"},
    "retraction": {"retracts": "e-1"},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_it_says_of_which_fields_it_is_found_by(kind: Kind) -> None:
    """Of one that is left out nobody may ask: of each the table has all fields, and no others."""
    data = WHOLE[kind.name]
    keys, text = _left(kind, data)
    assert kind.made_of.keys() == keys | ({"text"} if text else set())
    for what, fields in kind.made_of.items():
        if what != "text":
            without = redact({"data": data}, fields)["data"]
            assert what not in _left(kind, without)[0], what
        for field in fields:
            before = json.dumps(data)
            assert json.dumps(redact({"data": data}, [field])["data"]) != before, field
    if text:
        left = redact({"data": data}, kind.made_of["text"])["data"]
        assert not _left(kind, left)[1]


def test_reads_alone_are_personal() -> None:
    """They are counted, never streamed one by one."""
    assert [kind.name for kind in KINDS if kind.personal] == ["read"]


@pytest.mark.parametrize(
    ("name", "place", "headline"),
    [
        ("gunshot", {"point": [-90.0, 29.9]}, "Multiple gunshots near Main St"),
        ("gunshot", {"point": [-90.0, 29.9], "address": "1 A St"}, "Multiple gunshots at 1 A St"),
        ("gunshot", {"point": [-80.0, 29.9]}, "Multiple gunshots"),
        ("gunshot", {"address": None}, "Multiple gunshots"),
        ("gunshot", None, "Multiple gunshots"),
        ("call", {"point": [-90.0, 29.9]}, "Unknown near Main St"),
        ("vehicle", {"point": [-90.0, 29.9]}, "v-1 moved"),
        ("read", {"point": [-90.0, 29.9]}, "ZZT1234 read by r-1"),
    ],
)
def test_an_event_that_happened_at_a_mere_point_says_what_is_near(
    name: str, place: dict[str, Any] | None, headline: str
) -> None:
    near = {(-90.0, 29.9): "near Main St"}.get
    assert headline_of(BY_NAME[name], _data(name, place=place), near) == headline
