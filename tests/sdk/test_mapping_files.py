"""Mapping files: what is wrong is said with its line and field."""

import sys

import pytest

from watchfloor_sdk import AskAPerson, MappingFiles, MappingPart

GOOD = """{
  "name": "x",
  "columns": {
    "number": "n",
    "made": "t"
  },
  "rules": [
    {"pattern": "a"},
    {"pattern": "b"}
  ],
  "numbers": {"A": 1}
}"""


class Columns(MappingPart):
    number: str
    made: str


class Rule(MappingPart):
    pattern: str

    def __post_init__(self):
        if self.pattern == "(":
            raise ValueError("pattern is no pattern")


class Form(MappingPart):
    name: str
    columns: Columns
    rules: list[Rule] = []
    numbers: dict[str, int] = {}


@pytest.fixture
def mappings(tmp_path, monkeypatch):
    package = tmp_path / "watchfloor_with_mappings"
    (package / "mappings").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "mappings" / "second.json").write_text(GOOD.replace('"x"', '"second"'))
    (package / "mappings" / "first.json").write_text(GOOD.replace('"x"', '"first"'))
    monkeypatch.syspath_prepend(str(tmp_path))
    yield MappingFiles(package.name, Form)
    sys.modules.pop(package.name, None)


def test_a_shipped_mapping_is_had_by_name(mappings):
    assert mappings.shipped() == ["first", "second"]
    assert mappings.load("second").name == "second"


def test_an_own_one_is_had_by_path_and_may_start_with_a_byte_order_mark(mappings, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert mappings.load(str(path)).columns.made == "t"


def test_one_that_is_not_there_names_those_that_are(mappings):
    with pytest.raises(AskAPerson) as caught:
        mappings.load("frist")
    assert caught.value.code == "no_mapping"
    assert "first, second" in caught.value.remedy


def test_one_that_is_not_utf_8_is_said(mappings, tmp_path):
    path = tmp_path / "mine.json"
    path.write_bytes(b'{"name": "caf\xe9"}')
    with pytest.raises(AskAPerson, match="not UTF-8") as caught:
        mappings.load(str(path))
    assert caught.value.code == "no_mapping"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"made": "t"', '"made": 7', 5, "line 5, columns.made: Expected `str`"),
        ('"made": "t"', '"maed": "t"', 5, "columns: Object contains unknown field `maed`"),
        ('"number": "n",', "", 3, "missing required field `number`"),
        ('"name": "x",', '"name": "x",,', 2, "malformed"),
        ('"b"', "7", 9, "rules[1].pattern: Expected `str`"),
        ('"b"', '"("', 9, "rules[1]: pattern is no pattern"),
        ('"A": 1', '"A": "one"', 11, "numbers.A: Expected `int`"),
        ('"name": "x",', '"name": "x", "name_of": 1,', 2, "unknown field `name_of`"),
    ],
)
def test_an_error_names_line_and_field(mappings, old, new, line, words):
    with pytest.raises(AskAPerson) as caught:
        mappings.decode(GOOD.replace(old, new), "mine.json")
    assert caught.value.code == "bad_mapping"
    assert f"'mine.json' is wrong in line {line}" in caught.value.detail
    assert words in caught.value.detail


def test_a_key_that_cannot_be_is_shown_where_it_stands():
    class Numbered(MappingPart):
        name: str
        floors: dict[int, str]

    with pytest.raises(AskAPerson, match="line 3, floors: Expected `int`"):
        MappingFiles("x", Numbered).decode('{\n"name": "x",\n"floors": {"one": "a"}}', "x")


def test_half_a_file_is_wrong_in_its_last_line(mappings):
    with pytest.raises(AskAPerson, match="line 4"):
        mappings.decode(GOOD[: GOOD.index('"made"') - 6], "mine.json")


@pytest.mark.parametrize("text", ["[]", "7", ""])
def test_what_is_no_object_is_wrong_in_its_first_line(mappings, text):
    with pytest.raises(AskAPerson, match="line 1:"):
        mappings.decode(text, "mine.json")
