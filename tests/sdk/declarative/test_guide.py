"""docs/declarative.md: its mapping files are sound, and it says what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from declaring import plan

from watchfloor_sdk.declarative.plan import Layout, Paging

GUIDE = Path(__file__).parents[3] / "sdk/docs/declarative.md"
BLOCKS = re.findall(r"```json\n(.*?)```", GUIDE.read_text(), re.S)
FILES = [block for block in BLOCKS if '"name"' in block]


@pytest.mark.parametrize("text", FILES)
def test_its_mapping_files_are_sound(text: str):
    assert plan(text).file.name


def test_its_long_forms_are_sound():
    (block,) = [block for block in BLOCKS if block not in FILES]
    file = json.loads(FILES[0])
    output = file["sources"][0]["outputs"][0]
    for line in block.splitlines():
        long_form: dict[str, Any] = json.loads(line)
        field = "media" if "each" in long_form else "region"
        if field == "media":
            long_form["fields"] = {"handle": "body", "kind": "=clip", "owner": "=x",
                                   "retention_class": "=x"}  # fmt: skip
        output["fields"] = {"plate": "plate", "reader": "reader", field: long_form}
        file["tables"] = {"states": {"values": {}}}
        assert plan(file).mappers


@pytest.mark.parametrize(("part", "field"), [(Paging, "way"), (Layout, "format")])
def test_it_names_every_way(part: type, field: str):
    text = GUIDE.read_text()
    for way in get_args(get_type_hints(part)[field]):
        assert f"`{way}`" in text, way
