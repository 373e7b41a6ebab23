"""docs/sign-in.md: its settings, claims and addresses are those of the code."""

import re

import msgspec
import pytest

from watchfloor import settings
from watchfloor.ports.signon import CALLBACK, LOGGED_OUT
from watchfloor.settings_sign_on import CERTIFICATIONS, ClaimNames, SignOnSettings


@pytest.fixture(scope="module")
def page(pages):
    return pages["docs/sign-in.md"]


def test_every_example_can_be_loaded(page, tmp_path):
    blocks = page.blocks("toml")
    assert len(blocks) == 4
    for block in blocks:
        (tmp_path / settings.FILE).write_text(block.text)
        assert settings.load(tmp_path).sign_on is not None


def test_every_setting_of_the_table_is_there(page):
    listed = {row[0].strip("`") for row in page.table("in `[sign_on]`")}
    assert listed == {field.name for field in msgspec.structs.fields(SignOnSettings)}


def test_every_claim_is_there_with_its_names(page):
    rows = {key: row[2] for row in page.table("key") for key in re.findall(r"`([^`]+)`", row[0])}
    names = msgspec.structs.asdict(ClaimNames())
    trainings = names.pop("certifications")
    assert trainings == dict(CERTIFICATIONS)
    for key in CERTIFICATIONS:
        shown = f'certifications."{key}"' if key[0].isdigit() else f"certifications.{key}"
        names[shown] = CERTIFICATIONS[key]
    assert {*rows} == {*names}
    for key, told in rows.items():
        for name in names[key]:
            assert name.removeprefix("gfipm:2.0:user:") in told, (key, name)


def test_the_addresses_are_those_that_the_hub_answers_at(page):
    told = {row[1].strip("`") for row in page.table("at the provider")}
    assert {f"https://hub.example.org{path}" for path in ("/", CALLBACK, LOGGED_OUT)} == told
