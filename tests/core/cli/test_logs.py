"""The log: one line a record, in UTC, and nothing in it that events, requests or secrets hold."""

from __future__ import annotations

import asyncio
import io
import logging
import re
import sys

import pytest
from hub import until

from watchfloor.cli.logs import Level
from watchfloor.logs import OneLine, log_to_stderr

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR) [\w.]+: .+")


@pytest.fixture(autouse=True)
def as_before():
    """Logging belongs to the process: leave it as it was."""
    root, ours = logging.getLogger(), logging.getLogger("watchfloor")
    before = root.handlers[:], root.level, ours.level, logging.raiseExceptions
    yield
    root.handlers[:], level, own, logging.raiseExceptions = before
    root.setLevel(level)
    ours.setLevel(own)


@pytest.fixture
def logged(monkeypatch):
    """What a level lets through, as lines."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    log_to_stderr(Level.INFO)
    return lambda: written.getvalue().splitlines()


def failing():
    try:
        int("ZZT1234")
    except ValueError as error:
        raise RuntimeError("about ZZT1234") from error


def test_ours_from_the_level_on_and_libraries_from_warnings_on(logged):
    for name in ("watchfloor.hosting.session", "aiohttp.access", "cel"):
        for level in (logging.DEBUG, logging.INFO, logging.WARNING):
            logging.getLogger(name).log(level, "said by %s", name)
    lines = logged()
    assert [line.split()[1:3] for line in lines] == [
        ["INFO", "watchfloor.hosting.session:"],
        ["WARNING", "watchfloor.hosting.session:"],
        ["WARNING", "aiohttp.access:"],
        ["WARNING", "cel:"],
    ]
    assert all(LINE.fullmatch(line) for line in lines)


def test_times_are_utc():
    record = logging.makeLogRecord({"created": 1777756447.123, "msecs": 123.0, "msg": "x"})
    assert OneLine().format(record).startswith("2026-05-02T21:14:07.123Z")


def test_an_exception_is_its_type_and_its_place_never_its_text(logged):
    try:
        failing()
    except RuntimeError:
        logging.getLogger("watchfloor.x").exception("it failed")
    [line] = logged()
    assert "ZZT1234" not in line
    assert "it failed (RuntimeError in failing" in line
    assert "from ValueError in failing" in line
    assert "test_logs.py:" in line


def test_nobody_forges_a_line(logged):
    forged = "x\n2026-01-01T00:00:00.000Z ERROR watchfloor: forged\x1b[2J"
    logging.getLogger("watchfloor.x").warning("src: %s", forged)
    [line] = logged()
    assert LINE.fullmatch(line)
    assert "\x1b" not in line


async def test_a_task_that_nobody_asked_after_does_not_say_what_it_failed_on(logged):
    async def task():
        failing()

    context = {
        "message": "Task exception was never retrieved",
        "exception": None,
        "future": (left := asyncio.create_task(task())),
    }
    await asyncio.wait([left])
    context["exception"] = left.exception()
    asyncio.get_running_loop().default_exception_handler(context)
    [line] = logged()
    assert "ZZT1234" not in line
    assert "Task exception was never retrieved (RuntimeError in failing" in line


def test_a_record_that_cannot_be_written_is_not_printed(logged):
    logging.getLogger("watchfloor.x").error("%d plates", "ZZT1234")
    assert "ZZT1234" not in "".join(logged())


MALFORMED = [
    b"GET /api/v1/search?q=ZZT1234 HTTP/9.9\r\n\r\n",
    b"GET /api/v1/search?q=ZZT1234 HTT\r\n\r\n",
    b"GET /api/v1/search?q=ZZ\x00T1234 ZZT1234 HTTP/1.1\r\n\r\n",
    b"GET /api/v1/search?q=ZZT1234 HTTP/1.1\r\nHost: x\r\nX-ZZT1234 : 1\r\n\r\n",
    b"GET /api/v1/search?q=ZZT1234 HTTP/1.1\r\nHost: x\r\nZZT1234\r\n\r\n",
    b"ZZT1234\x01 / HTTP/1.1\r\n\r\n",
    b"GET /api/v1/search?q=ZZT1234" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /api/v1/search?q=ZZT1234 HTTP/1.1\r\nHost: x\r\nCookie: " + b"ZZT1234" * 9_000,
    b"POST /hooks/ZZT1234 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZT1234\r\n",
    b"POST /hooks/x HTTP/1.1\r\nHost: x\r\nContent-Length: ZZT1234\r\n\r\nZZT1234",
    b"POST /hooks/x HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n"
    b"Content-Length: 7\r\n\r\nZZT1234",
    b"\x16\x03\x01 ZZT1234\r\n\r\n",
]


async def said(port, request):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    writer.write_eof()
    async with asyncio.timeout(10):
        await reader.read()
    writer.close()
    await writer.wait_closed()


async def test_a_malformed_request_leaves_no_byte_of_it_in_the_log(process):
    """Those that the web server refuses before a handler sees them, and some that it does not."""
    for port in (process.port, process.hooks_port):
        for request in MALFORMED:
            await said(port, request)
        await until(lambda: process.log().count("Error handling request") >= 5)
    assert await process.stop() == 0
    written = (process.data_dir.parent / "hub.log").read_text()
    assert "T1234" not in written
    refused = [line for line in written.splitlines() if "Error handling request" in line]
    assert all(LINE.fullmatch(line) for line in refused)
    assert {"BadStatusLine", "LineTooLong", "InvalidURLError"} <= set(re.findall(r"\w+", written))


async def test_requests_that_are_served_leave_nothing_in_the_log(process):
    async with process.api() as api:
        await api.lines("/search", q="ZZT1234")
        await api.call("GET", "/events/ZZT1234", surprise="ZZT1234")
        await api.call("POST", "/events", b'[{"plate": "ZZT1234"}]', source="ZZT1234")
    assert await process.stop() == 0
    written = (process.data_dir.parent / "hub.log").read_text()
    assert "ZZT1234" not in written
    assert "wanted plates of 0 hot lists are in force" in written
