"""What somebody looks through, in words: by these they know their own screens from a stranger's."""

from __future__ import annotations

COMMAND_LINE = "Command line"

_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
"""What each says of itself, those first that also say what another does."""
_SYSTEMS = (
    ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Macintosh", "Mac"),
    ("Android", "Android"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def program_of(user_agent: str) -> str:
    """In words of the hub's own, whatever a header says: "Firefox on Windows"; of a program that is
    no browser, that it is a command line's; empty where nothing is said."""
    if not user_agent:
        return ""
    browser, system = _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)
    if not browser:
        return COMMAND_LINE
    return f"{browser} on {system}" if system else browser


def _first(words: tuple[tuple[str, str], ...], text: str) -> str:
    return next((word for sign, word in words if sign in text), "")
