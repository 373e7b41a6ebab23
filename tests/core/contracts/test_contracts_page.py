"""docs/contracts.md: every snippet is valid, every contract and every mapped field is on it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from watchfloor.contracts import (
    CREDENTIAL_KINDS,
    KINDS,
    CadIncident,
    CredentialKind,
    UnitStatus,
    schemas,
)

PAGE = (Path(__file__).parents[3] / "docs" / "contracts.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+) ?(.*)\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)
JSON = [(name, text) for language, name, text in BLOCKS if language == "json"]


@pytest.mark.parametrize(("name", "text"), JSON, ids=[name for name, _ in JSON])
def test_json_snippets_keep_to_the_schema_they_name(name: str, text: str) -> None:
    assert schemas.explain(name, json.loads(text)) == []


def test_python_snippets_run() -> None:
    snippets = [text for language, _, text in BLOCKS if language == "python"]
    assert len(snippets) == 1
    for text in snippets:
        exec(compile(text, "docs/contracts.md", "exec"), {})


def test_every_kind_has_an_example() -> None:
    shown = {name for name, _ in JSON}
    assert {kind.type.removeprefix("watchfloor.") for kind in KINDS} <= shown


def test_the_kinds_of_credential_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) ?\|$", PAGE, re.MULTILINE)
    said = {kind: (needed, besides) for kind, needed, besides in rows if kind in CREDENTIAL_KINDS}
    assert said.keys() == CREDENTIAL_KINDS.keys() == set(get_args(CredentialKind))
    for kind, shape in CREDENTIAL_KINDS.items():
        needed, besides = said[kind]
        ways = [re.findall(r"`(\w+)`", way) for way in needed.split("; or ")]
        parts = {part.name: part for part in shape.parts}
        assert ways == [list(way) for way in shape.ways]
        assert set(re.findall(r"`(\w+)`", needed + besides)) == parts.keys()
        long = set(re.findall(r"\*`(\w+)`\*", needed + besides))
        assert long == {name for name, part in parts.items() if part.long}
        assert shape.renewable <= parts.keys()


def test_every_schema_is_named() -> None:
    assert [
        name for name in schemas.names() if f"`{name}`" not in PAGE and name not in dict(JSON)
    ] == []


@pytest.mark.parametrize("cls", [CadIncident, UnitStatus])
def test_every_field_is_mapped_to_an_eido(cls: type[CadIncident] | type[UnitStatus]) -> None:
    section = PAGE.partition("## Calls and NENA EIDO")[2]
    rows = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert set(cls.__struct_fields__) <= set(rows)
