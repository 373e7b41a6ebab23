"""How often nothing is taken for something: months of normal work, made up, week by week."""

from __future__ import annotations

from collections import Counter

from month_of_work import DAY, MONDAY, WEEK, weeks_of_work, window

from watchfloor.oversight import detect
from watchfloor.ports.store import Gathering

BOUND = 10.0
"""Findings per thousand look-ups. At 5,000 requests a year a week has some 200 look-ups: two false
findings a week are half an hour of one reviewer's work, and what a reviewer still reads with care.
Over 20 such months it was 7.7, the worst of them 12.2."""


def saturday_march(monday: int) -> Gathering:
    """A registered public event, from 13:00 to 17:00."""
    start = monday + 5 * DAY + 13 * DAY // 24
    return Gathering("march", -90.1, 29.9, -90.0, 30.0, start, start + DAY // 6)


def month(seed: int) -> tuple[Counter[str], int]:
    """What is found in four weeks, each judged by the four before it; and in how many looks."""
    looks = weeks_of_work(8, seed)
    found: Counter[str] = Counter()
    judged = 0
    for since in range(MONDAY - 3 * WEEK, MONDAY + WEEK, WEEK):
        seen = [each for each in looks if since - 28 * DAY <= each.at < since + WEEK]
        weekly = window(seen, since, gatherings=[saturday_march(since)])
        judged += len(weekly.judged)
        found.update(flag.detector for flag in detect(weekly))
    return found, judged


def test_months_of_normal_work_raise_few_findings(capsys):
    found: Counter[str] = Counter()
    judged = 0
    for seed in (1, 2, 3):
        of_month, looks = month(seed)
        found, judged = found + of_month, judged + looks
    rate = 1000 * found.total() / judged
    with capsys.disabled():
        each = ", ".join(f"{name} {count}" for name, count in found.most_common())
        print(
            f"\nFalse alarms: {found.total()} in {judged} look-ups, {rate:.1f} per 1,000 ({each})"
        )
    assert judged > 2_000
    assert rate < BOUND
