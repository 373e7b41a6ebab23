"""What a connector's schema may cost the hub is bounded, and what it refuses to use says why."""

import time

import pytest

from watchfloor.hosting.vendor_schema import check_schema, misfit


def chain(length, width):
    links = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * width} for n in range(length)}
    return {"$defs": {**links, f"d{length}": {}}, "$ref": "#/$defs/d0"}


def nested(depth):
    schema = {}
    for _ in range(depth):
        schema = {"properties": {"a": schema}}
    return schema


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (chain(5, 50), "unfolds to more than"),
        (chain(40, 2), "unfolds to more than|nested"),
        (chain(5000, 1), "nested"),
        (nested(5000), "nested"),
        ({"$ref": "#"}, "refers to itself"),
        ({"$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"}, "to itself"),
        ({"$dynamicRef": "#"}, "refers to itself"),
        ({"$ref": "https://collector.example.org/s"}, "collector.example.org.* not part of it"),
        ({"$ref": "file:///etc/passwd"}, "not part of it"),
        ({"properties": {"a": {"$id": "https://example.org/b", "$ref": "#"}}}, r"\$id of its own"),
        ({"pattern": r"^(a*)*\1$"}, "linear time"),
        ({"properties": {"a": {"pattern": "^(?=(a+)+$)b"}}}, "linear time"),
        ({"patternProperties": {"(?<!a)b": {}}}, "regex"),
        ({"pattern": "((a{1000}){1000}){1000}"}, "regex"),
        ({"type": "nonsense"}, "type: "),
    ],
)
def test_a_schema_that_costs_too_much_or_leads_elsewhere_is_refused(schema, why):
    begin = time.monotonic()
    with pytest.raises(ValueError, match=why):
        check_schema(schema)
    assert time.monotonic() - begin < 1


def test_a_catastrophic_pattern_matches_in_linear_time():
    """A backtracking engine takes longer than the universe is old for this text."""
    schema = {"properties": {"a": {"type": "string", "pattern": "^(([a-z])+.)+[A-Z]([a-z])+$"}}}
    check_schema(schema)
    begin = time.monotonic()
    assert misfit(schema, {"a": "a" * 10_000})[0] == "a"
    assert time.monotonic() - begin < 1


def test_where_and_why_are_said():
    schema = {
        "$defs": {"side": {"type": "number"}},
        "properties": {"box": {"items": {"$ref": "#/$defs/side"}}},
        "additionalProperties": False,
    }
    check_schema(schema)
    assert misfit(schema, {"box": [1, 2]}) is None
    assert misfit(schema, {"box": [1, "two"]})[0] == "box.1"
    where, why = misfit(schema, {"bax": []})
    assert not where
    assert "bax" in why


def test_what_is_nearest_to_the_fault_is_said():
    """Not that none of the alternatives fits, where a field is plainly wrong."""
    schema = {
        "oneOf": [{"required": ["path"]}, {"required": ["url"]}],
        "properties": {"every_s": {"type": "number"}},
    }
    assert misfit(schema, {"every_s": "soon"})[0] == "every_s"
    assert "oneOf" in misfit(schema, {})[1]
