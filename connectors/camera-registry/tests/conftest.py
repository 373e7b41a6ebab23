"""A registry in a file, and a connector that reads it."""

import json
from dataclasses import dataclass, field

import msgspec
import pytest

from watchfloor_camera_registry import CameraRegistry, Settings
from watchfloor_sdk.testing import TestHub, context


def feature(number, *, at=(-90.03, 29.98), **properties):
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": list(at)},
        "properties": {"camera_id": f"cam-{number}", **properties},
    }


@dataclass
class Reader:
    """One connector with its checkpoint, as a worker drives it."""

    config: dict
    hosts: list = field(default_factory=list)
    checkpoint: object = None
    now: object = None

    def __post_init__(self):
        self.restart()

    def restart(self):
        self.connector, self.hub = CameraRegistry(), TestHub()
        self.ctx = context(
            msgspec.convert(self.config, Settings), hosts=self.hosts, hub=self.hub, now=self.now
        )

    async def inventory(self):
        return await self.connector.inventory(self.ctx)

    async def assets(self):
        return {asset.id: asset for asset in (await self.inventory()).assets}

    async def poll(self):
        events, self.rejected = [], []
        async for page in self.connector.poll(self.ctx, self.checkpoint):
            events += page.events
            self.rejected += page.rejected
            self.checkpoint = page.checkpoint
        return events


@pytest.fixture
def make_feature():
    return feature


@pytest.fixture
def registry(tmp_path):
    """Writes features as the registry's file; ``registry.reader`` reads it."""
    path = tmp_path / "registry.json"

    def write(*features, **more):
        path.write_text(
            json.dumps({"type": "FeatureCollection", "features": list(features), **more})
        )

    write.path = path
    write.reader = lambda **config: Reader(
        {"mapping": "registry-geojson", "path": str(path), **config}
    )
    return write


@pytest.fixture
def reader_of():
    return Reader
