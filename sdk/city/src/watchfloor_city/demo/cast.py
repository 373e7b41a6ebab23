"""Which vendor systems a demo city has, and what each of them notices."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import entry_points
from itertools import chain
from typing import Any

from watchfloor_city import (
    SYNTHETIC,
    Asset,
    CallChanged,
    CameraChanged,
    City,
    Happening,
    PlatePassed,
    ShotsDetected,
    UnitMoved,
    UnitStatusChanged,
    VehicleMoved,
)
from watchfloor_sdk.simulation import Simulator

from .cases import CASE_FORMAT, cases

GROUP = "watchfloor.simulators"
EVERY = 5
"""One of so many plate readers belongs to the second vendor, and one to the third."""

Notices = Callable[[Happening], bool]


@dataclass(frozen=True, slots=True)
class Role:
    """One vendor system of the city. ``id`` becomes the source's id at the hub."""

    id: str
    name: str
    connector: str
    notices: Notices
    synthetic: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    """What the agency sets differently from what the simulator proposes."""
    furnished: bool = False
    """Whether its system has records of its own from the start, that of its ``demo``."""
    records: Sequence[Happening] = ()
    """What its system has on file from the start."""

    def simulator(self) -> Simulator:
        """The vendor's system. Raises ``LookupError`` where the connector is not installed."""
        [entry] = entry_points(group=GROUP, name=self.connector)
        made: Simulator = entry.load()(**self.options)
        for happening in chain(self.records, made.demo() if self.furnished else ()):
            made.feed(happening)
        return made


def cast(city: City, wanted: Collection[str] = ()) -> list[Role]:
    """The vendor systems of a city: its real ones where there is data, synthetic ones beside.
    ``wanted``: plates on a vendor's own hot list.

    Read numbers go on from the clock: no run counts so fast that the next would repeat one.
    """
    first, second, third = _split(city.readers)
    roles = [
        Role("cameras", "Camera registry", "camera-registry", _is(CameraChanged),
             synthetic=city.origin == SYNTHETIC, options={"cameras": city.cameras, "form": "desk"}),
        Role("lpr", "Plate readers", "lpr-rest", _is(PlatePassed),
             options={"readers": first, "first": round(time.time() * 1000)},
             config={"every_s": 1.0}),
        Role("lpr-verkada", "Plate cameras of a private partner", "verkada", _is(PlatePassed),
             options={"assets": second}),
        Role("avl", "Police units", "gtfs-realtime", _is(UnitMoved), options={"units": True},
             config={"every_s": 2.0}),
        Role("flock", "Hot-list alerts of a neighbourhood", "flock", _is(PlatePassed),
             options={"assets": third, "ncic": wanted}),
        Role("chat", "Chat of the watch desk", "slack", _nothing),
        Role("mail", "Mail of the watch desk", "email", _nothing),
        Role("dmv", "Registrations and licences", "nlets-style", _nothing, furnished=True),
        Role("people", "Person look-up", "osint-style", _nothing, furnished=True,
             config={"case_formats": [CASE_FORMAT]}),
    ]  # fmt: skip
    return roles + _more(city)


def _more(city: City) -> list[Role]:
    if city.origin == SYNTHETIC:
        return [
            Role("cad", "Dispatch (EIDO)", "eido-cad", _is(CallChanged, UnitStatusChanged),
                 config={"every_s": 2.0}),
            Role("gunshots", "Gunshot detection", "soundthinking-style", _is(ShotsDetected)),
            Role("calls-911", "911 calls", "live911-style", _is(CallChanged)),
            Role("partners", "Shared cameras of partners", "fusus-style", _is(CameraChanged),
                 options={"cameras": city.cameras[::4]}),
            Role("cad-notes", "Notes to dispatch", "cad-write", _is(CallChanged),
                 furnished=True),
            Role("rms", "Case reports", "rms-file", _nothing,
                 records=cases(city, datetime.now(UTC))),
        ]  # fmt: skip
    return list(_REAL.get(city.name, ()))


def _nothing(_: Happening) -> bool:
    """Of a system that answers and does, and is told nothing."""
    return False


def _is(*kinds: type[Happening]) -> Notices:
    return lambda happening: isinstance(happening, kinds)


def _real(*kinds: type[Happening]) -> Notices:
    return lambda happening: isinstance(happening, kinds) and happening.origin != SYNTHETIC


_REAL: Mapping[str, tuple[Role, ...]] = {
    "new-orleans": (
        Role("cad", "Dispatch export", "cad-file", _real(CallChanged), synthetic=False,
             config={"every_s": 2.0}),
    ),
    "cincinnati": (
        Role("gunshots", "Gunshot calls", "soundthinking-style", _real(ShotsDetected),
             synthetic=False),
    ),
    "washington-dc": (
        Role("gunshots", "Gunshot detections", "soundthinking-style", _real(ShotsDetected),
             synthetic=False),
        Role("buses", "City buses", "gtfs-realtime", _is(VehicleMoved), synthetic=False,
             config={"every_s": 5.0}),
    ),
}  # fmt: skip


def _split(readers: Iterable[Asset]) -> tuple[list[Asset], list[Asset], list[Asset]]:
    """Most readers are the first vendor's, one of five the second's, one of five the third's."""
    shares: tuple[list[Asset], list[Asset], list[Asset]] = ([], [], [])
    for index, reader in enumerate(readers):
        shares[{EVERY - 1: 1, EVERY - 2: 2}.get(index % EVERY, 0)].append(reader)
    return shares
