"""Misuse that was reported elsewhere, as far as one decision can stop it.

Patterns over many decisions (the same target again, copied reasons) are found in the audit; what
needs a neighbour, at the neighbour.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from asking import DAY, NOW, ask, engine, person, purpose

from watchfloor.contracts import BY_NAME
from watchfloor.policy import Obligation

READ = BY_NAME["read"].type
GATED = engine(
    settings="\n".join(
        f'[gates.{gate}]\nconfirmed_by = "A. Counsel"\nconfirmed_on = 2025-11-03'
        for gate in ("no_immigration", "no_reproductive_or_gender_care", "owner_only")
    )
)
STRICT = engine()


def test_milwaukee_investigation_is_no_purpose_without_offence_and_case():
    """179 look-ups, the reason always \u201cinvestigation\u201d (2025)."""
    vague = purpose(offence=None, case_number=None, reason="investigation")
    denied = ask(STRICT, "lookups:ask", why=vague, subject="plate")
    assert denied.reason == "purpose_incomplete"


def test_kechi_one_person_s_history_needs_a_second_person_whatever_the_reason():
    """An estranged wife tracked through another city's system (2022)."""
    decision = ask(STRICT, why=purpose(), subject="plate", lookback_days=60, owner="other-city")
    assert decision.needs_supervisor
    assert Obligation("notify_owner", "other-city") in decision.obligations


def test_palos_heights_what_is_for_immigration_is_refused_though_the_password_was_right():
    """A federal agent used a task-force officer's password (2025)."""
    for said in ({"why": purpose(on_behalf_of="ICE")}, {"about": ["immigration"]}):
        assert ask(GATED, **{"why": purpose(), **said}).reason == "no_immigration"


def test_johnson_county_a_search_across_the_country_waits_and_its_topic_is_closed():
    """One search over 6,809 networks and 83,345 cameras (2025)."""
    reach = {"subject": "plate", "agencies": 6809, "cameras": 83_345}
    assert ask(STRICT, why=purpose(), **reach).needs_supervisor
    denied = ask(GATED, why=purpose(), **reach, about=["reproductive_care"])
    assert denied.reason == "no_reproductive_or_gender_care"


def test_johnson_county_what_the_reason_says_is_reviewed_where_nothing_was_declared():
    why = purpose(reason="had an abortion, search for female")
    assert Obligation("review", "reproductive_care") in ask(STRICT, why=why).obligations


def test_danville_look_ups_for_somebody_else_name_them():
    """More than 4,000 look-ups by local police on request (2024-25)."""
    denied = ask(STRICT, "lookups:ask", why=purpose(), asking_agency="ICE")
    assert denied.reason == "on_behalf_of_missing"
    named = ask(STRICT, "lookups:ask", why=purpose(on_behalf_of="ICE"), asking_agency="ICE")
    assert named.reason == "agency_unknown"


def test_protests_go_to_review_and_cannot_be_declared():
    """Hundreds of searches, some in vague words (2024-25)."""
    why = purpose(reason="protest detail")
    assert Obligation("review", "first_amendment") in ask(STRICT, why=why).obligations
    assert ask(STRICT, why=why, about=["first_amendment"]).reason == "topic_closed"


def test_illinois_and_california_nothing_is_shared_until_somebody_listed_the_agency():
    """A federal pilot, and a national setting, that nobody knew to be on (2025)."""
    visitor = replace(person("analyst", agency="cbp"), id="visitor")
    assert not ask(STRICT, who=visitor, why=purpose()).permitted
    assert ask(GATED, why=purpose(), owner="other-pd").reason == "owner_only"


@pytest.mark.parametrize("days", [31, 524])
def test_okaloosa_no_look_back_reaches_past_the_cap(days):
    """463 searches past the 30-day rule, up to 524 days; 9 blank reasons."""
    for subject in ("plate", "area"):
        decision = ask(STRICT, why=purpose("court_order"), subject=subject, lookback_days=days)
        assert decision.permitted
        assert decision.scope.earliest[READ] >= NOW - 30 * DAY
    blank = purpose("emergency_override", reason="  ")
    assert ask(STRICT, why=blank).reason == "purpose_incomplete"
