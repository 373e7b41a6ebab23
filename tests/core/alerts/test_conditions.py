"""Conditions: holds, does not hold, and cannot be evaluated are three different answers."""

import subprocess
import sys

import pytest
from alert_hub import call, gunshot, read
from memory_store import MemoryLog

from watchfloor.alerts.conditions import Condition, ConditionFailed, ConditionInvalid
from watchfloor.alerts.facts import Facts


def context(envelope, zone):
    return Facts(MemoryLog(None).add(envelope), zone).context()


@pytest.fixture
def chicago():
    from zoneinfo import ZoneInfo

    return ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("data.rounds >= 3", True),
        ("kind == 'gunshot' && source == 'src'", True),
        ("hour == 7", True),  # noon in UTC, in May, in Chicago
        ("hour >= 22 || hour < 6", False),
        ("time == timestamp('2026-05-02T12:00:00Z')", True),
        ("point[0] < -90.0 && point[1] > 29.0", True),
        ("subject.startsWith('gunshot/')", False),
        ("data.classification.matches('(?i)^GUN')", True),
        ("data.absent == 1", False),
        ("data.absent != 1", False),
        ("!has(data.absent)", True),
        ("data.absent == 1 || data.rounds == 4", True),
        ("data.media[0].kind == 'audio'", False),
    ],
)
def test_what_holds_of_a_gunshot(text, holds, chicago):
    assert Condition(text).holds(context(gunshot(rounds=4, media=[]), chicago)) is holds


def test_words_are_those_of_the_calls_type_and_notes_in_small_letters(chicago):
    envelope = call(text="SHOTS fired", notes=[{"text": "He has a Knife, begun earlier"}])
    ask = Condition("['shots', 'knife'].all(w, w in words) && !('gun' in words)")
    assert ask.holds(context(envelope, chicago))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("data.rounds > 'three'", "different types"),
        ("data.rounds + 0.5 > 3.0", "different types"),
        ("1 / (data.rounds - 4) == 1", "divides by zero"),
        ("data.rounds * 9223372036854775807 > 0", "too large"),
        ("data.classification.startsWith(data.rounds)", "was given something"),
        ("data.rounds", "does not answer true or false"),
        ("'x'.matches(data.pattern)", "was given something it cannot take"),
    ],
)
def test_what_cannot_be_evaluated_says_why_without_the_data(text, why, chicago):
    with pytest.raises(ConditionFailed, match=why) as raised:
        Condition(text).holds(context(gunshot(rounds=4, pattern="("), chicago))
    assert "gunshot" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "1 +", "plate == 'ZZ1'", "data.x.foo()", "(" * 500])
def test_what_cannot_be_compiled_is_refused(text):
    with pytest.raises(ConditionInvalid):
        Condition(text)


def test_a_plate_read_has_no_words(chicago):
    assert Condition("words.size() == 0").holds(context(read(), chicago))


def test_rules_need_no_terminal_program():
    """The library's package imports its command line; the hub's start does not wait for that, and
    whoever imports the package all the same gets the very same engine."""
    script = (
        "import sys; from watchfloor.alerts import conditions, cel as engine\n"
        "assert conditions.Condition('1 + 1 == 2').holds(conditions.variables(data={}, kind='',\n"
        "    source='', subject='', time=None, hour=0, point=None, words=[]))\n"
        "assert 'prompt_toolkit' not in sys.modules\n"
        "import cel; assert cel.Context is engine.Context\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
