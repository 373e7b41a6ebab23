"""XML of vendors: what is read, and what is refused before it can do harm."""

import socket

import pytest

from watchfloor_sdk import GiveUp, xml

NAMES = {"c": "urn:example:calls", "p": "urn:example:places"}
BODY = b"""<?xml version="1.0" encoding="utf-8"?>
<calls xmlns="urn:example:calls" xmlns:q="urn:example:places">
  <call id="SIM-1" q:kind="block">
    <type> SHOTS<!-- a comment --> FIRED </type>
    <q:place><q:street>Example &amp; Sample Ave</q:street></q:place>
    <empty/>
  </call>
  <call id="SIM-2"/>
</calls>"""

LAUGHS = b'<!DOCTYPE l [<!ENTITY e0 "ha">%s]><l a="&e9;">&e9;</l>' % b"".join(
    b'<!ENTITY e%d "%s">' % (n + 1, b"&e%d;" % n * 10) for n in range(9)
)


def refused(body, **options):
    with pytest.raises(GiveUp) as caught:
        xml.parse(body, **options)
    return caught.value


def test_elements_are_asked_in_the_readers_own_prefixes():
    root = xml.parse(BODY, NAMES)
    assert (root.name, root.namespace) == ("calls", "urn:example:calls")
    first, second = root.all("c:call")
    assert (first.attribute("id"), first.attribute("p:kind")) == ("SIM-1", "block")
    assert first.text("p:place/p:street") == "Example & Sample Ave"
    assert first.text("c:empty") is None
    assert second.first("c:type") is None
    assert second.attribute("no") is None
    assert second.line == 8


def test_a_comment_does_not_cut_a_text():
    assert xml.parse(BODY, NAMES).text("//c:type") == "SHOTS FIRED"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_the_documents_own_encoding_counts(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?><a>Café</a>'
    assert xml.parse(text.encode(encoding)).content == "Café"


ATTACKS = {
    "billion laughs": LAUGHS,
    "quadratic": b'<!DOCTYPE a [<!ENTITY b "%s">]><a>%s</a>' % (b"x" * 50_000, b"&b;" * 50_000),
    "file": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>',
    "doctype alone": b"<!DOCTYPE a><a/>",
    "doctype in UTF-16": '<!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>'.encode("utf-16"),
    "depth": b"<a>" * 65 + b"</a>" * 65,
    "great depth": b"<a>" * 200_000 + b"</a>" * 200_000,
    "name of megabytes": b"<" + b"a" * 6_000_000 + b"/>",
}


@pytest.mark.parametrize("body", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused(body):
    assert refused(body).code == "unsafe_xml"


def test_nothing_is_fetched():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        at = b"http://127.0.0.1:%d/x" % listener.getsockname()[1]
        for body in (
            b'<!DOCTYPE a SYSTEM "%s"><a/>' % at,
            b'<!DOCTYPE a [<!ENTITY %% b SYSTEM "%s"> %%b;]><a/>' % at,
            b'<!DOCTYPE a [<!ENTITY b SYSTEM "%s">]><a>&b;</a>' % at,
        ):
            assert refused(body).code == "unsafe_xml"
        with pytest.raises(TimeoutError):
            listener.accept()


def test_an_inclusion_is_not_followed():
    body = b'<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="/etc/hostname"/></a>'
    assert xml.parse(body).content == ""


def test_the_deepest_and_the_longest_that_may_be_are_read():
    body = b"<a>" * 64 + b"</a>" * 64
    assert xml.parse(body, max_bytes=len(body)).name == "a"
    assert refused(body, max_bytes=len(body) - 1).code == "too_large"


@pytest.mark.parametrize("body", [b"", b"ZZT1234", b"<a>\n<ZZT1234>", b"<a>\n&ZZT1234;</a>"])
def test_an_error_names_the_line_and_never_the_content(body):
    error = refused(body)
    assert error.code == "not_xml"
    assert f"line {body.count(10) + 1}" in error.detail
    assert "ZZT1234" not in error.detail + error.remedy
