"""What people call about, and what is written down: types, narratives, dispositions.

The mix follows the commonest problem types of a large American city's open call data. Narratives
are made from parts; no part names a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from watchfloor_city.happenings import Code
from watchfloor_city.plates import fleet_plate, look_of

PRIORITIES = {1: "Emergency", 2: "Urgent", 3: "Routine", 4: "When free"}


@dataclass(frozen=True, slots=True)
class CallType:
    """A kind of call.

    ``share`` is its weight, ``minutes`` its mean time on scene, ``units`` how many go; ``corner``:
    it happens at intersections; ``plate``: the caller gives one.
    """

    code: Code
    priority: int
    share: float
    minutes: float
    stories: tuple[str, ...]
    units: int = 1
    corner: bool = False
    plate: bool = False


def _type(code: str, text: str, *rest: object, **more: object) -> CallType:
    return CallType(Code(code, text), *rest, **more)  # type: ignore[arg-type]


TYPES = (
    _type("DISTURB", "Disturbance", 3, 14.0, 18.0, (
        "Caller hears two people shouting, {where}. No weapon seen.",
        "Group of about {few} arguing {where}, getting louder.",
    )),
    _type("ACCMIN", "Minor accident", 3, 10.0, 25.0, (
        "Two vehicles, no injuries, {lane} blocked.",
        "{look} rear-ended, drivers exchanging details, {lane} blocked.",
    ), corner=True),
    _type("ACCMAJ", "Major accident", 1, 4.0, 50.0, (
        "{few} vehicles, airbags out, one person complains of neck pain. Medics requested.",
        "{look} into a pole, driver conscious, fluid on the road.",
    ), units=2, corner=True),
    _type("WELFARE", "Welfare check", 3, 8.0, 20.0, (
        "Neighbour has not been seen for {few} days, mail piling up.",
        "Relative out of state asks for a check, phone goes unanswered since yesterday.",
    )),
    _type("THEFT", "Theft", 3, 8.0, 25.0, (
        "Package taken from the porch about {few} hours ago, camera on site.",
        "Shoplifter left on foot {way}, {dress}.",
    )),
    _type("SUSPER", "Suspicious person", 2, 7.0, 12.0, (
        "Person trying car doors, {dress}, walking {way}.",
        "Person looking into windows {where}, {dress}.",
    )),
    _type("SUSVEH", "Suspicious vehicle", 3, 5.0, 10.0, (
        "{look} parked for hours with the engine running, plate {plate}.",
        "{look} circling the block, plate {plate}, last seen {way}.",
    ), plate=True),
    _type("NOISE", "Loud music", 4, 7.0, 10.0, (
        "Loud music {where}, going on for {few} hours.",
    )),
    _type("FAMILY", "Family disturbance", 2, 6.0, 35.0, (
        "Caller reports an argument {where}, something was thrown. No weapon mentioned.",
    ), units=2),
    _type("ASSAULT", "Assault in progress", 1, 4.0, 40.0, (
        "Two people fighting {where}, one has fallen. {dress}.",
        "Caller was pushed and struck, other party left {way}, {dress}.",
    ), units=2),
    _type("BURGVEH", "Burglary of vehicle", 3, 5.0, 25.0, (
        "Window broken overnight, bag taken.",
        "{look}, rear window broken, tools missing.",
    )),
    _type("STOLEN", "Theft of vehicle", 2, 4.0, 30.0, (
        "{look}, plate {plate}, taken between last night and this morning, keys with the owner.",
        "{look}, plate {plate}, left running, seen going {way}.",
    ), plate=True),
    _type("BURGLARY", "Burglary in progress", 1, 2.5, 45.0, (
        "Caller hears glass break next door, flashlight inside.",
        "Back door forced, alarm sounding, {dress} seen leaving {way}.",
    ), units=2),
    _type("ALARM", "Alarm", 3, 6.0, 10.0, (
        "Alarm company reports rear motion, no answer on call back.",
        "Front door alarm, keyholder on the way, about {few} minutes.",
    )),
    _type("THREATS", "Threats", 2, 3.0, 25.0, (
        "Caller was threatened by a person known to the caller, left {way}.",
    )),
    _type("WEAPON", "Person with a weapon", 1, 2.0, 45.0, (
        "Person seen with a handgun in the waistband {where}, {dress}.",
        "Person waving a knife {where}, {dress}.",
    ), units=3),
    _type("ROBBERY", "Robbery", 1, 1.5, 60.0, (
        "Phone and wallet taken at gunpoint, left in a {look}, plate {plate}, {way}.",
    ), units=3, plate=True),
    _type("HITRUN", "Hit and run", 2, 3.0, 30.0, (
        "Parked car struck, {look} left {way}, plate {plate}.",
    ), corner=True, plate=True),
    _type("ASSIST", "Assist the public", 4, 5.0, 15.0, (
        "Caller locked out with the stove on.",
        "Stalled vehicle in the {lane}, hazard lights on.",
    )),
)  # fmt: skip

STOP = _type("STOP", "Traffic stop", 3, 0.0, 9.0, (
    "{look}, plate {plate}, stopped for a broken tail light.",
    "{look}, plate {plate}, stopped for running the red light.",
), plate=True)  # fmt: skip

SHOTS = _type("SHOTS", "Shots fired", 1, 0.0, 40.0, (
    "Caller heard {few} shots {where}, saw nobody.",
    "Caller heard shots and a vehicle leaving {way}.",
), units=3)  # fmt: skip

TURNS_OUT = {
    "DISTURB": "FAMILY", "ACCMIN": "HITRUN", "SUSPER": "BURGVEH", "ASSAULT": "DISTURB",
    "ACCMAJ": "ACCMIN", "SHOTS": "NOISE", "THEFT": "BURGVEH", "WEAPON": "SUSPER",
}  # fmt: skip
"""What an officer may find in place of what was called in."""

BY_CODE = {one.code.code: one.code for one in (*TYPES, STOP, SHOTS)}

DISPOSITIONS = {
    Code("RTF", "Report to follow"): 45,
    Code("NAT", "Necessary action taken"): 35,
    Code("GOA", "Gone on arrival"): 14,
    Code("UNF", "Unfounded"): 6,
}
"""Each with how many of a hundred calls end so."""
VOID = Code("VOI", "Void")

_PARTS = {
    "where": ("in front of the building", "at the bus stop", "in the parking lot", "upstairs",
              "behind the store", "on the corner"),
    "few": ("two", "three", "four", "five"),
    "way": ("northbound", "southbound", "eastbound", "westbound", "towards the river"),
    "lane": ("right lane", "left lane", "intersection"),
    "dress": ("dark hoodie and jeans", "red jacket", "white t-shirt, backpack", "grey sweatpants"),
}  # fmt: skip

SCENE = (
    "On scene, speaking with the caller.", "Area checked, nothing so far.",
    "Canvassing for video.", "One more unit requested.", "Parties separated.",
)  # fmt: skip


def story(kind: CallType, rng: Random) -> tuple[str, tuple[str, ...]]:
    """A narrative, and the plates it mentions."""
    vehicle = rng.randrange(20_000)
    look, plate = look_of(vehicle), fleet_plate(vehicle)
    parts = {name: rng.choice(choices) for name, choices in _PARTS.items()}
    text = rng.choice(kind.stories).format(
        look=f"{look.colour} {look.make} {look.model}", plate=plate, **parts
    )
    return text[0].upper() + text[1:], (plate,) if kind.plate and plate in text else ()


def callback(rng: Random) -> str:
    """A number of the range set aside for fiction, 555-0100 to 555-0199."""
    return f"555-01{rng.randrange(100):02d}"
