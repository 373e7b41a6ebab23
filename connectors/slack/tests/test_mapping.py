"""What stands in the channel, and what Slack's errors come to."""

from __future__ import annotations

import pytest

from watchfloor_sdk import AskAPerson, GiveUp, RetryLater
from watchfloor_sdk.alert import Message, read_alert
from watchfloor_sdk.simulation import made_up_alert
from watchfloor_slack.mapping import (
    BUSY,
    CHANNEL,
    CREDENTIAL,
    MESSAGE,
    escaped,
    read_answer,
    to_post,
    trouble,
)


def message(**more: object) -> Message:
    return read_alert(made_up_alert(7, **more))


def test_what_is_posted_word_for_word() -> None:
    body = to_post("C0SIM00001", message(verification="unverified", marking="UNVERIFIED"))
    assert body == {
        "channel": "C0SIM00001",
        "text": (
            "*UNVERIFIED: Gunshot, danger to life (alert 7)*\n"
            "News: New alert\n"
            "Checked: UNVERIFIED: no person has checked this yet\n"
            "Severity: Danger to life\n"
            "Occurred: 2026-05-02 21:14:07 UTC\n"
            "Place: 500 EXAMPLE ST\n"
            "Alert: https://hub.example.org/alerts/7"
        ),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def test_a_plate_stands_there_only_where_the_message_carries_details() -> None:
    assert "ZZT1234" in to_post("C1", message(title="Stolen: ZZT1234 read by r-1"))["text"]
    assert "ZZT" not in to_post("C1", message())["text"]


def test_data_makes_no_mention_and_no_link() -> None:
    text = to_post("C1", message(title="<!channel> & <https://x.example.org|click>"))["text"]
    assert "&lt;!channel&gt; &amp; &lt;https://x.example.org|click&gt;" in text
    assert escaped("a & b < c > d") == "a &amp; b &lt; c &gt; d"


@pytest.mark.parametrize(
    ("errors", "kind", "code"),
    [
        (BUSY, RetryLater, "rate_limited"),
        (CREDENTIAL, AskAPerson, "vendor_refused"),
        (CHANNEL, AskAPerson, "slack_channel"),
        (MESSAGE, GiveUp, "vendor_rejected"),
        ({"something_new"}, RetryLater, "slack_error"),
    ],
)
def test_errors_are_sorted_by_what_to_do_next(
    errors: set[str], kind: type[Exception], code: str
) -> None:
    for word in errors:
        error = trouble(word)
        assert (type(error), error.code) == (kind, code)
        assert word in error.detail
        assert error.remedy


def test_an_error_that_is_no_word_is_not_quoted() -> None:
    assert "xoxb" not in trouble("your token xoxb-1 is bad").detail


def test_an_answer_that_is_none_passes_by() -> None:
    with pytest.raises(RetryLater):
        read_answer(["ok"])
