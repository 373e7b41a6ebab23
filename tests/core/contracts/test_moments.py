"""Times as the store keeps them: what the schema takes, the hot path can count."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.contracts import micros, on_clocks, rfc3339, schemas

PATTERN = schemas.schema("common")["$defs"]["instant"]["pattern"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.from_regex(PATTERN.replace("$", r"\Z")))
def test_every_moment_that_the_schema_takes_is_counted_as_the_class_counts_it(text: str) -> None:
    receipt = {"idempotency_key": "a", "outcome": "done", "done": text}
    if schemas.explain("action-receipt", receipt) == []:
        moment = msgspec.json.decode(json.dumps(text), type=datetime)
        assert abs((moment - EPOCH) // timedelta(microseconds=1) - micros(text)) <= 1


@given(st.integers(micros("1900-01-01T00:00:00Z"), micros("2199-12-31T23:59:59Z")))
def test_written_to_the_millisecond_and_read_back(moment: int) -> None:
    text = rfc3339(moment)
    assert text.endswith("Z")
    assert 0 <= moment - micros(text) < 1000


@pytest.mark.parametrize("text", ["2026-05-02T21:14:07", "", "yesterday", "2026-02-30T00:00:00Z"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        micros(text)


AT_THE_ENDS = st.one_of(
    st.datetimes(EPOCH.min, EPOCH.min + timedelta(days=2)),
    st.datetimes(EPOCH.max - timedelta(days=2), EPOCH.max),
)
OFFSETS = st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59))


@given(AT_THE_ENDS, OFFSETS)
def test_what_utc_cannot_say_is_no_moment(clock: datetime, offset: timedelta) -> None:
    moment = clock.replace(tzinfo=timezone(offset))
    try:
        there = moment.astimezone(UTC)
    except OverflowError:
        with pytest.raises(ValueError):
            micros(moment.isoformat())
    else:
        assert rfc3339(micros(moment.isoformat()))[:19] == there.isoformat()[:19]


@given(st.integers())
def test_every_number_is_written_as_a_moment(moment: int) -> None:
    """One that was kept before it was refused, too: the nearest that can be said."""
    text = rfc3339(moment)
    assert rfc3339(micros(text)) == text


@given(st.integers(), st.sampled_from(["America/Chicago", "Asia/Tokyo", "Pacific/Kiritimati"]))
def test_every_number_is_shown_by_clocks(moment: int, zone: str) -> None:
    shown = on_clocks(moment, ZoneInfo(zone))
    assert shown.tzinfo == ZoneInfo(zone)
    if micros("0002-01-01T00:00:00Z") < moment < micros("9999-01-01T00:00:00Z"):
        assert (shown - EPOCH) // timedelta(microseconds=1) == moment


def test_offsets_are_the_same_moment() -> None:
    assert micros("2026-05-02T16:14:07-05:00") == micros("2026-05-02T21:14:07Z")
    assert rfc3339(micros("2026-05-02T16:14:07.25-05:00")) == "2026-05-02T21:14:07.250Z"
