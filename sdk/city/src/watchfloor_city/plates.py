"""Number plates that are never real: all start with ``ZZ``, whatever the region.

Plates are numbered; number and plate give each other, so no list of plates is kept. Numbers below
``FLEET`` are ordinary vehicles, the ``WANTED`` after them stand on hot lists alone.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate, product
from random import Random

from .happenings import Look

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "0123456789"
_FLEET_FORMS = ("LDDDD", "LLDDD", "DDDDL", "DDDLL")
_WANTED_FORM = "LLLDD"


def _signs(form: str) -> list[str]:
    return [_LETTERS if sign == "L" else _DIGITS for sign in form]


def _size(form: str) -> int:
    total = 1
    for signs in _signs(form):
        total *= len(signs)
    return total


_STARTS = [0, *accumulate(map(_size, _FLEET_FORMS))]
FLEET = _STARTS[-1]
WANTED = _size(_WANTED_FORM)


def _written(form: str, number: int) -> str:
    signs = ""
    for choice in reversed(_signs(form)):
        number, digit = divmod(number, len(choice))
        signs = choice[digit] + signs
    return "ZZ" + signs


@lru_cache(maxsize=65536)
def fleet_plate(number: int) -> str:
    """The plate of ordinary vehicle ``number``, 0 up to ``FLEET``."""
    form = next(index for index, start in enumerate(_STARTS[1:]) if number < start)
    return _written(_FLEET_FORMS[form], number - _STARTS[form])


@lru_cache(maxsize=1024)
def wanted_plate(seed: int | str, number: int) -> str:
    """The plate of wanted vehicle ``number``, 0 up to ``WANTED``; another order for each seed."""
    offset = Random(f"{seed}/wanted").randrange(WANTED)
    return _written(_WANTED_FORM, (offset + number * _STRIDE) % WANTED)


_STRIDE = 611_953
"""A prime that does not divide ``WANTED``: neighbours on a list do not look alike."""

_MODELS = (
    ("Toyota", "Camry", "sedan"), ("Toyota", "Tacoma", "pickup"), ("Honda", "Civic", "sedan"),
    ("Honda", "CR-V", "suv"), ("Ford", "F-150", "pickup"), ("Ford", "Explorer", "suv"),
    ("Chevrolet", "Silverado", "pickup"), ("Chevrolet", "Malibu", "sedan"),
    ("Nissan", "Altima", "sedan"), ("Nissan", "Rogue", "suv"),
    ("Kia", "Soul", "hatchback"), ("Kia", "Forte", "sedan"),
    ("Hyundai", "Elantra", "sedan"), ("Jeep", "Wrangler", "suv"), ("Dodge", "Charger", "sedan"),
    ("Ram", "1500", "pickup"), ("GMC", "Savana", "van"), ("Subaru", "Outback", "wagon"),
)  # fmt: skip
_COLOURS = ("white", "black", "grey", "silver", "blue", "red", "green", "brown")

LOOKS = tuple(
    Look(make, model, colour, body) for (make, model, body), colour in product(_MODELS, _COLOURS)
)


def look_of(number: int) -> Look:
    """What ordinary vehicle ``number`` looks like: always the same."""
    return LOOKS[number * 89 % len(LOOKS)]


_ALIKE = {"0": "O", "O": "0", "1": "I", "8": "B", "B": "8", "5": "S", "S": "5", "2": "Z", "6": "G"}


def misread(plate: str, rng: Random) -> str:
    """The plate with one sign taken for one that looks like it, where it has such a sign."""
    where = [index for index, sign in enumerate(plate) if index > 1 and sign in _ALIKE]
    if not where:
        return plate
    at = rng.choice(where)
    return plate[:at] + _ALIKE[plate[at]] + plate[at + 1 :]
