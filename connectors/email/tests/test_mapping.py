"""What stands in a letter, and what never does."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from watchfloor_email.mapping import to_letter
from watchfloor_sdk.simulation import made_up_alert

NOW = datetime(2026, 5, 2, 21, 14, 9, tzinfo=UTC)
SENDER = "alerts@agency.example.org"
TO = ["watch@agency.example.org", "desk@agency.example.org"]


def letter(number: int = 7, **more: object) -> EmailMessage:
    return to_letter(made_up_alert(number, **more), SENDER, TO, NOW)


def test_a_letter_word_for_word() -> None:
    made = letter(verification="unverified", marking="UNVERIFIED")
    assert made.as_string() == (
        "From: alerts@agency.example.org\r\n"
        "To: watch@agency.example.org, desk@agency.example.org\r\n"
        "Subject: UNVERIFIED: Gunshot, danger to life (alert 7)\r\n"
        "Date: Sat, 02 May 2026 21:14:09 +0000\r\n"
        f"Message-ID: {made['Message-ID']}\r\n"
        f"References: {made['References']}\r\n"
        "Auto-Submitted: auto-generated\r\n"
        'Content-Type: text/plain; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: 7bit\r\n"
        "MIME-Version: 1.0\r\n"
        "\r\n"
        "UNVERIFIED: Gunshot, danger to life (alert 7)\r\n"
        "\r\n"
        "News: New alert\r\n"
        "Checked: UNVERIFIED: no person has checked this yet\r\n"
        "Severity: Danger to life\r\n"
        "Occurred: 2026-05-02 21:14:07 UTC\r\n"
        "Place: 500 EXAMPLE ST\r\n"
        "Alert: https://hub.example.org/alerts/7\r\n"
    )


def test_a_repeat_has_the_same_id_and_another_message_has_another() -> None:
    assert letter(7)["Message-ID"] == letter(7)["Message-ID"]
    assert letter(7)["Message-ID"] != letter(8)["Message-ID"]
    assert letter(7)["Message-ID"].endswith("@agency.example.org>")


def test_letters_about_one_alert_stand_together() -> None:
    raised = to_letter(made_up_alert(7), SENDER, TO, NOW)
    withdrawn = to_letter(made_up_alert(7, news="withdrawn"), SENDER, TO, NOW)
    assert raised["References"] == withdrawn["References"]
    assert raised["References"] != letter(8)["References"]


def test_details_stand_in_the_letter_and_not_in_its_headers() -> None:
    made = letter(title="Stolen: ZZT1234 read by r-1", reason="Alex Sample", kind="hit")
    assert "ZZT1234" in made.get_content()
    assert "ZZT1234" not in str(made.items())
    assert "Sample" not in str(made.items())


@pytest.mark.parametrize("field", ["title", "kind", "severity", "marking"])
def test_a_line_break_adds_no_header(field: str) -> None:
    made = letter(**{field: "car\r\nBcc: x@example.org\r\n\r\nhello"})
    assert made["Bcc"] is None
    assert "\nBcc" not in made.as_string()


def test_umlauts_and_pictures_are_carried() -> None:
    assert "Café 🚓" in letter(title="Café 🚓").get_content()
