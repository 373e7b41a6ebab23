"""What the alert router cannot judge is before IT, and so is that it waits."""

from __future__ import annotations

import pytest_asyncio
from hub import api_of, hub_here, session_of, until
from made_up import call, push_source

from watchfloor.alerts.desk import Desk
from watchfloor.contracts import AskAPerson


@pytest_asyncio.fixture
async def floor(tmp_path):
    async with (
        hub_here(tmp_path / "hub") as running,
        api_of(running.url, session_of(running)) as api,
    ):
        await push_source(api)
        yield running.hub, api


async def repairs(api):
    return [
        each for each in (await api.get("/repairs"))["items"] if each["source_name"] == "Alerts"
    ]


async def test_an_event_that_is_set_aside_is_to_be_seen_to_until_somebody_closes_its_alert(
    floor, monkeypatch
):
    _, api = floor
    raising = Desk.raise_alerts

    async def breaks(desk, to, drafts):
        if any(draft.alert.rule for draft in drafts):
            raise KeyError("100 Main St")
        await raising(desk, to, drafts)

    monkeypatch.setattr(Desk, "raise_alerts", breaks)
    await api.push("push-1", [call(1)])
    [repair] = await until(lambda: repairs(api))
    monkeypatch.undo()
    await api.push("push-1", [call(2)])
    alerts = await until(lambda: two_alerts(api))
    assert [alert["rule"] for alert in alerts] == ["weapon-call", ""]
    assert (repair["code"], repair["since"]) == ("events_unjudged", alerts[1]["raised"])
    assert repair["detail"] == "The hub failed on 1 of the kind call; alert 1 has them."
    await api.send("POST", "/alerts/1/acknowledge", {})
    await api.send("POST", "/alerts/1/close", {"note": "Looked at: a robbery, dispatched."})
    assert await repairs(api) == []


async def two_alerts(api):
    alerts = (await api.get("/alerts"))["items"]
    return alerts if len(alerts) == 2 else []


async def test_that_nothing_is_judged_is_to_be_seen_to_once_it_lasts(floor, monkeypatch):
    hub, api = floor

    async def full(*_):
        raise AskAPerson("The disk is full.", code="disk_full", remedy="Make room.")

    monkeypatch.setattr(Desk, "raise_alerts", full)
    await api.push("push-1", [call(1)])
    await until(lambda: hub.alerts.waits)
    assert await repairs(api) == [], "it may pass by itself"
    monkeypatch.setattr("watchfloor.web.hub.PASSING_S", 0.0)
    [repair] = await repairs(api)
    assert (repair["code"], repair["remedy"]) == ("disk_full", "Make room.")
    assert repair["detail"] == "What comes in waits: The disk is full."
    monkeypatch.undo()
    await until(lambda: hub.alerts.waits is None)


async def test_an_event_that_cannot_even_be_set_aside_is_to_be_seen_to(floor, monkeypatch):
    hub, api = floor
    monkeypatch.setattr("watchfloor.alerts.router.TRY_AGAIN_S", 0.0)
    raising = Desk.raise_alerts

    async def breaks(desk, to, drafts):
        if any(draft.event.id == "call-1" for draft in drafts):
            raise KeyError("100 Main St")
        await raising(desk, to, drafts)

    monkeypatch.setattr(Desk, "raise_alerts", breaks)
    await api.push("push-1", [call(1), call(2)])
    [repair] = await until(lambda: repairs(api))
    assert repair["code"] == "events_given_up"
    assert repair["detail"].endswith("The newest is event 1.")
    [alert] = await until(lambda: hub.alerts.list())
    assert (alert.rule, alert.events) == ("weapon-call", [2])
