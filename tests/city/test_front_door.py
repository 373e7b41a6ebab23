from __future__ import annotations

import doctest
import subprocess
import sys
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

import watchfloor_city
from watchfloor_city import CameraChanged, QuietSkipped

SCRIPT = """
import hashlib
from datetime import UTC, datetime
from itertools import islice
from watchfloor_city import generate_city, simulate
city = generate_city(3, 12)
day = islice(simulate(city, 3, datetime(2026, 5, 2, tzinfo=UTC)), 3000)
print(hashlib.sha256(repr([city, *day]).encode()).hexdigest())
"""


def test_all_that_is_offered_is_there():
    assert all(hasattr(watchfloor_city, name) for name in watchfloor_city.__all__)


def test_the_example_works():
    result = doctest.testmod(watchfloor_city)
    assert result.attempted > 4
    assert result.failed == 0


def test_every_process_makes_the_same_city_and_day():
    """Nothing depends on the order of a set, which differs from process to process."""
    digests = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in (1, 2)
    }
    assert len(digests) == 1


def test_happenings_cannot_be_changed():
    happening = CameraChanged(
        at=datetime(2026, 5, 2, tzinfo=UTC), camera="c", status="online", point=(0, 0)
    )
    with pytest.raises(FrozenInstanceError):
        happening.camera = "d"  # type: ignore[misc]


def test_a_leap_keeps_the_times_of_the_data():
    """All other happenings move whole."""
    then, now = datetime(2022, 3, 4, tzinfo=UTC), datetime(2026, 5, 2, tzinfo=UTC)
    leap = QuietSkipped(at=then, data_from=then, data_to=then).moved(lambda _: now)
    assert (leap.at, leap.data_from, leap.data_to) == (now, then, then)
