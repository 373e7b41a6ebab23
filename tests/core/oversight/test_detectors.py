"""Each detector finds its pattern, and lets by what only looks like it."""

from __future__ import annotations

import pytest
from month_of_work import DAY, MONDAY, WEEK, look, sealed, window

from watchfloor.oversight import detect
from watchfloor.ports.store import Gathering, StaffSubject
from watchfloor.settings_oversight import OversightSettings

MINUTE = 60_000_000
HOUR = 60 * MINUTE
NOON = MONDAY + 12 * HOUR


def found(looks, **parts) -> set[str]:
    return {flag.detector for flag in detect(window(looks, **parts))}


def tied(at, person="ana", plate="ZZT1", **said):
    """A look for a case that the records system knew."""
    return look(at, person, plate, case="26-1", checked=True, **said)


def usual_days(person="ana", hour=12, days=28, each=2, **said):
    """Four weeks of looks about noon, at ever other plates."""
    return [
        tied(MONDAY - day * DAY + hour * HOUR + n * 20 * MINUTE, person, f"ZZ{day}-{n}-{person}",
             **said)
        for day in range(1, days + 1)
        for n in range(each)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("times", "checked", "flagged"), [(2, False, 0), (3, False, 1), (3, True, 0)]
)
def test_the_third_look_at_one_subject_without_a_case(times, checked, flagged):
    looks = [look(NOON - n * DAY, case="26-1", checked=checked) for n in range(times)]
    assert ("repeated_target" in found(looks)) == flagged


def test_an_order_s_number_is_what_somebody_typed_and_ties_nothing():
    typed = [look(NOON + n * HOUR, order="X1", reason="police business") for n in range(3)]
    assert found(typed) == {"repeated_target", "vague_reason"}


def test_two_people_who_look_at_one_plate_are_no_repetition():
    looks = [look(NOON + n * HOUR, person) for n, person in enumerate(("ana", "ben", "cat"))]
    assert "repeated_target" not in found(looks)


def test_looks_before_this_week_count_and_raise_nothing_by_themselves():
    before = [look(MONDAY - day * DAY) for day in (2, 9)]
    assert found(before) == set()
    assert found([*before, look(NOON)]) == {"repeated_target"}


def test_one_subject_under_ever_new_cases_or_far_too_often():
    cases = [look(NOON + n * HOUR, case=f"26-{n}", checked=True) for n in range(3)]
    assert found(cases) == {"many_stories"}
    assert found(cases[:2]) == set()
    assert "many_stories" in found([tied(NOON + n * HOUR) for n in range(15)])


def test_a_line_that_several_people_ask_is_nobody_s_name():
    def asked(person):
        return [
            look(NOON + n * HOUR, person, "white van", kind="search", case=f"26-{n}", checked=True)
            for n in range(3)
        ]

    assert found(asked("ana")) == {"many_stories"}
    assert found(asked("ana") + asked("ben")) == set()


def test_off_hours_are_each_person_s_own():
    night = MONDAY + 2 * DAY + 3 * HOUR
    odd = [tied(night + n * MINUTE, plate=f"ZZN{n}") for n in range(3)]
    assert found([*usual_days(), *odd]) == {"off_hours"}
    assert found([*usual_days(hour=2), *odd]) == set(), "whose hours are those"
    assert found([*usual_days(days=5), *odd]) == set(), "of whom nothing is known yet"


def test_a_swapped_shift_and_a_live_call_are_work():
    night = MONDAY + 2 * DAY + 3 * HOUR
    shift = [tied(night + n * 10 * MINUTE, plate=f"ZZN{n}") for n in range(8)]
    call = [look(night + n, plate=f"ZZN{n}", call="C-1", checked=True) for n in range(3)]
    assert found([*usual_days(), *shift]) == set()
    assert found([*usual_days(), *call]) == set()


@pytest.mark.parametrize(
    ("reason", "flagged"),
    [
        ("investigation", True), ("Official police business.", True), ("n/a", True), ("....", True),
        ("xxx", True), ("inv. 12", True), ("hit and run on Canal", False), ("BOLO district", False),
    ],
)  # fmt: skip
def test_reasons_that_say_nothing(reason, flagged):
    looks = [look(NOON + n * HOUR, plate=f"ZZ{n}", reason=reason) for n in range(2)]
    assert ("vague_reason" in found(looks)) == flagged
    with_case = [tied(NOON + n * HOUR, plate=f"ZZ{n}", reason=reason) for n in range(2)]
    assert "vague_reason" not in found(with_case), "the case says why"


def test_what_is_asked_is_read_as_the_reason_is():
    said = "had an abortion, for ICE; gypsy at the protest"
    assert found([tied(NOON, asked=said)]) == {"terms", "undeclared"}
    alone = [look(NOON + n * HOUR, plate=f"ZZ{n}", asked="Check plate") for n in range(2)]
    assert found(alone) == {"vague_reason"}
    copies = [
        look(NOON + n * HOUR, plate=f"ZZ{n}", asked="silver sedan, Canal", request=f"R-26-{n}")
        for n in range(5)
    ]
    assert found(copies) == {"copied_reason"}
    trained = [
        look(NOON + n * HOUR, plate=f"ZZ{n}", asked="Training", request=f"R-26-{n}",
             code="training_synthetic_only")
        for n in range(5)
    ]  # fmt: skip
    assert found(trained) == set(), "what it opens is invented"


def test_a_copied_reason_for_many_subjects_in_several_requests():
    def copies(requests, **said):
        return [
            look(NOON + n * HOUR, plate=f"ZZ{n}", reason="silver sedan seen leaving Canal",
                 request=f"R-26-{n % requests:06}", **said)
            for n in range(5)
        ]  # fmt: skip

    assert found(copies(5)) == {"copied_reason"}
    assert found(copies(1)) == set(), "one request has one reason"
    assert found(copies(5, case="26-1", checked=True)) == set()


def test_words_that_somebody_has_to_read():
    settings = OversightSettings(terms=["cheerleader"])
    for reason in ("gypsy", "Gypsies seen", "a cheerleader's car", "rally downtown"):
        assert found([tied(NOON, reason=reason)], settings=settings) == {"terms"}
    assert found([tied(NOON, reason="spice market theft, retard chemicals")]) == set()


@pytest.mark.parametrize(
    ("reason", "flagged"),
    [("assist ICE", True), ("for the feds", True), ("req by HSI", True), ("fell on the ice", False),
     ("for ice cream van theft", False)],
)  # fmt: skip
def test_a_reason_that_names_an_agency_which_was_not_declared(reason, flagged):
    assert ("undeclared" in found([tied(NOON, reason=reason)])) == flagged
    assert "undeclared" not in found([tied(NOON, reason=reason, behalf="ICE")])


def test_oneself_relatives_and_colleagues_whatever_the_case():
    key = sealed("plate", "ZZT1").key
    for relation, asker, expected in (
        ("self", "ana", "self_lookup"),
        ("relative", "ana", "relative_lookup"),
        ("relative", "ben", "colleague_lookup"),
    ):
        staff = [StaffSubject("S-1", "idp|ana", "plate", key, relation, 0)]
        assert found([tied(NOON, asker)], staff=staff) == {expected}
        assert found([tied(NOON, asker, "ZZT2")], staff=staff) == set()


def test_far_back_is_judged_by_the_purpose():
    usual = usual_days(days_back=3)
    far = [tied(NOON + n * HOUR, plate=f"ZZF{n}", days_back=60) for n in range(5)]
    assert found([*usual, *far]) == {"stretched"}
    assert found([*usual, *far[:4]]) == set(), "an old case is no habit"
    assert found([*usual_days(days_back=60), *far]) == set()


def test_far_more_subjects_in_a_day_than_any_day_has():
    many = [tied(NOON + n * MINUTE, plate=f"ZZM{n}") for n in range(45)]
    assert found([*usual_days(), *many]) == {"breadth"}
    busy = [
        tied(NOON - day * DAY + n * MINUTE, plate=f"ZZ{day}-{n}") for day in range(5)
        for n in range(45)
    ]  # fmt: skip
    assert "breadth" not in found(busy), "where every day is like that"


def test_plate_reads_that_are_opened_by_their_numbers():
    walked = [tied(NOON + n * MINUTE, plate=f"ZZW{n}", opened=n) for n in range(10)]
    assert found(walked) == {"one_by_one"}
    assert found(walked[:9]) == set(), "links of colleagues"
    again = [tied(NOON + n * HOUR, plate=f"ZZW{n % 9}", opened=n % 9) for n in range(11)]
    assert found(again) == set(), "each record once"
    days = [tied(NOON + n % 2 * DAY, plate=f"ZZW{n}", opened=n) for n in range(10)]
    assert found(days) == set()


def test_who_opens_many_by_number_has_looked_at_many():
    walked = [tied(NOON + n * MINUTE, plate=f"ZZW{n}", opened=n) for n in range(45)]
    assert found([*usual_days(), *walked]) == {"breadth", "one_by_one"}


def test_one_look_over_very_many_systems():
    assert found([tied(NOON, agencies=20)]) == {"wide"}
    assert found([tied(NOON, cameras=500)]) == {"wide"}
    assert found([tied(NOON, agencies=19, cameras=499)]) == set()


def test_a_purpose_that_only_one_person_has():
    team = [each for person in ("ben", "cat", "dan") for each in usual_days(person)]
    odd = usual_days("ana", code="emergency_override")
    assert found([*team, *odd, tied(NOON, code="emergency_override")]) == {"purpose_mix"}
    same = usual_days("ana")
    assert found([*team, *same, tied(NOON)]) == set()


def test_one_person_who_looks_for_one_other_agency():
    def asked(person, plate):
        return [
            tied(NOON + n * HOUR, person, f"{plate}{n}", behalf="next-pd", request=f"R-26-{n:06}")
            for n in range(6)
        ]

    team = [tied(NOON, person, f"ZZ{person}") for person in ("ben", "cat", "dan")]
    assert found([*team, *asked("ana", "ZZA")]) == {"on_behalf"}
    everybody = [each for person in ("ana", "ben", "cat", "dan") for each in asked(person, person)]
    assert found(everybody) == set(), "where all do"


def test_many_plates_about_a_public_event():
    march = Gathering("march", -90.1, 29.9, -90.0, 30.0, NOON - 6 * HOUR, NOON - 2 * HOUR)
    crowd = [tied(NOON + n * MINUTE, plate=f"ZZC{n}", days_back=0.3) for n in range(10)]
    assert found(crowd, gatherings=[march]) == {"event_crowd"}
    assert found(crowd[:9], gatherings=[march]) == set()
    week = [tied(NOON + n * MINUTE, plate=f"ZZC{n}", days_back=7) for n in range(10)]
    assert found(week, gatherings=[march]) == set(), "a week's search is not about the event"


@pytest.mark.parametrize(("west", "flagged"), [(-90.05, True), (-89.0, False)])
def test_a_search_of_the_event_s_place_and_time(west, flagged):
    march = Gathering("march", -90.1, 29.9, -90.0, 30.0, NOON - 6 * HOUR, NOON - 2 * HOUR)
    box = {"west": west, "south": 29.95, "east": west + 0.01, "north": 29.96}
    looks = [tied(NOON, plate="near the square", kind="search", days_back=0.3, **box)]
    assert ("event_crowd" in found(looks, gatherings=[march])) == flagged


def test_one_call_is_work_until_it_is_about_a_crowd():
    march = Gathering("march", -90.1, 29.9, -90.0, 30.0, NOON - 6 * HOUR, NOON - 2 * HOUR)

    def for_calls(calls):
        return [
            look(NOON + n * MINUTE, plate=f"ZZC{n}", call=f"C-{n % calls}", checked=True,
                 days_back=0.3)
            for n in range(10)
        ]  # fmt: skip

    assert found(for_calls(1), gatherings=[march]) == {"event_crowd"}
    assert found(for_calls(5), gatherings=[march]) == set()


def test_one_person_in_two_places_at_once():
    def turns(*places):
        return [
            tied(NOON + n * 5 * MINUTE, plate=f"ZZP{n}", device=place, address=f"192.0.2.{place}")
            for n, place in enumerate(places)
        ]

    assert found(turns("1", "2", "1")) == {"two_places"}
    assert found(turns("1", "1", "2")) == set(), "who moves desks, moves once"
    assert found(turns("1", "", "1")) == {"two_places"}, "a cookie that was carried off alone"


def test_a_device_that_nobody_here_used_before():
    strange = {"device": "strange", "address": "198.51.100.7"}
    assert found([*usual_days(), look(NOON, **strange)]) == {"new_device"}
    assert found([*usual_days(), tied(NOON, **strange)]) == set()
    colleague = usual_days("ben", device="strange", address="198.51.100.7")
    assert found([*usual_days(), *colleague, look(NOON, **strange)]) == set()
    without = {"device": "", "address": "198.51.100.7"}
    by_command = usual_days("ben", device="", address="192.0.2.1")
    assert found([*usual_days(), *by_command, look(NOON, **without)]) == {"new_device"}
    usual = {"device": "", "address": "192.0.2.1"}
    assert found([*usual_days(), *by_command, look(NOON, **usual)]) == set()


def test_what_was_before_the_week_and_what_comes_after_raises_nothing():
    looks = [look(NOON + n * HOUR) for n in range(3)]
    assert found(looks) == {"repeated_target"}
    assert found(looks, since=MONDAY + WEEK) == set()
    assert found(looks, since=MONDAY - WEEK) == set()
