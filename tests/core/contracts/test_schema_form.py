"""What every schema file must have: an address of its own, words for people, closed objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from watchfloor.contracts import schemas

OURS = [name for name in schemas.names() if name != "rule"]  # the rule's form has its own tests
OPEN = {"event": "vendors' extension attributes", "asset": "GeoJSON geometries have members"}


def _schemas_inside(schema: Any, path: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(schema, dict):
        return
    yield path, schema
    for word in ("properties", "$defs"):
        for name, inner in schema.get(word, {}).items():
            yield from _schemas_inside(inner, f"{path}/{word}/{name}")
    for word in ("items", "additionalProperties"):
        yield from _schemas_inside(schema.get(word), f"{path}/{word}")


@pytest.mark.parametrize("name", OURS)
def test_is_a_valid_schema_under_its_own_urn(name: str) -> None:
    schema = schemas.schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:watchfloor:schema:{name}"
    assert schema["title"]
    assert schema["description"]


@pytest.mark.parametrize("name", OURS)
def test_every_property_is_described(name: str) -> None:
    bare = [
        f"{path}/{prop}"
        for path, schema in _schemas_inside(schemas.schema(name))
        for prop, inner in schema.get("properties", {}).items()
        if not inner.get("description", "").endswith(".")
    ]
    assert bare == []


@pytest.mark.parametrize("name", OURS)
def test_every_object_with_named_properties_is_closed(name: str) -> None:
    loose = [
        path
        for path, schema in _schemas_inside(schemas.schema(name))
        if "properties" in schema and schema.get("additionalProperties") is not False
    ]
    assert loose == {"event": ["#"], "asset": ["#/$defs/geometry"]}.get(name, [])
    assert bool(loose) == (name in OPEN)


def test_examples_inside_the_schemas_are_good(schema_name: str) -> None:
    examples = schemas.schema(schema_name)["examples"]
    assert [schemas.explain(schema_name, example) for example in examples] == [[]] * len(examples)


def test_names_are_the_files() -> None:
    folder = files("watchfloor.contracts") / "schemas"
    assert [
        name for name in schemas.names() if not (folder / f"{name}.schema.json").is_file()
    ] == []
    assert "event" in schemas.names()


def test_a_name_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        schemas.schema("../event")
    with pytest.raises(KeyError):
        schemas.validator("no-such")


@pytest.mark.parametrize("name", OURS)
def test_the_file_is_plain_json_without_doubled_keys(name: str) -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    text = (files("watchfloor.contracts") / "schemas" / f"{name}.schema.json").read_text("utf-8")
    assert json.loads(text, object_pairs_hook=once) == schemas.schema(name)
