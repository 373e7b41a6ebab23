"""PIDF-LO (RFC 4119, RFC 5139, RFC 5491): a place as XML in a string, read without trust."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Literal
from xml.sax.saxutils import escape

from watchfloor.contracts import GiveUp, Place, Point
from watchfloor_sdk.mapping import Bounds, number, point

if TYPE_CHECKING:
    from watchfloor_sdk import xml

MAX_BYTES = 256 * 1024

_GML = "http://www.opengis.net/gml"
_SHAPES = "http://www.opengis.net/pidflo/1.0"
_NAMES = {"gml": _GML, "gs": _SHAPES, "ca": "urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"}

_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*\?>")
"""Names the encoding of a file; the text of a JSON string is past that."""

R68_OF_R95 = math.sqrt(math.log(1 - 0.68) / math.log(1 - 0.95))
"""A circle of 95 % (what RFC 7459, section 3.2, takes when nothing is said) to one of 68 %."""

_STREET = ("HNO", "HNS", "PRD", "RD", "A6", "STS", "POD")
"""The parts of a street address in their written order (RFC 5139, section 3.1; RFC 4776)."""


def read(text: str, bounds: Bounds | None = None) -> Place:
    """The place in a PIDF-LO. Raises ``GiveUp`` (``bad_location``, ``bad_point``, ...)."""
    root = _parse(text)
    at, error_m = _shape(root, bounds)
    address = _street(root)
    numbered = address and root.text("//ca:HNO")
    precision: Literal["address"] | None = "address" if numbered else None
    return Place(point=at, error_m=error_m, address=address, precision=precision)


def _parse(text: str) -> xml.Element:
    from watchfloor_sdk import xml  # who only writes does not carry its parser

    body = _DECLARATION.sub("", text, count=1).strip().encode(errors="surrogatepass")
    try:
        return xml.parse(body, _NAMES, max_bytes=MAX_BYTES)
    except GiveUp as error:
        raise GiveUp(f"A location cannot be read: {error.detail}", code="bad_location") from None


def _shape(root: xml.Element, bounds: Bounds | None) -> tuple[Point | None, float | None]:
    """The first shape: point, circle, ellipse by its longer half, polygon by its middle."""
    for name, radius in (("gs:Circle", "gs:radius"), ("gs:Ellipse", "gs:semiMajorAxis")):
        for shape in root.all(f"//{name}"):
            error_m = number(_text(shape, radius), low=0)
            return _pos(shape, bounds), error_m and round(error_m * R68_OF_R95, 1)
    for shape in root.all("//gml:Point"):
        return _pos(shape, bounds), None
    for shape in root.all("//gml:Polygon"):
        return _middle(shape, bounds)
    return None, None


def _text(shape: xml.Element, name: str) -> str:
    return shape.text(f".//{name}") or ""


def _pos(shape: xml.Element, bounds: Bounds | None) -> Point | None:
    """``lat lon`` or ``lat lon height``: EPSG 4326 and 4979 have the latitude first."""
    words = _text(shape, "gml:pos").split()
    if len(words) < 2:
        raise GiveUp("A location without its position.", code="bad_point")
    return point(words[1], words[0], bounds=bounds)


def _middle(shape: xml.Element, bounds: Bounds | None) -> tuple[Point | None, float | None]:
    words = " ".join(one.content for one in shape.all(".//gml:pos")).split()
    words = words or _text(shape, "gml:posList").split()
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


def _street(root: xml.Element) -> str | None:
    """The street address without the city, as dispatch writes it."""
    for civic in root.all("//ca:civicAddress"):
        words = [_text(civic, f"ca:{name}") for name in _STREET]
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
