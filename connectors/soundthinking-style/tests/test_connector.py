"""The connector against the simulated service: what it pushes, and its recordings."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import watchfloor_soundthinking_style
from watchfloor.contracts import Manifest, WebhookRecipe
from watchfloor.webhooks import verify
from watchfloor_city import PlatePassed, ShotsDetected
from watchfloor_sdk import Delivery, Event, Refused
from watchfloor_sdk.finding import find
from watchfloor_sdk.testing import Fault, context
from watchfloor_soundthinking_style_simulator import SoundthinkingStyleSimulator

SoundthinkingStyle = find("soundthinking-style").connector
Settings = SoundthinkingStyle.settings

NOW = datetime(2026, 5, 2, 21, 0, tzinfo=UTC)


def shots(state: Any = "created", origin: str = "synthetic", **about: Any) -> ShotsDetected:
    return ShotsDetected(
        at=NOW, origin=origin, incident="900001", state=state, classification="MULTIPLE GUNSHOTS",
        occurred=NOW, rounds=3, point=(-90.07, 29.95), **about,
    )  # fmt: skip


class Receiver:
    """Takes pushes as the hub does: refuses ``refuse`` of them first, then answers 200."""

    def __init__(self) -> None:
        self.refuse = 0
        self.bodies: list[bytes] = []
        self.headers: list[Any] = []
        self.came = asyncio.Condition()

    async def take(self, request: web.Request) -> web.Response:
        if self.refuse > 0:
            self.refuse -= 1
            return web.Response(status=503)
        self.headers.append(request.headers)
        self.bodies.append(await request.read())
        async with self.came:
            self.came.notify_all()
        return web.Response()

    @property
    def alerts(self) -> list[bytes]:
        return [body for body in self.bodies if b"<IALRT05>" in body]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10), self.came:
            await self.came.wait_for(condition)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    kept = Receiver()
    app = web.Application()
    app.router.add_post("/hooks/shots", kept.take)
    async with TestServer(app) as server:
        kept.url = str(server.make_url("/hooks/shots"))
        yield kept


@pytest.fixture
async def vendor(receiver: Receiver) -> AsyncIterator[SoundthinkingStyleSimulator]:
    service = SoundthinkingStyleSimulator(review_s=(0.01, 0.05), heartbeat_s=0.2, retry_s=0.01)
    service.settings = await service.start()
    service.push_to(receiver.url)
    yield service
    await service.stop()


@pytest.fixture
async def ctx(vendor: SoundthinkingStyleSimulator) -> AsyncIterator[Any]:
    settings = msgspec.convert(vendor.settings.config, Settings)
    host = settings.audio_url.removeprefix("http://")
    made = context(settings, source="shots", hosts=[host])
    yield made
    await made.aclose()


def mapped(ctx: Any, bodies: list[bytes]) -> list[Event]:
    connector = SoundthinkingStyle()
    return [e for body in bodies for e in connector.webhook(ctx, Delivery(1, NOW, {}, body))]


async def test_what_is_pushed_is_what_the_ledger_says(ctx: Any, vendor: Any, receiver: Receiver):
    vendor.feed(shots())
    vendor.feed(shots("updated", reviewed=True))
    vendor.feed(shots("cancelled", reviewed=True))
    await receiver.until(lambda: len(receiver.alerts) == 3)
    events = mapped(ctx, receiver.bodies)
    assert [event.id for event in events] == list(vendor.ledger)
    assert [event.data.state for event in events] == ["created", "updated", "cancelled"]


async def test_real_detections_are_reviewed_after_a_while(
    ctx: Any, vendor: Any, receiver: Receiver
):
    """Published data says nothing of the review; the synthetic city tells it itself."""
    vendor.feed(shots(origin="washington-dc-2006-2013"))
    await receiver.until(lambda: len(receiver.alerts) == 2)
    found, reviewed = mapped(ctx, receiver.alerts)
    assert (found.data.state, found.data.reviewed) == ("created", False)
    assert (reviewed.data.state, reviewed.data.reviewed) == ("updated", True)
    assert found.data.classification == reviewed.data.classification


async def test_heartbeats_come_on_their_own_and_are_no_events(
    ctx: Any, vendor: Any, receiver: Receiver
):
    await receiver.until(lambda: len(receiver.bodies) >= 2)
    assert mapped(ctx, receiver.bodies) == []


async def test_a_push_that_is_refused_is_repeated_and_order_is_kept(
    ctx: Any, vendor: Any, receiver: Receiver
):
    receiver.refuse = 3
    vendor.feed(shots())
    vendor.feed(shots("cancelled", reviewed=True))
    await receiver.until(lambda: len(receiver.alerts) == 2)
    assert [e.data.state for e in mapped(ctx, receiver.alerts)] == ["created", "cancelled"]


async def test_what_the_service_does_not_hear_is_not_pushed(vendor: Any, receiver: Receiver):
    vendor.feed(PlatePassed.__new__(PlatePassed))
    assert dict(vendor.ledger) == {}


@pytest.fixture
def recipe() -> WebhookRecipe:
    folder = Path(watchfloor_soundthinking_style.__file__)
    text = folder.with_name("connector.json").read_bytes()
    return msgspec.json.decode(text, type=Manifest).webhook


async def test_the_manifests_recipe_takes_the_token_and_no_other(
    vendor: Any, receiver: Receiver, recipe: WebhookRecipe
):
    await receiver.until(lambda: bool(receiver.bodies))
    secret = vendor.settings.credentials["push_token"]["token"].encode()
    verify(recipe, secret, receiver.headers[0], receiver.bodies[0], 0)
    with pytest.raises(Refused):
        verify(recipe, secret + b"x", receiver.headers[0], receiver.bodies[0], 0)
    with pytest.raises(Refused):
        verify(recipe, secret, {}, receiver.bodies[0], 0)


async def test_a_recording_can_be_heard(ctx: Any, vendor: Any, receiver: Receiver):
    vendor.feed(shots())
    await receiver.until(lambda: bool(receiver.alerts))
    (event,) = mapped(ctx, receiver.alerts)
    answer = await SoundthinkingStyle().media(ctx, event.data.media[0].handle)
    assert (answer.state, answer.content_type) == ("fetched", "audio/wav")
    with wave.open(io.BytesIO(answer.body)) as sound:
        assert sound.getnframes() / sound.getframerate() > 1


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_recording_whose_address_ran_out_says_so(ctx: Any, vendor: Any, status: int):
    vendor.faults.add(Fault.status(status))
    answer = await SoundthinkingStyle().media(ctx, f"{ctx.settings.audio_url}/audio/900001.wav")
    assert (answer.body, answer.state) == (None, "expired")


async def test_recordings_from_elsewhere_are_refused(ctx: Any):
    with pytest.raises(Refused):
        await SoundthinkingStyle().media(ctx, "https://elsewhere.example.org/1.wav")


async def test_check_says_whether_recordings_can_be_heard(ctx: Any):
    silent = context(Settings(owner="nopd"))
    *_, with_host = await SoundthinkingStyle().check(ctx)
    *_, without = await SoundthinkingStyle().check(silent)
    assert "on demand" in with_host.detail
    assert without.remedy
