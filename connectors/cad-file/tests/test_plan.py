"""The mapping file: the shipped ones, and what one of one's own may not say."""

import json
from pathlib import Path

import msgspec
import pytest

import watchfloor_cad_file
from watchfloor_cad_file.plan import MAPPINGS, MappingFile
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


@pytest.mark.parametrize("name", MAPPINGS.shipped())
def test_shipped_mappings_are_sound(name):
    assert MAPPINGS.load(name).columns.call_number


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"name": "x",', '"name": "x", "point": {"latitude": "a"},', 2, "point: name either wkt"),
        (
            '"name": "x",',
            '"name": "x",\n"places": [{"pattern": "(", "precision": "block", "error_m": 1}],',
            3,
            "not a regular expression",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(old, new, line, words):
    with pytest.raises(AskAPerson) as caught:
        MAPPINGS.decode(GOOD.replace(old, new), "mine.json")
    assert caught.value.code == "bad_mapping"
    assert f"line {line}" in caught.value.detail
    assert words in caught.value.detail


def test_an_unknown_time_zone_is_said():
    with pytest.raises(AskAPerson, match="America/Chigaco"):
        MAPPINGS.decode(GOOD.replace("America/Chicago", "America/Chigaco"), "mine.json")


def test_the_schema_for_editors_is_that_of_the_class():
    path = Path(watchfloor_cad_file.__file__).with_name("mapping.schema.json")
    assert json.loads(path.read_text()) == json.loads(json.dumps(msgspec.json.schema(MappingFile)))


def test_the_readmes_example_is_sound():
    readme = Path(__file__).parents[1].joinpath("README.md").read_text()
    example = readme.split("```json")[1].split("```")[0]
    assert MAPPINGS.decode(example, "README").columns.call_number == "Incident"
