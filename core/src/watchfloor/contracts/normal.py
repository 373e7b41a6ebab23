"""Normal forms: how plates, addresses and phone numbers are written so that equal things meet.

The hub and the search box use the same functions; a connector need not call them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NOT_PLATE = re.compile(r"[^0-9A-Z]+")
_NOT_DIGIT = re.compile(r"[^0-9]+")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]+"
)
"""Unicode's ``Default_Ignorable_Code_Point``: they come along when text is copied."""
_INTERSECTION = re.compile(r"&|@|\bAND\b|(?<!\d)/|/(?!\d)")
"""Between two digits a slash is a fraction: ``12 1/2 MAIN ST`` is one street."""

_WORD = re.compile(r"[^\W_]+\*?")
_ACCENTS = dict.fromkeys(
    [*range(0x300, 0x305), *range(0x306, 0x30D), 0x30F, 0x311, 0x31B, *range(0x323, 0x329),
     0x32D, 0x32E, 0x330, 0x331]
)  # fmt: skip
"""What the full-text index takes off a letter (``sqlite3Fts5UnicodeIsdiacritic``)."""

# The common ones of USPS Publication 28: appendix C1 (street suffixes), section 233 (directionals).
_SHORT = {
    "AVENUE": "AVE", "AV": "AVE", "STREET": "ST", "ROAD": "RD", "DRIVE": "DR", "BOULEVARD": "BLVD",
    "LANE": "LN", "COURT": "CT", "PLACE": "PL", "PARKWAY": "PKWY", "HIGHWAY": "HWY",
    "TERRACE": "TER", "CIRCLE": "CIR", "SQUARE": "SQ", "ALLEY": "ALY", "EXPRESSWAY": "EXPY",
    "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W",
    "NORTHEAST": "NE", "NORTHWEST": "NW", "SOUTHEAST": "SE", "SOUTHWEST": "SW",
}  # fmt: skip


def visible(text: str) -> str:
    """Without the characters that nobody sees, a space of no width say."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def words_of(text: str) -> list[str]:
    """Words as the full-text index compares them (``unicode61``, sqlite.org/fts5.html):
    ``José_Núñez`` is ``jose``, ``nunez``. A part keeps the ``*`` at its end."""
    plain = visible(text).casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFD", plain).translate(_ACCENTS)
    return _WORD.findall(plain)


def normal_plate(text: str) -> str:
    """Capitals and digits only: ``zzt-1234`` is ``ZZT1234``."""
    plate = text.upper()
    return plate if plate.isascii() and plate.isalnum() else _NOT_PLATE.sub("", plate)


def _street(text: str) -> str:
    words = text.replace(".", " ").replace(",", " ").split()
    return " ".join(_SHORT.get(word, word) for word in words)


@lru_cache(maxsize=65536)
def normal_address(text: str) -> str:
    """One spelling per address; an intersection's streets stand in alphabetical order.

    ``Main Street & 5th Avenue`` and ``5th ave / main st`` are both ``5TH AVE & MAIN ST``.
    """
    streets = map(_street, _INTERSECTION.split(visible(text).upper()))
    return " & ".join(sorted(filter(None, streets)))


def normal_number(text: str) -> str:
    """The number of a case or a call in capitals, without dashes and blanks: ``z-00007-26`` is
    ``Z0000726``."""
    return "".join(visible(text).upper().replace("-", "").split())


def normal_phone(text: str) -> str:
    """Digits only, without the North American country code: ``+1 (555) 010-0199`` is
    ``5550100199``."""
    digits = _NOT_DIGIT.sub("", text)
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
