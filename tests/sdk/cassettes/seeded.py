"""A seeded set of answers in several vendors' shapes, and what of them must go and may stay.

All of it is made up. The scrubber does not know that: it recognises nothing by ``ZZ`` or 555-01xx.
"""

import csv
import io
import json
import random
from dataclasses import dataclass, field
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
FIRST = [
    "Avaline", "Borivan", "Cedrica", "Dovlan", "Elspetha", "Farquon", "Gisbert", "Hildara",
    "Ivarin", "Jocasta",
]  # fmt: skip
LAST = [
    "Quillam", "Rostvar", "Tembley", "Ulvane", "Vandorst", "Wexcomb", "Yarnold", "Zelbert",
    "Okonwe", "Ibarrez",
]  # fmt: skip
STREETS = ["Maple", "Elmwood", "Third", "Harbour", "Fillmore", "Larkspur", "Mission", "Cypress"]
SUFFIXES = ["St", "Ave", "Blvd", "Rd", "Drive", "Lane", "Court", "Pkwy"]


@dataclass
class Sample:
    """One body. ``gone`` are (kind, words) that must not be in what is kept, ``stays`` must be."""

    shape: str
    body: bytes
    content_type: str
    gone: list = field(default_factory=list)
    stays: list = field(default_factory=list)


class Maker:
    """Values, and what they are."""

    def __init__(self, rng):
        self.rng = rng
        self.gone, self.stays = [], []

    def secretly(self, kind, value):
        self.gone.append((kind, value))
        return value

    def openly(self, value):
        self.stays.append(str(value))
        return value

    def letters(self, count):
        return "".join(self.rng.choice(LETTERS) for _ in range(count))

    def digits(self, count):
        return str(self.rng.randrange(10 ** (count - 1), 10**count))

    def plate(self):
        form = self.rng.choice(["{a}{d}", "{d}{a}", "{a}-{d}", "{a} {d}"])
        return self.secretly(
            "plate", form.format(a="ZZ" + self.rng.choice("BCDFGHJ"), d=self.digits(4))
        )

    def name(self):
        return self.secretly("person", f"{self.rng.choice(FIRST)} {self.rng.choice(LAST)}")

    def area(self):
        """Not one that stand-ins have."""
        return str(self.rng.randrange(501, 999))

    def phone(self):
        a, b, c = self.area(), "555", f"01{self.digits(2)}"
        form = self.rng.choice(["({}) {}-{}", "{}-{}-{}", "+1{}{}{}", "+1 {} {} {}", "{}.{}.{}"])
        return self.secretly("phone", form.format(a, b, c))

    def email(self):
        return self.secretly("email", f"{self.rng.choice(LAST).lower()}{self.digits(3)}@mail.test")

    def address(self):
        street = f"{self.rng.choice(STREETS)} {self.rng.choice(SUFFIXES)}"
        return self.secretly("address", f"{self.digits(4)} {street}")

    def born(self):
        year, month, day = self.rng.randrange(1940, 2005), self.digits(1), self.digits(2)
        day = int(day) % 28 + 1
        form = self.rng.choice(["{0}-{1:02}-{2:02}", "{1:02}/{2:02}/{0}"])
        return self.secretly("born", form.format(year, int(month), day))

    def secret(self):
        word = "".join(self.rng.choice("abcdefghjkmnpqrstuvwxyz0123456789") for _ in range(32))
        return self.secretly("secret", word)

    def vin(self):
        return self.secretly("vin", "1" + self.letters(4) + self.digits(6) + self.letters(6))

    def ssn(self):
        return self.secretly("number", f"9{self.digits(2)}-00-{self.digits(4)}")

    def home(self):
        """Latitude and longitude of a person, exact to a house."""
        at = self.rng.randrange(10**5) / 1e5 + 29, self.rng.randrange(10**5) / 1e5 - 91
        return [self.secretly("position", f"{number:.5f}") for number in at]

    def camera_at(self):
        at = self.rng.randrange(10**5) / 1e5 + 29.000003, self.rng.randrange(10**5) / 1e5 - 91
        return [self.openly(round(number, 6)) for number in at]

    def id(self, prefix="SIM"):
        return self.openly(f"{prefix}-{self.letters(2).lower()}{self.digits(6)}x")

    def time(self):
        return self.openly(f"2026-0{self.digits(1)}-1{self.digits(1)}T0{self.digits(1)}:04:05Z")

    def story(self):
        """What a call-taker types."""
        forms = [
            "Caller {name} states suspect left in veh, plate {plate}",
            "R/O is {upper}, DOB {born}, call back {phone}",
            "Witness {name} at {address} saw it, reach at {email}",
            "Driver {name} SSN {ssn} VIN {vin}",
        ]
        form = self.rng.choice(forms)
        words = {}
        for kind in ("name", "plate", "born", "phone", "address", "email", "ssn", "vin"):
            if f"{{{kind}}}" in form:
                words[kind] = getattr(self, kind)()
        if "{upper}" in form:
            upper = f"{self.rng.choice(LAST).upper()}, {self.rng.choice(FIRST).upper()}"
            words["upper"] = self.secretly("person", upper)
        return form.format(**words)


def lpr_page(make):
    """Plate reads, a page with a cursor."""
    rows = []
    for _ in range(5):
        lat, lon = make.camera_at()
        rows.append({
            "camera_id": make.id(), "license_plate_number": make.plate(), "detected": make.time(),
            "license_plate_state": make.openly("us-sim"), "confidence": 0.91,
            "vehicle": {"make": make.openly("Tatra"), "colour": make.openly("teal")},
            "image_url": f"https://img.vendor.test/{make.id()}.jpg?sig={make.secret()}",
            "location": {"lat": lat, "lng": lon},
        })  # fmt: skip
    return json.dumps({"detections": rows, "next_page_token": make.secret()}), "application/json"


def hit_webhook(make):
    """A hot-list alert whose plate is in a field called ``ocr.label``."""
    plate = make.plate()
    body = {
        "objectId": make.id(), "eventTime": make.time(), "deviceName": make.openly("SIM CAM 01"),
        "ocr": {"label": plate, "labelConfidence": 0.93},
        "sources": [{"name": make.openly("SIM List"), "reason": make.openly("Stolen vehicle")}],
        "detailsUrl": f"https://ui.vendor.test/alert?plate={plate}",
        "notes": f"{make.story()} ({plate})",
    }  # fmt: skip
    return json.dumps(body), "application/json"


def call(make):
    """A call for service with the person who called."""
    lat, lon = make.home()
    name, phone = make.name(), make.phone()
    first, last = make.name().split()
    body = {
        "callNumber": make.id(), "status": make.openly("Active"), "created": make.time(),
        "caller": {"name": name, "phoneNumber": phone, "email": make.email(), "dob": make.born()},
        "involvedPersons": [{"first": first, "last": last, "ssn": make.ssn()}],
        "involvedVehicles": [{"plate": {"value": make.plate()}, "vin": make.vin()}],
        "location": {"address": make.address(), "latitude": float(lat), "longitude": float(lon)},
        "narratives": [{"text": make.story()}],
        "incident_type": {"code": make.openly("10-31X"), "text": make.openly("Burglary alarm")},
        "dispositionDetail": f"Spoke with {name}, {phone}.",
        "units": [make.id("U")],
    }  # fmt: skip
    return json.dumps(body), "application/json"


def query(make):
    """A free text in a field that says nothing, and a picture."""
    picture = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBD" + "QUJD" * 100
    make.secretly("picture", "QUJDQUJDQUJD")
    body = {
        "result": make.openly("one of three"), "detail": make.story(), "mugshot": picture,
        "headers": {"Authorization": f"Bearer {make.secret()}", "trace": make.id()},
    }  # fmt: skip
    return json.dumps(body), "application/json"


def niem(make):
    """XML after NIEM, with values in elements and in attributes."""
    lat, lon = make.home()
    given, family = make.name().split()
    return (
        '<?xml version="1.0"?><em:Call xmlns:em="urn:sim" xmlns:nc="urn:sim-nc">'
        f"<em:CallID>{make.id()}</em:CallID><em:Type>{make.openly('Fire alarm')}</em:Type>"
        f"<nc:PersonName><nc:PersonGivenName>{given}</nc:PersonGivenName>"
        f"<nc:PersonSurName>{family}</nc:PersonSurName></nc:PersonName>"
        f"<nc:PersonBirthDate><nc:Date>{make.born()}</nc:Date></nc:PersonBirthDate>"
        f"<nc:TelephoneNumberFullID>{make.phone()}</nc:TelephoneNumberFullID>"
        f"<nc:StreetFullText>{make.address()}</nc:StreetFullText>"
        f'<em:SimpleItem Name="PlateNumber" Value={quoteattr(make.plate())}/>'
        f"<nc:GeographicCoordinateLatitude>{lat}</nc:GeographicCoordinateLatitude>"
        f"<nc:GeographicCoordinateLongitude>{lon}</nc:GeographicCoordinateLongitude>"
        f"<em:CommentText><![CDATA[{make.story()}]]></em:CommentText>"
        f"<em:Detail>{escape(make.story())}</em:Detail></em:Call>"
    ), "application/xml"


def export(make):
    """A CSV export of a records system."""
    out = io.StringIO()
    write = csv.writer(out, delimiter=make.rng.choice(",;|")).writerow
    write(["ITEM_NO", "OFFENSE", "VICTIM_NAME", "VICTIM DOB", "HOME_PHONE", "LOCATION", "LIC_PLATE",
           "REPORTED", "REMARKS"])  # fmt: skip
    for _ in range(6):
        write([make.id(), make.openly("THEFT BY FRAUD"), make.name(), make.born(), make.phone(),
               make.address(), make.plate(), make.time(), make.story()])  # fmt: skip
    return out.getvalue(), "text/csv"


def form(make):
    """A text message's status, as a form."""
    pairs = {
        "MessageId": make.id(), "Status": make.openly("delivered"), "From": make.phone(),
        "To": make.phone(), "Body": make.story(), "AuthToken": make.secret(),
    }  # fmt: skip
    return urlencode(pairs), "application/x-www-form-urlencoded"


def remark(make):
    """What no field and no keyword gives away: in small letters, without spaces, without a role."""
    upper = f"{make.rng.choice(FIRST)} {make.rng.choice(LAST)}".lower()
    digits = f"{make.area()}55501{make.digits(2)}"
    text = make.rng.choice(
        [
            "{upper} was there w/ blk suv {plate} heading north",
            "call {digits} when on scene, spoke to {name} already",
            "stays near {address}, neighbour {name} has key",
        ]
    )
    words = {"upper": upper, "digits": digits}
    if "{upper}" in text:
        make.secretly("person", upper)
    if "{digits}" in text:
        make.secretly("phone", digits)
    for kind in ("plate", "name", "address"):
        if f"{{{kind}}}" in text:
            words[kind] = getattr(make, kind)()
    return json.dumps({"id": make.id(), "detail": text.format(**words)}), "application/json"


SHAPES = (lpr_page, hit_webhook, call, query, niem, export, form)


def samples(seed, count, shapes=SHAPES):
    """``count`` of each shape."""
    rng = random.Random(seed)
    for shape in shapes:
        for _ in range(count):
            make = Maker(rng)
            text, content_type = shape(make)
            yield Sample(shape.__name__, text.encode(), content_type, make.gone, make.stays)
