"""The normative schema and the typed class say the same, in form and in what they accept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchfloor.contracts import CadIncident, Place, schemas

Canon = dict[str, Any]
URN = "urn:watchfloor:schema:"

NARROWER = {
    "event.data": "the class takes anything, the schema an object",
    "event.propertyNames": "a class reads past attributes that it does not know",
    "event.additionalProperties": "the same",
    "asset.geometry": "the class keeps GeoJSON as it came, the schema checks it",
}
"""Where the schema says more than the class can. Every other difference is a mistake. Outside the
comparison besides: ``if``/``then`` (event: data by type; media: a fetched one has its hash) and the
pattern beside ``format: date-time``; both are held by the examples."""


def _resolve(schema: dict[str, Any], root: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """``schema`` with its ``$ref`` followed (siblings kept), and the document it stands in."""
    while "$ref" in schema:
        where, _, pointer = schema["$ref"].partition("#")
        root = schemas.schema(where.removeprefix(URN)) if where else root
        target: Any = root
        for part in pointer.split("/")[1:]:
            target = target[part]
        schema = {**target, **{word: value for word, value in schema.items() if word != "$ref"}}
    return schema, root


def _canon(schema: dict[str, Any], root: dict[str, Any]) -> Canon:
    """Type → constraints; alternatives joined; words for people left out."""
    schema, root = _resolve(schema, root)
    if "anyOf" in schema:
        joined: Canon = {}
        for option in schema["anyOf"]:
            joined |= _canon(option, root)
        return _numbers_joined(joined)
    if "enum" in schema or "const" in schema:
        return _choices(schema.get("enum", [schema.get("const")]))
    types = schema.get("type", "anything")
    types = types if isinstance(types, list) else [types]
    return _numbers_joined({type_: _constraints(type_, schema, root) for type_ in types})


def _choices(values: list[Any]) -> Canon:
    canon: Canon = {"choice": sorted(value for value in values if value is not None)}
    return canon | ({"null": {}} if None in values else {})


def _numbers_joined(canon: Canon) -> Canon:
    if "number" in canon:
        canon.pop("integer", None)
    return canon


WORDS = {
    "string": ("minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties",),
}


def _constraints(type_: str, schema: dict[str, Any], root: dict[str, Any]) -> Canon:
    found = {word: schema[word] for word in WORDS.get(type_, ()) if word in schema}
    if type_ == "string" and "format" in schema:
        return {"format": schema["format"]}
    if type_ == "string" and "pattern" in schema:
        found["pattern"] = schema["pattern"].replace(r"\Z", "$")
    if type_ == "array" and "prefixItems" in schema:
        found["items"] = [_canon(item, root) for item in schema["prefixItems"]]
    elif type_ == "array":
        found["items"] = _canon(schema.get("items", {}), root)
    if type_ == "object":
        found |= _object(schema, root)
    return found


def _object(schema: dict[str, Any], root: dict[str, Any]) -> Canon:
    others = schema.get("additionalProperties", True)
    canon = {
        "required": sorted(schema.get("required", [])),
        "properties": {
            name: (_canon(inner, root), inner.get("default"))
            for name, inner in schema.get("properties", {}).items()
        },
        "additionalProperties": _canon(others, root) if isinstance(others, dict) else others,
    }
    if "propertyNames" in schema:
        names = _canon({"type": "string", **schema["propertyNames"]}, root)["string"]
        canon["propertyNames"] = names
    if canon["additionalProperties"] == {"anything": {}}:
        canon["additionalProperties"] = True
    return canon


def _without_narrower(name: str, canon: Canon) -> Canon:
    body = canon["object"]
    for place in NARROWER:
        schema, _, word = place.partition(".")
        if schema == name:
            body["properties"].pop(word, None)
            body.pop(word, None)
    return canon


def _of_schema(name: str) -> list[Canon]:
    root = schemas.schema(name)
    return [_without_narrower(name, _canon(option, root)) for option in root.get("anyOf", [root])]


def _of_class(name: str, cls: type[msgspec.Struct]) -> Canon:
    root = msgspec.json.schema(cls)
    return _without_narrower(name, _canon(root, root))


def test_same_names_types_bounds_choices_and_defaults(
    schema_name: str, classes: dict[str, tuple[type[msgspec.Struct], ...]]
) -> None:
    assert _of_schema(schema_name) == [_of_class(schema_name, cls) for cls in classes[schema_name]]


def test_the_comparison_sees_a_difference() -> None:
    root = json.loads(json.dumps(msgspec.json.schema(CadIncident)))
    before = _canon(root, root)
    root["$defs"]["Note"]["properties"]["text"]["maxLength"] -= 1
    assert _canon(root, root) != before


def test_every_class_of_a_schema_is_compared(
    classes: dict[str, tuple[type[msgspec.Struct], ...]],
) -> None:
    assert set(classes) == set(schemas.names()) - {"common", "rule"}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_what_the_class_writes_keeps_to_the_schema(
    schema_name: str,
    instances: Callable[[str], st.SearchStrategy[msgspec.Struct]],
    decode: Callable[[str, bytes], msgspec.Struct],
    draw: st.DataObject,
) -> None:
    instance = draw.draw(instances(schema_name))
    raw = msgspec.json.encode(instance)
    assert schemas.explain(schema_name, json.loads(raw)) == []
    assert msgspec.json.encode(decode(schema_name, raw)) == raw


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_nan_and_infinity_cannot_be_written(number: float) -> None:
    """The class writes null for them, which means absent: JSON has no word for them."""
    assert msgspec.json.encode(Place(error_m=number)) == b'{"error_m":null}'


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_nan_and_infinity_are_refused_when_read(
    word: bytes, decode: Callable[[str, bytes], msgspec.Struct]
) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode("place", b'{"error_m": ' + word + b"}")


def test_a_whole_number_with_a_point_is_an_integer_to_the_schema_alone(
    decode: Callable[[str, bytes], msgspec.Struct],
) -> None:
    """JSON Schema counts 1.0 as an integer (core, 6.3); the class wants it written 1."""
    raw = b'{"call_number": "F-1", "status": "Active", "incident_type": {}, "priority": 1.0}'
    assert schemas.explain("cad.incident.v1", json.loads(raw)) == []
    with pytest.raises(msgspec.ValidationError):
        decode("cad.incident.v1", raw)
