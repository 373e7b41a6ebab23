"""Names for made-up streets and quarters. Trees, crafts and weather: nobody's name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

_STREETS = (
    "Alder", "Amber", "Anchor", "Ash", "Aspen", "Basin", "Beacon", "Beech", "Birch", "Bramble",
    "Brick", "Canal", "Cedar", "Cherry", "Chestnut", "Clover", "Copper", "Coral", "Cotton",
    "Cypress", "Dogwood", "Elm", "Ferry", "Fig", "Foundry", "Garnet", "Granite", "Hazel", "Heron",
    "Hickory", "Holly", "Indigo", "Ivy", "Juniper", "Kiln", "Lantern", "Larch", "Laurel", "Levee",
    "Linden", "Locust", "Magnolia", "Maple", "Market", "Mill", "Mulberry", "Myrtle", "Oak",
    "Olive", "Orchard", "Osprey", "Palm", "Pecan", "Pelican", "Pine", "Plum", "Poplar", "Quarry",
    "Quartz", "Quince", "Reed", "Ridge", "Rowan", "Saddle", "Sage", "Signal", "Slate", "Spruce",
    "Sumac", "Sycamore", "Tanner", "Thistle", "Timber", "Tulip", "Walnut", "Water", "Weaver",
    "Willow", "Wren", "Yew",
)  # fmt: skip
_SUFFIXES = ("Ave", "Blvd", "Dr", "Ln", "Rd", "Pl")
_QUARTERS = product(
    ("Old", "Upper", "Lower", "East", "West", "New"),
    ("Harbour", "Foundry", "Orchard", "Market", "Levee", "Mills", "Heights", "Basin", "Meadow",
     "Yards"),
)  # fmt: skip
QUARTERS = tuple(f"{first} {second}" for first, second in _QUARTERS)


def avenue_names() -> Iterator[str]:
    """Endless different names for the streets of one direction."""
    for suffix, word in product(_SUFFIXES, _STREETS):
        yield f"{word} {suffix}"
    number = 0
    while True:
        number += 1
        yield f"Avenue {number}"


def ordinal(number: int) -> str:
    """``1st``, ``12th``, ``23rd``."""
    last = number % 10 if number % 100 not in (11, 12, 13) else 0
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') }"
