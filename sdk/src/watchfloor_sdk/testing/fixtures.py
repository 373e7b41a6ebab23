"""Fixtures that a connector's tests have without a line of their own. A fixture of the same name in
a test's own file or ``conftest.py`` goes before."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from watchfloor_sdk.context import Context
from watchfloor_sdk.finding import find
from watchfloor_sdk.simulation import Simulator

from .contexts import simulated
from .hub import HubDouble
from .rehearsal import simulator_of


@pytest.fixture
def connector_id(request: pytest.FixtureRequest) -> str:
    """The connector whose folder the test is in: the nearest ``src/<package>/connector.json``."""
    for folder in Path(request.path).parents:
        for manifest in folder.glob("src/*/connector.json"):
            return str(json.loads(manifest.read_text("utf-8"))["id"])
    pytest.fail("No folder above this test has a src/<package>/connector.json.")


@pytest.fixture
def simulator(connector_id: str) -> Simulator:
    """The connector's simulator, for a rehearsal; not started."""
    return simulator_of(connector_id)


@pytest.fixture
def hub_double() -> HubDouble:
    """A hub in memory, empty."""
    return HubDouble()


@pytest_asyncio.fixture
async def ctx(connector_id: str, simulator: Simulator) -> AsyncIterator[Context[Any]]:
    """A context that is set up for the running simulator. Both end with the test."""
    settings = find(connector_id).connector.settings
    async with simulated(simulator, settings) as configured:
        yield configured
