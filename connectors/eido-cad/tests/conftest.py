"""A simulated dispatch system, and a connector that polls it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from watchfloor_city import CallChanged, Code, Remark, UnitStatusChanged
from watchfloor_eido_cad import EidoCad, Settings
from watchfloor_eido_cad_simulator import EidoCadSimulator
from watchfloor_sdk.testing import TestHub, context

START = datetime(2026, 5, 2, 21, 14, 7, tzinfo=UTC)


def call(number, status="Active", minutes=0, **changes):
    ended = status in ("Closed", "Cancelled")
    at = START + timedelta(minutes=minutes)
    known = {
        "call_number": f"Z-{number:05}",
        "type": Code("94", "DISCHARGING FIREARM"),
        "initial_type": Code("94", "DISCHARGING FIREARM"),
        "created": START,
        "priority": 1,
        "point": (-90.03, 29.98),
        "point_error_m": 60.0,
        "address": "030XX Example Ave",
        "closed": at if ended else None,
        "notes": (Remark(START, "caller hears <shots> & leaves"),),
        "callback": "555-0100",
        "plates": ("ZZT1234",),
        **changes,
    }
    return CallChanged(at=at, status=status, **known)


def unit(name, number, status="Dispatched", minutes=0):
    at = START + timedelta(minutes=minutes)
    return UnitStatusChanged(
        at=at, unit=name, status=status, point=(-90.0, 29.95), call_number=f"Z-{number:05}"
    )


@dataclass
class Poller:
    """One connector with its checkpoint, as a worker drives it."""

    setup: object
    checkpoint: object = None
    opened: list = field(default_factory=list)

    def __post_init__(self):
        self.restart()

    async def aclose(self):
        for ctx in self.opened:
            await ctx.aclose()

    def restart(self):
        self.connector, self.hub = EidoCad(), TestHub(self.setup.credentials)
        self.ctx = context(msgspec.convert(self.setup.config, Settings), hub=self.hub)
        self.opened.append(self.ctx)
        self.pages = []

    async def poll(self):
        """What was told: ``[(subject, status)]``."""
        self.pages = []
        async for page in self.connector.poll(self.ctx, self.checkpoint):
            self.pages.append(page)
            self.checkpoint = page.checkpoint
        return [(event.subject, event.data.status) for event in self.events]

    @property
    def events(self):
        return [event for page in self.pages for event in page.events]

    @property
    def rejected(self):
        return [one.code for page in self.pages for one in page.rejected]


class Make:
    """Happenings in short."""

    call = staticmethod(call)
    unit = staticmethod(unit)


@pytest.fixture
def make():
    return Make


@pytest.fixture
async def dispatch():
    simulator = EidoCadSimulator()
    simulator.setup_answer = await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def poller(dispatch):
    poller = Poller(dispatch.setup_answer)
    yield poller
    await poller.aclose()
