"""The record: closed, canonical, and nobody writes entries into it by what he types."""

import json

import pytest
from audit_logs import entry
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.audit import (
    Decision,
    Lookback,
    Object,
    OnBehalfOf,
    Operator,
    Origin,
    PurposeRecord,
    Sealed,
    decode,
    encode,
)  # fmt: skip
from watchfloor.contracts import GiveUp

SEALED = Sealed(kind="plate", month="2026-11", key="ab" * 32, box="AAAA")
FULL = {
    "at": "2026-11-23T02:00:00.000Z",
    "clock": "2026-11-23T01:00:00.000Z",
    "requester": "SIM-2",
    "on_behalf_of": OnBehalfOf(agency="north-so", person="SIM-9"),
    "secondary_recipient": "SIM-3",
    "session": "SIM-S",
    "origin": Origin(address="192.0.2.7", device="console"),
    "purpose": PurposeRecord(code="investigation", offence="120", case="SIM-26-1", reason=SEALED),
    "decision": Decision(id="SIM-D", rules=["analysts-may-search"]),
    "object": Object(kind="event", id="41"),
    "subject": SEALED,
    "lookback": Lookback(since="2026-11-01T00:00:00.000Z"),
    "scope": ["lpr-north"],
    "sha256": "0" * 64,
    "took_ms": 3.5,
    "bytes_in": 10,
    "bytes_out": 2000,
    "more": {"b": 1, "a": "x"},
}


def test_it_comes_back_as_it_was_and_is_written_the_same_again():
    full = entry(**FULL)
    line = encode(full)
    assert decode(line) == full
    assert encode(decode(line)) == line
    assert set(json.loads(line)) == {"v", *full.__struct_fields__}


def test_the_order_is_fixed_and_what_says_nothing_is_left_out():
    line = encode(entry(1, id="x", more={"b": 1, "a": 2}))
    assert line == (
        b'{"v":1,"at":"","id":"x","event":"search.asked","outcome":"done","operator":{"id":"SIM-1",'
        b'"agency":"ex-pd","ori":"ZZ0000000"},"count":1,"more":{"a":2,"b":1}}'
    ).replace(b'"at":"",', b"")


@pytest.mark.parametrize(
    "line",
    [
        b'{"v":1,"id":"x","event":"search.asked","outcome":"done","by":"me"}',
        b'{"v":1,"id":"x","event":"search.asked","outcome":"done","operator":{"id":"a","as":"b"}}',
        b'{"v":1,"id":"x","event":"search.made_up","outcome":"done"}',
        b'{"v":1,"id":"x","event":"search.asked","outcome":"perhaps"}',
        b'{"v":2,"id":"x","event":"search.asked","outcome":"done"}',
        b"[]",
        b"\xff",
    ],
)
def test_the_schema_is_closed(line):
    with pytest.raises(GiveUp) as caught:
        decode(line)
    assert caught.value.code == "not_an_entry"


HOSTILE = [
    'x"}\n{"v":1,"event":"session.begun"',
    "\r\n9\tAAAA\t{}",
    "\x1b[2J\x00\x7f",
    "\x85\x9b31m\u2028\u2029\u202e\u2066",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_value_ends_the_line_or_steers_a_terminal(text):
    line = encode(entry(operator=Operator(id=text), more={"typed": text}))
    said = line.decode()
    assert said.isprintable() or "\x7f" in text
    assert len(said.splitlines()) == 1
    assert b"\t" not in line
    assert decode(line).more["typed"] == text


@given(st.text(), st.text())
def test_any_text_is_one_line_and_comes_back(name, text):
    line = encode(entry(operator=Operator(id=name), more={name: text}))
    assert len(line.decode().splitlines()) == 1
    again = decode(line)
    assert again.operator.id == name
    assert again.more == {name: text}
    assert encode(again) == line


def test_half_a_character_is_recorded_as_a_question_mark():
    """A header that was no UTF-8 must not keep its look-up out of the record."""
    line = encode(entry(origin=Origin(device="agent \udcff"), scope=["\ud800"]))
    assert decode(line).origin.device == "agent ?"
    assert decode(line).scope == ["?"]
