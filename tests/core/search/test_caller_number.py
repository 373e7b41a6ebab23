"""Who called 911 is seen in the call's own view, and nowhere else."""

from __future__ import annotations

import asyncio
import json

import pytest
from hub import until
from made_up import HERE, push_source

from watchfloor.adapters.http_out import HttpAnswer, HttpOut

NUMBER = "+15555550199"
DIGITS = "5555550199"
"""As long as any way of writing the number has in common."""

RULE = """
id: emergency
title: Emergency
severity: high
kinds: ["911"]
when: has(data.callback)
dedupe: {by: [data.callback], minutes: 30}
correlate: {radius_m: 300, minutes: 10, include: [reads, units, cameras]}
notify: [partner]
"""


def emergency(number, state="ringing", **changes):
    return {
        "specversion": "1.0", "id": f"911-{number}-{state}", "source": "push-1",
        "type": "watchfloor.e911.call.v1", "time": f"2026-05-02T21:14:0{number}Z",
        "dataclassification": "le-sensitive", "subject": "911/SIM-1",
        "data": {"call": "SIM-1", "state": state, "callback": NUMBER,
                 "place": {"point": list(HERE), "address": "100 Main St"}, **changes},
    }  # fmt: skip


@pytest.fixture
def heard(monkeypatch):
    """What leaves the hub for a partner."""
    said = []

    async def post(_, url, headers, body, deadline_s):
        said.append(f"{url} {dict(headers)} {body.decode()}")
        return HttpAnswer(200, None)

    monkeypatch.setattr(HttpOut, "post", post)
    return said


async def _fed(api, told):
    """What the live feed says."""
    async with api.client.get(f"{api.url}/api/v1/stream") as response:
        async for line in response.content:
            told.append(line.decode())


async def test_the_callers_number_is_in_the_calls_own_view_only(api, heard):
    await push_source(api)
    told: list[str] = []
    feeding = asyncio.create_task(_fed(api, told))
    await until(lambda: told)
    await api.send(
        "PUT", "/channels/partner", {"url": "https://partner.example.org/", "include_details": True}
    )
    await api.send("PUT", "/rules/emergency", {"document": RULE})
    await api.push("push-1", [emergency(1), emergency(2, "answered"), emergency(3, "ended")])
    alerts = await until(lambda: _alerts(api))
    await until(lambda: any("SIM-1" in line or "911 call" in line for line in told))
    await until(lambda: heard)
    feeding.cancel()
    await asyncio.gather(feeding, return_exceptions=True)

    items = await api.events()
    assert len(items) == 3
    lists = [items, alerts, told, heard]
    for path in ("/live", "/assets", "/sources", "/gaps", "/deliveries", "/rules", "/channels"):
        lists.append(await api.get(path))
    for alert in alerts:
        lists.append(await api.get(f"/alerts/{alert['id']}"))
        lists.append(await api.get(f"/alerts/{alert['id']}/context"))
    for words in (
        NUMBER,
        DIGITS,
        "(555) 555-0199",
        "911",
        "SIM-1",
        "100 Main St",
        f"phone:{DIGITS}",
    ):
        lines = await api.lines("/search", q=words)
        found = [hit for line in lines for hit in line.get("hits", ())]
        lists.append(found)
        if "0199" in words:
            assert found == [], f"a 911 call is found by {words!r}"
    assert any(found for found in lists[-4:]), "the call is found by what it is filed under"
    assert DIGITS not in json.dumps(lists)

    own = await api.get(f"/events/{items[0]['seq']}")
    assert own["event"]["data"]["callback"] == NUMBER
    assert DIGITS not in json.dumps(own["summary"])


async def _alerts(api):
    return (await api.get("/alerts"))["items"]
