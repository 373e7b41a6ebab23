"""``watchfloor credential``: what is set and what is not, and how it is set."""

from __future__ import annotations

import pytest
from hub import PERSON, api_of, hub_here, session_of

HUSH = "hush-SIM-0004"
CONFIG = {"base_url": "http://127.0.0.1:9", "owner": "Example", "lpr_cameras": ["none"]}


@pytest.fixture
async def hub(data_dir):
    async with hub_here(data_dir) as running, api_of(running.url, session_of(running)) as api:
        wanted = {"connector": "verkada", "name": "Gate", "config": CONFIG, "enabled": False}
        await api.send("PUT", "/sources/gate", wanted)
        yield running


async def test_a_credential_is_listed_set_by_its_parts_and_listed_again(run, hub, tmp_path):
    assert "not set" in (await run("credential", "list", "gate")).out
    file = tmp_path / "secret"
    file.write_text(f"{HUSH}\n")
    done = await run("credential", "set", "gate", "webhook_secret", "--file", f"secret={file}")
    assert (done.code, done.out.strip()) == (0, "gate: webhook_secret is set.")
    listed = await run("credential", "list", "gate")
    assert f"by {PERSON}: secret" in listed.out
    assert HUSH not in listed.out + done.out + done.err
    kept = await hub.hub.sources.credentials("gate")
    assert [each.filled for each in kept if each.name == "webhook_secret"] == [["secret"]]


async def test_what_no_file_holds_is_asked_for(run, hub, tmp_path, monkeypatch):
    asked = []

    def prompt(words, *, hide_input, err):
        asked.append((words, hide_input))
        return HUSH

    monkeypatch.setattr("watchfloor.cli.credentials.typer.prompt", prompt)
    assert (await run("credential", "set", "hub", "proxy")).code == 0
    assert asked == [("proxy: User", False), ("proxy: Password", True)]
    listed = {
        each["name"]: each for each in (await run("credential", "list", "hub", "--json")).lines
    }
    assert listed["proxy"]["filled"] == ["username", "password"]
    asked.clear()
    assert (await run("credential", "set", "gate", "webhook_secret", "--ask", "previous")).code == 0
    assert [words for words, _ in asked] == [
        "webhook_secret: Secret", "webhook_secret: The one before",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("gate", "nothing"), "undeclared"),
        (("nowhere", "token"), "no_such_source"),
        (("gate", "webhook_secret", "--file", "secret"), "usage"),
        (("gate", "webhook_secret", "--file", "secret=/nowhere/at/all"), "usage"),
    ],
)
async def test_what_cannot_be_set_is_said(run, hub, arguments, code):
    assert (await run("credential", "set", *arguments, "--json")).error["code"] == code


def test_a_key_of_several_lines_is_not_asked_for():
    from watchfloor.cli.credentials import _ask, _wanted
    from watchfloor.contracts import CREDENTIAL_KINDS, GiveUp

    shape = CREDENTIAL_KINDS["ssh_key"]
    parts = [{"name": part.name, "long": part.long} for part in shape.parts]
    declared = {"ways": shape.ways, "parts": parts}
    named = {part["name"] for part in _wanted(declared, ["private_key", "passphrase"])}
    assert named == {"username", "private_key", "passphrase"}
    with pytest.raises(GiveUp) as info:
        _ask("sftp", parts[1])
    assert "--file private_key=PATH" in info.value.remedy
