"""An export that grows, and what one poll after the other makes of it."""

import csv
import io
from dataclasses import dataclass, field

import pytest

from watchfloor_sdk.declarative import Plan
from watchfloor_sdk.finding import find
from watchfloor_sdk.testing import TestHub, context

CONNECTOR = find("cad-file").connector

HEADER = [
    "item_number", "rtcc_signal_code", "rtcc_research_outcome", "Type", "TypeText", "Priority",
    "InitialType", "InitialTypeText", "InitialPriority", "MapX", "MapY", "TimeCreate",
    "TimeDispatch", "TimeArrive", "TimeClosed", "Disposition", "DispositionText", "SelfInitiated",
    "Beat", "BLOCK_ADDRESS", "Zip", "PoliceDistrict", "Location", "longitude", "latitude",
]  # fmt: skip


def line(*rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def row(number, **changes):
    known = {
        "item_number": f"Z{number:07}",
        "Type": "94",
        "TypeText": "DISCHARGING FIREARM",
        "Priority": "2D",
        "TimeCreate": "5/2/2022 16:14",
        "BLOCK_ADDRESS": "030XX Example Ave",
        "Location": "POINT (-90.034 29.987)",
        **changes,
    }
    return line([known.get(name, "") for name in HEADER])


@dataclass
class Poller:
    """One connector with its checkpoint, as a worker drives it."""

    settings: object
    hosts: list = field(default_factory=list)
    checkpoint: object = None
    pages: list = field(default_factory=list)
    now: object = None
    deadline_s: float = 10.0
    credentials: dict = field(default_factory=dict)

    def __post_init__(self):
        self.restart()

    def restart(self):
        self.connector, self.hub = CONNECTOR(), TestHub(self.credentials)

    async def poll(self):
        """The call numbers told; ``pages`` and ``checkpoint`` are as the hub would keep them."""
        ctx = context(self.settings, hosts=self.hosts, hub=self.hub, now=self.now)
        ctx.http._deadline_s = self.deadline_s
        self.pages = []
        try:
            async for page in self.connector.poll(ctx, self.checkpoint):
                self.pages.append(page)
                self.checkpoint = page.checkpoint
        finally:
            await ctx.aclose()
        return [event.data.call_number for event in self.events]

    async def check(self):
        return await self.connector.check(context(self.settings, hosts=self.hosts, hub=self.hub))

    @property
    def events(self):
        return [event for page in self.pages for event in page.events]

    @property
    def rejected(self):
        return [one.code for page in self.pages for one in page.rejected]


class Lines:
    """Text of an export: its first line, and rows that have their call's number."""

    header = line(HEADER)
    row = staticmethod(row)


@pytest.fixture
def lines():
    return Lines


@pytest.fixture
def polling():
    def made(settings, **options):
        return Poller(CONNECTOR.settings(**settings), **options)

    return made


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "cfs.csv"
    path.write_text(line(HEADER) + row(1) + row(2))
    return path


@pytest.fixture
def poller(export, polling):
    return polling({"mapping": "new-orleans", "path": str(export)})


@pytest.fixture
def mapper():
    """What maps the rows of an export by the mapping of this name, or at this path."""

    def made(mapping, **settings):
        given = CONNECTOR.settings(mapping=str(mapping), path="x", **settings)
        return Plan.of("watchfloor_cad_file", context(given)).mappers["calls"]

    return made
