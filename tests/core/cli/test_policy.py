"""``watchfloor policy``: from an empty directory to an adopted policy, by two people."""

from __future__ import annotations

import pytest
from hub import PERSON
from people import session_as

from watchfloor.cli import signed_in
from watchfloor.identity import Role

GATE = '[gates.no_immigration]\nconfirmed_by = "A. Counsel"\nconfirmed_on = 2025-11-03\n'


@pytest.fixture
async def started(run, data_dir):
    assert (await run("policy", "start")).code == 0
    return data_dir / "policy"


async def test_a_new_hub_shows_the_packaged_policy(run):
    ran = await run("policy", "show")
    assert ran.code == 0
    assert "as packaged" in ran.out


async def test_a_folder_is_missed_with_a_remedy(run):
    ran = await run("policy", "check", "--json")
    assert (ran.code, ran.error["code"]) == (2, "no_policy_folder")
    assert "policy start" in ran.error["remedy"]


async def test_a_folder_is_made_once(run, started):
    ran = await run("policy", "start")
    assert ran.code == 4
    assert "policy_folder_exists" in ran.err


async def test_what_it_starts_with_is_sound_and_passes(run, started):
    assert (await run("policy", "check")).code == 0
    ran = await run("policy", "test", "--json")
    assert ran.code == 0
    assert len(ran.lines) >= 4
    assert all(line["passed"] for line in ran.lines)


async def test_a_case_that_fails_says_in_what(run, started):
    first = started / "tests" / "first.toml"
    first.write_text(first.read_text().replace("purpose_missing", "no_reason"))
    ran = await run("policy", "test")
    assert ran.code == 1
    assert "the reason is purpose_missing, not no_reason" in ran.out


async def test_no_cases_are_said(run, started):
    (started / "tests" / "first.toml").unlink()
    assert "no cases" in (await run("policy", "test")).out


async def test_what_is_wrong_has_file_and_line(run, started):
    rules = started / "default.cedar"
    rules.write_text(rules.read_text().replace("permit(principal, action ==", "permt(", 1))
    ran = await run("policy", "check")
    assert ran.code == 4
    assert "default.cedar, line " in ran.err


async def test_two_people_adopt(run, hub, data_dir, tmp_path, monkeypatch):
    """Each is who is signed in: no name is believed."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    settings = data_dir / "policy" / "settings.toml"
    settings.write_text(GATE + "[limits]\nbroad_records = 2000\n")
    shown = (await run("policy", "diff")).out
    assert "tightens  Gate no_immigration is switched on." in shown
    assert "loosens   Limit broad_records: 1000 is now 2000." in shown
    assert "+broad_records = 2000" in shown
    (proposal,) = (await run("policy", "propose", "--json")).lines
    version = proposal["version"]
    assert f"{version[:12]}, proposed by {PERSON}" in (await run("policy", "show")).out
    assert "Gate no_immigration" in (await run("policy", "diff", version[:12])).out
    alone = await run("policy", "approve", version, "--json")
    assert alone.error["code"] == "policy_same_person"
    ben = session_as(hub, "ben", Role.SUPERVISOR)
    signed_in.write(data_dir, signed_in.SignedIn(hub.url, ben))
    assert (await run("policy", "approve", version[:12])).code == 0
    assert hub.hub.engine.policy.version == version, "it decides at once"
    (running,) = (await run("policy", "show", "--json")).lines
    assert running["approved_by"] == "ben"
    assert running["gates"] == ["no_immigration"]
    assert running["notice"] == ""
    assert "Nothing would change." in (await run("policy", "diff")).out


async def test_without_a_hub_nobody_is_believed(run, started):
    assert (await run("policy", "propose", "--json")).error["code"] == "unreachable"
    assert (await run("policy", "approve", "0" * 12, "--by", "ben")).code == 2


async def test_templates_show_citation_and_that_counsel_must_confirm(run):
    for arguments in ((), ("us-va-share",)):
        ran = await run("policy", "templates", *arguments)
        assert "2.2-5517" in ran.out
        assert "counsel must confirm" in ran.out
    assert "[presets.us-va-share]" in ran.out


async def test_a_template_that_is_none(run):
    assert (await run("policy", "templates", "us-xx", "--json")).error["code"] == "no_such_template"


async def test_the_words_that_rules_may_use(run):
    assert 'action "data:search"' in (await run("policy", "show", "--schema")).out
