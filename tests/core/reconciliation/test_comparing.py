"""What two logs of the same searches say when they do not agree, and what they say when they do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from watchfloor.ports.store import KeptLook
from watchfloor.reconciliation import Asked, compare

MINUTE = 60_000_000
SINCE, UNTIL = 100 * MINUTE, 200 * MINUTE
SAYS = ("user", "organisation", "subject", "reason", "case_number")
OURS = Asked(
    record="r-1", index=7, at=150 * MINUTE, key="k-1", person="idp|ann", handle="ann",
    agency="ex-pd", case="SIM-1",
)  # fmt: skip
THEIRS = KeptLook(
    id="plates/1", source="plates", at=150 * MINUTE, pulled=UNTIL, user="client",
    organisation=None, case_number="SIM-1", record="r-1", key="k-1", says=SAYS, sealed={},
)  # fmt: skip


def whys(asked, looks, **more):
    return [finding.why for finding in compare(asked, looks, SINCE, UNTIL, **more)]


def test_logs_that_agree_find_nothing():
    assert whys([OURS], [THEIRS]) == []


def test_one_question_may_be_two_searches_there():
    """A plate with the letter O is asked for as a zero, too."""
    asked = replace(OURS, also=frozenset({"k-zero"}))
    assert whys([asked], [THEIRS, replace(THEIRS, id="plates/2", key="k-zero")]) == []


def test_a_search_that_the_hub_did_not_ask_is_somebodys_past_the_hub():
    extra = replace(THEIRS, id="plates/2", user="u-7", record=None, key="k-2")
    [finding] = compare([OURS], [THEIRS, extra], SINCE, UNTIL)
    assert (finding.why, finding.handle, finding.person) == ("past_the_hub", "u-7", "")
    assert "rows 2" in finding.words


def test_it_is_found_also_where_it_names_a_record_that_is_none():
    forged = replace(THEIRS, id="plates/2", record="r-made-up")
    assert whys([OURS], [THEIRS, forged]) == ["past_the_hub"]


@pytest.mark.parametrize("changes", [{"key": "k-2"}, {"at": THEIRS.at + 11 * MINUTE}])
def test_a_record_covers_no_other_subject_and_no_other_time(changes):
    """Its number is before everybody who asks: who types it into the vendor's own form has not
    asked through the hub."""
    copied = replace(THEIRS, id="plates/2", user="u-7", **changes)
    [finding] = compare([OURS], [THEIRS, copied], SINCE, UNTIL)
    assert (finding.why, finding.handle) == ("past_the_hub", "u-7")


def test_a_question_may_run_as_long_as_one_may():
    assert whys([OURS], [THEIRS, replace(THEIRS, id="plates/2", at=THEIRS.at + 9 * MINUTE)]) == []


def test_a_second_search_for_the_same_plate_is_not_covered_by_the_first():
    again = replace(THEIRS, id="plates/2", record=None, at=THEIRS.at + MINUTE)
    assert whys([OURS], [THEIRS, again]) == ["past_the_hub"]


def test_a_look_up_that_the_vendors_log_does_not_have_is_missed_there():
    [finding] = compare([OURS], [], SINCE, UNTIL)
    assert (finding.why, finding.records) == ("not_at_vendor", (7,))


def test_one_that_was_cut_off_on_the_way_need_not_be_there_and_may():
    cut_off = replace(OURS, sure=False)
    assert whys([cut_off], []) == []
    assert whys([cut_off], [THEIRS]) == []


def test_another_case_than_the_vendor_was_told_is_said():
    [finding] = compare([OURS], [replace(THEIRS, case_number="SIM-9")], SINCE, UNTIL)
    assert (finding.why, finding.person, finding.records) == ("differs", "idp|ann", (7,))
    assert "another case" in finding.words


def test_another_subject_was_not_asked_and_what_was_is_not_there():
    looks = [replace(THEIRS, key="k-9")]
    assert whys([OURS], looks) == ["past_the_hub", "not_at_vendor"]


def test_a_thinned_row_is_still_known_and_what_it_lacks_is_said():
    """Reported of December 2025: users and plates were taken out of the log."""
    thin = replace(THEIRS, user=None, key=None, says=("organisation", "reason", "case_number"))
    [finding] = compare([OURS], [thin], SINCE, UNTIL)
    assert (finding.why, finding.records) == ("thinned", (7,))
    assert "user, subject" in finding.words
    no_reason = replace(thin, record=None, says=("case_number",))
    assert whys([OURS], [no_reason]) == ["thinned"]


def test_without_the_record_it_is_known_by_plate_and_time_within_five_minutes():
    alike = replace(THEIRS, record=None, at=THEIRS.at + 4 * MINUTE)
    assert whys([OURS], [alike]) == []
    assert whys([OURS], [replace(alike, at=THEIRS.at + 6 * MINUTE)]) == [
        "past_the_hub", "not_at_vendor",
    ]  # fmt: skip
    assert whys([OURS], [replace(alike, key="k-2")]) == ["past_the_hub", "not_at_vendor"]


def test_other_organisations_searches_are_not_ours_to_explain():
    assert whys([], [replace(THEIRS, record=None, organisation="Far Away PD SIM")]) == []


def test_what_lies_outside_the_time_is_judged_another_time_but_what_came_late_now():
    before = replace(THEIRS, at=SINCE - MINUTE, record=None)
    assert whys([], [before, replace(before, id="plates/2", at=UNTIL)]) == []
    assert whys([], [before], late={"plates/1"}) == ["past_the_hub"]
