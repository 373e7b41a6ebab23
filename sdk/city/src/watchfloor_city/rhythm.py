"""How much happens at which hour of the day.

Each curve has 24 factors for the local hours 0 to 23, with mean 1; between the middles of two
hours it is interpolated. Where they come from:

* ``CALLS``: 613,556 police calls for service of San Antonio, Texas, 2023 to 2026 (open data).
* ``SHOTS``: 39,066 gunshot detections of Washington DC, 2006 to 2013 (released under FOIA).
* ``TRAFFIC``: by hand, after the usual two-peaked shape of urban traffic counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

CALLS = (
    0.90, 0.74, 0.66, 0.51, 0.41, 0.34, 0.44, 0.81, 0.99, 1.12, 1.21, 1.25,
    1.26, 1.20, 1.30, 1.37, 1.36, 1.37, 1.35, 1.18, 1.10, 1.05, 1.05, 1.04,
)  # fmt: skip

SHOTS = (
    3.98, 2.74, 1.85, 1.41, 0.75, 0.28, 0.14, 0.10, 0.12, 0.15, 0.19, 0.25,
    0.33, 0.32, 0.27, 0.31, 0.32, 0.45, 0.54, 0.83, 1.21, 1.88, 2.58, 3.01,
)  # fmt: skip

TRAFFIC = (
    0.36, 0.22, 0.16, 0.15, 0.22, 0.49, 1.00, 1.48, 1.51, 1.25, 1.18, 1.25,
    1.33, 1.33, 1.41, 1.55, 1.70, 1.74, 1.47, 1.18, 0.97, 0.84, 0.70, 0.51,
)  # fmt: skip

FLAT = (1.0,) * 24


class Rhythm:
    """A curve laid on a time line that begins at ``start``."""

    def __init__(self, curve: tuple[float, ...], start: datetime, timezone: str) -> None:
        self._curve = curve
        self.start = start
        self._zone = ZoneInfo(timezone)
        self.highest = max(curve)

    def at(self, seconds: float) -> float:
        """The factor that holds so many seconds after the start."""
        local = (self.start + timedelta(seconds=seconds)).astimezone(self._zone)
        hour, share = divmod(local.hour + local.minute / 60 + local.second / 3600 - 0.5, 1)
        before, after = self._curve[int(hour) % 24], self._curve[(int(hour) + 1) % 24]
        return before + (after - before) * share
