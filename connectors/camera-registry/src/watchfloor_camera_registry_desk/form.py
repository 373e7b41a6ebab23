"""The form: what was typed to an entry, or to what is wrong with it in words. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, get_args

from .book import Entry, Level, LooksAt, SiteKind
from .settings import EMAIL

Bounds = tuple[float, float, float, float]

SITE_KINDS: Mapping[SiteKind, str] = {
    "residence": "Home", "business": "Business or organisation",
}  # fmt: skip
LOOKS_AT: Mapping[LooksAt, str] = {
    "street": "Street", "entrance": "Entrance", "driveway": "Driveway", "parking": "Parking",
    "yard": "Yard",
}  # fmt: skip
LEVELS: Mapping[Level, tuple[str, str]] = {
    "request": (
        "You may ask me for footage",
        "Officers see the camera on their map. When something has happened nearby, they may write "
        "to you. You decide each time, and can say no.",
    ),
    "listed": (
        "Only list the camera",
        "Officers see the camera on their map. You will not be asked for footage.",
    ),
}
"""What an owner can agree to, and what that means."""
HEADINGS = {
    "": "It turns, or I do not know", "0": "North", "45": "North-east", "90": "East",
    "135": "South-east", "180": "South", "225": "South-west", "270": "West", "315": "North-west",
}  # fmt: skip
MOST_DAYS = 3650
_MOST = 200
"""Characters of a text."""
_EXCHANGED = "The two numbers are exchanged. Enter the other one first."
_PAIR = re.compile(r"\(?\s*([+-]?\d{1,3}(?:\.\d+)?)°?\s*[,;\s]\s*([+-]?\d{1,3}(?:\.\d+)?)°?\s*\)?")


def read_form(typed: Mapping[str, str], bounds: Bounds | None) -> Entry | dict[str, str]:
    """The entry; or, by field, what is to be mended."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, read in _READERS.items():
        try:
            values[name] = read(" ".join(typed.get(name, "").split()))
        except ValueError as error:
            wrong[name] = str(error)
    if "position" not in wrong:
        latitude, longitude = values.pop("position")
        values |= {"latitude": latitude, "longitude": longitude}
        wrong |= _outside(latitude, longitude, bounds)
    if wrong:
        return wrong
    del values["agree"]
    return Entry(**values)


def _text(missing: str) -> Callable[[str], str]:
    def read(typed: str) -> str:
        if not typed:
            raise ValueError(missing)
        if len(typed) > _MOST:
            raise ValueError(f"Use at most {_MOST} characters.")
        if any(unicodedata.category(one) == "Cc" for one in typed):
            raise ValueError("Use letters, numbers and signs only.")
        return unicodedata.normalize("NFC", typed)

    return read


def _email(typed: str) -> str:
    if not typed:
        raise ValueError("Enter your e-mail address.")
    if len(typed) > 254 or not EMAIL.fullmatch(typed):
        raise ValueError("Enter an e-mail address such as name@example.org.")
    return typed


def _one_of(kind: Any, missing: str) -> Callable[[str], str]:
    def read(typed: str) -> str:
        if typed not in get_args(kind):
            raise ValueError(missing)
        return typed

    return read


def _position(typed: str) -> tuple[float, float]:
    found = _PAIR.fullmatch(typed)
    if not found:
        raise ValueError("Enter two numbers with a comma between them, such as 40.1234, -75.1234.")
    latitude, longitude = float(found[1]), float(found[2])
    if abs(latitude) > 90 >= abs(longitude):
        raise ValueError(_EXCHANGED)
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise ValueError("No place on earth has these numbers.")
    return latitude, longitude


def _outside(latitude: float, longitude: float, bounds: Bounds | None) -> dict[str, str]:
    if bounds is None or _within(latitude, longitude, bounds):
        return {}
    if _within(longitude, latitude, bounds):
        return {"position": _EXCHANGED}
    return {"position": "This is outside the area of this registry. Check the two numbers."}


def _within(latitude: float, longitude: float, bounds: Bounds) -> bool:
    west, south, east, north = bounds
    return south <= latitude <= north and west <= longitude <= east


def _heading(typed: str) -> float | None:
    if typed not in HEADINGS:
        raise ValueError("Choose where it looks.")
    return float(typed) if typed else None


def _days(typed: str) -> int | None:
    if not typed:
        return None
    if not typed.isascii() or not typed.isdecimal() or int(typed[:9]) > MOST_DAYS:
        raise ValueError(f"Enter a number of days from 0 to {MOST_DAYS}, or nothing.")
    return int(typed)


def _agreed(typed: str) -> bool:
    if typed != "yes":
        raise ValueError("Without your consent the camera cannot be registered.")
    return True


_READERS: Mapping[str, Callable[[str], Any]] = {
    "name": _text("Enter your name."),
    "email": _email,
    "site_kind": _one_of(SiteKind, "Choose whether it is a home or a business."),
    "address": _text("Enter the address of the camera."),
    "position": _position,
    "looks_at": _one_of(LooksAt, "Choose what the camera looks at."),
    "heading_deg": _heading,
    "kept_days": _days,
    "level": _one_of(Level, "Choose what you allow."),
    "agree": _agreed,
}
FIELDS = tuple(_READERS)
