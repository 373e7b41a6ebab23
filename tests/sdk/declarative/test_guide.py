"""docs/declarative.md: its mapping files are sound, and it says what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from aiohttp import web
from declaring import asked, plan

from watchfloor_sdk.declarative.plan import Layout
from watchfloor_sdk.declarative.requests import Paging
from watchfloor_sdk.simulation import made_up_alert

GUIDE = Path(__file__).parents[3] / "sdk/docs/declarative.md"
BLOCKS = re.findall(r"```json\n(.*?)```", GUIDE.read_text(), re.S)
FILES = [block for block in BLOCKS if '"name"' in block]


@pytest.mark.parametrize("text", FILES)
def test_its_mapping_files_are_sound(text: str):
    declared = [{"name": one["action"], "title": "x", "parameters": {}}
                for one in json.loads(text).get("actions", [])]  # fmt: skip
    assert plan(text, declared, owner="C1").file.name


def test_its_long_forms_are_sound():
    (block,) = [block for block in BLOCKS if block.startswith('{"path"')]
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


async def test_its_action_is_done(package: Callable[..., Any]):
    """As it stands there, with the values that it shows beside it."""
    (file,) = [json.loads(block) for block in FILES if '"actions"' in block]
    (values,) = [json.loads(block) for block in BLOCKS if block.startswith('{"values"')]
    file["actions"][0] |= values
    file["tables"] = {"urgencies": {"values": {}}}
    taken: list[Any] = []

    async def messenger(request: web.Request) -> web.StreamResponse:
        taken.append((request.path, request.headers["idempotency-key"], await request.json()))
        return web.json_response({"ok": True, "message": {"id": "m-1"}})

    action = {"name": "deliver-alert", "title": "x", "parameters": {}}
    connector, order = package(file, actions=[action]), made_up_alert(7, title="a*b")
    async with asked(connector, messenger, owner="C1") as ctx:
        receipt = await connector().act(ctx, order)
    [(path, key, body)] = taken
    assert (path, key, body["silent"]) == ("/channels/C1/messages", order.idempotency_key, False)
    assert body["text"].startswith(
        "**Gunshot, danger to life (alert 7)**\nWhat: a\\*b\nNews: New alert\n"
    )
    assert receipt.reference == "m-1"


@pytest.mark.parametrize(("part", "field"), [(Paging, "way"), (Layout, "format")])
def test_it_names_every_way(part: type, field: str):
    text = GUIDE.read_text()
    for way in get_args(get_type_hints(part)[field]):
        assert f"`{way}`" in text, way
