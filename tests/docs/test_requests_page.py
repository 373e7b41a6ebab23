"""docs/requests.md: purposes, outcomes and limits are those of the code."""

from __future__ import annotations

from typing import get_args

import pytest

from watchfloor.contracts import PURPOSES
from watchfloor.ports.store import Outcome
from watchfloor.requests import PROVISIONAL_FOR, REVIEW_WITHIN

HOUR = 3_600_000_000


@pytest.fixture(scope="module")
def page(pages):
    return pages["docs/requests.md"]


def test_every_purpose_is_there_in_the_order_of_the_form(page):
    needs = {
        "call": "a call", "case": "a case", "case_or_call": "a call or a case",
        "offence": "the offence", "order": "the order's number", "reason": "a reason",
    }  # fmt: skip
    rows = page.table("purpose")
    said = {code.strip("`"): (title, words) for title, code, words in rows}
    assert list(said) == list(PURPOSES)
    for code, (title, words) in said.items():
        kind = PURPOSES[code]
        assert title == kind.title
        assert all(needs[need] in words for need in kind.needs), code


def test_every_outcome_is_there(page):
    assert [row[0].replace(" ", "_") for row in page.table("outcome")] == list(get_args(Outcome))


def test_times_are_those_of_the_code(page):
    assert f"and {PROVISIONAL_FOR // HOUR} hours" in page.text
    due = [row[2].split()[0] for row in page.table("why")]
    hours = [REVIEW_WITHIN[why] // HOUR for why in ("provisional", "emergency")]
    days = [REVIEW_WITHIN[why] // HOUR // 24 for why in ("case_closed", "call_over")]
    assert due == [str(number) for number in (*hours, *days)]
