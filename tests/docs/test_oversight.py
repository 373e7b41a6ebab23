"""docs/oversight.md: detectors and settings are those of the code, with their defaults."""

from __future__ import annotations

import re
import tomllib

import msgspec
import pytest

from watchfloor.oversight import DETECTORS
from watchfloor.settings_oversight import OversightSettings


@pytest.fixture(scope="module")
def page(pages):
    return pages["docs/oversight.md"]


def test_every_detector_has_its_row(page):
    assert len(page.table("detector")) == len(DETECTORS)


def test_every_setting_is_named_with_its_default(page):
    for field in msgspec.structs.fields(OversightSettings):
        default = field.default if isinstance(field.default, int) else ""
        said = re.findall(rf"`{field.name}`(?: = |\s+\()?(\d*)", page.text)
        assert str(default) in said, field.name


def test_the_example_can_be_loaded(page):
    [block] = page.blocks("toml")
    chosen = msgspec.convert(tomllib.loads(block.text)["oversight"], OversightSettings)
    assert chosen.teams["nights"] == ["ana", "sam"]
