"""What stands in the channel, and what Slack's errors come to."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from watchfloor_sdk import AskAPerson, GiveUp, RetryLater
from watchfloor_sdk.finding import find
from watchfloor_sdk.simulation import Fault, made_up_alert
from watchfloor_sdk.simulation.faults import Handler
from watchfloor_sdk.testing import simulated
from watchfloor_slack_simulator import CHANNEL, SlackSimulator

SLACK = find("slack").connector


async def posted(vendor: SlackSimulator | None = None, **more: Any) -> dict[str, Any]:
    """The body that Slack takes of one alert."""
    vendor = vendor or SlackSimulator.rehearsing()
    async with simulated(vendor, SLACK.settings) as ctx:
        await SLACK().act(ctx, made_up_alert(7, **more))
    [body] = vendor.ledger.values()
    assert isinstance(body, dict)
    return body


def answering(document: Any) -> SlackSimulator:
    """A Slack that answers this, whatever it is asked."""

    async def play(_: web.Request, __: Handler) -> web.StreamResponse:
        return web.json_response(document)

    vendor = SlackSimulator.rehearsing()
    vendor.faults.always(Fault("answer", play))
    return vendor


async def test_what_is_posted_word_for_word() -> None:
    assert await posted(verification="unverified", marking="UNVERIFIED") == {
        "channel": CHANNEL,
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


async def test_a_plate_stands_there_only_where_the_message_carries_details() -> None:
    assert "ZZT1234" in (await posted(title="Stolen: ZZT1234 read by r-1"))["text"]
    assert "ZZT" not in (await posted())["text"]


async def test_data_makes_no_mention_and_no_link() -> None:
    title = "<!channel> & <https://x.example.org|click>"
    text = (await posted(title=title))["text"]
    assert "&lt;!channel&gt; &amp; &lt;https://x.example.org|click&gt;" in text


@pytest.mark.parametrize(
    ("word", "kind", "code"),
    [
        ("rate_limited", RetryLater, "rate_limited"),
        ("ratelimited", RetryLater, "rate_limited"),
        ("not_authed", AskAPerson, "vendor_refused"),
        ("invalid_auth", AskAPerson, "vendor_refused"),
        ("account_inactive", AskAPerson, "vendor_refused"),
        ("channel_not_found", AskAPerson, "slack_channel"),
        ("not_in_channel", AskAPerson, "slack_channel"),
        ("is_archived", AskAPerson, "slack_channel"),
        ("msg_too_long", GiveUp, "vendor_rejected"),
        ("no_text", GiveUp, "vendor_rejected"),
        ("too_many_attachments", GiveUp, "vendor_rejected"),
        ("invalid_arg_name", GiveUp, "vendor_rejected"),
        ("invalid_form_data", GiveUp, "vendor_rejected"),
        ("missing_post_type", GiveUp, "vendor_rejected"),
        ("something_new", RetryLater, "slack_error"),
    ],
)
async def test_errors_are_sorted_by_what_to_do_next(
    word: str, kind: type[Exception], code: str
) -> None:
    vendor = answering({"ok": False, "error": word})
    with pytest.raises(kind) as caught:
        await posted(vendor)
    error: Any = caught.value
    assert error.code == code
    assert word in error.detail
    assert error.remedy


async def test_an_error_that_is_no_word_is_not_quoted() -> None:
    with pytest.raises(RetryLater) as caught:
        await posted(answering({"ok": False, "error": "your token xoxb-1 is bad"}))
    assert "xoxb" not in caught.value.detail


@pytest.mark.parametrize("document", [["ok"], {}, {"ok": "yes"}, 1])
async def test_an_answer_that_is_none_passes_by(document: Any) -> None:
    with pytest.raises(RetryLater):
        await posted(answering(document))
