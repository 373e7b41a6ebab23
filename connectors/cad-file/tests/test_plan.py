"""The shipped mappings, and the one that the README shows."""

from importlib.resources import files
from pathlib import Path

import pytest

SHIPPED = [
    one.name.removesuffix(".json")
    for one in files("watchfloor_cad_file").joinpath("mappings").iterdir()
]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_mappings_are_sound(name, mapper):
    assert mapper(name).columns


def test_the_readmes_example_is_sound(mapper, tmp_path):
    readme = Path(__file__).parents[1].joinpath("README.md").read_text()
    own = tmp_path / "own.json"
    own.write_text(readme.split("```json")[1].split("```")[0])
    assert "Incident" in mapper(own).columns
