from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from watchfloor_city.opendata.files import local_time, street_case

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        ("7/1/2022 12:00", datetime(2022, 7, 1, 17, 0, tzinfo=UTC)),
        ("1/1/2022 12:00", datetime(2022, 1, 1, 18, 0, tzinfo=UTC)),
        # The hour that spring leaves out: 02:30 is read as 03:30 daylight time.
        ("3/13/2022 2:30", datetime(2022, 3, 13, 8, 30, tzinfo=UTC)),
        ("3/13/2022 3:30", datetime(2022, 3, 13, 8, 30, tzinfo=UTC)),
        # The hour that comes twice in autumn: the first coming, still daylight time.
        ("11/6/2022 1:30", datetime(2022, 11, 6, 6, 30, tzinfo=UTC)),
        ("11/6/2022 2:30", datetime(2022, 11, 6, 8, 30, tzinfo=UTC)),
    ],
)
def test_local_time(wall: str, utc: datetime):
    assert local_time(wall, "%m/%d/%Y %H:%M", CHICAGO) == utc


def test_a_text_that_is_no_time_is_refused():
    with pytest.raises(ValueError, match="does not match"):
        local_time("soon", "%m/%d/%Y %H:%M", CHICAGO)


@pytest.mark.parametrize(
    ("written", "read"),
    [("n mcmicken ave", "N McMicken Ave"), ("5th st", "5th St"), ("VINE ST", "Vine St")],
)
def test_street_case(written: str, read: str):
    assert street_case(written) == read
