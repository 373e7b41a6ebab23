"""An organisation of one plate reader and one camera, and what happens there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from watchfloor_city import Asset, Look, PlatePassed
from watchfloor_sdk import Delivery, Page
from watchfloor_sdk.pace import Limit
from watchfloor_sdk.testing import simulated
from watchfloor_verkada import client
from watchfloor_verkada.connector import Verkada
from watchfloor_verkada.settings import Settings
from watchfloor_verkada_simulator import VerkadaSimulator
from watchfloor_verkada_simulator.webhooks import envelope

NOW = datetime.now(UTC)
POINT = (-90.07, 29.95)


@pytest.fixture
def now() -> datetime:
    """When the tests began, which what happens is dated by."""
    return NOW


@pytest.fixture
def point() -> tuple[float, float]:
    """Where everything is."""
    return POINT


@pytest.fixture
def assets() -> Callable[..., list[Asset]]:
    """So many readers, and a camera."""

    def assets(count: int = 1) -> list[Asset]:
        readers = [
            Asset(id=f"gate-{n}", kind="plate_reader", name=f"Gate {n}", point=POINT)
            for n in range(count)
        ]
        return [*readers, Asset(id="lobby", kind="camera", name="Lobby", point=POINT)]

    return assets


@pytest.fixture
def passed() -> Callable[..., PlatePassed]:
    """A plate at the first reader, so many seconds ago."""

    def passed(number: int, ago_s: float = 60.0) -> PlatePassed:
        return PlatePassed(
            at=NOW - timedelta(seconds=ago_s),
            reader="gate-0",
            plate=f"ZZT{number:04}",
            region="US-LA",
            confidence=0.9,
            heading_deg=90.0,
            point=POINT,
            vehicle=Look("Ford", "F-150", "white", "pickup"),
        )

    return passed


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "LIMIT", Limit(100_000))
    monkeypatch.setattr(client, "COOL_DOWN_S", 0.01)


@pytest.fixture
def running() -> Callable[..., AbstractAsyncContextManager[Any]]:
    """A context, configured for a vendor that runs meanwhile."""

    def running(vendor: VerkadaSimulator, **config: Any) -> AbstractAsyncContextManager[Any]:
        return simulated(vendor, Settings, source="vk", **config)

    return running


@pytest.fixture
def vendor(assets: Any) -> VerkadaSimulator:
    """The organisation."""
    return VerkadaSimulator(assets())


@pytest.fixture
async def ctx(vendor: VerkadaSimulator, running: Any) -> AsyncIterator[Any]:
    """A context that is configured for it."""
    async with running(vendor) as configured:
        yield configured


@pytest.fixture
def delivery() -> Callable[..., Delivery]:
    """A webhook as the worker is handed it."""

    def delivery(data: Any, kind: str = "lpr") -> Delivery:
        return Delivery(1, NOW, {}, envelope(kind, data))

    return delivery


@pytest.fixture
def sweep() -> Callable[..., Awaitable[list[Page]]]:
    """One poll, to its end."""

    async def sweep(
        ctx: Any, checkpoint: Any = None, connector: Verkada | None = None
    ) -> list[Page]:
        return [page async for page in (connector or Verkada()).poll(ctx, checkpoint)]

    return sweep
