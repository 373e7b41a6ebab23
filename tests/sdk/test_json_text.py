"""Where the parts of a JSON text stand."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor_sdk.json_text import line_of, members

TEXT = """{
  "name": "places",
  "places": [
    {"name": "a", "error_m": 1},
    {"name": "b",
     "error_m": -1}
  ]
}"""

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(VALUES) | st.dictionaries(st.text(), VALUES), st.sampled_from([None, 1]))
def test_each_member_is_the_text_of_its_value(document, indent):
    """Also for NaN and infinities, and whatever brackets and commas stand inside of texts."""
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    pairs = list(document.items() if isinstance(document, dict) else enumerate(document))
    found = list(members(text))
    assert [member.key for member in found] == [key for key, _ in pairs]
    assert [repr(member.value) for member in found] == [repr(value) for _, value in pairs]
    assert [repr(json.loads(text[one.start : one.end])) for one in found] == [
        repr(value) for _, value in pairs
    ]


@pytest.mark.parametrize("text", ["", "7", '"[1]"', "null"])
def test_what_is_neither_object_nor_list_has_no_members(text):
    assert list(members(text)) == []


@pytest.mark.parametrize("text", ['{"a": 1', "[1, ", '[{"a": ', "[1, @]"])
def test_half_a_text_is_said_after_what_there_is(text):
    with pytest.raises(ValueError):
        list(members(text))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ([], 1),
        (["places"], 3),
        (["places", 1], 5),
        (["places", 1, "error_m"], 6),
        (["places", 0, "error_m"], 4),
        (["places", 7], 3),
        (["nowhere", "name"], 1),
    ],
)
def test_a_path_leads_to_its_own_line_or_as_far_as_it_goes(path, line):
    assert line_of(TEXT, path) == line


def test_what_stands_behind_a_fault_does_not_hide_its_place():
    assert line_of('{\n"a": 1,\n"b": {"c": @}}', ["a"]) == 2
