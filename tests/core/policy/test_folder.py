"""A policy's files: what is read, what is refused and with which words, what the wheel carries."""

from __future__ import annotations

import pytest
from asking import AGENCY, EVERYBODY, engine

from watchfloor.adapters.cedar import read_rules
from watchfloor.contracts import AskAPerson
from watchfloor.policy import load, packaged, read_folder, run_cases
from watchfloor.policy.folder import starter


def test_a_folder_s_other_files_are_no_part_of_it(tmp_path):
    for name in ("a.cedar", "README.md", ".git/b.cedar", "tests/c.toml", "tests/c.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    assert sorted(read_folder(tmp_path)) == ["a.cedar", "tests/c.toml"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("stat = 1", "stat"),
        ('state = "la"', "state"),
        ("[limits]\nbroad_plates = 0", "broad_plates"),
        ("[limits]\nhistory_days = 8", "history_days"),
        ("[limits]\nhistory_sightings = 21", "history_sightings"),
        ("[limits]\nlookback_days = { moon = 3 }", "moon"),
        ("[agencies.mid]\nlevel = 'galactic'", "level"),
        ("[agencies.mid]\nours = true", "ours"),
        ("[agencies.mid]\nsources = ['lpr']\n[agencies.far]\nsources = ['lpr']", "lpr"),
        ("[agencies.mid]\nid = 'ex-pd'", "id"),
        ("state = \n", "line 1"),
    ],
)
def test_settings_that_are_wrong_are_refused_with_the_field(text, what):
    with pytest.raises(AskAPerson, match=what) as caught:
        engine(settings=text)
    assert caught.value.code == "bad_policy"
    assert caught.value.detail.startswith("settings.toml")


def test_zones_that_are_wrong_are_refused():
    with pytest.raises(AskAPerson, match=r"zones\.geojson"):
        load({"zones.geojson": "{}"}, AGENCY, read_rules)


@pytest.mark.parametrize(
    "text", ["case = 1", "[[case]]\nname = 'x'", "[[case", '[[case]]\nname = "x"\nwhat = 1']
)
def test_cases_that_are_none_are_refused(text):
    files = {"a.cedar": EVERYBODY, "tests/a.toml": text}
    with pytest.raises(AskAPerson, match=r"tests/a\.toml"):
        run_cases(files, load(files, AGENCY, read_rules))


def test_a_case_s_purpose_is_checked():
    text = (
        '[[case]]\nname = "x"\nperson = { roles = ["analyst"] }\npermission = "data:search"\n'
        'purpose = { code = "curiosity" }\nexpect = { permitted = false }\n'
    )
    files = {"a.cedar": EVERYBODY, "tests/a.toml": text}
    with pytest.raises(AskAPerson, match="curiosity"):
        run_cases(files, load(files, AGENCY, read_rules))


def test_where_a_folder_has_no_rules_the_packaged_ones_hold():
    policy = load({"settings.toml": 'state = "LA"'}, AGENCY, read_rules)
    assert policy.rules.rules.keys() == load(packaged(), AGENCY, read_rules).rules.rules.keys()


def test_what_an_agency_starts_with_decides_as_the_packaged_policy():
    """Everything in it that could be set is a comment."""
    started, default = (load(each, AGENCY, read_rules) for each in (starter(), packaged()))
    assert started.settings == default.settings
    assert started.gates == ()
    assert all(each.passed for each in run_cases(starter(), started))
