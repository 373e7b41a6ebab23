"""Notes may hold HTML5; what comes out is text."""

import pytest

from watchfloor_sdk.eido.narrative import MAX_CHARS, plain


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("caller hears shots", "caller hears shots"),
        ("<p>first</p><p>second <b>bold</b></p>", "first\nsecond bold"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<script>alert('x')</script>after", "after"),
        ("<style>p{}</style><img src=x onerror=alert(1)>picture", "picture"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("speed < 30 mph", "speed < 30 mph"),
        ("  many   blanks \n\n and lines ", "many blanks\nand lines"),
        ("<script>never closed", ""),
        ("", ""),
    ],
)
def test_plain(html, text):
    assert plain(html) == text


def test_a_note_is_no_longer_than_the_contract_allows():
    assert len(plain("x" * 10_000_000)) == MAX_CHARS
