"""Cassettes: what the vendor itself said, once, without anybody's data in it."""

from __future__ import annotations

from pathlib import Path

from watchfloor.contracts import AskAPerson
from watchfloor_sdk.cassettes import Cassette, read, remains
from watchfloor_sdk.cassettes.simulator import CassetteSimulator
from watchfloor_sdk.check.rule import Broken, Inapplicable, rule
from watchfloor_sdk.check.stage import stage
from watchfloor_sdk.check.subject import Subject
from watchfloor_sdk.testing.contract import wrong_of

FOLDER = "tests/cassettes"


@rule(
    "WF307",
    why="A simulator says what the vendor's documentation says; a recording, what the vendor says. "
    "And what is in a repository is everybody's.",
    mend="Record one with watchfloor-sdk record into tests/cassettes, name the fields that the "
    "scrubber cannot know, and look through the file.",
)
async def cassettes_hold_and_are_scrubbed(subject: Subject) -> str:
    """Cassettes in tests/cassettes come to the events that they say, and neither a secret nor
    anybody's data is left in them."""
    subject.needs("poll", "stream", "webhook")
    paths = sorted((subject.folder / FOLDER).glob("*.json"))
    if not paths and not await _is_heard(subject):
        raise Inapplicable("It neither asks over HTTP nor is it pushed to, so nothing is recorded.")
    if not paths:
        raise Broken(f"There is no cassette in {FOLDER}.")
    for path in paths:
        _scrubbed(path.name, _read(path))
        await _replays(subject, path)
    return f"{len(paths)} cassettes"


async def _is_heard(subject: Subject) -> bool:
    async with stage(subject) as scene:
        return "webhook" in subject.manifest.capabilities or subject.asks(scene.config)


def _read(path: Path) -> Cassette:
    try:
        return read(path)
    except AskAPerson as error:
        raise Broken(error.detail) from None


def _scrubbed(name: str, cassette: Cassette) -> None:
    if left := remains(cassette):
        words = ", ".join(f"{count} {kind}" for kind, count in sorted(left.items()))
        raise Broken(f"{name} is not scrubbed: {words}.")


async def _replays(subject: Subject, path: Path) -> None:
    simulator = CassetteSimulator(path)
    async with stage(subject, simulator) as scene, scene.worker():
        await scene.arrive()
        if wrong := wrong_of(scene.hub, simulator):
            raise Broken(f"{path.name}: {wrong}")
