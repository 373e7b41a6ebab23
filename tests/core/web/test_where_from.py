"""Where a call comes from stands in its record: not where its session was begun."""

from __future__ import annotations

import json

import pytest
from hub import api_of, hub_here
from staff import noted, somebody

from watchfloor.bootstrap import RUN_FILE
from watchfloor.identity import Origin, Role
from watchfloor.web import COOKIE

ANA = somebody("ana", Role.ANALYST)
AT_DESK = Origin("192.0.2.7", "desk")


async def of_last(hub, event):
    [last, *_] = await noted(hub, event)
    return last.origin.address, last.origin.device


@pytest.mark.parametrize(("shown", "device"), [("", ""), ("; watchfloor_device=van", "van")])
async def test_a_session_that_is_carried_off_is_seen_where_it_is_used(tmp_path, shown, device):
    async with hub_here(tmp_path / "hub") as hub, api_of(hub.url) as api:
        secret, session = hub.hub.sessions.begin(ANA, AT_DESK)
        headers = {"Cookie": f"{COOKIE}={secret}{shown}"}
        await api.call("GET", "/live", headers=headers)
        assert await of_last(hub, "live.viewed") == ("127.0.0.1", device)
        [mine] = (await api.call("GET", "/session/screens", headers=headers)).json["items"]
        assert (mine["address"], mine["device"]) == ("192.0.2.7", "desk"), "where it was begun"
        await api.call("POST", "/session/lock", headers=headers)
        assert await of_last(hub, "session.locked") == ("127.0.0.1", device)
        assert (await api.call("GET", "/hub", headers=headers)).code == "session_locked"
        [kept_out, *_] = await noted(hub, "hub.viewed")
        assert (kept_out.outcome, kept_out.session) == ("denied", session.id)
        assert await of_last(hub, "hub.viewed") == ("127.0.0.1", device)


async def test_behind_the_agency_s_proxy_it_is_whom_that_saw(tmp_path):
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "hub.toml").write_text(
        '[listening]\npublic_url = "https://hub.example.org"\ntrusted_proxies = ["127.0.0.1"]\n'
    )
    async with hub_here(tmp_path / "hub") as hub:
        own = json.loads((tmp_path / "hub" / RUN_FILE).read_text())["url"]
        secret, _ = hub.hub.sessions.begin(ANA, AT_DESK)
        headers = {
            "Host": "hub.example.org",
            "X-Forwarded-For": "198.51.100.1, 203.0.113.9",
            "X-Forwarded-Proto": "https",
            "Cookie": f"__Host-{COOKIE}={secret}; __Host-watchfloor_device=van",
        }
        async with api_of(own) as api:
            assert (await api.call("GET", "/live", headers=headers)).status == 200
        assert await of_last(hub, "live.viewed") == ("203.0.113.9", "van")
