"""What the simulated organisation has: devices, reads, and hot lists that reads are held against.

Of these only NCIC and custom lists raise alerts (documented).
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from watchfloor_city import Asset, PlatePassed
from watchfloor_flock.states import REGIONS

NETWORK = {"id": "99999999-8888-4777-8666-555555555555", "name": "Example Agency SIM"}
CUSTOM_LIST = {"id": "22222222-3333-4444-8555-666666666666", "name": "SIM Custom List"}
READS = 20_000
PICTURE_FOR = timedelta(hours=1)
_STATES = {region: state for state, region in REGIONS.items()}
_TYPES = {"plate_reader": "camera", "camera": "video", "gunshot_sensor": "audio"}

Record = dict[str, Any]


class Full(Exception):
    """The organisation may have no more entries."""


class Duplicate(Exception):
    """A plate stands twice in one batch."""


class Organisation:
    """``assets`` are its devices; ``ncic`` the plates that NCIC has; ``most_entries`` the
    organisation's cap."""

    def __init__(self, assets: Iterable[Asset], ncic: Collection[str], most_entries: int) -> None:
        self.devices = {device_id(asset.id): _device(asset) for asset in assets}
        self.ncic = ncic
        self.reads: deque[Record] = deque(maxlen=READS)
        self.entries: dict[str, Record] = {}
        self._most_entries = most_entries

    def read(self, passed: PlatePassed) -> Record | None:
        """A plate was read; ``None`` where the reader is not ours."""
        device = self.devices.get(device_id(passed.reader))
        if device is None:
            return None
        seen = {
            "id": _uuid("read", f"{passed.reader} {passed.at.isoformat()} {passed.plate}"),
            "capturedAt": _time(passed.at),
            "device": device,
            "plate": {"plate": passed.plate, "confidence": passed.confidence},
            "state": {"state": _STATES.get(passed.region, "unknown"), "confidence": 0.71},
            "link": "https://ui.example.org/read/SIM",
        }
        self.reads.append(seen)
        return seen

    def alert(self, seen: Record, at: datetime, pictures: str) -> Record | None:
        """The webhook's body for a read that is on a list; ``None`` for all others."""
        sources = list(self._sources(seen["plate"]["plate"]))
        if not sources:
            return None
        device, expires = seen["device"], at + PICTURE_FOR
        return {
            "objectId": seen["id"],
            "eventTime": seen["capturedAt"],
            "deviceExternalId": device["id"],
            "deviceName": device["name"],
            "deviceLat": _float32(device["location"]["latitude"]),
            "deviceLong": _float32(device["location"]["longitude"]),
            "networkExternalId": device["network"]["id"],
            "networkName": device["network"]["name"],
            "imageUrl": f"{pictures}/{seen['id']}.svg?Expires={int(expires.timestamp())}",
            "imageExpiration": _time(expires),
            "detailsUrl": "https://ui.example.org/alert/SIM",
            "ocr": {
                "label": seen["plate"]["plate"],
                "labelConfidence": seen["plate"]["confidence"],
                "state": seen["state"]["state"],
                "stateConfidence": seen["state"]["confidence"],
            },
            "sources": sources,
        }

    def found(self, question: Mapping[str, Any]) -> Sequence[Record]:
        """What a look-up finds, newest first."""
        start, end = (datetime.fromisoformat(question[name]) for name in ("startDate", "endDate"))
        rows = [
            seen
            for seen in self.reads
            if seen["plate"]["plate"] == question["plate"]
            and start <= datetime.fromisoformat(seen["capturedAt"]) <= end
            and question.get("state") in (None, seen["state"]["state"])
        ]
        return sorted(rows, key=lambda seen: seen["capturedAt"], reverse=True)

    def add(self, batch: Sequence[Mapping[str, Any]]) -> list[Record]:
        """A batch as Flock takes it: O becomes 0, white space goes, what is known is ignored."""
        wanted = [{**entry, "plate": normal(entry["plate"])} for entry in batch]
        plates = [entry["plate"] for entry in wanted]
        if len(set(plates)) < len(plates):
            raise Duplicate
        known = {entry["plate"] for entry in self.entries.values()}
        new = [entry for entry in wanted if entry["plate"] not in known]
        if len(self.entries) + len(new) > self._most_entries:
            raise Full
        for entry in new:
            id_ = _uuid("entry", f"{len(self.entries)} {entry['plate']}")
            self.entries[id_] = {"id": id_, **entry}
        return [entry for entry in self.entries.values() if entry["plate"] in plates]

    def _sources(self, plate: str) -> Iterable[Record]:
        if plate in self.ncic:
            yield {"name": "NCIC", "reason": "Stolen vehicle (exercise)"}
        for entry in self.entries.values():
            if entry["plate"] == normal(plate):
                yield {
                    "name": CUSTOM_LIST["name"],
                    "reason": entry["reason"],
                    "caseNumber": entry["caseNumber"],
                    "customHotlistAudience": "organization",
                }


def device_id(asset: str) -> str:
    """Flock's id of one of the city's readers or cameras."""
    return _uuid("device", asset)


def normal(plate: str) -> str:
    """As batches of entries are normalised (documented)."""
    return "".join(plate.split()).replace("O", "0")


def _device(asset: Asset) -> Record:
    return {
        "id": device_id(asset.id),
        "type": _TYPES.get(asset.kind, "external"),
        "name": asset.name,
        "location": {
            "latitude": asset.point[1],
            "longitude": asset.point[0],
            **({"streetAddress": asset.address} if asset.address else {}),
        },
        "network": NETWORK,
        "metadata": {},
        "createdAt": "2026-01-02T03:04:05.999Z",
        "modifiedAt": "2026-01-02T03:04:05.999Z",
        "link": "https://ui.example.org/device/SIM",
    }


def _float32(value: float) -> float:
    """Alerts say coordinates in 32 bits (documented): some metres are lost in that."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


def _time(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _uuid(kind: str, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"urn:sim:flock:{kind}:{name}"))
