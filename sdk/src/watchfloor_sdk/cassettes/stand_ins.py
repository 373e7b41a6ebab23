"""What stands for what: the same plate is always the same ``ZZ`` plate, so that joins still work.

Stand-ins are numbered as they are first needed. There is no key from which the true values could
be found again: what they stand for is known only here, in memory, while a recording is made.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from .kinds import Kind

_BIRTH = date(1970, 1, 1)
_SEPARATED_DATE = re.compile(r"(\d{1,4})([-/.])(\d{1,2})[-/.](\d{1,4})(.*)", re.S)
_MADE: dict[Kind, re.Pattern[str]] = {
    "plate": re.compile(r"ZZT\d{4,}"),
    "vin": re.compile(r"ZZSM\d{13}"),
    "person": re.compile(r"Sim [A-Z][a-z]{2,}"),
    "phone": re.compile(r"\d*55501\d{2}"),
    "email": re.compile(r"sim\d+@example\.org"),
    "address": re.compile(r"\d+ EXAMPLE ST"),
    "born": re.compile(r"197\d{5}|.*\b197\d\b.*", re.S),
    "number": re.compile(r"SIM\d{6,}"),
    "text": re.compile(r"Sim text \d+\."),
    "secret": re.compile(r"sim-[\w-]+"),
}
"""The forms of what ``_write`` writes."""
_LEAST_PHONE = 7
"""Digits; fewer are an extension, or 911."""
_LEAST = 3
"""Letters and digits from which a value is looked for in other texts."""


class StandIns:
    """The stand-ins of one cassette."""

    def __init__(self) -> None:
        self._known: dict[tuple[Kind, str], str] = {}
        self._counts: dict[Kind, int] = {}
        self._made: dict[str, Kind] = {}

    @property
    def counts(self) -> dict[str, int]:
        """How many different values of each kind there were."""
        return {str(kind): count for kind, count in sorted(self._counts.items())}

    def put(self, kind: Kind, value: str) -> str:
        """What stands for ``value``; a stand-in stands for itself, and nothing for nothing."""
        plain = plain_form(kind, value)
        if not plain or value in self._made:
            return value
        number = self._known.get((kind, plain))
        if number is None:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            number = self._known[kind, plain] = str(self._counts[kind])
        made = _write(kind, int(number), value)
        self._made[made] = kind
        return made

    def knows(self, kind: Kind, plain: str) -> bool:
        """Whether a value of this kind, in its plain form, has been met; short ones may be met by
        chance."""
        return len(plain) >= _LEAST and (kind, plain) in self._known


def is_stand_in(kind: Kind, value: str) -> bool:
    """Whether ``value`` has the form of what stands for others of its kind, or is too short to be
    one of them."""
    plain = plain_form(kind, value)
    form = _MADE.get(kind)
    written = plain if kind == "phone" else value
    return not plain or (form is not None and form.fullmatch(written) is not None)


def plain_form(kind: Kind, value: str) -> str:
    """In what two writings of one value are the same."""
    if kind in ("plate", "vin", "number"):
        return "".join(letter for letter in value.upper() if letter.isalnum())
    if kind == "phone":
        digits = "".join(letter for letter in value if letter.isdigit())
        return digits[-10:] if len(digits) >= _LEAST_PHONE else ""
    if kind in ("secret", "picture"):
        return value
    return " ".join(value.casefold().split())


def _write(kind: Kind, number: int, value: str) -> str:
    match kind:
        case "plate":
            return f"ZZT{number:04}"
        case "vin":
            return f"ZZSM{number:013}"
        case "person":
            return f"Sim {_word(number)}"
        case "phone":
            return _in_digits_of(value, f"{200 + number // 100:03}55501{number % 100:02}")
        case "email":
            return f"sim{number}@example.org"
        case "address":
            return f"{number} EXAMPLE ST"
        case "born":
            return _as_date(value, _BIRTH + timedelta(days=number))
        case "number":
            return f"SIM{number:06}"
        case "text":
            return f"Sim text {number}."
    return f"sim-{kind}-{number}"


def _word(number: int) -> str:
    """A word without digits, so that it is a name in every pattern too: Baa, Caa ... Baab."""
    letters = ""
    while number:
        number, rest = divmod(number, 26)
        letters += chr(ord("a") + rest)
    return letters.ljust(3, "a").capitalize()


def _in_digits_of(value: str, digits: str) -> str:
    """``digits`` in the last places for digits that ``value`` has: (504) 555-0100 stays so."""
    count = sum(letter.isdigit() for letter in value)
    fill = iter(digits.rjust(count, "1")[-count:])
    return "".join(next(fill) if letter.isdigit() else letter for letter in value)


def _as_date(value: str, born: date) -> str:
    """In the order and with the separators of ``value``; ISO where that cannot be told."""
    if re.fullmatch(r"\d{8}", value):
        return born.strftime("%Y%m%d")
    found = _SEPARATED_DATE.fullmatch(value)
    if found is None:
        return born.isoformat()
    first, mark, second, _, rest = found.groups()
    if len(first) == 4:
        return born.strftime(f"%Y{mark}%m{mark}%d") + rest
    order = "%d{0}%m{0}%Y" if int(first) > 12 else "%m{0}%d{0}%Y"
    return born.strftime(order.format(mark)) + (rest if int(second) <= 31 else "")
