"""One sweep of the history: from when to when, and which cameras it had to leave behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watchfloor_sdk import AskAPerson, GiveUp, NotFound
from watchfloor_sdk.answer import VendorRejected

LACKS_FEATURE = 412
"""The status by which the vendor says that a camera cannot do this (documented)."""
OVERLAP_S = 120
"""Each sweep starts this much before the last one ended: the history may be filled late."""
MOST_NAMED = 5


class Sweep:
    """Times are epoch seconds. A camera that was left behind is fetched from where it stopped,
    once it can be had again; ``furthest`` back at most."""

    def __init__(self, checkpoint: Any, until: int, furthest: int) -> None:
        done: Mapping[str, Any] = checkpoint or {}
        self.until = until
        self._furthest = furthest
        self._stopped: Mapping[str, int] = done.get("behind", {})
        self._refused: dict[str, GiveUp] = {}
        swept = done.get("swept_until")
        self.since = furthest if swept is None else max(furthest, int(swept) - OVERLAP_S)

    def start(self, camera: str) -> int:
        """From when on a camera's plates are missing."""
        return max(self._furthest, self._stopped.get(camera, self.since))

    def leave_behind(self, camera: str, refused: GiveUp) -> None:
        """A camera whose plates cannot be had: the others are not held up."""
        self._refused[camera] = refused

    def checkpoint(self) -> dict[str, Any]:
        """What the next sweep goes on from."""
        behind = {camera: self.start(camera) for camera in self._refused}
        return {"swept_until": self.until} | ({"behind": behind} if behind else {})

    def problem(self) -> AskAPerson | None:
        """Which cameras are missing and what to do, if any are."""
        if not self._refused:
            return None
        named = [f"{camera} ({_why(error)})" for camera, error in self._refused.items()]
        more = len(named) - MOST_NAMED
        return AskAPerson(
            f"Plates are not fetched from {', '.join(named[:MOST_NAMED])}"
            f"{f' and {more} more' if more > 0 else ''}. The other cameras go on.",
            code="cameras_left_behind",
            remedy="Mend lpr_cameras in this source's settings, or the camera in Command. It is "
            "asked for again every minute, and its reads are fetched from where they stopped.",
        )


def lacks_feature(error: GiveUp) -> bool:
    """Whether the vendor says that the camera reads no plates."""
    return isinstance(error, VendorRejected) and error.status == LACKS_FEATURE


def _why(error: GiveUp) -> str:
    if isinstance(error, NotFound):
        return "Verkada knows no such camera"
    return "it is not in plate-reading mode" if lacks_feature(error) else error.detail.rstrip(".")
