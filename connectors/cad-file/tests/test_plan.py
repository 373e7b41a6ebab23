"""The mapping file: what is wrong is said with its line and field."""

import json
from pathlib import Path

import msgspec
import pytest

import watchfloor_cad_file
from watchfloor_cad_file.plan import MappingFile, decode, load, shipped
from watchfloor_sdk import AskAPerson

GOOD = """{
  "name": "x",
  "time_zone": "America/Chicago",
  "time_formats": ["iso"],
  "columns": {
    "call_number": "n",
    "created": "t"
  }
}"""


@pytest.mark.parametrize("name", shipped())
def test_shipped_mappings_are_sound(name):
    assert load(name).columns.call_number


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"created": "t"', '"created": 7', 7, "columns.created: Expected `str | array`"),
        ('"created": "t"', '"craeted": "t"', 7, "columns: Object contains unknown field `craeted`"),
        ('"call_number": "n",', "", 5, "missing required field `call_number`"),
        ('["iso"]', "[]", 4, "time_formats"),
        ('"name": "x",', '"name": "x",,', 2, "malformed"),
        ('"name": "x",', '"name": "x", "point": {"latitude": "a"},', 2, "point: name either wkt"),
        (
            '"name": "x",',
            '"name": "x",\n"places": [{"pattern": "(", "precision": "block", "error_m": 1}],',
            3,
            "not a regular expression",
        ),
    ],
)
def test_an_error_names_line_and_field(old, new, line, words):
    with pytest.raises(AskAPerson) as caught:
        decode(GOOD.replace(old, new), "mine.json")
    assert caught.value.code == "bad_mapping"
    assert f"line {line}" in caught.value.detail
    assert words in caught.value.detail


def test_half_a_file_is_wrong_in_its_last_line():
    with pytest.raises(AskAPerson, match="line 6"):
        decode(GOOD[: GOOD.index('"created"') - 5], "mine.json")


def test_an_unknown_time_zone_is_said():
    with pytest.raises(AskAPerson, match="America/Chigaco"):
        decode(GOOD.replace("America/Chicago", "America/Chigaco"), "mine.json")


def test_a_file_of_ones_own_may_start_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert load(str(path)).name == "x"


def test_a_missing_mapping_names_those_that_there_are():
    with pytest.raises(AskAPerson) as caught:
        load("new-orlaens")
    assert "new-orleans" in caught.value.remedy


def test_the_schema_for_editors_is_that_of_the_class():
    path = Path(watchfloor_cad_file.__file__).with_name("mapping.schema.json")
    assert json.loads(path.read_text()) == json.loads(json.dumps(msgspec.json.schema(MappingFile)))


def test_the_readmes_example_is_sound():
    readme = Path(__file__).parents[1].joinpath("README.md").read_text()
    example = readme.split("```json")[1].split("```")[0]
    assert decode(example, "README").columns.call_number == "Incident"
