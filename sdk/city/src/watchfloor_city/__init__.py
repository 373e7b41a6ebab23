"""A synthetic city, and real open data played again: training mode, load, and test bed.

    >>> from datetime import UTC, datetime
    >>> from itertools import islice
    >>> from watchfloor_city import Rates, generate_city, simulate
    >>> city = generate_city(seed=7, size=12)
    >>> start = datetime(2026, 5, 2, 21, 0, tzinfo=UTC)
    >>> day = simulate(city, 7, start, Rates(units=5, calls_per_hour=10))
    >>> [type(happening).__name__ for happening in islice(day, 2)]
    ['CallChanged', 'CallChanged']

Three makers of timelines: ``simulate`` (made up, endless), ``replay`` (real, shifted in time), and
``merge`` of several. ``pace`` plays a timeline on the wall clock. A simulator of a vendor's system
consumes happenings and speaks that vendor's format.

Nothing made up is real: plates start with ``ZZ``, telephone numbers are of the 555-01xx range, no
text names a person. Only ``replay`` and ``load_city`` read files, from a folder they are given.
"""

from .city import Area, Asset, City, Street, Water
from .generate import generate_city
from .happenings import (
    SYNTHETIC,
    CallChanged,
    CameraChanged,
    Code,
    Happening,
    Look,
    PlatePassed,
    Point,
    QuietSkipped,
    Remark,
    ReportFiled,
    ShotsDetected,
    UnitMoved,
    UnitStatusChanged,
    VehicleMoved,
)
from .hotlist import Wanted, hot_list
from .opendata import CITIES, DATASETS, load_city
from .replay import DataClock, Replay, replay
from .simulation import Rates, simulate
from .timeline import merge, pace

__all__ = [
    "CITIES",
    "DATASETS",
    "SYNTHETIC",
    "Area",
    "Asset",
    "CallChanged",
    "CameraChanged",
    "City",
    "Code",
    "DataClock",
    "Happening",
    "Look",
    "PlatePassed",
    "Point",
    "QuietSkipped",
    "Rates",
    "Remark",
    "Replay",
    "ReportFiled",
    "ShotsDetected",
    "Street",
    "UnitMoved",
    "UnitStatusChanged",
    "VehicleMoved",
    "Wanted",
    "Water",
    "generate_city",
    "hot_list",
    "load_city",
    "merge",
    "pace",
    "replay",
    "simulate",
]
