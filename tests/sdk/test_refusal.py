"""What a person reads when a vendor does not let us."""

from __future__ import annotations

from watchfloor_sdk.answer import Answer, refusal


def test_a_refusal_names_its_status():
    assert refusal(Answer(403, {}, b"", "vendor.example.org")).detail == (
        "vendor.example.org answered with status 403."
    )


def test_a_refusal_in_the_body_of_a_200_does_not_claim_that_the_status_was_wrong():
    said = refusal(Answer(200, {}, b'{"error": "over"}', "vendor.example.org"))
    assert (said.code, "200" in said.detail, "log-in" in said.detail) == (
        "vendor_refused", False, True,
    )  # fmt: skip
