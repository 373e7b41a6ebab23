"""What counts: strict defaults, presets with a counsel's name, the agency's own rules."""

import json

import pytest
from store_contract import CALL, POSITION, READ

from watchfloor.contracts import BY_NAME, AskAPerson
from watchfloor.ports.store import Stream
from watchfloor.retention import (
    DAY,
    EVENTS,
    LEDGERS,
    RECORDS,
    Cap,
    InForce,
    OwnRule,
    Schedule,
    SwitchedOn,
    read,
)

LPR, CAD = Stream("lpr", READ), Stream("cad", CALL)


def on(preset, *sources):
    return SwitchedOn(preset=preset, counsel="A. Counsel", sources=list(sources))


def rule(id="own", kind="lpr", **more):
    return OwnRule(id=id, kind=kind, reason="Records schedule 4.2", **more)


def cap(schedule, stream=LPR, handling=None, agreed=None):
    limit = InForce(schedule, 1, agreed).limits(stream, handling).cap
    return limit.micros / DAY, limit.rule


def test_without_a_schedule_plates_and_movements_stay_thirty_days():
    for name in ("read", "hit", "vehicle", "detection"):
        assert cap(Schedule(), Stream("s", BY_NAME[name].type)) == (30, "default")
    assert cap(Schedule(), CAD) == (365, "default")


def test_nothing_is_ever_kept_without_an_end():
    for kind in EVENTS | RECORDS | LEDGERS | {"watchfloor.new.thing.v9"}:
        assert 0 < cap(Schedule(), Stream("s", kind))[0] <= 3650
    assert cap(Schedule(), Stream("s", "watchfloor.new.thing.v9"))[0] == 30


def test_the_shortest_cap_wins():
    both = Schedule(presets=[on("us-mn-lpr"), on("us-va-lpr")])
    assert cap(both) == (21, "us-va-lpr")
    assert cap(Schedule(presets=[on("us-mn-lpr")], rules=[rule(cap="5 days")])) == (5, "own")
    assert cap(Schedule(presets=[on("us-va-lpr")], rules=[rule(cap="60 days")])) == (
        21,
        "us-va-lpr",
    )


def test_a_preset_or_an_own_rule_takes_the_place_of_the_default():
    assert cap(Schedule(presets=[on("us-ky-lpr")])) == (90, "us-ky-lpr")
    assert cap(Schedule(rules=[rule(cap="60 days")])) == (60, "own")
    assert cap(Schedule(presets=[on("us-ky-lpr")]), CAD) == (365, "default")


def test_a_source_of_unknown_jurisdiction_gets_the_most_restrictive_of_those_chosen():
    schedule = Schedule(presets=[on("us-va-lpr", "richmond"), on("us-ky-lpr", "louisville")])
    assert cap(schedule, Stream("richmond", READ)) == (21, "us-va-lpr")
    assert cap(schedule, Stream("louisville", READ)) == (90, "us-ky-lpr")
    assert cap(schedule, Stream("somewhere", READ)) == (21, "us-va-lpr")


def test_a_preset_for_all_counts_beside_that_of_a_jurisdiction():
    schedule = Schedule(presets=[on("us-mn-lpr"), on("us-ky-lpr", "louisville")])
    assert cap(schedule, Stream("louisville", READ)) == (60, "us-mn-lpr")


def test_own_rules_narrow_by_kind_source_and_class():
    schedule = Schedule(
        rules=[
            rule("calls", "call", cap="90 days", source="cad"),
            rule("cji", "*", cap="10 days", handling="cji"),
        ]
    )
    assert cap(schedule, CAD, "agency") == (90, "calls")
    assert cap(schedule, Stream("other", CALL), "agency") == (365, "default")
    assert cap(schedule, CAD, "cji") == (10, "cji")
    assert cap(schedule, CAD) == (10, "cji"), "any class: the strictest"


def test_an_approved_statement_shortens_and_never_lengthens():
    assert cap(Schedule(), agreed={"lpr": 7}) == (7, "impact statement of lpr")
    assert cap(Schedule(), agreed={"lpr": 365}) == (30, "default")
    assert cap(Schedule(), agreed={"lpr": 0}) == (30, "default")


def test_what_may_hold_any_record_keeps_to_the_strictest_of_its_source():
    in_force = InForce(Schedule())
    letters = Stream("s", "dead-letter")
    assert in_force.limits(letters, None, [CALL]).cap.micros == 365 * DAY
    assert in_force.limits(letters, None, [CALL, READ]).cap.micros == 30 * DAY
    assert in_force.limits(letters).cap.micros == 30 * DAY, "not known: as if it were plates"
    correction = Stream("s", "watchfloor.event.correction.v1")
    assert in_force.limits(correction, None, [POSITION]).cap.micros == 30 * DAY


def test_a_backup_keeps_to_the_shortest_cap_of_what_is_in_it():
    """And to a day at least: its day has one key."""
    backup = Stream("", "backup")
    assert cap(Schedule(), backup) == (30, "default")
    own = rule(kind="read", source="lpr", cap="7 days")
    assert cap(Schedule(rules=[own]), backup) == (7, "own")
    assert cap(Schedule(presets=[on("us-nh-lpr", "lpr")]), backup) == (1, "us-nh-lpr")
    longer = rule(id="counsel", kind="backup", cap="90 days")
    assert cap(Schedule(rules=[own, longer]), backup) == (90, "counsel")


def test_a_floor_longer_than_the_cap_is_shown():
    schedule = Schedule(presets=[on("us-va-lpr")], rules=[rule("evidence", floor="1 year")])
    limits = InForce(schedule).limits(LPR)
    assert limits.contradict
    assert (limits.cap.rule, limits.floor.rule) == ("us-va-lpr", "evidence")


def test_criminal_intelligence_is_reviewed_within_five_years_whatever_the_schedule_says():
    longer = Schedule(rules=[rule("longer", "criminal-intel", cap="9 years")])
    assert cap(longer, Stream("", "criminal-intel")) == (1825, "us-28cfr23")
    shorter = Schedule(rules=[rule("shorter", "criminal-intel", cap="2 years")])
    assert cap(shorter, Stream("", "criminal-intel")) == (730, "shorter")


@pytest.mark.parametrize("kind", ["audit", "context-note"])
def test_records_of_who_looked_cannot_end_within_a_year(kind):
    with pytest.raises(AskAPerson) as refused:
        Schedule(rules=[rule("short", kind, cap="364 days")]).check()
    assert refused.value.code == "audit_floor"
    Schedule(rules=[rule("long", kind, cap="2 years")]).check()


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "bad_schedule"),
        ('{"caps": []}', "bad_schedule"),
        ('{"presets": [{"preset": "us-va-lpr"}]}', "bad_schedule"),
        ('{"presets": [{"preset": "us-va-lpr", "counsel": "  "}]}', "bad_schedule"),
        ('{"presets": [{"preset": "us-xx-lpr", "counsel": "A. Counsel"}]}', "unknown_preset"),
        ('{"rules": [{"id": "a", "kind": "lpr", "reason": "r"}]}', "bad_schedule"),
        ('{"rules": [{"id": "a", "kind": "x", "reason": "r", "cap": "1 day"}]}', "bad_schedule"),
        ('{"rules": [{"id": "a", "kind": "lpr", "reason": "r", "cap": "never"}]}', "bad_schedule"),
        ('{"rules": [{"id": "a", "kind": "lpr", "reason": "", "cap": "1 day"}]}', "bad_schedule"),
    ],
)  # fmt: skip
def test_a_schedule_that_cannot_be_used_is_refused(document, code):
    """A preset without its counsel's name among them."""
    with pytest.raises(AskAPerson) as refused:
        read(document)
    assert refused.value.code == code


def test_two_rules_of_one_name_are_refused():
    with pytest.raises(AskAPerson):
        Schedule(rules=[rule("a", cap="1 day"), rule("a", floor="1 day")]).check()
    with pytest.raises(AskAPerson):
        Schedule(presets=[on("us-va-lpr", "one"), on("us-va-lpr", "two")]).check()


def test_a_good_one_is_read():
    document = {
        "presets": [{"preset": "us-va-lpr", "counsel": "A. Counsel", "sources": ["lpr"]}],
        "rules": [{"id": "calls", "kind": "cad", "reason": "4.2", "cap": "2 years"}],
    }
    assert cap(read(json.dumps(document)), CAD) == (730, "calls")
    assert cap(read(json.dumps(document))) == (21, "us-va-lpr")
    assert Cap.of("2 years", "calls").micros == 730 * DAY
