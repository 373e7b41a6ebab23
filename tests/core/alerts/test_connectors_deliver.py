"""Alerts reach people by connectors: the hub as it runs, its egress, a confined worker, and the
other system's simulator. The receipt stands with the delivery."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from hub import Api, api_of, hub_here, session_of, until
from made_up import call, connect, push_source

from watchfloor_email_simulator import EmailSimulator
from watchfloor_sdk.simulation import Simulator
from watchfloor_slack_simulator import SlackSimulator

RULE = "{id: robbery, title: Robbery, severity: high, kinds: [call], notify: [people]}"


@contextlib.asynccontextmanager
async def told_by(folder: Path, vendor: Simulator) -> AsyncIterator[Api]:
    """A hub whose channel ``people`` is a source that delivers to ``vendor``."""
    async with hub_here(folder / "hub") as hub, api_of(hub.url, session_of(hub)) as api:
        try:
            await connect(api, "messages", await vendor.start())
            await until(lambda: _runs(api))
            await api.send("PUT", "/channels/people", {"source": "messages"})
            await api.send("PUT", "/rules/robbery", {"document": RULE})
            await push_source(api)
            yield api
            await api.send("DELETE", "/sources/messages")
        finally:
            await vendor.stop()


async def _runs(api: Api) -> bool:
    return (await api.source("messages"))["state"] == "running"


async def delivered(api: Api) -> dict[str, Any]:
    """The delivery, once it is made."""

    async def made() -> Any:
        items = (await api.get("/deliveries"))["items"]
        return next((one for one in items if one["state"] == "delivered"), None)

    return await until(made)


async def test_slack(tmp_path: Path) -> None:
    vendor = SlackSimulator()
    async with told_by(tmp_path, vendor) as api:
        await api.push("push-1", [call(1)])
        delivery = await delivered(api)
    [(ts, posted)] = vendor.ledger.items()
    assert (delivery["receipt"], delivery["channel"]) == (ts, "people")
    assert posted["text"].startswith(f"*Call for service, high (alert {delivery['alert']})*\n")
    assert f"/alerts/{delivery['alert']}" in posted["text"]
    assert "Armed robbery" not in posted["text"]


async def test_slack_fails_inside_http_200_and_the_hub_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchfloor.alerts.courier.SCHEDULE_S", (0.1,))
    monkeypatch.setattr("watchfloor.alerts.courier.REST_S", 0.1)
    vendor = SlackSimulator()
    vendor.errors.append("fatal_error")
    async with told_by(tmp_path, vendor) as api:
        await api.push("push-1", [call(1)])
        delivery = await delivered(api)
    assert delivery["attempts"] == 2
    assert [delivery["receipt"]] == list(vendor.ledger)


async def test_mail(tmp_path: Path) -> None:
    vendor = EmailSimulator()
    async with told_by(tmp_path, vendor) as api:
        await api.push("push-1", [call(1)])
        delivery = await delivered(api)
    [(answer, letter)] = vendor.ledger.items()
    assert delivery["receipt"] == answer
    assert message_from_bytes(letter.raw)["Subject"].startswith("Call for service, high")
