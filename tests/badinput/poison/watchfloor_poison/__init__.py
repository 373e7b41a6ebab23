"""A connector that does harm, in the way that its setting ``how`` names."""

import asyncio
import os
import re
import signal
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from watchfloor_sdk import CadIncident, Coded, Connector, Page, PlateRead, hookimpl


class Settings(msgspec.Struct):
    how: str = ""
    catastrophe: str = ""


class Poison(Connector[Settings]):
    settings = Settings

    async def poll(self, ctx, checkpoint):
        done = checkpoint or 0
        yield Page(events=[read(ctx, done)], checkpoint=done + 1)
        event = await WAYS[ctx.settings.how](ctx)
        if event is not None:
            yield Page(events=[event, read(ctx, done + 1)], checkpoint=done + 2)


def read(ctx, number):
    data = PlateRead(plate=f"ZZT{number}", reader="r-1")
    return ctx.event(data, id=f"read-{number}", time=datetime.now(UTC))


async def loops(_):
    while True:
        pass


async def backtracks(_):
    re.match("(a+)+$", "a" * 64 + "!")


async def forks(_):
    """Ten thousand times, and whatever comes of it tries, too."""
    for _ in range(10_000):
        with suppress(OSError):
            os.fork()
    os.fork()


async def grabs(_):
    bytearray(10 * 1024**3)


async def hogs(_):
    """Touches its way up to ten gigabytes, slowly enough to be seen."""
    kept = []
    while True:
        kept.append(b"x" * 1_000_000)
        await asyncio.sleep(0.002)


async def prints(ctx):
    print("Welcome to AcmeVMS 3.1!")
    os.write(1, b"Welcome!\n")
    return read(ctx, 900)


async def talks_over(_):
    """Writes into every file that it has open, of which one is its line to the hub."""
    for number in range(2, 32):
        with suppress(OSError):
            os.write(number, b"Welcome to AcmeVMS 3.1!\n")


async def borrows(ctx):
    await ctx.credential("token")


async def strays(ctx):
    await ctx.http.get("https://collector.example.org/reads")


async def dials(_):
    socket.create_connection(("127.0.0.1", 80))


async def mislabels(ctx):
    data = CadIncident(call_number="ZZ-1", status="Active", incident_type=Coded(text="Test"))
    return ctx.event(data, id="call-1", time=datetime.now(UTC))


async def pries(_):
    Path(f"/proc/{os.getppid()}/environ").read_bytes()


async def kills(_):
    os.kill(os.getppid(), signal.SIGKILL)


async def leaves(_):
    sys.exit(0)


WAYS = {
    way.__name__: way
    for way in (
        loops, backtracks, forks, grabs, hogs, prints, talks_over, borrows, strays, dials,
        mislabels, pries, kills, leaves,
    )
}  # fmt: skip


@hookimpl
def watchfloor_connector():
    return Poison
