"""Golden pairs: what a vendor says, and what becomes of it, field by field.

A pair is a JSON file in ``tests/golden`` of the connector's folder::

    {"path": "/reads", "answer": {...}, "events": [...], "assets": [...]}
    {"answers": {"/list": [...], "/one/17": {...}}, "events": [...]}
    {"delivery": {...}, "events": [...]}

``answer`` is the vendor's whole answer to requests whose path begins with ``path``; ``answers`` are
several, by path, for what takes more than one request; ``delivery`` is the body of a webhook. Each
may be a text, for vendors that speak no JSON. ``events`` and ``assets`` are what comes of it,
without their source.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from watchfloor_sdk.check.leaves import leaves
from watchfloor_sdk.check.rule import Broken, rule
from watchfloor_sdk.check.stage import Stage, stage
from watchfloor_sdk.check.subject import Subject
from watchfloor_sdk.simulation import Fault

FOLDER = "tests/golden"
_LONG_S = 20.0
_VARIES = frozenset({"source", "observed", "observedtime", "recordedtime"})
"""What says when or where it was read, not what was read."""


class Golden(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One pair."""

    path: str | None = None
    answer: Any = None
    answers: dict[str, Any] = {}
    delivery: Any = None
    content_type: str = "application/json"
    events: list[dict[str, Any]] = []
    assets: list[dict[str, Any]] = []


@rule(
    "WF213",
    why="A field that is mapped wrongly looks like data; only a person who has read both sides can "
    "say what is right, once, in writing.",
    mend="Write pairs into tests/golden: a vendor's answer or delivery, and the events and assets "
    "that it must become, with every field that the mapping sets.",
)
async def golden_pairs_hold(subject: Subject) -> str:
    """Golden pairs hold when they are played to the worker, and every field that it sets in events
    and assets occurs in one."""
    subject.needs("poll", "stream", "webhook", "assets")
    pairs = dict(_pairs(subject.folder / FOLDER))
    if not pairs:
        raise Broken(f"There is no pair in {FOLDER}.")
    for name, golden in pairs.items():
        await _holds(subject, name, golden)
    covered = {path for golden in pairs.values() for path in _paths(golden.events, golden.assets)}
    if bare := sorted(await _set_paths(subject) - covered):
        raise Broken(f"In no golden pair: {', '.join(bare[:8])}.")
    return f"{len(pairs)} pairs, {len(covered)} fields"


async def _holds(subject: Subject, name: str, golden: Golden) -> None:
    async with stage(subject) as scene:
        _play(scene, golden)
        async with scene.worker():
            await scene.until(
                lambda: (
                    len(scene.hub.events) >= len(golden.events)
                    and len(scene.hub.assets) >= len(golden.assets)
                ),
                lambda: f"{name}: {_came(scene, golden)}",
                min(_LONG_S, subject.patience_s),
            )
        _same(name, golden.events, scene.hub.events)
        if golden.assets:
            _same(name, golden.assets, scene.hub.assets)


def _play(scene: Stage, golden: Golden) -> None:
    answers = golden.answers
    if golden.path is not None:
        answers = {golden.path: golden.answer, **answers}
    for path, answer in answers.items():
        fault = Fault.instead(_body(answer), golden.content_type)
        scene.vendor.faults.always(fault, path=path)
    if not answers:
        scene.hub.deliver(_body(golden.delivery), {"content-type": golden.content_type})


def _came(scene: Stage, golden: Golden) -> str:
    """What did, and what there is to know of why the rest did not."""
    came = (
        f"{len(scene.hub.events)} of {len(golden.events)} events and "
        f"{len(scene.hub.assets)} of {len(golden.assets)} assets came."
    )
    if golden.delivery is None:
        came += f" Asked for: {', '.join(sorted(scene.vendor.requests)[:8]) or 'nothing'}."
    if codes := {one.code for one in scene.hub.rejected}:
        came += f" Rejected: {', '.join(sorted(codes))}."
    if scene.problems:
        came += f" The last problem: {scene.problems[-1].code}."
    return came


def _same(name: str, wanted: list[dict[str, Any]], got: Mapping[str, Mapping[str, Any]]) -> None:
    by_id = {one["id"]: _lasting(one) for one in wanted}
    for id_, one in got.items():
        if id_ not in by_id:
            raise Broken(f"{name}: {id_} came, which is not in it.")
        if _lasting(one) != by_id[id_]:
            wrong = set(leaves(_lasting(one))) ^ set(leaves(by_id[id_]))
            raise Broken(f"{name}: {id_} differs in {', '.join(sorted({p for p, _ in wrong}))}.")


def _lasting(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name not in _VARIES}


async def _set_paths(subject: Subject) -> set[str]:
    """The fields that the worker sets in a rehearsal."""
    async with stage(subject) as scene, scene.worker():
        scene.feed(40)
        await scene.arrive()
        if "assets" in subject.manifest.capabilities:
            await scene.until(lambda: bool(scene.hub.assets), lambda: "No asset came.", 20.0)
        return set(_paths(scene.hub.events.values(), scene.hub.assets.values()))


def _paths(events: Any, assets: Any) -> Iterator[str]:
    for event in events:
        yield from (f"data{path}" for path, _ in leaves(event["data"]))
    for asset in assets:
        yield from (f"asset{path}" for path, _ in leaves(_lasting(asset)))


def _pairs(folder: Path) -> Iterator[tuple[str, Golden]]:
    for path in sorted(folder.glob("*.json")):
        try:
            yield path.name, msgspec.json.decode(path.read_bytes(), type=Golden)
        except msgspec.DecodeError as error:
            raise Broken(f"{path.name}: {error}") from None


def _body(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()
