"""docs/api.md: every route is on it, and its examples do what it says against a running hub."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path


def test_the_list_of_routes_is_as_the_route_table_says(root: Path, pages):
    """If not: python tests/docs/api_reference.py --write"""
    written = runpy.run_path(str(root / "tests/docs/api_reference.py"))["page"]()
    assert pages["docs/api.md"].text == written


def test_every_message_of_the_stream_is_documented(root: Path, pages):
    code = "".join(file.read_text("utf-8") for file in (root / "core/src").rglob("*.py"))
    told = set(re.findall(r'\b(?:message|tell|tell_shown)\(\s*"(\w+)"', code))
    assert told == {row[0].strip("`") for row in pages["docs/api.md"].table("event")}


def test_the_errors_of_every_route_are_documented(pages):
    from watchfloor.web.openapi import _ERRORS

    listed = {int(row[0]) for row in pages["docs/api.md"].table("status") if row[0].isdecimal()}
    assert listed == set(_ERRORS)


def test_examples_run_and_search_answers_in_the_shape_that_is_shown(pages, running_hub):
    page = pages["docs/api.md"]
    said = running_hub.run([block.text for block in page.blocks("sh") if block.info == "run"])
    assert '{"accepted":1,"duplicates":0,"dead":0}' in said
    [shown] = page.blocks("jsonl")
    expected = [json.loads(line) for line in shown.text.splitlines()]
    found = [json.loads(line) for line in said.splitlines() if line.startswith(LINES)]
    assert [_shape(line) for line in found] == [_shape(line) for line in expected]
    assert found[0]["understood"]["chips"] == expected[0]["understood"]["chips"]
    assert found[1]["hits"][0]["headline"] == expected[1]["hits"][0]["headline"]


LINES = ('{"understood"', '{"hits"', '{"status"', '{"done"')


def _shape(value: object) -> object:
    """Names of fields and kinds of values; numbers and texts themselves differ from run to run."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shape(inner) for inner in value]
    return "number" if isinstance(value, int | float) else type(value).__name__
