"""``Skew``: how far a vendor's clock is off, from dated answers and webhooks."""

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor_sdk.skew import WINDOW, Skew

NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def answers(ahead: float, count: int = 20, round_trip: float = 0.2) -> Skew:
    skew = Skew()
    for number in range(count):
        asked = NOW + seconds(7.3 * number)
        date = (asked + seconds(round_trip / 2 + ahead)).replace(microsecond=0)
        skew.heard(date, asked, asked + seconds(round_trip))
    return skew


def test_nothing_heard_nothing_said():
    assert Skew().estimate is None
    assert Skew().ours(NOW) == Skew().theirs(NOW) == NOW


@pytest.mark.parametrize("ahead", [0.0, 90.0, -3600.0, 2.5])
def test_the_truth_lies_within_the_error(ahead):
    found = answers(ahead).estimate
    assert abs(found.seconds - ahead) <= found.error_s < 1
    assert found.is_skewed == bool(ahead)


def test_clocks_that_agree_change_no_time():
    assert answers(0.0).ours(NOW) == NOW


def test_times_are_corrected_both_ways():
    skew = answers(90.0)
    assert abs((skew.ours(NOW + seconds(90)) - NOW).total_seconds()) < 1
    assert abs((skew.theirs(NOW) - NOW).total_seconds() - 90) < 1


def test_a_few_late_webhooks_do_not_move_it():
    skew = Skew()
    for number in range(30):
        late = 600.0 if number % 5 == 0 else 0.3
        skew.sample(NOW + seconds(number), NOW + seconds(number + late), 1.0)
    assert abs(skew.estimate.seconds) <= skew.estimate.error_s == 1.0


def test_a_clock_that_was_set_right_is_believed_after_a_window():
    skew = answers(300.0)
    for number in range(WINDOW):
        at = NOW + seconds(1000 + number)
        skew.heard(at.replace(microsecond=0), at, at)
    assert not skew.estimate.is_skewed
