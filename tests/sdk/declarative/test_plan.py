"""Mapping files that are wrong: every error names line and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from declaring import plan

import watchfloor_sdk.declarative
from watchfloor_sdk import AskAPerson
from watchfloor_sdk.declarative import SourceFile

GOOD = """{
  "name": "test",
  "auth": {"flow": "bearer", "credential": "token"},
  "tables": {"states": {"values": {"N": "Active"}}},
  "sources": [
    {
      "name": "calls",
      "request": {"path": "/calls", "query": {"after": "{checkpoint}"}},
      "outputs": [
        {
          "event": "call",
          "id": "id",
          "time": "at",
          "fields": {
            "call_number": "id",
            "status": {"path": "state", "table": "states"},
            "incident_type.text": "=Test",
            "beat": "beat"
          }
        }
      ]
    }
  ]
}"""


def test_the_example_is_sound():
    assert plan(GOOD).file.name == "test"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"event": "call"', '"event": "cell"', 11, "there is no kind 'cell'"),
        ('"beat": "beat"', '"baet": "beat"', 18, "CadIncident has no 'baet'"),
        ('"incident_type.text"', '"incident_type.words"', 17, "Coded has no 'words'"),
        ('            "incident_type.text": "=Test",\n', "", 14, "needs incident_type"),
        ('"table": "states"', '"table": "stats"', 16, "there is no table 'stats'"),
        ('"beat": "beat"', '"beat": {"path": "a", "jmespath": "b"}', 18, "give one of path"),
        ('"beat": "beat"', '"beat": {"jmespath": "a[?"}', 18, "no JMESPath"),
        ('"beat": "beat"', '"beat": "@settings.owner"', 18, "there is no setting 'owner'"),
        ('"beat": "beat"', '"beat": "@somewhere"', 18, "there is no '@somewhere'"),
        ('"beat": "beat"', '"beat": "{beat"', 18, "no template"),
        ('"beat": "beat"', '"beat": "a..b"', 18, "no path"),
        ('"beat": "beat"', '"beat": {"items": ["a"]}', 18, "it is no list"),
        ('"beat": "beat"', '"beat.x": "a"', 18, "it has no parts"),
        ('"beat": "beat"', '"call_number.x": "a"', 18, "has a value of its own"),
        ('"after": "{checkpoint}"', '"after": "{cursor}"', 8, "nothing stands for {cursor}"),
        ('"credential": "token"', '"credential": "key"', 3, "declares no such credential"),
        ('"id": "id",', "", 10, "missing required field `id`"),
        ('"time": "at",', "", 10, "an event needs a time"),
        ('"path": "/calls"', '"pfad": "/calls"', 8, "unknown field `pfad`"),
        ('"sources": [', '"sources": [],"x": [', 5, "unknown field `x`"),
        ('"outputs": [', '"layout": {"format": "jsonl"}, "outputs": [', 6, "jsonl is for files"),
        ('"outputs": [', '"assured": "@now", "outputs": [', 6, "and @now of files"),
        ('"name": "test",', '"name": "test", "time_zone": "Mars/Base",', 2, "Mars/Base"),
    ],
)
def test_an_error_names_line_and_field(old: str, new: str, line: int, words: str):
    assert old in GOOD
    with pytest.raises(AskAPerson) as caught:
        plan(GOOD.replace(old, new, 1))
    assert words in caught.value.detail
    if "Mars" not in words:
        assert caught.value.code == "bad_mapping"
        assert f"line {line}" in caught.value.detail


ACTIONS = """{
  "name": "test",
  "actions": [
    {
      "action": "add-note",
      "values": {"urgency": "parameters.priority"},
      "request": {
        "method": "POST", "path": "/calls/{parameters.call}", "body": "{values.urgency}"
      },
      "receipt": {"reference": "id"}
    }
  ],
  "failures": {
    "word": "error",
    "known": [
      {"words": ["a"], "then": "retry", "code": "rate_limited"}
    ]
  },
  "check": {"request": {"path": "/{settings.owner}"}}
}"""
DECLARED = [
    {"name": name, "title": name, "parameters": {"properties": {"call": {}, "priority": {}}}}
    for name in ("add-note", "deliver-alert")
]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"add-note"', '"add-nota"', 5, "connector.json has no such action"),
        ("{parameters.call}", "{parameters.cell}", 7, "nothing stands for {parameters.cell}"),
        ("{values.urgency}", "{values.urgencies}", 7, "nothing stands for {values.urgencies}"),
        ("{values.urgency}", "{checkpoint}", 7, "nothing stands for {checkpoint}"),
        ("{values.urgency}", "{alert.text}", 7, "nothing stands for {alert.text}"),
        ("parameters.priority", "priority", 6, "an action is told no 'priority'"),
        ("parameters.priority", "a..b", 6, "no path"),
        ('"body": ', '"form": {"a": 1}, "body": ', 7, "give either body or form"),
        ('"id"', '"@somewhere"', 10, "there is no '@somewhere'"),
        ('"reference": "id"', '"state": "id"', 10, "unknown field `state`"),
        ('"word": "error"', '"word": "a..b"', 14, "no path"),
        ('"word": "error"', '"when": {"path": "a..b"}, "word": "e"', 14, "no path"),
        ('"retry"', '"ask"', 16, "ask needs a remedy"),
        ('"rate_limited"', '"x", "setting": "line"', 16, "there is no setting 'line'"),
        ('"rate_limited"', '"Rate limited"', 16, "matching regex"),
        ("{settings.owner}", "{parameters.call}", 19, "nothing stands for {parameters.call}"),
    ],
)
def test_an_error_in_an_action_names_line_and_field(old: str, new: str, line: int, words: str):
    assert old in ACTIONS
    assert plan(ACTIONS, DECLARED[:1], owner="x").deeds
    with pytest.raises(AskAPerson) as caught:
        plan(ACTIONS.replace(old, new, 1), DECLARED[:1], owner="x")
    assert words in caught.value.detail
    assert caught.value.code == "bad_mapping"
    assert f"line {line}" in caught.value.detail


def test_what_is_declared_must_be_there():
    with pytest.raises(AskAPerson, match="there is no 'deliver-alert'"):
        plan(ACTIONS, DECLARED, owner="x")


@pytest.mark.parametrize(
    "part",
    [
        {"request": {"path": "/", "url": "https://vendor.example.org"}},
        {"request": {"path": "/"}, "file": "{settings.path}"},
        {"request": {"path": "/"}, "paging": {"way": "cursor"}},
        {"request": {"path": "/"}, "name": "Not a name"},
        {"request": {"path": "/", "method": "DELETE"}},
        {
            "request": {"path": "/"},
            "outputs": [
                {
                    "event": "call",
                    "id": "a",
                    "time": "b",
                    "fields": {"beat": {"path": "a", "replace": {"pattern": "(", "by": ""}}},
                }
            ],
        },
        {
            "request": {"path": "/"},
            "outputs": [
                {
                    "event": "call",
                    "id": "a",
                    "time": "b",
                    "fields": {"beat": {"path": "a", "replace": {"pattern": "a", "by": "\\9"}}},
                }
            ],
        },
    ],
)
def test_what_contradicts_itself_is_refused(part: dict[str, Any]):
    file = json.loads(GOOD)
    del file["sources"][0]["request"]
    file["sources"][0] |= part
    with pytest.raises(AskAPerson) as caught:
        plan(file)
    assert caught.value.code == "bad_mapping"


def test_nothing_of_a_mapping_becomes_code():
    """Names that would end a string, a call or a line are data like any other."""
    odd = "x'];import os;['''}{{\n\\"
    path = odd.replace("\n", "").replace("\\", "").replace("{", "").replace("}", "")
    file = json.loads(GOOD)
    fields = file["sources"][0]["outputs"][0]["fields"]
    fields["beat"] = "=" + odd
    fields["district"] = path
    fields["notes"] = {"each": f"{path}2", "fields": {"text": path}}
    fields["centre_outcome"] = {"path": path, "replace": {"pattern": ";", "by": path}}
    mapper = plan(file).mappers["calls"]
    row = {"id": "Z-1", "at": "2026-05-02T20:00:00Z", "state": "N", path: "found"}
    from declaring import NOW

    from watchfloor_sdk.declarative import Scope

    (event,) = mapper.page(json.dumps(row).encode(), Scope(NOW)).events
    assert (event.data.beat, event.data.district) == (odd, "found")


def test_the_schema_for_editors_is_that_of_the_class():
    path = Path(watchfloor_sdk.declarative.__file__).with_name("source.schema.json")
    schema = json.loads(json.dumps(msgspec.json.schema(SourceFile)))
    assert json.loads(path.read_text()) == schema, "write msgspec.json.schema anew"
