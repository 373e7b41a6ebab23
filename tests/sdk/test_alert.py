"""How an alert reads outside: the same words everywhere, and no line that is not ours."""

from __future__ import annotations

import pytest

from watchfloor.contracts import ActionRequest, GiveUp
from watchfloor_sdk.alert import headline, one_line, particulars, read_alert
from watchfloor_sdk.simulation import made_up_alert


def said(news: str = "raised", **more: object) -> dict[str, str]:
    return dict(particulars(read_alert(made_up_alert(7, news=news, **more))))


def test_the_headline_says_kind_and_gravity_and_nothing_about_people_or_places() -> None:
    details = {"title": "ZZT1234 on stolen", "reason": "Alex Sample", "kind": "hit"}
    message = read_alert(made_up_alert(7, severity="high", marking="WRONG", **details))
    assert headline(message) == "WRONG: Hot-list hit, high (alert 7)"


@pytest.mark.parametrize(
    ("news", "words"),
    [
        ("raised", "New alert"),
        ("marked_wrong", "Marked wrong by a person"),
        ("withdrawn", "Withdrawn by its source"),
        ("split_in_two", "Split in two"),
    ],
)
def test_the_news_in_words(news: str, words: str) -> None:
    assert said(news)["News"] == words


def test_what_was_not_checked_and_what_was_wrong_says_so() -> None:
    assert said(marking="UNVERIFIED")["Checked"].startswith("UNVERIFIED")
    assert said(marking="WRONG")["Checked"] == "WRONG: do not act on it"
    assert "Checked" not in said()


def test_a_place_is_its_address_or_its_position_or_left_out() -> None:
    assert said()["Place"] == "500 EXAMPLE ST"
    point = {"point": [-90.07, 29.95], "address": None}
    assert said(place=point)["Place"] == "29.95000, -90.07000 (latitude, longitude)"
    assert "Place" not in said(place={"point": None, "address": None})


def test_times_are_in_utc_whatever_zone_they_were_told_in() -> None:
    assert said(occurred="2026-05-02T16:14:07-05:00")["Occurred"] == "2026-05-02 21:14:07 UTC"


def test_words_from_outside_stay_on_their_line() -> None:
    forged = said(title="Stolen car\r\nChecked: yes\u2028Severity: low\x1b[2J")
    assert forged["What"] == "Stolen car Checked: yes Severity: low [2J"
    assert one_line("a\tb\u202ec") == "a b c"


def test_kinds_that_are_not_known_yet_are_said_as_they_are() -> None:
    assert read_alert(made_up_alert(1, kind="rule_problem")).kind == "Rule problem"


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("add-note", {}, "unknown_action"),
        ("deliver-alert", {"type": "x"}, "bad_parameters"),
        ("deliver-alert", {"type": "x", "timestamp": "today", "data": {}}, "bad_parameters"),
    ],
)
def test_what_is_no_alert_is_refused(action: str, parameters: dict[str, object], code: str) -> None:
    request = ActionRequest(
        idempotency_key="k", action=action, requested_by="alerts", parameters=parameters
    )
    with pytest.raises(GiveUp) as caught:
        read_alert(request)
    assert caught.value.code == code
