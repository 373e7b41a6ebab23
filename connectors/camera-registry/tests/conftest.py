"""A registry in a file, and a connector that reads it; a registration desk."""

import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.policy import default
from pathlib import Path

import msgspec
import pytest

from watchfloor_camera_registry import CameraRegistry, Settings
from watchfloor_camera_registry_desk import Settings as DeskSettings
from watchfloor_camera_registry_desk.book import Book
from watchfloor_camera_registry_desk.desk import put_together
from watchfloor_camera_registry_desk.footage import Asked
from watchfloor_camera_registry_desk.form import read_form
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


SETTINGS = DeskSettings(
    agency="Example Police Department",
    contact="cameras@police.example.org",
    evidence="Bring it to any station.",
    sender="cameras@police.example.org",
    time_zone="America/Chicago",
    bounds=(-90.2, 29.8, -89.6, 30.2),
    public_url="https://cameras.police.example.org",
)

FORM = {
    "submission": "a-form-of-its-own",
    "name": "Zed Example",
    "email": "zed@example.org",
    "site_kind": "residence",
    "address": "100 Example St",
    "position": "29.98, -90.03",
    "looks_at": "street",
    "heading_deg": "135",
    "kept_days": "14",
    "level": "request",
    "agree": "yes",
}


@dataclass
class DeskAtWork:
    """A desk whose post goes when the test says so, and whose clock stands still."""

    folder: Path
    settings: DeskSettings = SETTINGS
    now: datetime = datetime(2026, 5, 2, 21, 14, tzinfo=UTC)

    def __post_init__(self):
        self.open()

    def open(self):
        self.book = Book(self.folder / "registry.sqlite3", lambda: self.now)
        self.desk = put_together(self.book, self.settings, self.folder / "letters")

    def reopen(self):
        """As after a power cut: nothing is told to close."""
        self.book.close()
        self.open()

    def register(self, **typed):
        entry = read_form({**FORM, **typed}, self.settings.bounds)
        assert not isinstance(entry, dict), entry
        self.desk.registry.register(entry, typed.get("submission") or secrets.token_hex(8))

    def letters(self):
        """Those that leave now, oldest first."""
        before = set(self.folder.glob("letters/*.eml"))
        self.desk.post.deliver()
        new = sorted(set(self.folder.glob("letters/*.eml")) - before, key=lambda one: one.name)
        return [Received(one.read_text("utf-8")) for one in new]

    def confirmed(self, **typed):
        """A camera that is on the list, by its id, and the letter about that."""
        self.register(**typed)
        (letter,) = self.letters()
        camera = self.desk.registry.confirm(letter.token("confirm")).id
        (letter,) = self.letters()
        return camera, letter

    def ask(self, camera, reference="FR-0123456789AB", *, start=None, hours=1.0):
        """For an hour of its footage, as Casey does."""
        start = start or datetime(2026, 5, 2, 19, 0, tzinfo=UTC)
        asked = Asked(
            camera=camera, start=start, end=start + timedelta(hours=hours), case_number="SIM-1",
            reason="A car was stolen nearby.", requested_by="Casey Analyst",
        )  # fmt: skip
        return self.desk.footage.ask(reference, asked)

    def count(self, table):
        with self.book.change() as change:
            return change.count(f"SELECT count(*) FROM {table}")


@dataclass
class Received:
    text: str

    def link(self, what):
        return re.search(rf"(https://\S+/{what}/\S+)", self.text)[1]

    def token(self, what):
        return self.link(what).rpartition("/")[2]

    @property
    def subject(self):
        return message_from_string(self.text, policy=default)["subject"]


@pytest.fixture
def at_work(tmp_path):
    made = DeskAtWork(tmp_path / "desk")
    yield made
    made.book.close()


@pytest.fixture
def form():
    return dict(FORM)
