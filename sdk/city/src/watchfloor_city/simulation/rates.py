"""How much of everything happens."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Means over a whole day; zero switches a part off.

    ``hits_per_hour``: reads of plates on ``hot_list`` whose entry has not expired. ``flat`` takes
    the hour of the day out: every hour is an average one, which a load generator wants.
    """

    reads_per_second: float = 4.0
    hits_per_hour: float = 60.0
    units: int = 40
    positions_every_s: float = 5.0
    calls_per_hour: float = 24.0
    gunshots_per_day: float = 12.0
    camera_outages_per_day: float = 24.0
    flat: bool = False

    def __post_init__(self) -> None:
        wrong = [name for name, value in asdict(self).items() if value < 0]
        if wrong:
            raise ValueError(f"a rate cannot be negative: {', '.join(wrong)}")
