"""PIDF-LO (RFC 4119, RFC 5139, RFC 5491): a place as XML in a string, read without trust.

The parser is expat with its dangerous half refused: a document type declaration, and with it
every entity, ends the reading. Size and depth are bounded before anything is kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal
from xml.parsers import expat
from xml.sax.saxutils import escape

from watchfloor_sdk import GiveUp, Place, Point
from watchfloor_sdk.mapping import Bounds, number, point

MAX_CHARS = 256 * 1024
MAX_DEPTH = 64

_GML = "http://www.opengis.net/gml"
_SHAPES = "http://www.opengis.net/pidflo/1.0"
_CIVIC = "urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"

R68_OF_R95 = math.sqrt(math.log(1 - 0.68) / math.log(1 - 0.95))
"""A circle of 95 % (what RFC 7459, section 3.2, takes when nothing is said) to one of 68 %."""

_STREET = ("HNO", "HNS", "PRD", "RD", "A6", "STS", "POD")
"""The parts of a street address in their written order (RFC 5139, section 3.1; RFC 4776)."""


@dataclass(slots=True)
class _Element:
    name: str
    text: str = ""
    children: list[_Element] = field(default_factory=list)

    def all(self, name: str) -> list[_Element]:
        """This element's descendants of that name, in document order."""
        found = []
        for child in self.children:
            found += [child] if child.name == name else []
            found += child.all(name)
        return found

    def value(self, name: str) -> str:
        """The text of the first descendant of that name."""
        return next((one.text.strip() for one in self.all(name)), "")


def read(text: str, bounds: Bounds | None = None) -> Place:
    """The place in a PIDF-LO. Raises ``GiveUp`` (``bad_location``, ``bad_point``, ...)."""
    root = _parse(text)
    at, error_m = _shape(root, bounds)
    address = _street(root)
    numbered = address and root.value(f"{_CIVIC} HNO")
    precision: Literal["address"] | None = "address" if numbered else None
    return Place(point=at, error_m=error_m, address=address, precision=precision)


def _parse(text: str) -> _Element:
    if len(text) > MAX_CHARS:
        raise GiveUp(f"A location of {len(text)} characters.", code="bad_location")
    root = _Element("")
    open_: list[_Element] = [root]
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, _: object) -> None:
        if len(open_) > MAX_DEPTH:
            raise GiveUp("A location nested too deep.", code="bad_location")
        element = _Element(name)
        open_[-1].children.append(element)
        open_.append(element)

    def end(_: str) -> None:
        open_.pop()

    def data(words: str) -> None:
        open_[-1].text += words

    def doctype(*_: object) -> None:
        raise GiveUp("A location with a document type.", code="bad_location")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text.strip(), True)
    except expat.ExpatError as error:
        raise GiveUp(f"A location that is not XML: {error}.", code="bad_location") from None
    return root


def _shape(root: _Element, bounds: Bounds | None) -> tuple[Point | None, float | None]:
    """The first shape: point, circle, ellipse by its longer half, polygon by its middle."""
    for name, radius in ((f"{_SHAPES} Circle", "radius"), (f"{_SHAPES} Ellipse", "semiMajorAxis")):
        for shape in root.all(name):
            error_m = number(shape.value(f"{_SHAPES} {radius}"), low=0)
            return _pos(shape, bounds), error_m and round(error_m * R68_OF_R95, 1)
    for shape in root.all(f"{_GML} Point"):
        return _pos(shape, bounds), None
    for shape in root.all(f"{_GML} Polygon"):
        return _middle(shape, bounds)
    return None, None


def _pos(shape: _Element, bounds: Bounds | None) -> Point | None:
    """``lat lon`` or ``lat lon height``: EPSG 4326 and 4979 have the latitude first."""
    words = shape.value(f"{_GML} pos").split()
    if len(words) < 2:
        raise GiveUp("A location without its position.", code="bad_point")
    return point(words[1], words[0], bounds=bounds)


def _middle(shape: _Element, bounds: Bounds | None) -> tuple[Point | None, float | None]:
    words = " ".join(one.text for one in shape.all(f"{_GML} pos")).split()
    words = words or shape.value(f"{_GML} posList").split()
    corners = [
        corner
        for latitude, longitude in zip(words[::2], words[1::2], strict=False)
        if (corner := point(longitude, latitude, bounds=bounds))
    ]
    if len(corners) < 3:
        raise GiveUp("An area without its corners.", code="bad_point")
    ring = corners[:-1] if corners[0] == corners[-1] else corners
    middle = (sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring))
    return middle, round(max(_metres(middle, corner) for corner in ring) * R68_OF_R95, 1)


def _metres(a: Point, b: Point) -> float:
    east = (b[0] - a[0]) * math.cos(math.radians(a[1]))
    return math.hypot(east, b[1] - a[1]) * 111_195.0


def _street(root: _Element) -> str | None:
    """The street address without the city, as dispatch writes it."""
    for civic in root.all(f"{_CIVIC} civicAddress"):
        words = [civic.value(f"{_CIVIC} {name}") for name in _STREET]
        return " ".join(filter(None, words)) or None
    return None


def write(place: Place, entity: str) -> str | None:
    """A place as PIDF-LO: a circle where the error is known, else a point."""
    if place.point is None:
        return None
    longitude, latitude = place.point
    pos = f"<gml:pos>{latitude!r} {longitude!r}</gml:pos>"
    crs = 'srsName="urn:ogc:def:crs:EPSG::4326"'
    if place.error_m is None:
        shape = f"<gml:Point {crs}>{pos}</gml:Point>"
    else:
        radius = round(place.error_m / R68_OF_R95, 3)
        uom = 'uom="urn:ogc:def:uom:EPSG::9001"'
        shape = f"<gs:Circle {crs}>{pos}<gs:radius {uom}>{radius}</gs:radius></gs:Circle>"
    return (
        '<presence xmlns="urn:ietf:params:xml:ns:pidf" '
        'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" '
        'xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" '
        f'xmlns:gml="{_GML}" xmlns:gs="{_SHAPES}" entity="pres:{escape(entity)}">'
        f'<dm:device id="place"><gp:geopriv><gp:location-info>{shape}</gp:location-info>'
        "<gp:usage-rules/></gp:geopriv></dm:device></presence>"
    )
