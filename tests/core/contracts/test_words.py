"""What is required is said in letters or digits, of any script."""

from __future__ import annotations

import pytest

from watchfloor.contracts.words import says_something


@pytest.mark.parametrize("text", ["R-26", "Zoë", "李雷", "5", " the file "])
def test_letters_and_digits_say_something(text: str) -> None:
    assert says_something(text)


@pytest.mark.parametrize(
    "text",
    [None, "", " \n", ".", "-- ??", "___", "\u200b", "\u2800", "\u3164\u115f\uffa0", "\ufeff."],
)
def test_marks_and_what_nobody_sees_say_nothing(text: str | None) -> None:
    assert not says_something(text)
