"""``watchfloor token`` and ``watchfloor break-glass``, and a search for a request that is named."""

from __future__ import annotations

from made_up import call, push_source
from staff import signed_in, somebody

from watchfloor.cli import signed_in as mine
from watchfloor.identity import Role

KIM = somebody("kim", Role.AGENCY_IT)


async def test_a_token_is_made_used_and_revoked(run, api):
    await push_source(api)
    made = (await run("token", "make", "Example Co", "push-1", "--days", "30", "--json")).lines[0]
    shown = {"Authorization": f"Bearer {made['secret']}"}
    handed = await api.call("POST", "/events", [call(1)], headers=shown, source="push-1")
    assert handed.status == 200
    listed = await run("token", "list")
    assert "Example Co" in listed.out
    assert made["secret"] not in listed.out
    assert "revoked" in (await run("token", "revoke", made["token"]["id"])).out
    handed = await api.call("POST", "/events", [call(2)], headers=shown, source="push-1")
    assert handed.status == 401
    again = await run("token", "revoke", made["token"]["id"], "--json")
    assert (again.code, again.error["code"]) == (2, "no_such_token")


async def test_its_secret_is_shown_once_and_ready_to_paste(run, api):
    await push_source(api)
    assert "Authorization: Bearer wft_" in (await run("token", "make", "Co", "push-1")).out


async def test_a_break_glass_account_waits_for_somebody_else(
    run, hub, data_dir, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    asked = []

    def prompt(words, **how):
        asked.append((words, how["hide_input"], how["confirmation_prompt"]))
        return "Marmalade tugboat 7 lanterns"

    monkeypatch.setattr("watchfloor.cli.break_glass.typer.prompt", prompt)
    at_machine = await run("break-glass", "add", "night", "--name", "Night Desk", "--json")
    assert (at_machine.code, at_machine.error["code"]) == (4, "nobody_vouched")
    asked.clear()
    async with signed_in(hub, KIM) as kim:
        mine.write(data_dir, mine.SignedIn(hub.url, kim.session))
    added = await run("break-glass", "add", "night", "--name", "Night Desk")
    assert "waits for a second person" in added.out
    assert asked == [("Password", True, True)]
    assert "Night Desk" in (await run("break-glass", "list")).out
    assert (await run("break-glass", "release", "night")).code == 0
    assert "is gone" in (await run("break-glass", "remove", "night")).out
    assert "There are no" in (await run("break-glass", "list")).out


async def test_a_search_is_for_the_request_that_is_named(run, api):
    asked = {"purpose": "missing_endangered", "asked": "A test asks", "provisional": True}
    request = (await api.send("POST", "/requests", asked))["id"]
    found = await run("search", "ZZT1234", "--request", request, "--json")
    assert found.lines[0]["understood"]["accountability"]["request"] == request
    wrong = await run("search", "ZZT1234", "--request", "R-26-999999", "--json")
    assert (wrong.code, wrong.error["code"]) == (2, "no_such_request")
