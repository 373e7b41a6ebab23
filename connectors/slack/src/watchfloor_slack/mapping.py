"""An alert's message in Slack's words, and Slack's answers in ours.

Pure. Fields and error strings of ``chat.postMessage``: Slack's published OpenAPI document
(slackapi/slack-api-specs, ``web-api/slack_web_openapi_v2.json``).
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from watchfloor_sdk import AskAPerson, GiveUp, RetryLater, WatchfloorError
from watchfloor_sdk.alert import Message, headline, particulars

BUSY = frozenset({"rate_limited", "ratelimited"})
"""The document has the first; Slack's own libraries check the second."""
CREDENTIAL = frozenset({"not_authed", "invalid_auth", "account_inactive"})
CHANNEL = frozenset({"channel_not_found", "not_in_channel", "is_archived"})
MESSAGE = frozenset({
    "msg_too_long", "no_text", "too_many_attachments",
    "invalid_arg_name", "invalid_form_data", "missing_post_type",
})  # fmt: skip


class Posted(Struct):
    """The answer, which is HTTP 200 whatever it says. ``ts`` is Slack's key of the message."""

    ok: bool
    ts: str | None = None
    error: str = ""


def to_post(channel: str, message: Message) -> dict[str, Any]:
    """The body of ``chat.postMessage``. Links are not unfolded: Slack would fetch them, and the
    hub is nobody's to fetch."""
    lines = [f"{name}: {escaped(text)}" for name, text in particulars(message)]
    return {
        "channel": channel,
        "text": "\n".join([f"*{escaped(headline(message))}*", *lines]),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def escaped(text: str) -> str:
    """As Slack wants data in a text: ``<`` and ``&`` begin links and mentions
    (``<!channel>``)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def read_answer(body: Any) -> Posted:
    """The answer. Raises ``RetryLater`` (code ``broken_json``) for one that is none."""
    try:
        return msgspec.convert(body, Posted)
    except msgspec.ValidationError:
        raise RetryLater("Slack answered something else.", code="broken_json") from None


def trouble(error: str) -> WatchfloorError:
    """What an answer that is not ``ok`` means, sorted by what to do next.

    An error that is not documented may pass by: the hub tries again, and gives up visibly.
    """
    word = error if error.isascii() and error.replace("_", "").isalnum() else "unknown"
    detail = f"Slack refused the message: {word[:64]}."
    if error in BUSY:
        return RetryLater(detail, code="rate_limited")
    if error in CREDENTIAL:
        return AskAPerson(
            detail,
            code="vendor_refused",
            remedy="Set the credential anew: a bot token (xoxb-...) with the scope chat:write.",
        )
    if error in CHANNEL:
        return AskAPerson(
            detail,
            code="slack_channel",
            remedy="Correct the channel's id in the settings, and invite the app to the channel.",
        )
    if error in MESSAGE:
        return GiveUp(
            detail, code="vendor_rejected", remedy="Tell the connector's maintainer this word."
        )
    return RetryLater(detail, code="slack_error")
