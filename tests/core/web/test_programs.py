"""What somebody looks through, in words."""

from __future__ import annotations

import pytest

from watchfloor.web.programs import program_of

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (f"{_WINDOWS} {_KHTML} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows"),
        (f"{_WINDOWS} {_KHTML} Chrome/140.0.0.0 Safari/537.36", "Chrome on Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/1 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Safari/604.1",
            "Safari on iPad",
        ),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Firefox/140.0", "Firefox"),
        ("Python/3.13 aiohttp/3.12", "Command line"),
        ("", ""),
    ],
)
def test_a_screen_is_known_by_browser_and_system(said, words):
    assert program_of(said) == words


def test_a_header_puts_no_words_of_its_own_before_people():
    assert program_of("Chrome/1 <b>This screen</b> on Linux") == "Chrome on Linux"
